"""Spanish."""

# ruff: noqa: E501 -- word lists and patterns are read along the line

import re

from agents.escalation.wording.shape import Wording, misspelt, wanting, words

_KIND = (
    r"(?:(?:un|una|el|la|los|las|algun|alguna|algunos|otro|otra|su|sus|tu|vuestro|verdadero|verdadera|autentico"
    r"|autentica|autentic[oa]|de|del|puto|puta|maldito|maldita|jodido|cualquier|equipo) ){0,4}"
)
_PERSON = (
    r"(?:personas?|humanos?|humanas?|seres humanos|ser humano|agentes?|asesor(?:a|es|as)?|representantes?"
    r"|operador(?:a|es|as)?|teleoperador(?:a|es|as)?|encargad[oa]s?|supervisor(?:a|es)?|gerentes?|ejecutiv[oa]s?"
    r"|responsables?|jef[ea]|gestor(?:a|es)?|consultor(?:a|es)?|alguien)"
)
_TRADE = r"(?:tecnic[oa]s?|emplead[oa]s?|especialistas?|expert[oa]s?|trabajador(?:a|es)?|compañer[oa]s?)"
_DESK = (
    r"(?:atencion al cliente|servicio al cliente|servicio de atencion|soporte(?: tecnico| humano)?|servicio tecnico)"
)
_NO_COMPOUND = (
    r"(?! (?:inmobiliari\w+|de viajes?|de aduanas?|de seguros?|de policia|de bolsa|juridica|fisica o|natural|mayor"
    r"|menor|de contacto|autorizada|agregad\w+|eliminad\w+|logistic\w+|de ventas de|legal de|\d+)\b)"
)
_ANYONE = rf"{_KIND}(?:{_PERSON}|{_TRADE}|{_DESK}){_NO_COMPOUND}"
_REAL_ONE = rf"{_KIND}{_PERSON}{_NO_COMPOUND}"
_TALK = (
    r"(?:hablar(?:le|les)?|chatear|charlar|comunicar(?:me|nos|se)?|contactar(?:me)?|conectar(?:me|nos)?|conecteme"
    r"|conectame|conectenme|conecta|pasar(?:me|nos)?|paseme|pasame|pasenme|pasa|pase|transferir(?:me|nos)?"
    r"|transfiereme|transfierame|transfieranme|transfiere|transferido|transferida|transfieran|derivar(?:me)?"
    r"|derivame|deriveme|derivenme|poner(?:me)?|ponme|pongame|ponganme|ponedme|comunicame|comuniqueme"
    r"|comuniquenme|comunique|comunicacion|hablarlo|tratar|escalar(?:lo)?|escalen|derivado|atendido|atendida"
    r"|contacto|conversar|platicar|consultar|contactame|contacteme|contactenme|comunicas|comunica|pasas|conectas|transfieres"
    r"|pones|derivas|pasan|comunican|conectan)"
)
_THINGS = r"(?:dinero|saldo|fondos|plata|mi|mis|el|la|los|las|un|una|este|esta|ese)\b"
"""What is handed over when it is not the conversation."""
_WANT = (
    r"(?:quiero|quisiera|queria|querria|necesito|necesitaria|necesitamos|queremos|me gustaria|deseo|desearia"
    r"|prefiero|preferiria|exijo|busco|dame|deme|denme|dadme|ponme|pongame|paseme|pasame|pasenme|solicito|requiero"
    r"|mandame|enviame|envieme|consigame|puedo tener|podria tener|espero|esperando|quiere)"
)
_DO = (
    r"(?:ayud\w+|llam\w+|atiend\w+|atend\w+|contact\w+|respond\w+|contest\w+|resuelv\w+|revis\w+|expli\w+|hable|hablar)"
)
_BOT = r"(?:bots?|robots?|chatbots?|maquinas?|ia|inteligencia artificial|contestador|asistente virtual|ordenador)"

