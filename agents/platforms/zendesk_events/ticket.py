"""The ticket a webhook is about, and the conversation that it belongs to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame
from agents.platforms.port import OUR_MARKER, Connection
from agents.platforms.zendesk_events.options import options_of
from streams.contracts.base import Scalar
from streams.contracts.people import Customer, Route

NAME = "zendesk-events"

_OUR_TAGS = (f"{OUR_MARKER}_", f"{OUR_MARKER}-")
_DERIVED = 5
"""The UUID version of our derived ids, which stand in the `external_id` of tickets we made."""


def conversation_id(connection: Connection, *candidates: Any, external_id: Any = None) -> str | None:
    """The first usable of `candidates`, else the ticket's external id unless that is an escalation's.

    A conversation key of ours (`tenant|conversation`), as we put it into a ticket field, gives its conversation.
    """
    named = next(filter(None, (_conversation(connection, candidate) for candidate in candidates)), None)
    external = reading.reference(external_id)
    if named is not None or external is None or _is_derived(external):
        return named
    return _conversation(connection, external)


def _conversation(connection: Connection, candidate: Any) -> str | None:
    found = reading.reference(candidate)
    if found is None:
        return None
    tenant, divider, rest = found.partition("|")
    return reading.identifier(rest if divider and tenant == connection.tenant else found)


def is_ours(tags: tuple[str, ...]) -> bool:
    """Whether we made the ticket: it carries our tags."""
    return any(tag == OUR_MARKER or tag.startswith(_OUR_TAGS) for tag in tags)


def frame_of(
    connection: Connection,
    conversation: str,
    *,
    ticket_id: str | None,
    customer: Customer | None,
    channel: str | None = None,
    tags: tuple[str, ...] = (),
    attributes: Mapping[str, Scalar] | None = None,
) -> Frame:
    """What every event of the body says."""
    known: dict[str, Scalar] = {"ticket_id": ticket_id} if ticket_id else {}
    cleaned = Cleaning.of(connection).attributes(reading.scalars(attributes or {}))
    return Frame(
        tenant=connection.tenant,
        platform=NAME,
        conversation_id=conversation,
        channel=channel,
        customer=customer,
        attributes=known | cleaned,
        tags=tuple(tag for tag in tags if not is_ours((tag,))),
        route=_route(connection, ticket_id),
    )


def _route(connection: Connection, ticket_id: str | None) -> Route | None:
    subdomain = options_of(connection).subdomain
    if subdomain is None or ticket_id is None or not ticket_id.isalnum():
        return None
    return Route(conversation_url=f"https://{subdomain}.zendesk.com/agent/tickets/{ticket_id}")


def _is_derived(value: str) -> bool:
    try:
        return UUID(value).version == _DERIVED
    except ValueError:
        return False
