"""Text from outside is harmless before anything else is done with it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks.safe_text import block, one_line, shorten, slug, without_links
from agents.text.html import paragraphs

HOSTILE = st.text(st.characters() | st.sampled_from("{}%<>&\"'\u200b\u202e\ufeff\u200d\x00\r\n |"), max_size=300)


@pytest.mark.parametrize(
    "typed",
    [
        "{{ticket.requester.email}}",
        "{{{ticket.id}}}",
        "{% if ticket %}x{% endif %}",
        "{\u200b{ticket.id}}",
        "{\u202e{ticket.id}\u202c}",
        "{\x00{ticket.id}\x00}",
        "{\u00ad{dc.secret}}",
        "{\ufe0f{x}}",
    ],
)
def test_no_placeholder_of_the_helpdesk_survives(typed: str) -> None:
    for kept in (block(typed, 100), one_line(typed, 100), paragraphs(block(typed, 100))):
        assert not re.search(r"\{[{%]|[}%]\}", kept)


@given(HOSTILE)
def test_nothing_typed_makes_a_placeholder_once_escaped(typed: str) -> None:
    assert not re.search(r"\{[{%]|[}%]\}", paragraphs(block(typed, 200)))


@given(HOSTILE, st.integers(2, 120))
def test_a_line_is_one_line_of_that_length_and_encodes(typed: str, max_chars: int) -> None:
    line = one_line(typed, max_chars)
    assert len(line) <= max_chars
    assert not re.search(r"[\x00-\x1f\x7f\u2028\u2029]", line)
    line.encode()


@given(HOSTILE, st.integers(2, 120))
def test_a_block_keeps_its_length(typed: str, max_chars: int) -> None:
    assert len(block(typed, max_chars)) <= max_chars


def test_line_breaks_stay_and_runs_of_them_shrink() -> None:
    assert block("a\r\nb\n\n\n\nc  \n", 100) == "a\nb\n\nc"


def test_an_indent_is_kept_but_not_for_ever() -> None:
    assert block("a\n  b\n\tc\n" + "\t" * 90 + "d", 100) == "a\n  b\n    c\n        d"


def test_a_cut_ends_with_a_word() -> None:
    assert shorten("I was charged twice for my invoice", 24) == "I was charged twice for…"
    assert shorten("x" * 30, 10) == "x" * 9 + "…"
    assert shorten("short", 10) == "short"


@pytest.mark.parametrize(
    "typed",
    ["see https://evil.example/x", "www.evil.example", "evil.example/pay?a=1", "HTTPS://E.example", "mailto:a@b.c"],
)
def test_links_leave_the_words_a_helpdesk_may_mail(typed: str) -> None:
    assert "evil" not in without_links(typed).lower()
    assert "[link removed]" in without_links(typed)


def test_words_without_links_stay() -> None:
    assert without_links("Order 5521/5522, 1.5/2 paid. and/or not") == "Order 5521/5522, 1.5/2 paid. and/or not"


@given(st.text(max_size=100), st.integers(1, 80))
def test_a_slug_is_always_legal(text: str, max_chars: int) -> None:
    assert re.fullmatch(r"[a-z0-9_-]*", slug(text, max_chars))
    assert len(slug(text, max_chars)) <= max_chars


def test_a_slug_reads_like_its_text() -> None:
    assert slug("Billing.Duplicate Charge!", 80) == "billing_duplicate_charge"
    assert slug("Rückgabe", 80) == "ruckgabe"
    assert slug("返金", 80) == ""


@given(st.text(st.sampled_from(" ab{}%\n\t~|é-."), max_size=40), st.integers(2, 60))
def test_a_harmless_line_is_spared_the_way_that_all_others_go(typed: str, max_chars: int) -> None:
    assert block(typed, max_chars) == block(f"\u200b{typed}", max_chars), "an invisible character sends it that way"
