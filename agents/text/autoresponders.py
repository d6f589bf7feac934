"""The wording of mail programs and absence notes, by language, for text folded by `agents.text.automatic`.

Patterns are written in folded form: lower case, `ss` for `ß`. Languages: en, de, fr, es, pt, it, nl in full;
the prefixes Exchange and Gmail write in a good many more.
"""

import re

_PHRASES = (
    r"automatic(?:ally generated)? (?:reply|response|message|answer)|automated (?:reply|response|message|e-?mail)"
    r"|auto[ \-]?(?:reply|response|respond(?:er)?|answer)|vacation (?:auto[ \-]?)?(?:reply|response|message|notice)"
    r"|out of (?:the )?office(?: (?:auto[ \-]?reply|message|notice))?"
    # German
    r"|automatische (?:antwort|rückmeldung|eingangsbestätigung|benachrichtigung|e-?mail)"
    r"|abwesenheits(?:notiz|nachricht|meldung|assistent|info(?:rmation)?|benachrichtigung)"
    # French
    r"|(?:réponse|message) automatique|(?:notification|message) d'absence"
    # Spanish
    r"|(?:respuesta|contestaci[oó]n) autom[aá]tica|mensaje autom[aá]tico|fuera de (?:la )?oficina|auto ?respuesta"
    # Portuguese
    r"|(?:resposta|mensagem) autom[aá]tica|fora do escrit[oó]rio|ausente do escrit[oó]rio|aus[eê]ncia tempor[aá]ria"
    # Italian
    r"|risposta automatica|messaggio automatico|(?:assenza|assente) dall'ufficio"
    # Dutch
    r"|automatisch (?:antwoord|bericht)|automatische (?:reactie|beantwoording)"
    r"|afwezigheids(?:bericht|melding|assistent)"
    # Swedish, Danish, Norwegian, Finnish
    r"|auto(?:matiskt )?svar|automatisk svar|frånvaromeddelande|automaattinen vastaus|poissaoloilmoitus"
    # Polish, Czech, Slovak, Hungarian, Romanian, Turkish, Greek
    r"|odpowied[zź] automatyczna|automatyczna odpowied[zź]|automatick[aáý] odpov[eě][dď]|automatikus válasz"
    r"|r[aă]spuns automat|otomatik yan[ıi]t|αυτόματη απάντηση"
    # Russian, Ukrainian, Japanese, Chinese, Korean
    r"|автоматический ответ|автоответ|автоматична відповідь"
    r"|自動返信|自動応答|自動回覆|自动回复|自动答复|不在通知|자동 ?회신|자동 ?응답"
)
_SUBJECTS = (
    r"ooo|away from (?:the|my) (?:office|desk)|(?:currently )?out of office(?: re)?|abwesend|nicht im (?:büro|haus)"
    r"|absen(?:t|ce)(?: du bureau)?|fuori (?:sede|ufficio)|afwezig|niet (?:aanwezig|op kantoor)|frånvaro|부재중"
)
_COLON = r" ?[:：](?! ?[\"'„“«])"
SUBJECT = re.compile(
    r"(?:\[(?:ext|extern|external)\][ :]{0,3}|\*{3,} ?)?"
    rf"(?:[\[(](?:{_PHRASES}|{_SUBJECTS})[\])]|(?:{_PHRASES}|{_SUBJECTS})(?:{_COLON}|\s*\Z))"
)
"""At the start only, and only with what a program puts behind it: a colon, or nothing. `Re: …` is a person's."""

OPENING = re.compile(rf"[\[(*]{{0,3}}(?:{_PHRASES})[\])*]{{0,3}}(?:{_COLON}|[ \t]*\n)")

