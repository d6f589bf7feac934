"""Second tickets of one escalation: found by listing, reported, and closed in favour of the one that was told.

The ledger keeps two tickets from coming about, but for one window at a helpdesk without idempotency keys: a
process stopped between its last check and its call. What it leaves is found here within minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.helpdesks.port import HelpdeskUnavailable, TicketRef
from agents.ticketing.ledger import Ledger
from agents.ticketing.world import Desk, World
from streams import ids

GRACE = timedelta(seconds=60)
"""A ticket younger than this may be one whose OUTCOME is on its way."""

UNTOUCHED = frozenset({"new", "open"})
"""A second ticket that somebody works on already is reported, and left to them."""


@dataclass(frozen=True)
class Duplicate:
    """`extra` stands beside `kept_id`, the ticket that the ledger knows and the customer was told of."""

    escalation_id: str
    kept_id: str
    extra: TicketRef


def duplicates(tickets: Iterable[TicketRef], ledgers: Iterable[Ledger], now: datetime) -> list[Duplicate]:
    """Tickets that should not be. Escalations of other partitions, and those under way, are left alone."""
    books = list(ledgers)
    found = []
    for ticket in tickets:
        escalation_id = ticket.escalation_id
        book = next((book for book in books if escalation_id and book.knows(escalation_id)), None)
        if book is None or escalation_id is None:
            continue
        first = book.origin(escalation_id)
        young = ticket.created_at is None or ticket.created_at > now - GRACE
        if first is None or young or book.is_creating(escalation_id):
            continue
        if ticket.id not in book.rightful(escalation_id):
            found.append(Duplicate(escalation_id, first.ticket_id, ticket))
    return found


async def reconcile(world: World, ledgers: Iterable[Ledger], desk: Desk, since: datetime) -> int:
    """Report and close second tickets among those created since then; returns how many were found open.

    Says nothing where the helpdesk does not answer: the next round will.
    """
    try:
        recent = await desk.recent_tickets(since)
    except HelpdeskUnavailable as error:
        world.saw("look_up_failed", what="recent_tickets", reason=error.reason)
        return 0
    known = {ticket.id: ticket for ticket in recent}
    found = [each for each in duplicates(known.values(), ledgers, world.now()) if not _settled(each.extra)]
    for each in found:
        world.saw(
            "duplicate_tickets",
            helpdesk=desk.helpdesk.name,
            escalation_id=each.escalation_id,
            ticket_id=each.kept_id,
            extra_ticket_id=each.extra.id,
        )
        if each.extra.status is None or each.extra.status in UNTOUCHED:
            await _close(world, desk, each)
    return len(found)


def _settled(ticket: TicketRef) -> bool:
    return ticket.closed or ticket.status in {"solved", "resolved", "closed"}


async def _close(world: World, desk: Desk, duplicate: Duplicate) -> None:
    """A note that names the ticket that stands, then closing; each is safe to repeat."""
    extra = duplicate.extra
    action_id = ids.action_id(duplicate.escalation_id, f"duplicate:{extra.id}")
    text = (
        f"This is a second ticket of the same escalation. Ticket {duplicate.kept_id} is the one that stands and that "
        "the customer was told of; Handoff closes this one."
    )
    try:
        if not await desk.has_comment(extra.id, action_id):
            note = desk.helpdesk.render_note(desk.account, extra.id, text, action_id=action_id)
            await desk.admit()
            await desk.send(note)
        closing = desk.helpdesk.render_close(desk.account, extra.id)
        await desk.admit()
        answer = await desk.send(closing)
    except HelpdeskUnavailable as error:
        world.saw("look_up_failed", what="duplicate", reason=error.reason)
        return
    world.saw("duplicate_closed", ticket_id=extra.id, verdict=answer.verdict, reason=answer.reason)