_PEOPLE = words(
    "persona personas humano humanos humana humanas agente agentes asesor asesora asesores asesoras representante representantes operador operadora operadores teleoperador teleoperadora encargado encargada supervisor supervisora gerente gerentes ejecutivo ejecutiva responsable responsables jefe jefa gestor gestora consultor consultora alguien tecnico tecnica empleado empleada especialista experto experta trabajador"
)
_DESKS = words("atencion servicio soporte")
_BOTS = words("bot bots robot robots chatbot chatbots maquina maquinas ia inteligencia ordenador contestador asistente")
_OTHER = words("persona escalar escalen escalad escala escale llamenme llamame llameme llamen llamada")

_REQUESTS = (
    wanting(
        _PEOPLE | _DESKS,
        rf"{_TALK}(?: (?!{_THINGS})\w+){{0,3}}? (?:con|a|al) {_ANYONE}",
        rf"ser (?:atendid[oa]|contactad[oa]|llamad[oa]|ayudad[oa]|asesorad[oa]) por {_ANYONE}",
    ),
    wanting(
        _PEOPLE | _DESKS,
        rf"(?:contactar|comunicarme|llamar|localizar) (?:a |al |con )?{_REAL_ONE}",
        rf"{_WANT}(?: (?:por favor|ya|solo|solamente|ahora|que|hablar|tener|ver|mejor|a|de|la|ayuda|atencion))* {_REAL_ONE}",
        rf"(?:contactame|contacteme|contactenme|comunicame|comuniqueme|comuniquenme|conectame|consigueme|pasame|paseme|pasenme"
        rf"|mandame|llamame|buscame|pongame|ponme)(?: (?:con|a|por|favor|ya))* {_REAL_ONE}",
        rf"(?:me|nos) (?:puede|podria|pueden|podrian|puedes) {_DO} {_KIND}(?:{_PERSON}|{_TRADE})",
        rf"{_WANT}(?: \w+){{0,2}} (?:atencion humana|soporte humano|ayuda humana|asistencia humana|trato humano)",
        rf"{_PERSON}(?: \w+)? (?:con (?:la |el )?(?:que|quien)|con quien|a quien)(?: \w+){{0,2}} (?:hablar|hable"
        r"|comunicarme|contactar|chatear|tratar)",
        rf"(?:que|puede|podria|pueda|puedan|pueden|haga que|quiero)(?: me| nos)? (?:\w+ )?{_REAL_ONE}(?: me| nos)? ?{_DO}",
        rf"(?:que|puede|podria|pueden)(?: me| nos) {_DO}(?:me|nos)? {_KIND}(?:{_PERSON}|{_TRADE})",
        rf"(?:puede|podria|pueden) (?:llamarme|contactarme|atenderme|ayudarme) {_KIND}(?:{_PERSON}|{_TRADE})",
    ),
    wanting(
        _BOTS,
        rf"no (?:quiero|deseo|me gusta|me interesa|voy a|pienso)(?: seguir)? (?:hablar|hablando|chatear|tratar) (?:con|a)"
        rf"(?: (?:un|una|el|la|este|esta|otro|mas))* {_BOT}",
        rf"no (?:quiero|necesito) (?:un|una|este|esta|mas|otro)? ?{_BOT}",
        rf"(?:en vez|en lugar) de (?:un |una |el |la |este |esta )?{_BOT}",
    ),
    wanting(
        _OTHER,
        r"^(?:con|quiero|necesito|dame|a)? ?(?:una )?persona(?: (?:real|de verdad|fisica|humana|por favor|porfa|ya|ahora))+$"
        r"|^persona$|^con (?:una )?persona$",
        r"(?:escalar|escalen|escalad|escala|escale) (?:esto|este|mi|el|la|a)",
        r"(?:llamenme|llamame|llameme)(?! (?!por|ya|al|cuando|lo|de|hoy|manana|si|a)\w+)|que me llamen|quiero una llamada"
        r"|necesito una llamada|devuelvanme la llamada",
    ),
)
_ASKING = re.compile(
    r"\b(?:eres|es|sois|son|soy|hay|estas|esto es|estoy)(?: \w+){0,2}? (?:un |una )?(?:ser )?(?:human[oa]|persona|bot|robot"
    r"|maquina)(?: real| de verdad)?(?: o | detras| al otro|$)"
    rf"|{_BOT} o (?:con )?(?:un |una )?|\bo (?:con )?(?:un |una |solo un )?{_BOT}"
    r"|\ba que hora\b|^(?:y )?cuando\b|\bcuando (?:puedo|podre|se puede|atiende|estan|hay)\b|\bhorarios?\b|\bcuant[oa]s? "
    r"|\btiene (?:algun )?(?:costo|coste)\b|\bdebo (?:hablar|contactar|llamar)\b|\bhay que (?:hablar|llamar|contactar)\b"
    r"|\btendria que (?:hablar|llamar)\b|\btuve que\b|\bpude (?:hablar|contactar)\b|\bya hable\b|\bque pasa si\b|\bno creo\b"
    r"|\b(?:tienen|tienes|teneis|tiene|cuentan con|hay) (?:\w+ )?(?:personas|humanos|agentes|atencion humana|soporte humano)"
    r"(?: \w+){0,3}$|\bdiferencia entre\b|\bcomo (?:un|una) (?:humano|persona)$|\bvoy a hablar con (?:mi|un)\b"
    r"|\b(?:hablare|hablaremos)\b|\bantes de hablar\b|\bdespues de hablar\b"
)