REPORTS = re.compile(
    r"undeliverable ?:|undelivered mail returned to sender|mail delivery (?:failed: returning|system\b"
    r"|failure\b|subsystem)"
    r"|delivery status notification|returned mail:|failure notice\Z"
    r"|message not delivered\Z"
    r"|unzustellbar:|nicht zustellbar:|non remis ?:|échec de (?:la )?remise|no se puede entregar ?:"
    r"|non recapitabile ?:"
    r"|não é possível entregar ?:|onbestelbaar:"
)

QUOTED = re.compile(
    r"\n(?:>|-{2,} ?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original)|_{10,}\n|-- ?\n"
    r"|(?:from|von|de|da|van): [^\n]{1,200}\n"
    r"|(?:on|am|le|el|em|il|op) [^\n]{5,160}(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|schreef)[^\n]{0,80}:)"
)
"""Where what others wrote begins, in an answer by mail."""

_START = r"(?:\A|[.!?:;\n*\-–(\[]\s{0,4})"
"""A statement starts here; what is quoted in the middle of a sentence does not."""

SELF_DECLARED = re.compile(
    _START + r"(?:please note:? (?:that )?)?(?:"
    r"this is an? (?:auto(?:matic|mated)|auto[ \-]?generated|automatically generated) ?"
    r"(?:reply|response|message|e-?mail|answer|notification|acknowledge?ment|out of office[a-z ]{0,20})"
    r"|this (?:e-?mail|message|reply|response) (?:was|is|has been) (?:sent )?auto(?:matically|[ \-]?generated)"
    r"|dies(?:e|er|es)? (?:ist eine automatische|(?:e-?mail|nachricht|antwort) w(?:urde|ird) automatisch)"
    r"|ceci est (?:une réponse|un message|un e-?mail) automatique|(?:ce|cet) (?:message|e-?mail) (?:est"
    r"|a été) (?:envoyé )?automatique"
    r"|(?:este|esta) es (?:un mensaje|una respuesta|un correo) autom[aá]tic[oa]|(?:este"
    r"|esta) [eé] uma? (?:mensagem|resposta) autom[aá]tica"
    r"|(?:questo|questa) è (?:un messaggio|una risposta) automatic[oa]|dit is een (?:automatisch (?:antwoord"
    r"|bericht)|automatische)"
    r")"
)

ABSENT = re.compile(
    r"\bi(?:'m| am|'ll be| will be) (?:currently |presently |now |still |away and )?(?:out of (?:the )?office"
    r"|away from (?:the|my) (?:office|desk)"
    r"|(?:away )?on (?:annual |parental |maternity |paternity |sick |medical |personal )?(?:leave|vacation"
    r"|holidays?)|travell?ing|away (?:until|from|on))"
    r"|\bthank(?:s| you) for (?:your|the) (?:e-?mail|message|mail)[.!,]? i(?:'m| am) (?:currently )?(?:away|out"
    r"|on leave|not in)"
    r"|\b(?:currently )?out of (?:the )?office (?:until|from|with|and will)"
    r"|\bich (?:bin|befinde mich) (?:[^.!?\n]|[0-9]\.){0,60}(?:nicht (?:im (?:büro|haus|dienst)|erreichbar"
    r"|am (?:arbeits)?platz)|im urlaub|ausser haus|abwesend|in elternzeit|auf dienstreise)"
    r"|\b(?:derzeit|zur ?zeit|momentan|aktuell|heute|bis (?:[^.!?\n]|[0-9]\.){1,30}) (?:bin ich )?"
    r"(?:nicht (?:im büro|im haus"
    r"|erreichbar)|im urlaub|abwesend|ausser haus)"
    r"|\bje (?:suis|serai) (?:actuellement |présentement )?(?:absente?|en congés?|en vacances"
    r"|hors d[ue] (?:mon )?bureau|en déplacement)"
    r"|\b(?:estoy|estar[eé]|me encuentro|me encontrar[eé]) (?:actualmente )?(?:fuera de (?:la|mi) oficina"
    r"|de vacaciones|ausente|de baja|de viaje)"
    r"|\b(?:estou|estarei|encontro-me|encontrar-me-ei) (?:atualmente |actualmente "
    r"|de momento )?(?:fora do escrit[oó]rio|ausente|de f[eé]rias|de licen[cç]a)"
    r"|\b(?:sono|sarò) (?:attualmente |al momento )?(?:fuori (?:sede|ufficio)|fuori dall'ufficio|assente|in ferie"
    r"|in vacanza)"
    r"|\bik ben (?:momenteel |op dit moment |tot (?:[^.!?\n]|[0-9]\.){1,30} )?(?:afwezig|niet (?:aanwezig|op kantoor"
    r"|bereikbaar)|op vakantie|met (?:verlof|vakantie)|buiten kantoor)"
)

