"""Finding tickets and notes of ours at Freshdesk, through list endpoints: the search index lags by minutes."""

from collections.abc import Mapping
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
    return ticket_ref(found, account.base_url) if found else None


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
    refs = [ref for item in own if (ref := ticket_ref(item, account.base_url)) is not None and not ref.closed]
    return sorted(refs, key=_age, reverse=True)


async def _carrying(
    client: FreshdeskClient, account: Account, escalation_id: str, since: datetime, **query: str
) -> list[TicketRef]:
    listed = await client.list(
        "/api/v2/tickets", order_by="created_at", order_type="asc", updated_since=_written(since), **query
    )
    recent = [item for item in listed if (as_moment(item.get("created_at")) or since) >= since]
    if sum("tags" not in item for item in recent) > MAX_SHOWN:
        raise HelpdeskUnavailable("incomplete")
    found = [item for item in recent if await _carries(client, account, item, escalation_id)]
    refs = (ticket_ref(item, account.base_url, escalation_id=escalation_id) for item in found)
    return [ref for ref in refs if ref is not None]


async def _carries(client: FreshdeskClient, account: Account, item: Mapping[str, Any], escalation_id: str) -> bool:
    """By the field, or by the tag, which a minimal ticket has even where a field is configured."""
    field = FreshdeskOptions.of(account).fields.escalation_id
    if field is not None and as_dict(item.get("custom_fields")).get(field) == escalation_id:
        return True
    return tags.marker(escalation_id) in as_list((await _whole(client, item)).get("tags"))


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
