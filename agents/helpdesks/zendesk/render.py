"""Drafts as Zendesk requests. Pure: equal drafts, equal bytes, as the idempotency key demands."""

from typing import Any

from agents.helpdesks import identity, notes, tags
from agents.helpdesks.fields import field_values, group_id, group_missing, ticket_tags, words_are_public
from agents.helpdesks.first_screen import TicketText, build
from agents.helpdesks.port import Account, Draft, Note, TicketFile, TicketRef
from agents.helpdesks.prepare import MARKER_KEY, json_request, reference
from agents.helpdesks.safe_text import block, one_line
from agents.helpdesks.zendesk.options import ZendeskOptions
from agents.text.html import paragraphs
from streams import ids
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Turn

MAX_COMMENT_BYTES = 60_000
MAX_TAG_CHARS = 80
"""Zendesk names no limit; this is far below any that was ever seen."""

_Body = dict[str, Any]


def render_open(account: Account, draft: Draft) -> PreparedRequest:
    """The ticket with all that the policy and the account say."""
    return _create(account, draft, draft.command.action_id, _routed(account, draft))


def render_minimal(account: Account, draft: Draft) -> PreparedRequest:
    """The ticket with nothing that an account could refuse, under a key of its own."""
    action_id = ids.action_id(draft.command.escalation_id, "minimal")
    tagged = ticket_tags(account, draft, tags.DEGRADED, max_chars=MAX_TAG_CHARS)
    return _create(account, draft, action_id, {"tags": tagged})


def render_follow_up(account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
    """A ticket that Zendesk shows as the follow-up of a closed one; it carries the same external id."""
    action_id = ids.action_id(draft.command.escalation_id, "follow_up")
    source = identity.numeric(closed.id)
    linked = {"via_followup_source_id": source} if source is not None else {}
    return _create(account, draft, action_id, _routed(account, draft, tags.FOLLOW_UP) | linked, prefix="Follow-up: ")


def render_notes(account: Account, draft: Draft, ticket_id: str, *, after: str) -> tuple[Note, ...]:
    """First screen and transcript where the first comment is public, then the evidence."""
    text = ticket_text(account, draft)
    bodies = [text.screen_html, text.evidence_html] if words_are_public(account) else [text.evidence_html]
    return notes.numbered(
        draft.command.escalation_id,
        after,
        bodies,
        lambda html, action_id: comment(ticket_id, html, action_id=action_id),
    )


def rest(account: Account, draft: Draft) -> TicketFile | None:
    """The turns that found no room."""
    return ticket_text(account, draft).rest


def render_note(ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
    """A private note of our own words."""
    return comment(ticket_id, notes.own_words_html(text, action_id, max_bytes=MAX_COMMENT_BYTES), action_id=action_id)


def render_append(ticket_id: str, turn: Turn, *, action_id: str, reopen: bool) -> PreparedRequest:
    """A later message, private: a public one would be mailed back to the customer who wrote it.

    The author stays our own user: `author_id` would need the contact, and the updater is us either way.
    """
    html = notes.later_message_html(turn, action_id, max_bytes=MAX_COMMENT_BYTES)
    return comment(ticket_id, html, action_id=action_id, reopen=reopen)


def render_attach(account: Account, draft: Draft, ticket_id: str, *, action_id: str) -> PreparedRequest:
    """The escalation on a ticket that its customer already has."""
    html = ticket_text(account, draft).whole_html(reference(action_id))
    return comment(ticket_id, html, action_id=action_id, reopen=True)


def render_close(ticket_id: str) -> PreparedRequest:
    """Closed without a comment: no standard trigger mails anybody about that. A closed ticket cannot come back."""
    ticket = {"status": "closed", "additional_tags": [tags.DUPLICATE]}
    return json_request("PUT", ticket_path(ticket_id), {"ticket": ticket})


def ticket_path(ticket_id: str) -> str:
    """Where a ticket is."""
    number = identity.numeric(ticket_id)
    if number is None:
        raise ValueError("a Zendesk ticket id is a number")
    return f"/api/v2/tickets/{number}"


def comment(
    ticket_id: str, html: str, *, action_id: str, reopen: bool = False, uploads: tuple[str, ...] = ()
) -> PreparedRequest:
    """The update that adds a private comment."""
    added: _Body = {"html_body": html, "public": False}
    if uploads:
        added["uploads"] = list(uploads)
    ticket: _Body = {"comment": added, "metadata": {"custom": {MARKER_KEY: action_id}}}
    if reopen:
        ticket["status"] = "open"
    return json_request("PUT", ticket_path(ticket_id), {"ticket": ticket})


def ticket_text(account: Account, draft: Draft, *, prefix: str = "") -> TicketText:
    """What the ticket says."""
    missing = group_missing(account, draft)
    return build(draft, room_bytes=MAX_COMMENT_BYTES, group_missing=missing, subject_prefix=prefix)


def _create(account: Account, draft: Draft, action_id: str, more: _Body, *, prefix: str = "") -> PreparedRequest:
    text = ticket_text(account, draft, prefix=prefix)
    ticket: _Body = {
        "subject": text.subject,
        "comment": {"html_body": _first_comment(account, text, action_id), "public": words_are_public(account)},
        "external_id": draft.command.escalation_id,
        "priority": draft.command.routing.priority,
        "status": "new",
        **_requester(account, draft),
        **more,
        "metadata": {"custom": _marks(draft, action_id)},
    }
    return json_request("POST", "/api/v2/tickets", {"ticket": ticket}, idempotency_key=action_id)


def _first_comment(account: Account, text: TicketText, action_id: str) -> str:
    if words_are_public(account):
        return paragraphs(text.public_words or block(ZendeskOptions.of(account).public_line, 500))
    return text.screen_html(reference(action_id))


def _requester(account: Account, draft: Draft) -> _Body:
    """The known contact; else one made from the address; else none, and the ticket is our own user's.

    A name alone is not sent: Zendesk documents no requester without an address. The contact is the submitter,
    and so the author of the first comment, only of its own words.
    """
    if draft.requester_refused:
        return {}
    known = draft.requester
    requester_id = identity.numeric(known.id) if known else None
    if known is not None and requester_id is not None:
        own_words = words_are_public(account) and known.end_user
        return {"requester_id": requester_id} | ({"submitter_id": requester_id} if own_words else {})
    address = identity.email(draft.customer)
    return {"requester": {"name": identity.name(draft.customer), "email": address}} if address else {}


def _routed(account: Account, draft: Draft, *extra: str) -> _Body:
    options = ZendeskOptions.of(account)
    fields = [{"id": field, "value": value} for field, value in field_values(options.fields, draft)]
    known = {
        "group_id": group_id(account, draft),
        "brand_id": options.brand_id,
        "ticket_form_id": options.ticket_form_id,
        "custom_fields": fields or None,
    }
    tagged = {"tags": ticket_tags(account, draft, *extra, max_chars=MAX_TAG_CHARS)}
    return tagged | {name: value for name, value in known.items() if value is not None}


def _marks(draft: Draft, action_id: str) -> dict[str, str]:
    command = draft.command
    return {
        MARKER_KEY: action_id,
        "handoff_escalation_id": command.escalation_id,
        "handoff_conversation": ids.conversation_key(command.tenant, one_line(command.conversation_id, 512)),
    }
