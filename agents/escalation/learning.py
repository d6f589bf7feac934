"""What every event may add to what is known of a conversation: who, where, what about."""

from collections.abc import Mapping
from functools import lru_cache

from agents.escalation.state import Head, Person
from streams.contracts.base import Scalar
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.people import Customer, Route

MAX_ATTRIBUTES = 40
MAX_ATTRIBUTE_CHARS = 500
MAX_NAME_CHARS = 100
MAX_ID_CHARS = 512
MAX_ADDRESS_CHARS = 2_048
"""What is longer than these is left out: an id or a link that is cut is another one."""
MAX_WRITTEN_BITS = 1_024
"""Longer whole numbers are told in hexadecimal: Python refuses to write very long ones in decimal."""
MAX_TAGS = 30
MAX_MERGED = 8


def learn(head: Head, event: AnyEvent) -> None:
    """Put what `event` knows into `head`, which nobody else holds yet."""
    if event.customer is not None:
        head.customer = merged_person(head.customer, event.customer)
    if event.attributes:
        head.attributes = merged_attributes(head.attributes, event.attributes)
    if event.tags:
        head.tags = tuple(dict.fromkeys((*head.tags, *(tag[:MAX_NAME_CHARS] for tag in event.tags))))[:MAX_TAGS]
    if event.route is not None:
        head.route = merged_route(head.route, event.route)
    channel, locale = event.channel, event.locale
    if channel is not None:
        head.channel = channel[:MAX_NAME_CHARS]
    if locale is not None:
        head.locale = locale[:MAX_NAME_CHARS]
    if event.test:
        head.test = True
    if event.repeats:
        head.repeats = True


def merged_person(known: Person, newer: Customer) -> Person:
    """`Customer.merged`, on the compact form."""
    return Person(
        id=_newest(newer.id, known.id),
        external_id=_newest(newer.external_id, known.external_id),
        helpdesk_id=_newest(newer.helpdesk_id, known.helpdesk_id),
        name=known.name if newer.name is None else newer.name[:MAX_NAME_CHARS],
        email=_newest(newer.email, known.email),
        phone=_newest(newer.phone, known.phone),
        anonymous=newer.anonymous and not (newer.email or newer.external_id),
    )


def _newest(newer: str | None, known: str | None) -> str | None:
    return known if newer is None or len(newer) > MAX_ID_CHARS else newer


def merged_route(known: dict[str, str], newer: Route) -> dict[str, str]:
    """`known` with every way to answer that `newer` names."""
    return known | {n: value for n, value in newer if isinstance(value, str) and len(value) <= MAX_ADDRESS_CHARS}


def merged_attributes(known: dict[str, Scalar], newer: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """`known` with what `newer` says; past the cap only what is known already is brought up to date."""
    merged = dict(known)
    for name, value in newer.items():
        short = name[:MAX_NAME_CHARS]
        if short in merged or len(merged) < MAX_ATTRIBUTES:
            merged[short] = _storable(value)
    return merged


def _storable(value: Scalar) -> Scalar:
    """What the stored head can hold: text within its cap, whole numbers of 64 bits; longer ones as text."""
    if isinstance(value, str):
        return value[:MAX_ATTRIBUTE_CHARS]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return f"{value:#x}"[:MAX_ATTRIBUTE_CHARS] if value.bit_length() > MAX_WRITTEN_BITS else str(value)
    return value


def intent_of(newer: str | None, known: str | None) -> str | None:
    """The newest intent the platform gave."""
    return (newer.strip()[:MAX_NAME_CHARS] or known) if newer else known


@lru_cache(maxsize=1_000)
def language_of(locale: str | None) -> str | None:
    """`de` of `de-AT` or `de_AT`."""
    return locale[: min(3, len(locale))].split("-")[0].split("_")[0].lower() if locale else None


def customer_of(person: Person) -> Customer:
    """The contract's form."""
    return Customer(
        id=person.id,
        external_id=person.external_id,
        helpdesk_id=person.helpdesk_id,
        name=person.name,
        email=person.email,
        phone=person.phone,
        anonymous=person.anonymous,
    )
