"""German."""

# ruff: noqa: E501 -- word lists and patterns are read along the line

import re

from agents.escalation.wording.shape import Wording, misspelt, wanting, words

_KIND = (
    r"(?:(?:ein|einen|einem|einer|eine|eines|der|die|den|dem|irgend|irgendeinen|irgendeinem|irgendeiner|ihrem|ihren"
    r"|ihrer|ihr|eurem|euren|eurer|eure|euer|richtigen|richtiger|richtige|echten|echter|echte|echtem|realen|reale"
    r"|realer|lebenden|lebendigen|wirklichen|menschlichen|menschlicher|menschliche|kompetenten|kompetente|anderen"
    r"|andere|anderer|vom|von|aus|support|service|kundenservice|zustandigen|zustandige|leibhaftigen|live|ner|nem"
    r"|nen|verdammten|fachkundigen|personlichen|personlicher) ){0,4}"
)
_PERSON = (
    r"(?:mensch(?:en)?|person(?:en)?|mitarbeiter(?:in|innen|n|s)?|berater(?:in|n)?|kundenberater(?:in|n)?|sachbearbeiter(?:in|n)?"
    r"|agent(?:en|in)?|ansprechpartner(?:in)?|operator|kolleg(?:e|en|in)|vorgesetzten?|vorgesetzter|supervisor|support"
    r"|servicemitarbeiter(?:in|n)?|supportmitarbeiter(?:in|n)?|kundenbetreuer(?:in|n)?|betreuer(?:in|n)?"
    r"|techniker(?:in|n)?|chef|teamleiter(?:in)?|kundendienst|kundenservice|kundensupport|kundenbetreuung|hotline"
    r"|fachmann|experten?|spezialisten?)"
)
_SOMEONE = r"(?:jemand(?:em|en)?|irgendjemand(?:em|en)?|irgendwem|wem|euch|ihnen personlich)"
_ANYONE = rf"{_KIND}(?:{_PERSON}|{_SOMEONE})(?! \d)"
_TALK = (
    r"(?:sprechen|reden|chatten|telefonieren|verbinden|verbunden werden|verbunden|schreiben|kommunizieren"
    r"|unterhalten|weiterverbinden|weiterverbunden|kontakt aufnehmen|in kontakt treten|quatschen|sprechn|klaren)"
)
_WANT = (
    r"(?:mochte|moechte|mochten|moechten|will|wollen|wurde|wuerde|brauche|brauch|brauchen|benotige|benoetige|wunsche"
    r"|wuensche|hatte|haette|verlange|bitte um|suche|fordere|gib mir|gebt mir|geben sie mir|schick mir|hol mir|holen sie"
    r"|kriege ich|bekomme ich|bekommen|erreiche|erreichen ich|kann ich|konnte ich|konnen wir|warte auf|her mit)"
)
_SOFT = r"(?: (?:bitte|gern|gerne|jetzt|endlich|sofort|nur|einfach|lieber|mal|ich|wieder|doch|auch|unbedingt|hier|dringend))*"
_BOT = r"(?:bots?|robotern?|roboter|chatbots?|maschinen?|ki|computern?|automaten?|virtuellen? assistenten?)"

_PEOPLE = words(
    "mensch menschen person personen mitarbeiter mitarbeitern mitarbeiters mitarbeiterin mitarbeiterinnen berater beraterin beratern kundenberater kundenberaterin kundenberatern sachbearbeiter sachbearbeiterin sachbearbeitern agent agenten agentin ansprechpartner ansprechpartnerin operator kollege kollegen kollegin vorgesetzter vorgesetzte vorgesetzten supervisor support servicemitarbeiter servicemitarbeiterin supportmitarbeiter supportmitarbeiterin kundenbetreuer kundenbetreuerin betreuer betreuerin techniker technikerin chef teamleiter teamleiterin kundendienst kundenservice kundensupport kundenbetreuung hotline fachmann experte experten spezialist spezialisten jemand jemandem jemanden irgendjemand irgendjemandem irgendjemanden irgendwem wem euch"
)
_BOTS = words(
    "bot bots roboter robotern chatbot chatbots maschine maschinen ki computer computern automat automaten virtuellen"
)
_OTHER = words(
    "person jemand jemanden irgendjemand verbinden weiterleiten weiterverbinden verbinde eskaliere eskalieren eskaliert ruckruf rueckruf anruf ruft ruf rufe rufen"
)