WORDING = Wording(
    language="es",
    requests=_REQUESTS,
    asking=_ASKING,
    negators=words("no nunca sin tampoco ni jamas innecesario"),
    unable=words(
        "puedo puede podido pude podemos logro logrado consigo conseguido deja dejan dejas permite permiten"
        " posible imposible puedes pueden hay podria manera forma"
    ),
    subjects=words("yo tu usted ustedes nosotros y entonces asi porque"),
    breaks=words("pero sino"),
    bare=words(
        "humano humana agente asesor asesora representante operador operadora supervisor supervisora gerente"
        " ejecutivo ejecutiva encargado encargada"
    ),
    bare_unsure=words("humano humana"),
    polite=words(
        "por favor porfavor porfa pf plis ya ahora mismo hola buenas si un una el la real humano de verdad urgente"
        " quiero necesito hablar con a gracias dame deme solo otra vez atencion al cliente mejor buenos dias tardes"
        " fisica vivo en"
    ),
    yes=words(
        "si sip claro vale dale ok okay por favor porfa de acuerdo supuesto bueno perfecto gracias quiero eso adelante"
        " hazlo hagalo desde luego me gustaria genial correcto ya s"
    ),
    offers=re.compile(
        r"\b(?:conect\w+|transf\w+|hable[sn]?|hablar|comuni\w+|pas[aeo]\w*|deriv\w+|ponga|pongo|contact\w+|escal\w+)\b"
        r".*\b(?:personas?|human[oa]s?|agentes?|asesor\w*|representantes?|operador\w*|especialistas?|equipo|alguien"
        r"|compañer\w+|soporte)\b"
    ),
    content=words(
        "gracias adios perfecto genial solucionado resuelto funciona funciono listo excelente estupendo vale ok okay"
        " entendido chao chau maravilloso fantastico bien agradecido agradecida"
    ),
    content_with=words(
        "muchas muchisimas mil por tu su la el ayuda todo ya me ha sirvio ayudado ayudo muy que tenga tengas un buen dia"
        " hasta luego pronto eso es era asi de esta si y lo queda claro muy amable buenas tardes noches mas nada a encontre encontrado pude al fin ya esta genial mil"
    ),
    typos=misspelt(
        "persona humano agente asesor representante operador supervisor alguien hablar",
        never="personas agentes humanos peros gente pesona hablara hablare asesora asesores",
    )
    | {
        "ablar": "hablar",
        "avlar": "hablar",
        "habalr": "hablar",
        "hablr": "hablar",
        "umano": "humano",
        "umana": "humana",
        "pesona": "persona",
        "aser": "asesor",
        "alguein": "alguien",
        "quieo": "quiero",
        "qiero": "quiero",
        "kiero": "quiero",
        "necesto": "necesito",
        "nesecito": "necesito",
        "necesitp": "necesito",
    },
)
