"""What the customer wants, in their own words, out of all that they wrote. Pure.

«Hello», «thanks» and «a human please» are turns too, and often the last ones; they say nothing of the matter.
"""

import re
from collections.abc import Iterable, Sequence

from agents.helpdesks.safe_text import block
from streams.contracts.people import Turn

MAX_CHARS = 1500

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_EMPTY = frozenset(
    """
    hi hello hey hiya there good morning afternoon evening day dear team sir madam thanks thank thx you much ok okay
    yes no yep nope sure please pls bye anyone anybody someone somebody here help me i we my a an the to with want
    need would like wanna can could may get give let have connect transfer put through speak talk talking speaking
    chat human humans person people real live agent agents representative rep operator advisor adviser staff
    support customer service member employee now just still is are it this that not and or for of in bot robot ai
    i'd i'm
    hola buenas buenos dias días tardes noches gracias por favor si sí vale quiero quisiera necesito hablar con un
    una el la persona humano humana agente asesor asesora operador operadora alguien ayuda puedo puede me de real
    atencion atención al cliente pasar comunicar ahora
    hallo guten tag morgen abend moin danke bitte ja nein ich will möchte moechte mit einem einer eine ein der die
    das echten echter menschen mensch person mitarbeiter mitarbeiterin kundenservice support sprechen reden
    verbinden jemand jemandem kann können koennen hilfe zu
    bonjour bonsoir salut merci oui non je veux voudrais souhaite parler avec à un une le la conseiller conseillère
    conseiller humain humaine personne quelqu'un agent aide svp s'il vous plaît plait pouvez puis l'aide
    olá oi bom dia boa tarde noite obrigado obrigada sim não quero falar com um uma pessoa atendente humano
    ciao buongiorno buonasera grazie sì vorrei parlare con una persona operatore umano aiuto
    goedemorgen goedemiddag dank bedankt graag iemand spreken medewerker met een
    """.split()  # noqa: SIM905 - words read better as text
)
_SPACED_SCRIPT = re.compile(r"[\u0000-\u02ff\u0370-\u058f\u1e00-\u1fff]")
MIN_WORDS = 2
MIN_UNSPACED_CHARS = 5


def substantive(text: str) -> bool:
    """Whether `text` says something of the matter: two words, or a number, that are no greeting and no request."""
    words = [word.lower() for word in _WORD.findall(text)]
    telling = [word for word in words if word not in _EMPTY and len(word) > 1]
    if any(char.isdecimal() for word in telling for char in word):
        return True
    unspaced = sum(len(word) for word in telling if not _SPACED_SCRIPT.match(word))
    return len(telling) >= MIN_WORDS or unspaced >= MIN_UNSPACED_CHARS


def wants(turns: Sequence[Turn]) -> str | None:
    """The customer's longest substantive message, else their longest one, else None; the earliest of equals.

    At most `MAX_CHARS` of it, already harmless as `safe_text.block` makes it.
    """
    written = (block(turn.text, MAX_CHARS) for turn in turns if turn.author == "customer" and not turn.automatic)
    said = [text for text in written if text]
    return _longest(text for text in said if substantive(text)) or _longest(said)


def last_answer(turns: Sequence[Turn]) -> str | None:
    """What the AI wrote last."""
    answers = [turn.text for turn in turns if turn.author == "ai" and turn.text.strip()]
    return answers[-1] if answers else None


def _longest(texts: Iterable[str]) -> str | None:
    return max(texts, key=len, default=None)