LATER = re.compile(
    r"\b(?:limited|no|without|intermittent|restricted) access to (?:my )?e-?mails?|\b(?:up)?on my return"
    r"|\bwhen i (?:return|am back|get back)"
    r"|\bwill (?:respond|reply|get back|answer)[^.!?\n]{0,60}(?:as soon as|when i|on my|upon|after)"
    r"|\bin my absence|\bnot (?:be )?(?:checking|reading|monitoring) (?:my )?e-?mails?"
    r"|\b(?:for|in case of) (?:any )?(?:urgent|emergenc|immediate|a human|an emergency)[^.!?\n]{0,60}(?:contact"
    r"|call|reach|e-?mail|write)"
    r"|\bif (?:this|it|your (?:matter|request|e-?mail|message)) is urgent|\bplease (?:contact"
    r"|reach out to) (?:my colleague|reception|[^\s@]{1,64}@)"
    r"|\b(?:keinen|nur eingeschränkten?|eingeschränkten?|begrenzten?) zu(?:griff|gang) (?:auf|zu)"
    r"|\bnach meiner rückkehr|\bin dringenden (?:fällen|angelegenheiten)"
    r"|\bmeine (?:vertretung|kollegin|kollegen)|\bwird nicht (?:automatisch )?(?:weitergeleitet|gelesen)"
    r"|\bwenden sie sich (?:bitte )?an|\bab dem (?:[^.!?\n]|[0-9]\.){1,30} (?:wieder|erreichbar)"
    r"|\b(?:wieder|zurück) (?:im büro|erreichbar|für sie da)"
    r"|\baccès (?:limité|restreint) (?:à|aux)|\bà mon retour|\ben cas d'urgence|\bpour toute (?:urgence"
    r"|demande urgente)|\ben mon absence|\bde retour le"
    r"|\bacceso limitado a|\ba mi (?:regreso|vuelta)|\ben caso de urgencia|\bpara (?:asuntos|temas"
    r"|cuestiones) urgentes|\ben mi ausencia|\bsi es urgente"
    r"|\bacesso limitado a|\bno meu regresso|\bquando (?:regressar|retornar|voltar)|\bem caso de urg[eê]ncia"
    r"|\bpara assuntos urgentes|\bna minha aus[eê]ncia"
    r"|\baccesso limitato a|\bal mio (?:rientro|ritorno)|\bper (?:urgenze|questioni urgenti|comunicazioni urgenti)"
    r"|\bin caso di urgenza|\bin mia assenza"
    r"|\b(?:beperkt|geen) toegang tot|\b(?:bij|na) (?:mijn )?terugk(?:omst|eer)|\bvoor dringende"
    r"|\bin dringende gevallen|\bbij spoed|\btijdens mijn afwezigheid"
)

