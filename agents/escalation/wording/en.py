"""English."""

# ruff: noqa: E501 -- word lists and patterns are read along the line

import re

from agents.escalation.wording.shape import Wording, misspelt, wanting, words

_KIND = (
    r"(?:(?:an?|the|any|some|your|one|of|another|other|different|real|live|actual|human|physical|proper|breathing"
    r"|competent|qualified|senior|specialist|technical|tech|sales|billing|account|customer|client|support|service"
    r"|care|help|helpdesk|desk|phone|english|spanish|german|french|speaking|damn|goddamn|fucking|bloody|freaking"
    r"|fkn|frickin|more|better|experienced|knowledgeable|flesh|and|blood|s) ){0,6}"
)
_PERSON = (
    r"(?:human being|human beings|humans?|persons?|people|agents?|representatives?|reps?|operators?|advis[eo]rs?"
    r"|supervisors?|managers?|admins?|administrators?|csr|member of (?:your |the )?(?:staff|team)|team member|staff member)"
)
_TRADE = r"(?:specialists?|experts?|technicians?|engineers?|consultants?|employees?|staff|colleagues?|boss(?:es)?)"
_DESK = (
    r"(?:customer (?:service|support|care|services|assistance|help)|support team|sales team|service team|billing team|live chat"
    r"|live support|human support|human help|support department|billing department|sales department|helpdesk"
    r"|help desk|(?:tech|technical) support|support|team|billing|sales)"
)
_SOMEONE = r"(?:someone|somebody|anyone|anybody|some one)"
_NO_COMPOUND = (
    r"(?! (?:resources?|rights|errors?|readable|hours|numbers?|names?|ids?|logins?|licen[cs]es?|accounts?|seats?"
    r"|portals?|roles?|permissions?|positions?|jobs?|samples?|manuals?|passwords?|plans?|fees?|commissions?|app"
    r"|in charge s|dashboard|pages?|sites?|website|forum|articles?|hair|tax|added|removed|deleted|registered|size|body|\d+|s name|else s)\b)"
)
_ANYONE = rf"{_KIND}(?:{_PERSON}|{_TRADE}|{_DESK}|{_SOMEONE}){_NO_COMPOUND}"
_REAL_ONE = rf"{_KIND}(?:{_PERSON}|{_SOMEONE}){_NO_COMPOUND}"
_NAMED_ONE = (
    rf"{_KIND}(?:{_PERSON}|(?:human|live) (?:support|help|chat|assistance)|customer (?:service|care))"
    rf"{_NO_COMPOUND}"
)
_TALK = r"(?:talk|speak|chat|correspond|communicate|deal|get in touch|get in contact|get through|call|text)"
_MOVE = (
    r"(?:connect|connected|transfer|transferred|transfered|escalate|escalated|pass|passed|put|hand|handed|forward"
    r"|forwarded|redirect|redirected|switch|switched|route|routed|refer|referred|patch|patched|direct|directed"
    r"|link|send|bring|turn|handoff|handover)"
)
_OBJECT = (
    r"(?: (?:me|us|this|that|it|him|her|them|please|right|now|straight|directly|through|over|back|on|off|immediately"
    r"|(?:my|the|this|our) (?:chat|case|call|issue|request|conversation|question|complaint|query|problem"
    r"|matter|claim|session|customer))){0,5}"
)
_WANT = (
    r"(?:want|wanna|wants|need|require|demand|prefer|like|looking for|request|requesting|insist on|waiting for"
    r"|get me|give me|bring me|find me|gimme|send me|send in|bring in|assign me|assign|can i get|can i have|could i get"
    r"|could i have|may i have|may i get|i get|i have|let me have|where is|provide me with|provide me)"
)
_DO = (
    r"(?:help|assist|call|contact|phone|ring|email|reach out|look|review|handle|take over|join|step in|check|answer"
    r"|respond|reply|talk|speak|get back|deal|sort|fix|intervene|read)"
)
_BOT = (
    r"(?:bots?|robots?|chatbots?|chat bots?|machines?|ai|computers?|automated (?:system|assistant|service)"
    r"|virtual (?:assistant|agent)|algorithm|program)"
)

