"""Who is meant, and whether a record is about them. Pure.

A record is about a person when its `customer` has one of the values asked for; a conversation or a ticket can be
named outright. Where an e-mail address or a phone number merely stands in somebody's words, that is a mention: it is
told, and a person decides.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Found = Literal["theirs", "mentioned", "no"]

_NOT_DIGITS = re.compile(r"[^0-9]")
MIN_PHONE_DIGITS = 6
_NESTED = 2
"""A deferred notice holds its notification as text; nothing of ours is nested deeper."""


@dataclass(frozen=True)
class Person:
    """What is known of the person, as given; a value of any kind is enough. Conversations and tickets are exact."""

    tenant: str
    customer_ids: frozenset[str] = frozenset()
    external_ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    conversations: frozenset[str] = frozenset()
    tickets: frozenset[str] = frozenset()

    @property
    def searched(self) -> bool:
        """Whether anything but conversations is given: then the topics have to be searched."""
        return bool(self.customer_ids or self.external_ids or self.emails or self.phones or self.tickets)

    def is_customer(self, customer: Mapping[str, Any]) -> bool:
        """Whether `customer`, as it stands in a record, is that person."""

        def text(name: str) -> str:
            value = customer.get(name)
            return str(value) if isinstance(value, str | int) else ""

        return (
            text("id") in self.customer_ids
            or text("external_id") in self.external_ids
            or email_of(text("email")) in self.emails
            or phone_of(text("phone")) in self.phones
        )

    def is_mentioned(self, value: bytes) -> bool:
        """Whether one of their addresses stands somewhere in `value`."""
        folded = value.lower()
        return any(address.encode() in folded for address in (*self.emails, *self.phones))

    def may_be_in(self, value: bytes) -> bool:
        """False where a look without decoding tells that `value` is not about them: most records are not."""
        if self.phones or b"\\" in value:  # written in many ways, or escaped
            return True
        if any(given.encode() in value for given in (*self.customer_ids, *self.external_ids)):
            return True
        folded = value.lower()
        if any(not address.isascii() for address in self.emails):  # lower case is not the same for all letters
            return True
        return any(address.encode() in folded for address in self.emails)

    def in_json(self, value: bytes) -> Found:
        """What a JSON record, whole or cut, is to them."""
        if not self.may_be_in(value):
            return "no"
        if any(self.is_customer(customer) for customer in _customers(value, _NESTED)):
            return "theirs"
        return "mentioned" if self.is_mentioned(value) else "no"


def email_of(text: str) -> str:
    """An address as it is compared."""
    return text.strip().casefold()


def phone_of(text: str) -> str:
    """A number as it is compared: its digits, without the zeros of an international call; too few: nothing."""
    digits = _NOT_DIGITS.sub("", text).removeprefix("00")
    return digits if len(digits) >= MIN_PHONE_DIGITS else ""


def _customers(value: bytes | str, depth: int) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return []
    if not isinstance(found, dict):
        return []
    customers = [found["customer"]] if isinstance(found.get("customer"), dict) else []
    if depth > 1 and isinstance(found.get("value"), str):
        customers += _customers(found["value"], depth - 1)
    return customers


def merged_into(value: bytes) -> str | None:
    """The conversation that this event's one has taken in."""
    if b"merged_conversation_id" not in value:
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    merged = found.get("merged_conversation_id") if isinstance(found, dict) else None
    return merged if isinstance(merged, str) else None