THANKS = re.compile(
    _START + r"(?:(?:dear|hi|hello|good (?:day|morning))[^.!?\n]{0,40}[,\n]\s{0,4})?(?:"
    r"(?:many )?thank(?:s| you)(?: very much| so much)? for (?:your (?:e-?mail|message|mail|enquiry|inquiry"
    r"|request)|contacting|reaching out|getting in touch|writing)"
    r"|(?:vielen |herzlichen |besten )?dank für (?:ihre|deine|die) (?:e-?mail|nachricht|mail|anfrage)"
    r"|danke für (?:ihre|deine) (?:e-?mail|nachricht|mail|anfrage)"
    r"|merci (?:de|pour) (?:votre|ton|nous avoir) ?(?:message|e-?mail|mail|courriel|contacté|écrit)?"
    r"|(?:muchas )?gracias por (?:su|tu|contactar|escribir|ponerse) ?(?:mensaje|correo|e-?mail|consulta)?"
    r"|(?:muito )?obrigad[oa] pel[oa] (?:sua |seu |vosso |vossa )?(?:mensagem|e-?mail|contacto|contato)"
    r"|obrigad[oa] por (?:entrar|nos)"
    r"|grazie per (?:il (?:suo|tuo|vostro) |la (?:sua|tua|vostra) |aver(?:ci|mi) )?(?:messaggio|e-?mail|mail"
    r"|contattat[oi]|scritto)"
    r"|(?:hartelijk )?(?:be)?dankt? voor (?:uw|je|jouw|het) (?:e-?mail|bericht|mail|aanvraag|contact)"
    r")"
)

RECEIVED = re.compile(
    _START + r"(?:we(?:'ve| have) (?:successfully )?received your|your (?:e-?mail|message|request|enquiry|inquiry"
    r"|ticket) has been (?:received|registered|logged)"
    r"|(?:we|our team|one of our|a member of)[^.!?\n]{0,60}will (?:get back|respond|reply|be in touch|contact you"
    r"|answer)"
    r"|wir haben ihre (?:e-?mail|nachricht|anfrage)[^.!?\n]{0,40}erhalten|ihre (?:e-?mail|nachricht"
    r"|anfrage) ist (?:bei uns )?eingegangen|wir (?:werden|melden) [^.!?\n]{0,60}(?:bearbeiten|beantworten|ihnen)"
    r"|nous avons bien reçu votre|votre (?:message|demande|e-?mail) a (?:bien )?été (?:reçue?|enregistrée?)"
    r"|hemos recibido su|su (?:mensaje|solicitud|correo) ha sido (?:recibid|registrad)[oa]|recebemos (?:a sua"
    r"|o seu)|abbiamo ricevuto (?:la|il) (?:sua|suo|tua|tuo)"
    r"|(?:wij|we) hebben (?:uw|je) [^.!?\n]{0,30}(?:goed )?ontvangen)"
)

CONCERN = re.compile(
    r"[?？¿]|\bi (?:need|want|would like|'d like|demand|was charged|ordered|paid|still have)|\bmy (?:order|parcel"
    r"|package|invoice|account|subscription|payment|refund|money|delivery)\b"
    r"|\b(?:real|actual) (?:person|human)|\b(?:did|does|do)(?:n't| not) (?:help|work|answer|solve)"
    r"|\bplease (?:help|refund|cancel|connect|transfer|stop sending)"
    r"|\bich (?:brauche|möchte|will|benötige|habe bestellt)|\bmeine? (?:bestellung|rechnung|paket|konto|lieferung"
    r"|geld)\b"
    r"|\bje (?:veux|voudrais|souhaite|n'ai pas)|\bma (?:commande|facture)|\bmon (?:colis|compte)\b"
    r"|\b(?:quiero|necesito|quisiera)\b|\bmi (?:pedido|factura|cuenta|paquete)\b|\b(?:quero|preciso|gostaria)\b"
    r"|\b(?:meu|minha) (?:pedido|encomenda|fatura|conta)\b"
    r"|\b(?:voglio|vorrei|ho bisogno)\b|\bil mio (?:ordine|pacco|conto)\b|\bik (?:wil|heb nodig)\b"
    r"|\bmijn (?:bestelling|pakket|factuur|rekening)\b"
)
