"""Drafts as Freshdesk requests. Pure. Numbers: https://developers.freshdesk.com/api/#tickets."""

from typing import Any, Final

from agents.helpdesks import identity, notes, tags
from agents.helpdesks.fields import field_values, group_id, group_missing, ticket_tags, words_are_public
from agents.helpdesks.first_screen import TicketText, build
from agents.helpdesks.freshdesk.options import FreshdeskOptions
from agents.helpdesks.port import Account, Draft, Note, TicketFile, TicketRef
from agents.helpdesks.prepare import json_request, reference
from agents.helpdesks.safe_text import block, one_line, title
from agents.text.html import paragraphs
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Turn

MAX_NOTE_BYTES = 60_000
"""No limit is documented; MySQL's `text` column, 64 kB, is what the like of it has."""

MAX_TAG_CHARS = 32
OPEN: Final = 2
CLOSED: Final = 5
CHAT: Final = 7
_PRIORITY = {"low": 1, "normal": 2, "high": 3, "urgent": 4}

_Body = dict[str, Any]


def render_open(account: Account, draft: Draft) -> PreparedRequest:
    """The ticket with all that the policy and the account say."""
    return _create(account, draft, _routed(account, draft))


def render_minimal(account: Account, draft: Draft) -> PreparedRequest:
    """The ticket with nothing that an account could refuse; found by its tag."""
    marker = tags.marker(draft.command.escalation_id)
    tagged = ticket_tags(account, draft, marker, tags.DEGRADED, max_chars=MAX_TAG_CHARS)
    return _create(account, draft, {"tags": tagged})


def render_follow_up(account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
    """A new ticket that names the closed one: Freshdesk links tickets over the API only as parent and child."""
    named = f"Follow-up of #{one_line(closed.id, 20)}: "
    return _create(account, draft, _routed(account, draft, tags.FOLLOW_UP), prefix=named)


def render_notes(account: Account, draft: Draft, ticket_id: str, *, after: str) -> tuple[Note, ...]:
    """First screen and transcript, then the evidence."""
    text = ticket_text(account, draft)
    return notes.numbered(
        draft.command.escalation_id,
        after,
        [text.screen_html, text.evidence_html],
        lambda html, _action_id: note(ticket_id, html),
    )


def rest(account: Account, draft: Draft) -> TicketFile | None:
    """The turns that found no room."""
    return ticket_text(account, draft).rest


def render_note(ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
    """A private note of our own words."""
    return note(ticket_id, notes.own_words_html(text, action_id, max_bytes=MAX_NOTE_BYTES))


def render_append(ticket_id: str, turn: Turn, *, action_id: str) -> PreparedRequest:
    """A later message, private: a public note would be mailed back to the customer who wrote it."""
    return note(ticket_id, notes.later_message_html(turn, action_id, max_bytes=MAX_NOTE_BYTES))


def render_attach(account: Account, draft: Draft, ticket_id: str, *, action_id: str) -> PreparedRequest:
    """The escalation on a ticket that its customer already has; such a ticket is open, a note leaves it so."""
    return note(ticket_id, ticket_text(account, draft).whole_html(reference(action_id)))


def render_close(ticket_id: str) -> PreparedRequest:
    """Closed. Tags are replaced as a whole: it loses the marker by which it counted as the escalation's ticket."""
    ticket = {"status": CLOSED, "tags": [tags.ORIGIN, tags.DUPLICATE]}
    return json_request("PUT", f"/api/v2/tickets/{_number(ticket_id)}", ticket)


def note(ticket_id: str, html: str) -> PreparedRequest:
    """The request that adds a private note."""
    return json_request("POST", note_path(ticket_id), {"body": html, "private": True})


def note_path(ticket_id: str) -> str:
    """Where notes of a ticket go."""
    return f"/api/v2/tickets/{_number(ticket_id)}/notes"


def ticket_text(account: Account, draft: Draft, *, prefix: str = "") -> TicketText:
    """What the ticket says."""
    missing = group_missing(account, draft)
    return build(draft, room_bytes=MAX_NOTE_BYTES, group_missing=missing, subject_prefix=prefix)


def _number(ticket_id: str) -> int:
    number = identity.numeric(ticket_id)
    if number is None:
        raise ValueError("a Freshdesk ticket id is a number")
    return number


def _create(account: Account, draft: Draft, more: _Body, *, prefix: str = "") -> PreparedRequest:
    text = ticket_text(account, draft, prefix=prefix)
    words = text.public_words if words_are_public(account) else None
    ticket: _Body = {
        "subject": text.subject,
        "description": paragraphs(words or block(FreshdeskOptions.of(account).public_line, 500)),
        "status": OPEN,
        "priority": _PRIORITY[draft.command.routing.priority],
        "source": CHAT,
        **_requester(draft),
        **more,
    }
    return json_request("POST", "/api/v2/tickets", ticket)


def _requester(draft: Draft) -> _Body:
    """The known contact; else by address; else by an external id. One of them is mandatory, `name` with the last."""
    command, customer = draft.command, draft.customer
    derived = identity.derived_external_id(command, customer)
    called = title(customer.name or "", 100) or identity.NAMELESS
    if draft.requester_refused:
        return {"unique_external_id": derived, "name": called}
    known = identity.numeric(draft.requester.id) if draft.requester else None
    if known is not None:
        return {"requester_id": known}
    address = identity.email(customer)
    if address:
        return {"email": address, "name": identity.name(customer)}
    return {"unique_external_id": one_line(customer.external_id or "", 255) or derived, "name": called}


def _routed(account: Account, draft: Draft, *extra: str) -> _Body:
    options = FreshdeskOptions.of(account)
    marked = (tags.marker(draft.command.escalation_id),) if options.fields.escalation_id is None else ()
    known = {
        "group_id": group_id(account, draft),
        "product_id": options.product_id,
        "email_config_id": options.email_config_id,
        "type": options.ticket_type,
        "custom_fields": dict(field_values(options.fields, draft)) or None,
    }
    tagged = {"tags": ticket_tags(account, draft, *marked, *extra, max_chars=MAX_TAG_CHARS)}
    return tagged | {name: value for name, value in known.items() if value is not None}
