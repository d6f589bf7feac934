"""One scan of a message for every phrase of a policy.

Words are looked up in a table of first words, so the cost grows with the message and not with the number of
phrases. `*` at the end of a word stands for any ending. A phrase of one word counts only where the
conversation's language is the phrase's own or not known: "die" is an article in German.
"""

import re
from collections.abc import Iterable
from itertools import compress, count
from typing import NamedTuple

from agents.policy import words as words_

ANY_LANGUAGE = "*"
MAX_PATTERN_TEXT_CHARS = 4_000
"""How much of a message patterns read: they backtrack, within the bounds that `patterns.check` holds."""
_MEMO_WORDS = 50_000


class Phrase(NamedTuple):
    """One phrase. `owner` is whom a match is told to: a phrase list or a topic."""

    words: tuple[str, ...]
    language: str
    owner: str


class Match(NamedTuple):
    """Where an owner's phrases matched: how often, and the first place, in the customer's own spelling."""

    times: int
    span: str


def phrase(text: str, language: str, owner: str) -> Phrase:
    """`text` as it is compared. Its `*` must stand at the end of words."""
    folded = words_.fold(text).replace("*", "\x00")
    parts = [w.replace("'", "") for w in re.findall(r"\w+(?:'t\b)?\x00?", folded)]
    return Phrase(tuple(part.replace("\x00", "*") for part in parts), language, owner)


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


class _FirstWords(dict[str, tuple[Phrase, ...]]):
    """Word -> the phrases that begin with it. Remembers the words it has met, `()` for the ordinary ones.

    `met` holds the same words, `begin` those of them with which a phrase begins: sets are asked in C.
    """

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        super().__init__()
        self.met: set[str] = set()
        self.begin: set[str] = set()
        self._exact: dict[str, list[Phrase]] = {}
        self._stems: dict[str, list[tuple[int, Phrase]]] = {}
        for place, item in enumerate(phrases):
            if item.words[0].endswith("*"):
                self._stems.setdefault(item.words[0][:-1], []).append((place, item))
            else:
                self._exact.setdefault(item.words[0], []).append(item)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def __missing__(self, word: str) -> tuple[Phrase, ...]:
        size = len(word)
        begun = [entry for n in self._lengths if n <= size for entry in self._stems.get(word[:n], ())]
        found = self[word] = (*self._exact.get(word, ()), *(item for _, item in sorted(begun)))
        return found

    def meet(self, words: list[str]) -> None:
        """Have each of `words` in `met` and, where it belongs there, in `begin`."""
        if len(self.met) + len(words) > _MEMO_WORDS:
            self.clear()
            self.met.clear()
            self.begin.clear()
        self.begin.update(word for word in words if self[word])
        self.met.update(words)


class _Begun(NamedTuple):
    """A phrase of which the first two words are there. `rest` are its words from the third on."""

    owner: str
    language: str
    size: int
    rest: tuple[str, ...]


class _FirstTwo(dict[tuple[str, str], tuple[_Begun, ...]]):
    """A word and the one behind it -> the phrases that can begin there, in the order of `_FirstWords`."""

    def __init__(self, first: _FirstWords) -> None:
        super().__init__()
        self._first = first

    def __missing__(self, pair: tuple[str, str]) -> tuple[_Begun, ...]:
        if len(self) >= _MEMO_WORDS:
            self.clear()
        word, behind = pair
        found = self[pair] = tuple(
            _Begun(item.owner, item.language, len(item.words), item.words[2:])
            for item in self._first[word]
            if len(item.words) == 1 or (behind and _fits(item.words[1], behind))
        )
        return found


class Scanner:
    """All phrases of a policy, ready to be looked for."""

    def __init__(
        self,
        phrases: Iterable[Phrase],
        substrings: Iterable[tuple[str, str]] = (),
        patterns: Iterable[tuple[re.Pattern[str], str]] = (),
    ) -> None:
        """`substrings` and `patterns` come with their owner; both are matched against folded text."""
        self._first = _FirstWords(phrases)
        self._first_two = _FirstTwo(self._first)
        self._substrings = tuple(substrings)
        self._patterns = tuple(patterns)

    def scan(self, text: str, folded: str, words: list[str], language: str | None) -> dict[str, Match]:
        """Owner -> match, of all owners that have one. `folded` and `words` are those of `text`."""
        matches: dict[str, Match] = {}
        first, first_two, last = self._first, self._first_two, len(words) - 1
        if not first.met.issuperset(words):
            first.meet(words)
        for index in compress(count(), map(first.begin.__contains__, words)):
            for owner, own_language, size, rest in first_two[words[index], words[index + 1] if index < last else ""]:
                if size == 1:
                    if language is not None and own_language not in {ANY_LANGUAGE, language}:
                        continue
                elif rest and (index + size > last + 1 or not all(map(_fits, rest, words[index + 2 : index + size]))):
                    continue
                known = matches.get(owner)
                if known is None:
                    matches[owner] = Match(1, words_.span(text, folded, index, size, words))
                else:
                    matches[owner] = Match(known.times + 1, known.span)
        if self._substrings and not folded.isascii():
            for substring, owner in self._substrings:
                if substring in folded:
                    _count(matches, owner, substring)
        for pattern, owner in self._patterns:
            found = pattern.search(folded, 0, MAX_PATTERN_TEXT_CHARS)
            if found is not None:
                _count(matches, owner, found[0])
        return matches


def _count(matches: dict[str, Match], owner: str, span: str) -> None:
    known = matches.get(owner)
    matches[owner] = Match(1, span) if known is None else known._replace(times=known.times + 1)
