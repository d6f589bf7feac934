"""What a language contributes, and the words that are typed wrong most often."""

import re
from dataclasses import dataclass
from typing import NamedTuple


class Wanting(NamedTuple):
    """A pattern that can only match where one of `words` stands, and one of `along`, unless that is empty."""

    words: frozenset[str]
    along: frozenset[str]
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Patterns are matched against the words of one clause, folded and joined by single spaces.

    `requests`: a wording that asks for a person, unless it is negated or the clause merely asks.
    `asking`: a clause in which such a wording is a question about people, times, prices or the past.
    `negators`: words that turn a request round when they stand between its subject and it, unless one of
    `unable` stands there too ("I can not reach an agent" is a request). `subjects` end that look back.
    `bare`: words that alone make a request ("agent please"); `bare_unsure`: not when a question mark follows.
    """

    language: str
    requests: tuple[Wanting, ...]
    asking: re.Pattern[str]
    negators: frozenset[str]
    unable: frozenset[str]
    subjects: frozenset[str]
    breaks: frozenset[str]
    bare: frozenset[str]
    bare_unsure: frozenset[str]
    polite: frozenset[str]
    yes: frozenset[str]
    offers: re.Pattern[str]
    content: frozenset[str]
    """Words that say thanks, goodbye, or that it is solved."""
    content_with: frozenset[str]
    """Words that stand beside them and change nothing."""
    typos: dict[str, str]
    verb_first: bool = False
    """Whether "can" may stand before the subject and the negation after it ("kann ich nicht")."""

    @property
    def stems(self) -> frozenset[str]:
        """Words without which no message of this language is a request."""
        return self.bare.union(*(group.words for group in self.requests))


def words(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


def wanting(needed: frozenset[str], *texts: str, along: frozenset[str] = frozenset()) -> Wanting:
    """The texts as one pattern that begins and ends at a word, looked for only where a needed word stands."""
    return Wanting(needed, along, re.compile(rf"\b(?:{'|'.join(f'(?:{text})' for text in texts)})\b"))


def misspelt(correct: str, *, never: str = "") -> dict[str, str]:
    """Typed word -> meant word: one letter left out, doubled, or two exchanged, past the first letter.

    `never` are real words that are one slip away.
    """
    real = words(never) | words(correct)
    slips: dict[str, str] = {}
    for word in words(correct):
        for i in range(1, len(word)):
            slips[word[:i] + word[i + 1 :]] = word
            slips[word[:i] + word[i] + word[i:]] = word
            if i + 1 < len(word):
                slips[word[:i] + word[i + 1] + word[i] + word[i + 2 :]] = word
    return {slip: word for slip, word in slips.items() if slip not in real}
