"""The subject says the matter in one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks.subject import MAX_CHARS, readable, subject
from tests.support.drafts import command


@pytest.mark.parametrize(
    ("intent", "shown"),
    [
        ("billing.duplicate_charge", "Billing: duplicate charge"),
        ("orderStatus", "Order status"),
        ("refund", "Refund"),
        ("VPN_access", "VPN access"),
        ("a/b:c", "A: b: c"),
        ("..", ""),
        ("", ""),
    ],
)
def test_an_intent_reads_like_words(intent: str, shown: str) -> None:
    assert readable(intent) == shown


def test_intent_and_words_together() -> None:
    assert (
        subject(command(), "I was charged twice\nfor July")
        == "Billing: duplicate charge – I was charged twice for July"
    )


def test_words_alone_where_no_intent_is_known() -> None:
    assert subject(command(intent=None), "charged twice") == "charged twice"


def test_a_mere_call_for_a_person_is_no_subject_of_its_own() -> None:
    assert subject(command(intent=None), "human please") == "Conversation handed over from web – human please"


def test_something_stands_even_where_nothing_was_said() -> None:
    assert subject(command(intent=None, channel=None), None) == "Conversation handed over from chat"


def test_no_link_and_no_markup_reaches_a_mail_by_the_subject() -> None:
    assert (
        subject(command(intent=None), "<b>pay</b> at https://evil.example/x now") == "‹b›pay‹/b› at [link removed] now"
    )


def test_header_injection_and_placeholders_have_no_effect() -> None:
    shown = subject(command(intent=None), "order 7\r\nBcc: all@example.com\r\n\r\n{{ticket.id}}")
    assert shown == "order 7 Bcc: all@example.com { {ticket.id} }"


@given(st.text(max_size=400), st.text(max_size=400) | st.none())
def test_a_subject_is_short_and_on_one_line(words: str, intent: str | None) -> None:
    shown = subject(command(intent=intent), words, prefix="Follow-up: ")
    assert 0 < len(shown) <= MAX_CHARS
    assert shown.isprintable() or all(char not in shown for char in "\r\n\x00")
