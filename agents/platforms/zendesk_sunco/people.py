"""The customer as Sunshine knows them, and what metadata and forms tell about them.

Metadata keys that Zendesk reads itself: `dataCapture.systemField.*` and `dataCapture.ticketField.<id>`
(https://support.zendesk.com/hc/en-us/articles/5658339908378, botpress' zendesk-messaging-hitl).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.zendesk_sunco.authors import OWN_KEYS
from streams.contracts.base import Scalar
from streams.contracts.people import Customer

MAX_TAGS = 40
MAX_TAG_CHARS = 80

_SYSTEM = "dataCapture.systemField."
_TICKET_FIELD = "dataCapture.ticketField."
_INTERNAL = ("__", "zen:")
_NO_FACTS = OWN_KEYS | {"first_message_id", "origin_source_type"}
_PLACEHOLDER_NAME = re.compile(r"^\S+(?: \S+)? [Uu]ser [0-9a-f]{6}$")
"""`Web User 26508c`: what Sunshine calls somebody who gave no name."""

_SEPARATORS = re.compile(r"[,\s]+")
_NAME_FIELDS = frozenset({"requester.name", "name", "fullname", "full_name", "your_name"})
_EMAIL_FIELDS = frozenset({"requester.email", "email", "email_address", "e-mail"})
_PHONE_FIELDS = frozenset({"requester.phone", "phone", "phone_number", "phonenumber", "mobile"})


@dataclass(frozen=True)
class Learned:
    """What structured data told: about the customer, about the matter, and its tags."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    attributes: dict[str, Scalar] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    def onto(self, customer: Customer | None) -> Customer | None:
        """`customer` with what was learnt; None where nobody is known at all."""
        news = {key: value for key in ("name", "email", "phone") if (value := getattr(self, key))}
        if not news:
            return customer
        known = customer.model_dump() if customer else {}
        anonymous = bool(known.get("anonymous")) and self.email is None
        return Customer.model_validate(known | news | {"anonymous": anonymous})


def customer_of(user: Mapping[str, Any], cleaning: Cleaning, *, display_name: str | None = None) -> Customer | None:
    """The user of a webhook: an id and flags, and with `includeFullUser` a profile and identities."""
    profile = reading.object_(user, "profile")
    external_id = reading.reference(user, "externalId")
    parts = (reading.name(profile, "givenName"), reading.name(profile, "surname"))
    given = " ".join(filter(None, parts)) or (None if _is_placeholder(display_name) else display_name)
    customer = Customer(
        id=reading.reference(user, "id"),
        external_id=external_id,
        helpdesk_id=reading.reference(user, "zendeskId"),
        name=cleaning.line(given),
        email=_email(profile.get("email")) or _identity(user, "email"),
        phone=_identity(user, "phone_number") or _identity(user, "phone"),
        anonymous=reading.flag(user, "authenticated") is not True and external_id is None,
    )
    return customer if any(customer.model_dump(exclude={"anonymous"}).values()) else None


def locale_of(user: Mapping[str, Any]) -> str | None:
    """The locale of the user's profile, BCP 47."""
    found = reading.name(user, "profile", "locale") or reading.name(user, "locale")
    return found[:35] if found else None


def learned_from(metadata: Mapping[str, Any], cleaning: Cleaning) -> Learned:
    """What the metadata of a conversation, a user, a message or a `passControl` tells."""
    flat = reading.scalars({key: value for key, value in metadata.items() if _tells(key)})
    system = {key.removeprefix(_SYSTEM): flat.pop(key) for key in list(flat) if key.startswith(_SYSTEM)}
    tags = system.pop("tags", None)
    facts = {key.removeprefix("dataCapture."): value for key, value in flat.items()}
    name, email, phone = (system.pop(f"requester.{key}", None) for key in ("name", "email", "phone"))
    return Learned(
        name=cleaning.line(name) if isinstance(name, str) else None,
        email=_email(email),
        phone=_phone(phone),
        attributes=cleaning.attributes(facts | system),
        tags=tags_in(tags),
    )


def learned_from_form(message: Mapping[str, Any], cleaning: Cleaning) -> Learned:
    """What the customer filled in: address and name for us, the rest by field name, ticket fields by label too."""
    name = email = phone = None
    facts: dict[str, Scalar] = {}
    for entry in reading.objects(message, "content", "fields")[: reading.MAX_ATTRIBUTES]:
        key = reading.name(entry, "name") or reading.name(entry, "label") or ""
        short = key.removeprefix(_SYSTEM).casefold()
        value, label = _answer(entry)
        if value is None or not key:
            continue
        if reading.name(entry, "type") == "email" or short in _EMAIL_FIELDS:
            email = email or _email(value)
        elif short in _NAME_FIELDS:
            name = name or cleaning.line(value)
        elif short in _PHONE_FIELDS:
            phone = phone or _phone(value)
        else:
            facts |= _fact(key, reading.name(entry, "label"), value, label)
    attributes = cleaning.attributes(reading.scalars(facts))
    return Learned(name=name, email=email, phone=phone, attributes=attributes)


def tags_in(value: Any) -> tuple[str, ...]:
    """Tags given as one text, separated by commas or space, or as a list."""
    given = value if isinstance(value, list) else _SEPARATORS.split(value) if isinstance(value, str) else []
    named = (reading.name(tag) for tag in given[:200])
    return tuple(dict.fromkeys(tag[:MAX_TAG_CHARS] for tag in named if tag))[:MAX_TAGS]


def _tells(key: Any) -> bool:
    return isinstance(key, str) and key not in _NO_FACTS and not key.startswith(_INTERNAL)


def _fact(key: str, label: str | None, value: str, shown: str) -> dict[str, Scalar]:
    if not key.startswith(_TICKET_FIELD):
        return {key.removeprefix("dataCapture.").removeprefix("systemField."): value}
    facts: dict[str, Scalar] = {key.removeprefix("dataCapture."): value}
    return facts | {label: shown} if label else facts


def _answer(entry: Mapping[str, Any]) -> tuple[str | None, str]:
    """The answer of a form field, and as it was shown: a choice has a name and a label."""
    typed = reading.text(entry, "text") or reading.text(entry, "email")
    if typed is not None:
        return typed.strip(), typed.strip()
    chosen = reading.objects(entry, "select")
    names = [reading.name(one, "name") or reading.name(one, "label") for one in chosen]
    labels = [reading.name(one, "label") or reading.name(one, "name") for one in chosen]
    return ", ".join(filter(None, names)) or None, ", ".join(filter(None, labels))


def _identity(user: Mapping[str, Any], kind: str) -> str | None:
    for identity in reading.objects(user, "identities"):
        if reading.name(identity, "type") == kind and (value := reading.text(identity, "value")):
            return _email(value) if kind == "email" else _phone(value)
    return None


def _email(value: Any) -> str | None:
    found = reading.name(value) if isinstance(value, str) else None
    return found if found and "@" in found and " " not in found else None


def _phone(value: Any) -> str | None:
    found = reading.name(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    return found[:40] if found and any(char.isdigit() for char in found) else None


def _is_placeholder(name: str | None) -> bool:
    return name is not None and _PLACEHOLDER_NAME.match(name) is not None