_REQUESTS = (
    wanting(
        _PEOPLE,
        rf"mit {_ANYONE}(?: \w+){{0,5}}? {_TALK}",
        rf"(?:verbinde|verbinden|verbindet|verbind|durchstellen|stell|stelle|stellen)(?: (?:sie|mich|mir|uns|bitte|mal|jetzt|doch|sofort))*"
        rf" (?:mit|zu|zum|zur|an) {_ANYONE}",
        rf"(?:leite|leiten|leitet|gib|geben|gebt|ubergib|ubergeben|uebergeben|schick|reich)(?: \w+){{0,5}}? an {_ANYONE}",
        rf"an {_ANYONE}(?: \w+)? (?:weiterleiten|weitergeleitet|ubergeben|uebergeben|weitergeben|weiterreichen|eskalieren"
        r"|durchstellen|weitervermitteln|vermitteln)",
        rf"(?:gesprach|kontakt|chat|telefonat|verbindung|weiterleitung|vermittlung|ubergabe|hilfe)"
        rf" (?:mit|zu|zum|an|von|durch) {_ANYONE}",
        rf"von {_ANYONE}(?: \w+)? (?:kontaktiert|angerufen|zuruckgerufen|zurueckgerufen|beraten|betreut|bearbeitet|gelesen"
        r"|beantwortet) werden",
        rf"(?:{_PERSON}|{_SOMEONE}) (?:soll|sollte|moge|muss)(?: \w+){{0,3}}? (?:helfen|anrufen|zuruckrufen|zurueckrufen|kontaktieren|melden"
        r"|ubernehmen|uebernehmen|ansehen|anschauen|antworten)",
        rf"(?:zu|zum|zur) {_ANYONE}(?: \w+)? (?:durchstellen|verbinden|durchgestellt|weiterleiten|weitergeleitet)",
        rf"(?:{_PERSON}|{_SOMEONE})(?: \w+)? mit (?:dem|der|denen|dem man)(?: \w+){{0,3}} (?:sprechen|reden|chatten|telefonieren)",
    ),
    wanting(
        _PEOPLE,
        rf"{_WANT}{_SOFT} {_KIND}{_PERSON}(?: (?:bitte|jetzt|sofort|sprechen|reden|haben|erreichen|kontaktieren|anrufen|der|die"
        r"|das|und|am|ans|zum|persönlich|personlich|statt|anstatt|kein|keinen|nicht|hier|dran|sein|verlangen|bekommen"
        r"|fur|wegen|von|aus)|$)",
        rf"(?:kann|konnte|mochte|moechte|will|muss)(?: ich)?(?: bitte| mal)? {_SOMEONE} (?:\w+ )?(?:sprechen|erreichen)",
        rf"(?:kann|konnte|konnen|erreiche|bekomme|finde|kriege)(?: \w+){{0,3}}? keine[nrm]? (?:\w+ )?{_PERSON}",
        rf"(?:kann|konnte|konnten|konnen|soll|sollte|moge|moechte|lassen sie|lass|wurde)(?: mich| mir| uns| das| es| dies)?(?: bitte| mal)?"
        rf" {_KIND}{_PERSON}(?: \w+){{0,3}}? (?:helfen|anrufen|zuruckrufen|zurueckrufen|kontaktieren|melden|ubernehmen|uebernehmen"
        r"|ansehen|anschauen|antworten|weiterhelfen|prufen|bearbeiten)",
    ),
    wanting(
        _BOTS,
        rf"(?:rede|spreche|schreibe|chatte)(?: \w+)? nicht(?: mehr)? mit (?:\w+ )?{_BOT}",
        rf"(?:nicht|nie|keinesfalls|nicht langer|nicht mehr)(?: \w+)? mit (?:einem|einer|nem|dem|der|diesem|dieser|so einem|ihrem)"
        rf"(?: \w+)? ?{_BOT}(?: \w+){{0,2}}? (?:sprechen|reden|chatten|schreiben|unterhalten|kommunizieren)",
        rf"(?:will|mochte|moechte|brauche|wollen) (?:keinen|keine|kein|nicht diesen) (?:\w+ )?{_BOT}",
        rf"(?:statt|anstatt|anstelle) (?:mit )?(?:einem|einer|eines|dem|der|diesem|dieses)? ?{_BOT}",
    ),
    wanting(
        _OTHER,
        r"^(?:(?:bitte|jetzt) )*(?:verbinden sie|verbinde) mich(?: (?:bitte|jetzt|weiter))*$"
        r"|^(?:bitte (?:verbinden|weiterleiten|weiterverbinden)|(?:verbinden|weiterleiten) bitte)$",
        r"^(?:bitte )?(?:eine )?(?:echte|richtige|reale|menschliche|lebende) person(?: (?:bitte|jetzt))*$",
        r"(?:geben sie mir|gib mir|gebt mir|holen sie|hol|schicken sie mir)(?: bitte| mal)? (?:jemand|jemanden)",
        rf"(?:brauche|brauch|will|mochte|moechte|suche|benotige){_SOFT} (?:jemand|jemanden) (?:der|die|mit|vom|aus|von|echt\w*"
        r"|richtig\w*|zum|personlich)",
        r"(?:kann|konnte|konnen|soll|sollte|moge)(?: mich| mir| uns| sich| bitte| mal)* (?:jemand|irgendjemand)(?: \w+){0,3}?"
        r" (?:anrufen|zuruckrufen|zurueckrufen|kontaktieren|ubernehmen|uebernehmen|melden|persönlich|personlich)",
        r"(?:eskaliere|eskalieren|eskaliert)(?: \w+){0,2}? (?:das|dies|diesen|meinen|meine|den|bitte|sie)|bitte eskalieren",
        r"(?:ruft|rufen sie|ruf|rufe)(?: \w+){0,2} mich(?: \w+){0,2} (?:an|zuruck|zurueck)|bitte um (?:einen )?ruckruf"
        r"|(?:mochte|moechte|will|brauche|wunsche)(?: \w+){0,2} (?:ruckruf|rueckruf|anruf)|ruckruf bitte|rueckruf bitte"
        r"|(?:ruft|rufen sie|ruf) mich (?:bitte )?(?:an|zuruck|zurueck)",
    ),
)
_ASKING = re.compile(
    r"\b(?:bist|sind|ist|bin|seid)(?: \w+){0,3}? (?:ein |eine |einem |einer )?(?:echter |echte |richtiger |richtige |realer )?"
    r"(?:mensch|person|bot|roboter|ki|maschine)\b"
    rf"|{_BOT} oder |\boder (?:mit )?(?:einem |einer |ein |eine |nur ein |nur mit einem )?{_BOT}"
    r"|\bwann\b|\bwie lange\b|\bum wie viel uhr\b|\bzu welchen zeiten\b|\bwelche zeiten\b|\boffnungszeiten\b|\bgeschaftszeiten\b"
    r"|\bservicezeiten\b|\buhrzeiten?\b|\bwie viel\b|\bwieviel\b|\bwas kostet\b|\bkostet\b|\bkosten\b|\bkostenlos\b|\bgebuhr\w*"
    r"|\bmuss (?:ich|man|wir)\b|\bmusste\b|\bmusst ich\b|\bsoll ich\b|\bsollte ich\b|\bwas passiert\b|\b(?:glaube|denke) (?:ich )?nicht\b|\bwarum muss\b"
    r"|\bkonnte (?:ich )?(?:gestern|bereits|schon|endlich)\b|\bnachdem\b|\bbevor\b|\bunterschied\b"
    r"|\b(?:habt|haben|hat) (?:ihr|sie|das unternehmen)(?: auch| denn| uberhaupt)* (?:echte |menschliche |richtige )?"
    r"(?:menschen|mitarbeiter|personen|support)"
    r"|\bhatte (?!gern)(?:bereits |schon |gestern |heute )?(?:ein |einen |eine )?(?:(?!gern)\w+ )?(?:gesprach|kontakt|chat|telefonat)\b"
    r"|\bwie ein mensch\b|\bwerde (?:ich )?(?:mal |noch |erst )?mit (?:meinem|meiner|unserem)\b"
)

