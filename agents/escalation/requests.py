"""Whether a customer's words ask for a person; and whether they thank, or accept an offer.

A message is cut into clauses. In each, a wording of request counts unless it is negated ("I don't want an
agent") or the clause merely asks ("are you a human?", "when can I reach an agent?"). A few words alone count
too ("agent please"), and so does a plain yes to an AI that has just offered a person.
"""

import re
from typing import NamedTuple

from agents.escalation.wording import ALL
from agents.escalation.wording.shape import Wording
from agents.policy import words as words_

MAX_READ_CHARS = 4_000
"""A request stands in what a person typed, not in what they pasted below it."""
_LOOK_BACK_WORDS = 6
_MAX_BARE_WORDS = 7
_MAX_SHORT_MESSAGE_WORDS = 15
_MAX_YES_WORDS = 6
_MAX_CONTENT_WORDS = 12

_TOKEN = re.compile(r"\w+(?:'t\b)?|[.;:!?\n()\"…¿¡]|,(?! (?:mit|dem|der|die|den|denen|um|bis)\b)|(?<=\s)[-–—](?=\s)")
"""Words, and what ends a clause. In German a comma before a relative or an infinitive clause does not."""

_FULL_STOPS = frozenset(".!\n")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]?")
_QUOTED_LINE = re.compile(r"^\s*>.*$", re.MULTILINE)
_KNOWN = frozenset().union(*(w.stems | w.bare | w.polite | w.yes | w.content | w.content_with for w in ALL))
_TYPOS = {
    wording.language: {slip: word for slip, word in wording.typos.items() if slip not in _KNOWN} for wording in ALL
}
"""What is a word of some language is never taken for a slip in another: "human" is not "humain" mistyped."""
_STEMS_OF = {wording.language: wording.stems | _TYPOS[wording.language].keys() for wording in ALL}
_OFFERED = frozenset().union(*(wording.stems for wording in ALL))
_STEMS = frozenset().union(*_STEMS_OF.values())
_YES = frozenset().union(*(wording.yes for wording in ALL))
_CONTENT = frozenset().union(*(wording.content for wording in ALL))
_BREAKS = frozenset().union(*(wording.breaks for wording in ALL))


class Request(NamedTuple):
    """A request for a person: the words, and how they were understood (`words`, `bare`)."""

    span: str
    how: str


class _Clause(NamedTuple):
    first: int
    words: list[str]
    end: str
    """The mark that ends it; empty at the end of the message or before a "but"."""


def detect(text: str) -> Request | None:
    """The request for a person in `text`, if there is one."""
    folded = words_.fold(text)
    return find_unquoted(text, folded, words_.words_of(folded))


def find_unquoted(text: str, folded: str, words: list[str]) -> Request | None:
    """The same for text already folded and split. Quoted lines and what is far down are not read."""
    if _STEMS.isdisjoint(words):
        return None
    if "\n>" in text or text.startswith(">"):
        text = _QUOTED_LINE.sub("", text)
    elif len(text) <= MAX_READ_CHARS:
        return find(text, folded, words)
    text = text[:MAX_READ_CHARS]
    folded = words_.fold(text)
    return find(text, folded, words_.words_of(folded))


def find(text: str, folded: str, words: list[str]) -> Request | None:
    """The same for text already folded and split, at nearly no cost where no word of a request stands."""
    if _STEMS.isdisjoint(words):
        return None
    clauses = _clauses(folded)
    for wording in ALL:
        stems = _STEMS_OF[wording.language]
        if stems.isdisjoint(words):
            continue
        typos = _TYPOS[wording.language]
        for index, typed in enumerate(clauses):
            if stems.isdisjoint(typed.words):
                continue
            clause = typed._replace(words=[typos.get(word, word) for word in typed.words])
            found = _asked_in(clause, wording)
            if found is None and _is_bare(clause, wording, at_edge=index in {0, len(clauses) - 1}, total=len(words)):
                return Request(words_.span(text, folded, clause.first, len(clause.words)), "bare")
            if found is not None:
                first, count = found
                return Request(words_.span(text, folded, clause.first + first, count), "words")
    return None


def _clauses(folded: str) -> list[_Clause]:
    clauses: list[_Clause] = []
    words: list[str] = []
    position = first = 0
    for token in _TOKEN.findall(folded):
        is_word = token[0].isalnum() or token[0] == "_"
        if is_word and token not in _BREAKS:
            words.append(token.replace("'", ""))
            position += 1
            continue
        if words:
            clauses.append(_Clause(first, words, token))
            words = []
        position += is_word
        first = position
    if words:
        clauses.append(_Clause(first, words, ""))
    return clauses


def _asked_in(clause: _Clause, wording: Wording) -> tuple[int, int] | None:
    """The first word and the number of words of a request in `clause`."""
    words = clause.words
    joined = " ".join(words)
    for group in wording.requests:
        if group.words.isdisjoint(words) or (group.along and group.along.isdisjoint(words)):
            continue
        match = group.pattern.search(joined)
        while match is not None:
            first = joined.count(" ", 0, match.start())
            if not _negated(words, first, wording) and not wording.asking.search(joined):
                return first, match[0].count(" ") + 1
            match = group.pattern.search(joined, match.start() + 1)
    return None


def _negated(words: list[str], first: int, wording: Wording) -> bool:
    near = words[max(0, first - _LOOK_BACK_WORDS) : first]
    before: list[str] = []
    for word in reversed(near):
        before.append(word)
        if word in wording.subjects:
            break
    return not wording.negators.isdisjoint(before) and wording.unable.isdisjoint(near if wording.verb_first else before)


def _is_bare(clause: _Clause, wording: Wording, *, at_edge: bool, total: int) -> bool:
    words = clause.words
    if not at_edge and clause.end not in _FULL_STOPS:
        return False
    if total > _MAX_SHORT_MESSAGE_WORDS or len(words) > _MAX_BARE_WORDS:
        return False
    people = [word for word in words if word in wording.bare]
    if not people or any(word not in wording.bare and word not in wording.polite for word in words):
        return False
    sure = any(word not in wording.bare_unsure for word in people) or len(words) - len(people) > 1
    return sure or clause.end != "?"


def offers_person(text: str) -> bool:
    """Whether an AI's message asks the customer if they want a person."""
    folded = words_.fold(text)
    return offers_person_in(folded, words_.words_of(folded))


def offers_person_in(folded: str, words: list[str]) -> bool:
    """The same for text already folded and split."""
    if "?" not in folded or _OFFERED.isdisjoint(words):
        return False
    return any(
        sentence.rstrip().endswith("?") and any(wording.offers.search(sentence) for wording in ALL)
        for sentence in _SENTENCE.findall(folded[-MAX_READ_CHARS:])
    )


def accepts(words: list[str]) -> bool:
    """Whether a message is a plain yes."""
    return 0 < len(words) <= _MAX_YES_WORDS and _YES.issuperset(words)


def contented(folded: str, words: list[str]) -> bool:
    """Whether a message is thanks, goodbye or "solved", and waits for no answer."""
    if not 0 < len(words) <= _MAX_CONTENT_WORDS or "?" in folded or _CONTENT.isdisjoint(words):
        return False
    return any(
        not wording.content.isdisjoint(words)
        and all(word in wording.content or word in wording.content_with for word in words)
        for wording in ALL
    )
