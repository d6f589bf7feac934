"""French. Elisions are two words: "quelqu'un" is `quelqu un`."""

# ruff: noqa: E501 -- word lists and patterns are read along the line

import re

from agents.escalation.wording.shape import Wording, misspelt, wanting, words

_KIND = (
    r"(?:(?:un|une|le|la|l|les|des|d|de|du|votre|vos|vrai|vraie|vrais|veritable|autre|reel|reelle|quelconque|bon|etre"
    r"|membre|equipe|putain|foutu|sacre|seul|physique) ){0,4}"
)
_PERSON = (
    r"(?:humains?|humaine|etre humain|personnes?|conseill\w+|agents?|agente|operat(?:eur|rice)s?|representante?s?"
    r"|responsables?|superieurs?|superviseurs?|collaborat(?:eur|rice)s?|interlocut(?:eur|rice)s?|teleconseill\w+"
    r"|charge de clientele|chargee de clientele|manager|gestionnaire|quelqu un|qqn|quelquun)"
)
_TRADE = r"(?:technicien(?:ne|s)?|employee?s?|specialistes?|experts?|collegues?)"
_DESK = (
    r"(?:service (?:client|clients|clientele|apres vente|technique)|sav|support(?: technique| humain)?|assistance"
    r"(?: humaine)?|equipe(?: support)?|hotline)"
)
_NO_COMPOUND = (
    r"(?! (?:immobilier\w*|de voyages?|d assurances?|secret|de police|d entretien|comptable|commercial de|morale|agee"
    r"|a charge|ajoute\w*|supprime\w*|de contact|legal|de change|\d+)\b)"
)
_ANYONE = rf"{_KIND}(?:{_PERSON}|{_TRADE}|{_DESK}){_NO_COMPOUND}"
_REAL_ONE = rf"{_KIND}{_PERSON}{_NO_COMPOUND}"
_TALK = (
    r"(?:parler|discuter|echanger|tchatter|chatter|tchater|dialoguer|communiquer|m entretenir|entretenir|converser"
    r"|traiter|relation|contact|transfer\w*|redirige\w*|rediriger|connecte\w*|passe|passer|passez|oriente\w*"
    r"|adresser|basculer|mettre|mettez|mets|escalade\w*|escaler|renvoye\w*|dirige\w*|renvoyer|correspondre)"
)
_THINGS = r"(?:robot|bot|machine|ia|mon|ma|mes|argent|billet|fonds|le|la|les|un|une|des|ce|cette)\b"
_WANT = (
    r"(?:veux|voudrais|voudrai|aimerais|aimerai|souhaite|souhaiterais|desire|exige|prefere|prefererais|demande|reclame"
    r"|besoin d|besoin de|faut|faudrait|donnez moi|donne moi|passez moi|passe moi|trouvez moi|envoyez moi|puis je avoir"
    r"|pourrais je avoir|peux avoir|pourrais avoir|peut avoir|cherche|attends|mettez moi|veut)"
)
_DO = (
    r"(?:aide\w*|appel\w+|rappel\w+|contact\w+|repond\w*|traite\w*|reprenne|prenne|occupe|intervien\w+|assiste\w*|regarde"
    r"|parle)"
)
_BOT = r"(?:bots?|robots?|chatbots?|machines?|ia|ordinateur|automate|assistant virtuel|intelligence artificielle)"

_PEOPLE = words(
    "humain humains humaine personne personnes conseiller conseillere conseillers conseilleres conseille agent agents agente operateur operatrice operateurs representant representante responsable responsables superieur superviseur collaborateur collaboratrice interlocuteur interlocutrice teleconseiller teleconseillere charge chargee manager gestionnaire quelqu qqn quelquun technicien technicienne employe employee specialiste expert collegue"
)
_DESKS = words("service sav support assistance equipe hotline")
_BOTS = words("bot bots robot robots chatbot chatbots machine machines ia ordinateur automate assistant artificielle")
_OTHER = words(
    "personne humain conseiller escaladez escalader escalade rappelez appelez rappelle rappel appel rappelee rappele"
)