WORDING = Wording(
    language="de",
    requests=_REQUESTS,
    asking=_ASKING,
    negators=words("nicht kein keine keinen keinem keiner ohne nie niemals weder unnotig"),
    unable=words(
        "kann kannst konnen konnte konnt lasst lassen moglich unmoglich geht erreiche darf warum wieso weshalb"
        " erreichbar"
    ),
    subjects=words("ich du sie wir ihr er es und dann also weil denn man"),
    breaks=words("aber sondern doch"),
    bare=words(
        "mensch menschen mitarbeiter mitarbeiterin berater beraterin kundenberater kundenberaterin sachbearbeiter"
        " agent operator ansprechpartner kundendienst kundenservice kundenbetreuer supportmitarbeiter"
        " servicemitarbeiter vorgesetzter vorgesetzten ruckruf rueckruf"
    ),
    bare_unsure=words("mensch menschen"),
    polite=words(
        "bitte jetzt sofort hallo hi ja ein einen einem eine echter echten echte echtem richtiger richtigen richtigem"
        " realer lebender mit sprechen reden will ich mochte moechte danke endlich dringend person menschlicher"
        " menschlichen live support service guten tag nur einfach brauche"
    ),
    yes=words(
        "ja jap jep jo jawohl gerne gern klar unbedingt naturlich natuerlich bitte ok okay sicher auf jeden fall das ware"
        " waere gut nett super danke mach mal machen sie richtig genau einverstanden sehr"
    ),
    offers=re.compile(
        r"\b(?:mensch\w*|mitarbeiter\w*|berater\w*|kundenberater\w*|agent\w*|kolleg\w+|jemand\w*|support|team"
        r"|ansprechpartner\w*|experten?|spezialisten?|kundenservice)\b.*"
        r"\b(?:verbind\w+|verbunden|weiterleit\w+|sprechen|reden|ubergeb\w+|weitergeb\w+|hinzuzieh\w+|durchstell\w+"
        r"|chatten|kontaktieren|melden)\b"
        r"|\b(?:verbind\w+|leite|ubergeb\w+|hole)\b.*\b(?:mensch\w*|mitarbeiter\w*|berater\w*|agent\w*|kolleg\w+|jemand\w*"
        r"|support|team)\b"
    ),
    content=words(
        "danke dankeschon vielen tschuss tschuess super perfekt geklappt funktioniert gelost geloest erledigt klasse toll"
        " prima wunderbar geholfen ok okay alles verstanden ciao bestens hervorragend wiedersehen merci passt"
    ),
    content_with=words(
        "sehr dank fur fuer die hilfe das hat hats mir ist war gut so jetzt schonen schoenen tag noch auf es nun ja"
        " und ihnen dir euch schon bis dann klar weiter hilft nichts mehr nein weitere fragen keine wars der schnelle"
        " antwort rasche habe ich gefunden selbst hab"
    ),
    typos=misspelt(
        "mitarbeiter mensch menschen sprechen berater kundenberater jemandem jemanden ansprechpartner",
        never="spreche spreches sprecht menschen menschens jemanden jemandem jemand beraten beraters mitarbeitern meschen sprachen",
    )
    | {
        "mitarbieter": "mitarbeiter",
        "mitabeiter": "mitarbeiter",
        "mittarbeiter": "mitarbeiter",
        "menchen": "menschen",
        "meschen": "menschen",
        "mensh": "mensch",
        "sprchen": "sprechen",
        "spechen": "sprechen",
        "speche": "sprechen",
        "jemnaden": "jemanden",
        "jemanen": "jemanden",
        "mochhte": "mochte",
        "mchte": "mochte",
        "moechtee": "moechte",
    },
    verb_first=True,
)
