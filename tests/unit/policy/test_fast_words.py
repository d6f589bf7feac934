"""The fast ways of folding, splitting and scanning say what the plain ones say."""

import re
import sys
import unicodedata
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from agents.policy.phrases import Match, Phrase, Scanner, phrase
from agents.policy.words import fold, span, words_of

_ALPHABETS = ((0x0000, 0x0600), (0x1E00, 0x2000), (0xFF00, 0xFFF0))
_APOSTROPHES = "\u2018\u2019\u201b\u02bc\u00b4`"

TEXTS = st.text(
    st.one_of(
        st.sampled_from("abcdeiostuAEIOT019_ '`’´.,!?-\n\t\x1c\x85\xa0éÉñßüÜçœ¿¡«»ªº²İıΣσςДджÅ🙂日本ไทย"),
        st.characters(),
    ),
    max_size=60,
)
WORDS = ("not", "working", "workings", "don't", "refund", "refunds", "it", "is", "my", "qué", "Störung")
SENTENCES = st.lists(st.sampled_from((*WORDS, ",", "🙂", "`")), max_size=14).map(" ".join)
PHRASES = st.lists(
    st.tuples(
        st.lists(st.sampled_from((*WORDS, "work*", "refund*", "stor*")), min_size=1, max_size=3).map(" ".join),
        st.sampled_from(("en", "es", "*")),
        st.sampled_from("abc"),
    ),
    min_size=1,
    max_size=10,
)


def plain_fold(text: str) -> str:
    """One character after the other."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain_fold_char, text))


def _plain_fold_char(char: str) -> str:
    if char in _APOSTROPHES:
        return "'"
    if not any(low <= ord(char) < high for low, high in _ALPHABETS):
        return char.lower()
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").casefold()


def plain_words(folded: str) -> list[str]:
    """By the definition of a word."""
    return [word.replace("'", "") for word in re.findall(r"\w+(?:'t\b)?", folded)]


def plain_scan(phrases: list[Phrase], text: str, language: str | None) -> list[tuple[str, Match]]:
    """Every phrase tried at every word."""
    folded = fold(text)
    words = words_of(folded)
    found: dict[str, Match] = {}
    exact = [item for item in phrases if not item.words[0].endswith("*")]
    for index in range(len(words)):
        for item in (*exact, *(item for item in phrases if item.words[0].endswith("*"))):
            here = words[index : index + len(item.words)]
            spoken = len(item.words) > 1 or language is None or item.language in {"*", language}
            if spoken and len(here) == len(item.words) and all(map(_fits, item.words, here)):
                known = found.get(item.owner)
                first = span(text, folded, index, len(here)) if known is None else known.span
                found[item.owner] = Match(1 if known is None else known.times + 1, first)
    return list(found.items())


def _fits(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


@given(TEXTS)
def test_folding_is_folding_each_character(text: str) -> None:
    assert fold(text) == plain_fold(text)


def test_every_character_there_is_folds_as_it_does_alone_also_beside_others() -> None:
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        if unicodedata.category(char) != "Cn" and fold(f"A{char}`é") != plain_fold(f"A{char}`é"):
            raise AssertionError(f"U+{code:04X}")


@given(TEXTS)
def test_words_are_those_of_the_definition(text: str) -> None:
    for candidate in (text, fold(text), text.encode("ascii", "ignore").decode()):
        assert words_of(candidate) == plain_words(candidate)


@given(PHRASES, SENTENCES, st.sampled_from((None, "en", "es")))
def test_a_scan_finds_what_trying_every_phrase_everywhere_finds(
    given_phrases: list[tuple[str, str, str]], text: str, language: str | None
) -> None:
    phrases = [phrase(*item) for item in given_phrases]
    folded = fold(text)
    assert list(Scanner(phrases).scan(text, folded, words_of(folded), language).items()) == plain_scan(
        phrases, text, language
    )


@given(TEXTS, st.data())
def test_a_span_is_the_same_whether_its_words_are_known_or_counted(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    words = words_of(folded)
    if words:
        first = data.draw(st.integers(0, len(words) - 1))
        count = data.draw(st.integers(1, len(words) - first))
        assert span(text, folded, first, count, words) == span(text, folded, first, count)


def test_negated_words_of_every_short_text_are_those_of_the_definition() -> None:
    for size in range(8):
        for letters in product("a't é", repeat=size):
            text = "".join(letters)
            if words_of(text) != plain_words(text):
                raise AssertionError(text)


def test_a_scanner_full_of_words_still_finds_the_phrases_of_the_message_at_hand() -> None:
    scanner = Scanner([phrase("refund*", "*", "a"), phrase("not working", "en", "b")])
    for number in range(0, 60_000, 6_000):
        text = f"{' '.join(f'w{number + n}' for n in range(6_000))} refunds{number} not working"
        assert set(scanner.scan(text, text, text.split(), "en")) == {"a", "b"}