_REQUESTS = (
    wanting(
        _PEOPLE | _DESKS,
        rf"{_TALK}(?: (?!{_THINGS})\w+){{0,3}}? (?:a|au|aux|avec|vers) {_ANYONE}",
        rf"etre (?:contactee?|rappelee?|aidee?|appelee?|assistee?|servie?) par {_ANYONE}",
        rf"(?:veux|voudrais|souhaite|aimerais|peux|puis je|pourrais|dois) parle[rz]? (?:a|au|avec) {_ANYONE}",
        r"etre (?:mise? en (?:relation|contact)|transferee?|redirigee?) (?:a|au|aux|avec|vers) (?:\w+ )?"
        rf"{_ANYONE}",
    ),
    wanting(
        _PEOPLE,
        rf"(?:joindre|contacter|avoir|voir|appeler|rencontrer|obtenir) {_KIND}(?:{_PERSON}|{_TRADE}){_NO_COMPOUND}",
        rf"{_WANT}(?: (?:avoir|juste|seulement|bien|vraiment|simplement|enfin|plutot|maintenant|parler|a|moi|pas|que|l|aide|reponse"
        rf"|d|de))* (?:un|une|l|le|la|votre|vos|des) ?{_REAL_ONE}",
        rf"besoin (?:d |de )?{_REAL_ONE}",
        rf"(?:me|nous) (?:passe[rz]?|mettre|mettez|transferer|trouver|donner|envoyer)(?: \w+)? {_REAL_ONE}",
        rf"{_PERSON} (?:disponible |libre )?pour me (?:parler|repondre|aider|rappeler)",
        rf"(?:passez|passe|donnez|donne|trouvez) moi {_REAL_ONE}",
        rf"{_PERSON}(?: \w+)? (?:a|avec) (?:qui|laquelle|lequel)(?: (?:je|on|nous))?(?: \w+){{0,2}} (?:parler|discuter|echanger"
        r"|m adresser|contacter)",
        rf"(?:qu|que|peut|pourrait|peux|laissez|faites|peut il|est ce qu|est ce que) {_KIND}(?:{_PERSON}|{_TRADE}){_NO_COMPOUND}"
        rf"(?: (?:me|m|nous|peut|pourrait|puisse|se|s|va))*? {_DO}",
    ),
    wanting(
        _BOTS,
        rf"(?:ne|n)? ?(?:veux|souhaite|voudrais|aime|desire|supporte) (?:plus|pas|surtout pas) (?:parler|discuter|echanger|dialoguer"
        rf"|avoir affaire|traiter)(?: \w+)? (?:a|avec|au) (?:un |une |ce |cette |le |la |votre )*{_BOT}",
        rf"(?:veux|voudrais|besoin) (?:pas|plus) (?:d |de |un |une |ce |cette )*{_BOT}",
        rf"(?:au lieu|plutot) (?:d |de |qu |que )(?:un |une |ce |cette |le |la )?{_BOT}",
    ),
    wanting(
        _OTHER,
        r"^(?:d )?une? (?:vrai|vraie|veritable) (?:personne|humain|conseiller)$",
        r"(?:escaladez|escalader|escalade) (?:ce|cette|mon|ma|le|la|ma demande|svp|a)",
        r"rappelez moi(?! (?:mon|ma|mes|le|la|les|votre|ce|cette|quand|que|qu|de|d|comment|a quoi|pourquoi)\b)|appelez moi(?! \w+$)"
        r"|(?:veux|voudrais|souhaite|demande|aimerais) (?:etre rappelee?|un rappel|une? appel|qu on me rappelle|qu on m appelle)",
    ),
)
_ASKING = re.compile(
    r"\b(?:etes vous|es tu|t es|vous etes|tu es|est ce que (?:vous etes|tu es|c est|je parle|j ecris)|suis je|c est|est ce)"
    r"(?: \w+){0,3}? (?:un |une |d un |a un |a une )?(?:vrai |vraie |veritable )?(?:humain|humaine|personne|robot|bot|machine|ia)\b"
    rf"|{_BOT} ou |\bou (?:a |avec )?(?:un |une |seulement un |juste un )?{_BOT}"
    r"|\bquand\b|\ba quelle heure\b|\bquelles? heures?\b|\bhoraires?\b|\bcombien\b|\bcout\w*\b|\bpayant\w*\b|\bgratuit\w*\b"
    r"|\bfrais\b|\bdois je\b|\bfaut il\b|\bdevrais je\b|\bdoit on\b|\bobligee? de\b|\bai du\b|\bavons du\b|\bai pu\b"
    r"|\bque se passe\b|\b(?:pense|crois) pas\b|\bplus besoin\b|\bdifference\b|\bcomme un (?:humain|etre humain)\b|\bcomme une personne\b|\ben train de\b"
    r"|\b(?:avez vous|as tu|vous avez|y a t il|il y a) (?:des |un |une |de )?(?:vrais |vraies |support |service )?"
    r"(?:humains?|humaine|personnes|agents|conseillers|support)(?: \w+){0,3}$"
    r"|\b(?:vais|allons|irai) (?:d abord )?(?:en )?parler\b|\bavant de (?:parler|contacter)\b|\bapres avoir\b"
)

