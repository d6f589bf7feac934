"""Who a ticket is for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks import identity
from streams.contracts.people import Customer
from tests.support.drafts import VISITOR, command


@pytest.mark.parametrize("address", ["ana@example.com", "a.b+c@mail.example.co.uk", " ana@example.com "])
def test_an_address_that_can_be_sent_is_one(address: str) -> None:
    assert identity.email(Customer(email=address)) == address.strip()


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "ana",
        "a@b",
        "a@b.c\r\nBcc: x@y.z",
        'a"b@c.de',
        "a b@c.de",
        "a@b.c,d@e.f",
        "x" * 300 + "@b.de",
        "<a@b.de>",
    ],
)
def test_what_is_no_address_is_none(address: str | None) -> None:
    assert identity.email(Customer(email=address)) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("+49 (0) 171/123-456", "+490171123456"),
        ("0171 123456", "0171123456"),
        ("call me", None),
        ("123", None),
        (None, None),
    ],
)
def test_a_number_is_its_digits(typed: str | None, number: str | None) -> None:
    assert identity.phone(Customer(phone=typed)) == number


def test_a_contact_always_has_a_name() -> None:
    assert identity.name(Customer(name=" Ana\nPérez ")) == "Ana Pérez"
    assert identity.name(Customer(name="\u200b", email="a@b.de")) == "a@b.de"
    assert identity.name(Customer()) == "Chat visitor"


def test_the_same_person_gets_the_same_derived_id() -> None:
    first = identity.derived_external_id(command(), VISITOR)
    assert first == identity.derived_external_id(command(conversation_id="another"), VISITOR)
    assert first != identity.derived_external_id(command(tenant="other"), VISITOR)
    assert first != identity.derived_external_id(command(platform="intercom"), VISITOR)
    nobody = Customer()
    assert identity.derived_external_id(command(), nobody) != identity.derived_external_id(
        command(conversation_id="another"), nobody
    )


@given(st.text(max_size=30))
def test_only_plain_digits_are_a_helpdesks_id(text: str) -> None:
    number = identity.numeric(text)
    assert number is None or str(number) == text.lstrip("0") or number == 0
