"""A customer's or an AI's text, read once: what the signals and the brakes need of it."""

from dataclasses import dataclass, field
from itertools import islice
from zlib import crc32

from agents.escalation import requests
from agents.escalation.state import ACCEPTS, CONTENTED, OFFERED
from agents.policy.compiled import CompiledPolicy
from agents.policy.patterns import ORDINARY
from agents.policy.phrases import Match
from agents.policy.words import fold, words_of

MAX_TOKENS = 24
MIN_ONE_WORD_CHARS = 4


@dataclass(slots=True, eq=False)  # never changed, but not `frozen`: that makes building one several times as dear
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
    yes = requests.accepts(words)
    return Heard(
        text=text,
        words=words,
        flags=(CONTENTED if content else 0) | (ACCEPTS if yes else 0),
        tokens=() if content or yes else _tokens(words),
        matches=policy.scanner.scan(text, folded, words, language),
        request=None if content else requests.find_unquoted(text, folded, words),
    )


def hear_ai(text: str) -> Heard:
    """What an answer of the AI says."""
    folded = fold(text)
    words = words_of(folded)
    offers = "?" in text and requests.offers_person_in(folded, words)
    return Heard(text=text, words=words, flags=OFFERED if offers else 0, tokens=tokens_of(words))


def tokens_of(words: list[str]) -> tuple[int, ...]:
    """The first `MAX_TOKENS` different words as 32-bit hashes, ascending: what repetition compares."""
    return tuple(sorted(map(crc32, map(str.encode, islice(dict.fromkeys(words), MAX_TOKENS)))))


def _tokens(words: list[str]) -> tuple[int, ...]:
    """The fingerprint; none for a single short word or a number, which repeat without meaning repetition."""
    if len(words) == 1 and (len(words[0]) < MIN_ONE_WORD_CHARS or words[0] in ORDINARY or words[0].isdigit()):
        return ()
    return tokens_of(words)
