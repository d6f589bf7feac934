"""Who a ticket is for, as far as it can be told from a `Customer`. Pure.

An address or a number that a customer typed into a chat is a claim. It may find a contact and receive what a
helpdesk mails; it proves nothing, and the documentation for operators says so.
"""

import re

from agents.helpdesks.safe_text import title
from streams import ids
from streams.contracts.escalation_commands import Command
from streams.contracts.people import Customer

NAMELESS = "Chat visitor"
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}")
_PHONE_NOISE = str.maketrans("", "", " -.()/\t\u00a0")
_PHONE = re.compile(r"\+?\d{7,15}")


def derived_external_id(command: Command, customer: Customer) -> str:
    """The external id of a contact we create for somebody without one: the same person, the same id."""
    who = customer.id or command.conversation_id
    return "handoff-" + ids.derive("requester", command.tenant, command.platform, who)


def email(customer: Customer) -> str | None:
    """The address where it is one that can be sent in a request; None otherwise."""
    found = (customer.email or "").strip()
    return found if len(found) <= 254 and _EMAIL.fullmatch(found) else None


def phone(customer: Customer) -> str | None:
    """The number as digits, with its plus; None where it is none."""
    found = (customer.phone or "").translate(_PHONE_NOISE)
    return found if _PHONE.fullmatch(found) else None


def name(customer: Customer) -> str:
    """What to call the contact; never empty, since helpdesks insist on a name."""
    return title(customer.name or "", 100) or email(customer) or NAMELESS


def numeric(value: str | None) -> int | None:
    """A helpdesk's own id; None where it cannot be one."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) <= 19 else None