WORDING = Wording(
    language="fr",
    requests=_REQUESTS,
    asking=_ASKING,
    negators=words("ne n pas jamais sans aucun aucune inutile ni"),
    unable=words(
        "peux puis peut arrive arrivons possible impossible laisse laissez permet permettez reussi reussis pu"
        " pouvez pourquoi pouvons moyen"
    ),
    subjects=words("je j tu vous nous on il elle ils elles et alors donc car parce"),
    breaks=words("mais"),
    bare=words(
        "humain humaine agent conseiller conseillere operateur operatrice representant superviseur teleconseiller"
        " responsable interlocuteur qqn"
    ),
    bare_unsure=words("humain humaine"),
    polite=words(
        "svp stp s il vous te plait bonjour bonsoir salut je veux maintenant merci oui un une le la vrai vraie de suite tout"
        " vite urgent parler a avec client service personne besoin d voudrais"
    ),
    yes=words(
        "oui ouais ouep volontiers d accord bien sur avec plaisir svp stp s il vous te plait ok okay merci je veux"
        " absolument evidemment carrement allez y parfait exactement"
    ),
    offers=re.compile(
        r"\b(?:parler|mett\w+|transfer\w+|pass\w+|connect\w+|redirig\w+|relation|contact\w*|echanger|discuter|escalad\w+)\b"
        r".*\b(?:humains?|humaine|personne|conseill\w+|agents?|operateurs?|specialistes?|equipe|quelqu|collegues?|support"
        r"|experts?|service)\b"
    ),
    content=words(
        "merci parfait super genial resolu regle marche fonctionne excellent ok okay compris revoir bye top nickel impeccable"
        " formidable note entendu bonne salut"
    ),
    content_with=words(
        "beaucoup mille bien pour votre ton aide l la le ca c est a bon tout tres je vous te remercie journee soiree au"
        " maintenant oui d accord et j ai vu reponse rapide de rien non plus autre chose question c etait probleme mon trouve moi meme"
    ),
    typos=misspelt(
        "conseiller conseillere humain personne operateur parler",
        never="conseille conseillers personnel personnes humains conseiler parle parlera",
    )
    | {
        "conseiler": "conseiller",
        "consiller": "conseiller",
        "conseillé": "conseiller",
        "consieller": "conseiller",
        "umain": "humain",
        "humein": "humain",
        "parlé": "parler",
        "palrer": "parler",
        "quelqun": "qqn",
        "kelkun": "qqn",
        "qqun": "qqn",
        "quelkun": "qqn",
        "quelquun": "qqn",
    },
)
