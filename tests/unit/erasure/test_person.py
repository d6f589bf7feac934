"""Who a record is about: known by its customer, or only mentioned; whatever the way it is written in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.erasure.person import Person, email_of, merged_into, phone_of

ANN = Person(
    "acme",
    customer_ids=frozenset({"u1"}),
    external_ids=frozenset({"x/7"}),
    emails=frozenset({"ann@example.com"}),
    phones=frozenset({phone_of("+49 170 1234567")}),
)
BY_MAIL = Person("acme", emails=frozenset({"ann@example.com"}))


def record(customer: dict[str, Any] | None, **more: Any) -> bytes:
    return json.dumps({"kind": "message", "text": "hi", "customer": customer} | more).encode()


@pytest.mark.parametrize(
    "customer",
    [
        {"id": "u1"},
        {"id": "other", "external_id": "x/7"},
        {"email": " Ann@Example.COM "},
        {"phone": "0049 (170) 123-4567"},
        {"id": "u1", "email": None, "a_later_field": {}},
    ],
)
def test_any_value_given_is_enough(customer: dict[str, Any]) -> None:
    assert ANN.in_json(record(customer)) == "theirs"


@pytest.mark.parametrize(
    "customer", [None, {}, {"id": "u11"}, {"external_id": "u1"}, {"email": "joann@example.com.org"}, {"id": ""}, []]
)
def test_somebody_elses_record_is_not_theirs(customer: Any) -> None:
    assert ANN.in_json(record(customer)) != "theirs"
    assert Person("acme").in_json(record(customer)) == "no"


def test_what_escapes_its_letters_is_found_as_well() -> None:
    assert ANN.in_json(b'{"customer":{"external_id":"x\\/7"}}') == "theirs"
    assert BY_MAIL.in_json(b'{"customer":{"email":"\\u0061nn@example.com"}}') == "theirs"


def test_an_address_in_somebodys_words_is_a_mention_and_an_id_there_is_nothing() -> None:
    assert BY_MAIL.in_json(record({"id": "u2"}, text="write to ANN@example.com")) == "mentioned"
    assert Person("acme", customer_ids=frozenset({"u1"})).in_json(record({"id": "u2"}, text="u1")) == "no"


def test_a_record_that_was_cut_or_is_no_json_is_a_mention_at_most() -> None:
    assert BY_MAIL.in_json(record({"email": "ann@example.com"})[:-2]) == "mentioned"
    assert BY_MAIL.in_json(b"\xff\xfe ann@example.com") == "mentioned"
    assert BY_MAIL.in_json(b"[" * 50_000 + b"ann@example.com") == "mentioned"


def test_a_notice_that_waits_holds_its_notification_as_text() -> None:
    waiting = json.dumps({"kind": "deferred", "value": record({"email": "ann@example.com"}).decode()}).encode()
    assert BY_MAIL.in_json(waiting) == "theirs"


def test_too_few_digits_are_no_number_of_one_person() -> None:
    assert phone_of("12345") == ""
    assert Person("acme", phones=frozenset({phone_of("1234567")})).in_json(record({"phone": ""})) == "no"


@given(st.binary(max_size=200))
def test_no_bytes_break_it(value: bytes) -> None:
    assert ANN.in_json(value) in {"theirs", "mentioned", "no"}
    merged_into(b'"merged_conversation_id"' + value)


@given(email=st.emails(), ascii_only=st.booleans())
def test_who_is_asked_for_by_their_own_address_is_found_however_it_is_encoded(email: str, *, ascii_only: bool) -> None:
    who = Person("acme", emails=frozenset({email_of(email)}))
    body = json.dumps({"customer": {"email": email.upper()}}, ensure_ascii=ascii_only).encode()
    assert who.in_json(body) == ("theirs" if email_of(email.upper()) == email_of(email) else "no")


def test_a_merged_conversation_is_named_by_its_event() -> None:
    assert merged_into(record(None, merged_conversation_id="c9")) == "c9"
    assert merged_into(record(None)) is None
    assert merged_into(b'"merged_conversation_id":') is None
