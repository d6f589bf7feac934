"""Finding tickets and comments of ours at Zendesk, through list endpoints: the search index lags by minutes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.helpdesks import tags
from agents.helpdesks.identity import numeric
from agents.helpdesks.port import Account, Requester, TicketKey, TicketRef
from agents.helpdesks.prepare import MARKER_KEY
from agents.helpdesks.wire import as_dict, as_list, as_moment, as_text
from agents.helpdesks.zendesk.answers import UNSOLVED, ticket_ref
from agents.helpdesks.zendesk.client import ZendeskClient

_MESSAGING = frozenset({"messaging", "native_messaging", "sunshine_conversations_api", "chat"})
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


async def find_ticket(client: ZendeskClient, account: Account, key: TicketKey) -> list[TicketRef]:
    """Tickets with the escalation's id as external id, oldest first. External ids are not unique at Zendesk."""
    found = await client.list("/api/v2/tickets", "tickets", external_id=key.escalation_id)
    own = [item for item in found if item.get("external_id") == key.escalation_id]
    return sorted(_refs(own, account), key=_age)


async def recent_tickets(client: ZendeskClient, account: Account, since: datetime) -> list[TicketRef]:
    """All tickets with our tag created since then, oldest first: the newest ids are read until older ones come."""

    def enough(page: Sequence[Mapping[str, Any]]) -> bool:
        return bool(page) and all(_created(item) < since for item in page)

    found = await client.list("/api/v2/tickets", "tickets", enough=enough, sort="-id")
    own = [item for item in found if tags.ORIGIN in as_list(item.get("tags")) and _created(item) >= since]
    return sorted(_refs(own, account), key=_age)


async def has_comment(client: ZendeskClient, ticket_id: str, action_id: str) -> bool:
    """Whether a comment of the ticket carries the action's marker, in its last line or its audit's metadata."""
    number = numeric(ticket_id)
    if number is None:
        return False
    comments = await client.list(f"/api/v2/tickets/{number}/comments", "comments")
    return any(_carries(comment, action_id) for comment in comments)


async def get_ticket(client: ZendeskClient, account: Account, ticket_id: str) -> TicketRef | None:
    """The ticket as it is now."""
    number = numeric(ticket_id)
    found = await client.show(f"/api/v2/tickets/{number}", "ticket") if number is not None else None
    return ticket_ref(found, account.base_url) if found else None


async def open_tickets(client: ZendeskClient, account: Account, requester: Requester) -> list[TicketRef]:
    """The requester's unsolved tickets that carry our tag, newest first."""
    own = [
        item
        for item in await _requested(client, requester.id)
        if tags.ORIGIN in as_list(item.get("tags")) and item.get("status") in UNSOLVED
    ]
    return sorted(_refs(own, account), key=_age, reverse=True)


async def newest_messaging_ticket(
    client: ZendeskClient, account: Account, requester_id: str, since: datetime
) -> TicketRef | None:
    """The requester's newest unsolved ticket from Zendesk Messaging that was made or touched since then."""
    recent = [
        item
        for item in await _requested(client, requester_id)
        if _from_messaging(item) and item.get("status") in UNSOLVED and _touched(item) >= since
    ]
    return max(_refs(recent, account), key=_age, default=None)


async def find_by_marker(
    client: ZendeskClient, account: Account, requester_id: str, escalation_id: str
) -> TicketRef | None:
    """The requester's ticket that carries the escalation's own tag or external id; the oldest of several."""
    wanted = tags.marker(escalation_id)
    own = [
        item
        for item in await _requested(client, requester_id)
        if wanted in as_list(item.get("tags")) or item.get("external_id") == escalation_id
    ]
    return min(_refs(own, account), key=_age, default=None)


async def _requested(client: ZendeskClient, requester_id: str) -> list[Mapping[str, Any]]:
    number = numeric(requester_id)
    return await client.list(f"/api/v2/users/{number}/tickets/requested", "tickets") if number is not None else []


def _refs(items: list[Mapping[str, Any]], account: Account) -> list[TicketRef]:
    return [ref for item in items if (ref := ticket_ref(item, account.base_url)) is not None]


def _age(ref: TicketRef) -> tuple[datetime, int]:
    return ref.created_at or _LONG_AGO, int(ref.id)


def _carries(comment: Mapping[str, Any], action_id: str) -> bool:
    custom = as_dict(as_dict(comment.get("metadata")).get("custom"))
    bodies = (as_text(comment.get(name)) or "" for name in ("plain_body", "body", "html_body"))
    return custom.get(MARKER_KEY) == action_id or any(action_id in body for body in bodies)


def _from_messaging(item: Mapping[str, Any]) -> bool:
    channel = as_text(as_dict(item.get("via")).get("channel")) or ""
    return (
        item.get("from_messaging_channel") is True
        or channel in _MESSAGING
        or channel.startswith("sunshine_conversations")
    )


def _created(item: Mapping[str, Any]) -> datetime:
    return as_moment(item.get("created_at")) or _LONG_AGO


def _touched(item: Mapping[str, Any]) -> datetime:
    moments = (as_moment(item.get("created_at")), as_moment(item.get("updated_at")))
    return max((moment for moment in moments if moment is not None), default=_LONG_AGO)
