"""One scan finds every phrase, where it stands, in the customer's own spelling."""

# ruff: noqa: E501 -- tables are read along the line

import re
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.policy.patterns import fault, pattern_of
from agents.policy.phrases import Scanner, phrase
from agents.policy.words import fold, is_unspaced, span, words_of


def scan(texts: list[str], message: str, language: str | None = None, of: str = "en") -> dict[str, str]:
    """Phrase -> span, of all that are found."""
    scanner = Scanner([phrase(text, of, text) for text in texts])
    folded = fold(message)
    return {owner: match.span for owner, match in scanner.scan(message, folded, words_of(folded), language).items()}


@pytest.mark.parametrize(
    ("text", "message", "found"),
    [
        ("charged twice", "I was Charged  Twice!", "Charged  Twice"),
        ("charged twice", "charged... twice", "charged... twice"),
        ("charged twice", "discharged twice", None),
        ("charged twice", "charged two times", None),
        ("refund*", "Where are my REFUNDS?", "REFUNDS"),
        ("refund*", "a prerefund", None),
        ("nicht autorisierte* abbuchung*", "eine nicht autorisierten Abbuchungen", "nicht autorisierten Abbuchungen"),
        ("möchte kündigen", "ich MOECHTE kuendigen", None),
        ("möchte kündigen", "ich mochte kundigen", "mochte kundigen"),
        ("mochte kundigen", "Ich möchte kündigen.", "möchte kündigen"),
        ("don't understand", "you dont understand", "dont understand"),
        ("don't understand", "you don’t understand", "don’t understand"),
        ("dont understand", "you don't understand", "don't understand"),
        ("c'est ridicule", "C’est ridicule !", "C’est ridicule"),
        ("contraseña", "mi CONTRASENA", "CONTRASENA"),
        ("straße", "Die STRASSE", "STRASSE"),
        ("ｃｏｄｅ", "the code", "code"),
        ("code", "the ｃｏｄｅ", "ｃｏｄｅ"),
    ],
)
def test_a_phrase_is_compared_word_by_word(text: str, message: str, found: str | None) -> None:
    assert scan([text], message).get(text) == found


def test_the_span_is_folded_where_letters_became_two() -> None:
    assert scan(["große straße"], "die GROẞE Straße") == {"große straße": "grosse strasse"}


def test_matches_are_counted_and_the_first_is_shown() -> None:
    scanner = Scanner([phrase("error*", "en", "x"), phrase("crash", "en", "x")])
    message = "An Error, a crash, more errors"
    match = scanner.scan(message, fold(message), words_of(fold(message)), None)["x"]
    assert (match.times, match.span) == (3, "Error")


def test_scripts_without_spaces_are_searched_as_they_stand() -> None:
    assert is_unspaced("人と話したい")
    assert not is_unspaced("straße")
    scanner = Scanner([], [(fold("人と話したい"), "human")])
    message = "すみません、人と話したいです。"
    assert scanner.scan(message, fold(message), words_of(fold(message)), "ja")["human"].span == "人と話したい"


def test_a_pattern_reads_only_the_beginning_of_a_long_text() -> None:
    scanner = Scanner([], [], [(re.compile("err-[0-9]{3}"), "code")])
    for message, found in [("ERR-404 here", "err-404"), ("x" * 5_000 + " err-404", None)]:
        match = scanner.scan(message, fold(message), words_of(fold(message)), None).get("code")
        assert (match.span if match else None) == found


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "holds no word"), ("!!!", "holds no word"), ("*", "end of a word"), ("a*b c", "end of a word"),
        ("ab*", "fewer than 3 letters"), ("the", "nearly every message"), ("I am", "nearly every message"),
        ("ich", "nearly every message"), ("x", "single letter"), ("人", "single character"),
        ("one two three four five six seven eight nine ten eleven twelve thirteen", "longer than 12 words"),
        ("/[/", "not a regular expression"), ("/abc+/", "too costly"), ("/abc.*/", "too costly"), ("/abc{2,}/", "too costly"),
        ("/(abc){2}/", "group may not be repeated"), ("/(abc)\\1/", "too costly"), ("/(?=abc)abc/", "too costly"),
        ("/(?i)abc/", "too costly"), ("/abc{1,99}/", "up to 32"), ("/abc?d?e?/", "at most 2"), ("/a?b?/", "every message"),
        ("/[0-9]{2}/", "at least 3 letters"), ("/ERR-[0-9]/", "never match"), ("/größe/", "never match"),
        ("/" + "a" * 300 + "/", "more than 200"), ("/[[abc]def/", "not a regular expression"),
    ],
)  # fmt: skip
def test_a_phrase_that_matches_all_or_nothing_or_costs_too_much_is_refused(text: str, wrong: str) -> None:
    found = fault(text)
    assert found is not None
    assert wrong in found


@pytest.mark.parametrize(
    "text",
    ["refund*", "my lawyer", "it is on", "/err-[0-9]{3}/", "/(?:error|code)[ #]{1,2}[0-9]{3}/", "人と話", "24h", "/"],
)
def test_a_sound_phrase_is_taken(text: str) -> None:
    assert fault(text) is None or text == "/"


def test_only_a_text_in_slashes_is_a_pattern() -> None:
    assert pattern_of("/abc/") == "abc"
    assert pattern_of("//") is None
    assert pattern_of("and/or") is None


@given(st.text(max_size=60))
def test_any_phrase_is_judged_without_breaking(text: str) -> None:
    fault(text)
    fault(f"/{text}/")


@given(st.text(max_size=200))
def test_folding_is_stable_and_words_are_in_it(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded or not text.isascii()
    words = words_of(folded)
    assert all(word.replace("'", "") in folded.replace("'", "") for word in words)
    if words:
        assert span(text, folded, 0, len(words))


@given(st.lists(st.sampled_from(["big", "red", "car", "cars", "the"]), max_size=12))
def test_every_place_of_a_phrase_is_found(words: list[str]) -> None:
    message = " ".join(words)
    scanner = Scanner([phrase("red car*", "*", "x")])
    expected = sum(a == "red" and b.startswith("car") for a, b in pairwise(words))
    match = scanner.scan(message, message, words_of(message), "en").get("x")
    assert (match.times if match else 0) == expected


def test_the_cost_grows_with_the_message_and_not_with_the_phrases() -> None:
    few = Scanner([phrase(f"word{n} other", "*", "x") for n in range(10)])
    many = Scanner([phrase(f"word{n} other", "*", "x") for n in range(5_000)])
    message = "an ordinary message about something else entirely " * 50
    words = words_of(message)

    def seconds(scanner: Scanner) -> float:
        scanner.scan(message, message, words, "en")
        start = time.process_time()
        for _ in range(20):
            scanner.scan(message, message, words, "en")
        return time.process_time() - start

    assert seconds(many) < 5 * seconds(few) + 0.01