_PEOPLE = words(
    "human humans person persons people agent agents representative representatives rep reps operator operators advisor adviser advisors advisers supervisor supervisors manager managers csr admin admins administrator administrators someone somebody anyone anybody some member members team staff live customer specialist specialists expert experts technician technicians engineer engineers consultant consultants employee employees colleague colleagues boss bosses real actual"
)
_DESKS = words("service support department helpdesk desk chat team billing sales")
_VERBS = words(
    "talk speak chat correspond communicate deal touch contact through call text connect connected transfer transferred transfered escalate escalated pass passed put hand handed forward forwarded redirect redirected switch switched route routed refer referred patch patched direct directed link send bring turn handoff handover conversation word speaking talking chatting contacting reaching complain complaint complaints complains"
)
_BOTS = words(
    "bot bots robot robots chatbot chatbots machine machines ai computer computers automated virtual algorithm program"
)
_OTHER = words(
    "transfer connect handoff handover escalate escalated escalation callback call ring phone through put hand pass patch"
)

_REQUESTS = (
    wanting(
        _PEOPLE | _DESKS,
        rf"{_TALK}(?: \w+){{0,2}}? (?:to|with|2|w) {_ANYONE}",
        rf"(?:conversation|chat|word|call|talk|(?:put|get|be)(?: me| us)? in (?:touch|contact)|phone call) with {_ANYONE}",
        rf"complain(?:t|ts)? (?:to|with) {_ANYONE}",
        rf"^(?:speaking|talking|chatting) (?:to|with) {_ANYONE}",
        rf"(?:help|assistance|prefer|like|interested in|mind|rather)(?: with| in)? (?:speaking|talking|chatting|contacting"
        rf"|reaching) (?:(?:to|with) )?{_ANYONE}",
        rf"{_MOVE}{_OBJECT} (?:to|with|through to|over to|onto) {_ANYONE}",
        along=_VERBS,
    ),
    wanting(
        _PEOPLE,
        rf"(?:talk|speak|chat) (?:real|live|human|actual) {_REAL_ONE}",
        rf"get (?:an?|some|any) {_KIND}{_PERSON}{_NO_COMPOUND}",
        rf"(?:is|are) (?:there )?(?:an?|any|some) {_KIND}{_PERSON} (?:available|online|free|around|here|there)"
        r"(?! (?:on|at|in|during|after|before|over|for)\b)",
        rf"(?:^|is |are there )any(?:one|body)? {_KIND}(?:humans?|person|agents?)(?: \w+)? (?:available|online|here|there|around)",
        r"(?:give|get|find) me (?:someone|somebody)",
        r"(?:someone|somebody|anyone) (?:could|can|would|might) (?:please )?(?:call|phone|ring|contact|reach out to|talk to"
        r"|speak to|speak with|talk with) (?:me|us)",
        rf"(?:reach|contact|get hold of|get a hold of|call|message|see) (?:an?|some|any|your|one of your|real|live|human)"
        rf" {_KIND}{_PERSON}{_NO_COMPOUND}",
        rf"{_WANT}(?: (?:please|just|only|really|now|to|have|get|see|for|right|a|word|with|chat|help|assistance|answers?|reply|response|from|by))*"
        rf" {_NAMED_ONE}",
        rf"(?:want|need|like|get|have) (?:\w+ )?(?:someone|somebody)"
        r"(?: (?:real|human|competent|else$|else please|please|now|who|from your|from the"
        rf"|to (?:please )?{_DO}|{_DO}))",
        rf"(?:{_PERSON}|{_SOMEONE})(?: \w+){{0,2}} (?:i|we) (?:can|could|may|might)(?: \w+)? (?:{_TALK}|reach|contact|escalate)",
        rf"(?:{_PERSON}|{_SOMEONE}) (?:to|for me to) (?:talk|speak|chat) (?:to|with)",
        rf"(?:have|get|let|ask|can|could|may|would|want|need|like|should) {_KIND}(?:{_PERSON}|{_TRADE})"
        rf"{_NO_COMPOUND}(?: \w+){{0,2}}?(?: to)? {_DO}",
        rf"(?:asked|asking|ask|begging|beg|begged|waiting)(?: \w+){{0,2}}? for {_NAMED_ONE}",
        rf"i said(?: \w+){{0,2}} {_NAMED_ONE}$",
        rf"(?:want|need|like|prefer|be|get|demand)(?: \w+){{0,3}} (?:handled|reviewed|answered|read|resolved|helped|assisted"
        rf"|contacted|called|seen|served|looked at|dealt with) by {_REAL_ONE}",
        r"(?:want|need|get me|give me|like) (?:some )?(?:real|actual|human|live) (?:support|help|assistance|answers)",
        r"(?:can|could) (?:someone|somebody|anyone) (?:real|human|alive)",
        r"(?:have|get|let|ask|can|could|may|would|want|need|like) (?:someone|somebody|anyone)(?: from (?:your|the) \w+)?(?: please)?(?: to)?"
        r" (?:call|contact|phone|ring|get back|talk|speak|take over|get in touch|reach out)",
    ),
    wanting(
        _BOTS,
        rf"(?:dont|do not|didnt|wont|not|no longer|refuse to|hate|tired of|sick of|fed up with|done|stop)"
        rf"(?: (?:want|wanna|wish|like|need|going|here|interested|in|to))*"
        rf" (?:talk|talking|speak|speaking|chat|chatting|deal|dealing)(?: to| with)(?: (?:a|an|the|this|your|you|another"
        rf"|some|any|stupid|dumb|useless|more))* {_BOT}",
        rf"(?:dont|do not) (?:want|need) (?:a|an|the|this|your|another|any|some)(?: \w+)? {_BOT}",
        rf"(?:no more|enough of|instead of|rather than|not|no) (?:a |an |the |this |your |these |another )?{_BOT}"
        rf" (?:i )?(?:want|need|give me|get me)? ?{_REAL_ONE}",
        rf"(?:instead of|rather than) (?:a |an |the |this )?{_BOT}",
    ),
    wanting(
        _OTHER,
        r"^(?:(?:please|can you|could you|just|now|pls|so|ok|then) )*(?:transfer|connect|escalate)(?: me| us)?(?: (?:please|now|pls))*$",
        r"escalate (?:this|it|my|the|to|now|please)",
        r"(?:want|need|like|request|demand|ask for|asking for)(?: to| an| this| it| my \w+)* (?:escalate|escalated|escalation)",
        r"(?:put|hand|pass|patch) me (?:through|over|on)",
        r"give me a (?:call|ring)|call me back|ring me back|phone me|(?:want|need|like|request|get) a ?call ?back"
        r"|callback please|(?:want|need|like|get) a (?:phone )?call",
    ),
)
_ASKING = re.compile(
    r"\b(?:are|is|r|am|was|were) (?:you|u|this|that|it|there|i|your)(?: \w+){0,2}? (?:an? |the )?(?:real |actual |live )?"
    r"(?:human|person|bot|robot|ai|machine)(?: being)?(?: or| behind| reading| working| writing|$)"
    rf"|{_BOT} or |\bor (?:a |an |just a |only a )?(?:real )?{_BOT}"
    r"|\bhow (?:much|long)\b|\bwhat time\b|\bwhen (?:can|could|will|would|do|does|may|i|is|are|you|we|should)\b"
    r"|\b(?:what|which|your|support|business|opening|office|working|service|agent) hours\b"
    r"|\b(?:does it cost|is it free|a fee|extra cost|charge (?:me )?(?:for|to|if))\b"
    r"|\b(?:do|did|would|will|must|should|shall|does) (?:i|we|one) (?:really )?(?:have|need) to (?:talk|speak|contact|call|chat|be|go|wait|see)\b"
    r"|\b(?:was|were|got|had been|have been|been)(?: \w+)? (?:connected|transferred|transfered|escalated|passed|put|forwarded"
    r"|redirected|referred|directed|switched|routed|handed)\b"
    r"|\b(?:should|shall|must|did) (?:i|we) (?:talk|speak|contact|call)\b"
    r"|\bmust i\b|\b(?:dont|do not) think\b|\bhad an? |\bwhat happens\b|\bhad to\b|\b(?:was|were|been) able to\b|\bmanaged to\b|\bgot to (?:talk|speak)\b"
    r"|\b(?:i|we|they|you|he|she|it)(?: already)? (?:ll|will|shall) (?:have to |need to |probably |just )?(?:talk|speak|chat|call)"
    r"|\bhave you (?:got|any|ever)\b|\bdo you (?:have|employ|offer|use|guys have)(?: \w+){0,3} (?:humans?|people|agents?"
    r"|persons?|support|representatives?|staff|chat)$|\b(?:like|as) (?:a|an) (?:real |actual )?(?:human|person)$"
    r"|\blast (?:time|week|month|year|night)\b(?=.*\b(?:told|said|promised)\b)|\bdifference between\b"
    r"|\bcan (?:an? |the |your )?(?:agents?|humans?|people|representatives?) (?:see|read|hear)\b"
    r"|\b(?:if|after|before|once|because|since) (?:i|we|you) (?:do )?(?:talk|speak|spoke|talked|call)"
)

