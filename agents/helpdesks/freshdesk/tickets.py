"""Finding tickets and notes of ours at Freshdesk, through list endpoints: the search index lags by minutes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from agents.helpdesks import tags
from agents.helpdesks.freshdesk.answers import CLOSED, ticket_ref
from agents.helpdesks.freshdesk.client import FreshdeskClient
from agents.helpdesks.freshdesk.options import FreshdeskOptions
from agents.helpdesks.identity import numeric
from agents.helpdesks.port import Account, HelpdeskUnavailable, Requester, TicketKey, TicketRef
from agents.helpdesks.wire import as_dict, as_id, as_list, as_moment, as_text

SKEW = timedelta(minutes=10)
"""How far the helpdesk's clock may be behind ours before a ticket is missed by `updated_since`."""

HISTORY = timedelta(days=30)
"""How far back open tickets are looked for: what Freshdesk lists by itself."""

MAX_SHOWN = 200
"""How many tickets are fetched one by one where a list leaves their tags out."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def find_ticket(client: FreshdeskClient, account: Account, key: TicketKey) -> list[TicketRef]:
    """Tickets that carry the escalation's id in the configured field or as a tag, oldest first.

    The requester's tickets alone where the requester is known, else everybody's since `key.since`: a ticket made
    by address or external id may have been given a contact that we never learnt of, so both are looked at.
    """
    since = key.since - SKEW
    number = numeric(key.requester.id) if key.requester else None
    narrow = {"requester_id": str(number)} if number is not None else {}
    own = await _carrying(client, account, key.escalation_id, since, **narrow)
    if not own and narrow:
        own = await _carrying(client, account, key.escalation_id, since)
    return sorted(own, key=_age)


async def has_comment(client: FreshdeskClient, ticket_id: str, action_id: str) -> bool:
    """Whether a note of the ticket carries the action's reference."""
    number = numeric(ticket_id)
    if number is None:
        return False
    notes = await client.list(f"/api/v2/tickets/{number}/conversations")
    return any(action_id in (as_text(note.get(name)) or "") for note in notes for name in ("body_text", "body"))


async def get_ticket(client: FreshdeskClient, account: Account, ticket_id: str) -> TicketRef | None:
    """The ticket as it is now."""
    number = numeric(ticket_id)
    found = await client.show(f"/api/v2/tickets/{number}") if number is not None else None
    return next(iter(_refs([found], account)), None) if found else None


async def open_tickets(
    client: FreshdeskClient, account: Account, requester: Requester, now: datetime
) -> list[TicketRef]:
    """The requester's tickets of the last 30 days that carry our tag and are neither resolved nor closed."""
    number = numeric(requester.id)
    if number is None:
        return []
    since = _written(now - HISTORY)
    found = [
        await _whole(client, item)
        for item in await client.list("/api/v2/tickets", requester_id=str(number), updated_since=since)
        if item.get("status") not in CLOSED
    ]
    own = [item for item in found if tags.ORIGIN in as_list(item.get("tags"))]
    return sorted((ref for ref in _refs(own, account) if not ref.closed), key=_age, reverse=True)


async def recent_tickets(client: FreshdeskClient, account: Account, since: datetime) -> list[TicketRef]:
    """All tickets with our tag created since then, each with its escalation's id, oldest first."""
    found = [await _whole(client, item) for item in await _created_since(client, since)]
    own = [item for item in found if tags.ORIGIN in as_list(item.get("tags"))]
    return sorted(_refs(own, account), key=_age)


async def _carrying(
    client: FreshdeskClient, account: Account, escalation_id: str, since: datetime, **query: str
) -> list[TicketRef]:
    """A minimal ticket has the tag even where a field is configured, so both are looked at."""
    listed = await _created_since(client, since, **query)
    by_field = [item for item in listed if _in_field(item, account) == escalation_id]
    found = by_field or [await _whole(client, item) for item in listed]
    return [ref for ref in _refs(found, account) if ref.escalation_id == escalation_id]


async def _created_since(client: FreshdeskClient, since: datetime, **query: str) -> list[Mapping[str, Any]]:
    listed = await client.list(
        "/api/v2/tickets", order_by="created_at", order_type="asc", updated_since=_written(since), **query
    )
    recent = [item for item in listed if (as_moment(item.get("created_at")) or since) >= since]
    if sum("tags" not in item for item in recent) > MAX_SHOWN:
        raise HelpdeskUnavailable("incomplete")
    return recent


def _refs(items: Iterable[Mapping[str, Any]], account: Account) -> list[TicketRef]:
    refs = (ticket_ref(item, account.base_url, escalation_id=_escalation_id(item, account)) for item in items)
    return [ref for ref in refs if ref is not None]


def _escalation_id(item: Mapping[str, Any], account: Account) -> str | None:
    marked = (tags.escalation_of(tag) for tag in as_list(item.get("tags")))
    return _in_field(item, account) or next((found for found in marked if found), None)


def _in_field(item: Mapping[str, Any], account: Account) -> str | None:
    field = FreshdeskOptions.of(account).fields.escalation_id
    return as_text(as_dict(item.get("custom_fields")).get(field)) if field is not None else None


async def _whole(client: FreshdeskClient, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The ticket with its tags: a list that leaves them out is no proof that there are none."""
    ticket_id = as_id(item.get("id"))
    if "tags" in item or ticket_id is None:
        return item
    return await client.show(f"/api/v2/tickets/{ticket_id}") or item


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _age(ref: TicketRef) -> tuple[datetime, int]:
    return ref.created_at or _LONG_AGO, int(ref.id)
