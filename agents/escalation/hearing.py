"""A customer's or an AI's text, read once: what the signals and the brakes need of it."""

from dataclasses import dataclass, field

from agents.escalation import requests
from agents.escalation.state import CONTENTED, OFFERED
from agents.policy.compiled import CompiledPolicy
from agents.policy.patterns import ORDINARY
from agents.policy.phrases import Match
from agents.policy.words import fold, words_of
from agents.text.fingerprint import tokens

MIN_ONE_WORD_CHARS = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """`flags` and `tokens` go into the turn's mark; the rest only serves this decision."""

    text: str
    words: list[str] = field(default_factory=list)
    flags: int = 0
    tokens: tuple[int, ...] = ()
    matches: dict[str, Match] = field(default_factory=dict)
    request: requests.Request | None = None


def hear_customer(text: str, policy: CompiledPolicy, language: str | None) -> Heard:
    """What a customer's message says."""
    folded = fold(text)
    words = words_of(folded)
    content = requests.contented(folded, words)
    return Heard(
        text=text,
        words=words,
        flags=CONTENTED if content else 0,
        tokens=() if content else _tokens(text, words),
        matches=policy.scanner.scan(text, folded, words, language),
        request=None if content else requests.find_unquoted(text, folded, words),
    )


def hear_ai(text: str) -> Heard:
    """What an answer of the AI says."""
    return Heard(text=text, flags=OFFERED if requests.offers_person(text) else 0, tokens=tokens(text))


def _tokens(text: str, words: list[str]) -> tuple[int, ...]:
    """The fingerprint; none for a yes, a no or a number, which repeat without meaning repetition."""
    if len(words) == 1 and (len(words[0]) < MIN_ONE_WORD_CHARS or words[0] in ORDINARY or words[0].isdigit()):
        return ()
    return () if requests.accepts(words) else tokens(text)