WORDING = Wording(
    language="en",
    requests=_REQUESTS,
    asking=_ASKING,
    negators=words("not dont doesnt didnt no never without nor neither unnecessary than avoid wont wouldnt"),
    unable=words("can could cant couldnt cannot able unable let lets allow allowed possible impossible why lemme"),
    subjects=words("i you we they he she it u and so then because"),
    breaks=words("but"),
    bare=words(
        "human humans person agent agents representative representatives rep operator advisor adviser"
        " supervisor manager callback escalate escalation csr receptionist handoff handover"
    ),
    bare_unsure=words("human humans person people"),
    polite=words(
        "please pls plz plss pleeease now asap immediately hi hello hey ok okay yes yeah just a an the real live"
        " actual physical right away urgent urgently speak talk chat to with want need wants i me give get connect"
        " transfer request support customer service help assistance care thanks thank you sir madam still only"
        " omg ffs again"
    ),
    yes=words(
        "yes yeah yep yup yea ya sure ok okay please pls plz do go ahead definitely of course absolutely it y correct"
        " that would be great good thanks thank you id like i want to connect me transfer right now lets"
    ),
    offers=re.compile(
        r"\b(?:connect|transfer|hand|speak|talk|chat|pass|put|escalate|forward|bring in|get|involve|loop in|have)\b"
        r".*\b(?:humans?|person|people|agents?|representatives?|specialists?|advis[eo]rs?|someone|team|colleagues?"
        r"|support|operators?|managers?|experts?)\b"
    ),
    content=words(
        "thanks thank thx ty tysm cheers bye goodbye perfect worked works solved sorted great awesome wonderful"
        " excellent brilliant lovely helped resolved fixed cool nice ok okay understood appreciated amazing"
        " fantastic alright done gotcha"
    ),
    content_with=words(
        "you so much very a lot for your help the that this it thats s is was now all my have day nice good one and"
        " got i m am its no problem more questions nothing else really just what needed yes yep yeah again has been"
        " to of super then quick answer reply response fine well will do did be see ya later found figured out find managed trick myself by both guys team"
    ),
    typos=misspelt(
        "human person agent representative operator advisor supervisor manager someone somebody speak escalate",
        never="gent gents peron parson persons agents humane humans peak seak spak mange manger manages"
        " adviser some one",
    )
    | {
        "humam": "human",
        "humen": "human",
        "humon": "human",
        "himan": "human",
        "hooman": "human",
        "persn": "person",
        "presson": "person",
        "pearson": "person",
        "agant": "agent",
        "agnet": "agent",
        "agetn": "agent",
        "representitive": "representative",
        "represenative": "representative",
        "reprasentative": "representative",
        "representive": "representative",
        "representativ": "representative",
        "reprensentative": "representative",
        "opperator": "operator",
        "operater": "operator",
        "speek": "speak",
        "speack": "speak",
        "tlak": "talk",
        "takl": "talk",
        "talke": "talk",
        "tal": "talk",
        "tranfer": "transfer",
        "trasnfer": "transfer",
        "conect": "connect",
        "sombody": "somebody",
        "sumone": "someone",
        "wnat": "want",
        "wan": "want",
        "humanbeing": "human",
        "realperson": "person",
        "customerservice": "agent",
    },
)
