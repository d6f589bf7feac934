"""Bodies of event subscriptions: `{type: "zen:event-type:…", id, time, subject, detail, event}`.

https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types,
…/messaging-events and …/ticket-events. Enum values come in capitals here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.port import Connection, Delivery, Normalized
from agents.platforms.zendesk_events import ticket
from agents.platforms.zendesk_sunco.people import tags_in
from streams.contracts.conversation_events import ControlChanged, Ended, Message
from streams.contracts.people import Author, Customer
from streams.ids import body_event_id

PREFIX = "zen:event-type:"

_NOT_USED = Normalized(ignored=("event_not_used",))
_NO_CONVERSATION = Normalized(ignored=("no_conversation",))
_OWN_ECHO = Normalized(ignored=("own_echo",))
_AUTHORS: Mapping[str, Author] = {"end_user": "customer", "agent": "human", "trigger": "system", "system": "system"}
_AI_ACTORS = frozenset({"zd:answerbot", "ultimate", "zd:ultimate"})
_MESSAGING_CHANNELS = frozenset({"native_messaging", "messaging", "chat_transcript", "sunshine_conversations_api"})


@dataclass(frozen=True)
class _Envelope:
    connection: Connection
    id: str
    at: datetime
    detail: Mapping[str, Any]
    event: Mapping[str, Any]

    @property
    def ticket_id(self) -> str | None:
        return reading.identifier(self.detail, "id")

    @property
    def tags(self) -> tuple[str, ...]:
        return tags_in(reading.at(self.detail, "tags"))

    @property
    def conversation_id(self) -> str | None:
        return ticket.conversation_id(
            self.connection,
            reading.at(self.event, "conversation_id"),
            reading.at(self.detail, "conversation_id"),
            external_id=reading.at(self.detail, "external_id"),
        )

    def fields(self, conversation: str, event_id: str, customer: Customer | None = None) -> dict[str, Any]:
        priority = reading.name(self.detail, "priority")
        frame = ticket.frame_of(
            self.connection,
            conversation,
            ticket_id=self.ticket_id,
            customer=customer,
            tags=self.tags,
            attributes={"priority": priority.lower()} if priority else None,
        )
        return frame.fields(event_id, self.at)


def normalize_subscribed(delivery: Delivery, body: Mapping[str, Any], connection: Connection) -> Normalized:
    """The events of one subscribed event."""
    kind = (reading.text(body, "type") or "").strip().removeprefix(PREFIX)
    made_up = body_event_id(connection.tenant, delivery.body, delivery.received_at.timestamp())
    envelope = _Envelope(
        connection=connection,
        id=reading.reference(body, "id") or made_up,
        at=reading.any_time(body, "time") or delivery.received_at,
        detail=reading.object_(body, "detail"),
        event=reading.object_(body, "event"),
    )
    if kind == "messaging_ticket.message_added":
        return _message_added(envelope)
    if kind == "ticket.status_changed":
        return _status_changed(envelope)
    if kind == "ticket.agent_assignment_changed":
        return _assigned(envelope)
    if kind == "ticket.comment_added":
        return _comment_added(envelope)
    return _NOT_USED


def _message_added(envelope: _Envelope) -> Normalized:
    actor = reading.object_(envelope.event, "actor")
    actor_id = reading.reference(actor, "id")
    if actor_id is not None and actor_id in envelope.connection.own_ids:
        return _OWN_ECHO
    text = reading.text(envelope.event, "message", "body")
    message_id = reading.reference(envelope.event, "message", "id") or envelope.id
    return _said(envelope, _author(actor, actor_id), actor, text, message_id)


def _comment_added(envelope: _Envelope) -> Normalized:
    """Comments on tickets of ours, our own user's and internal ones are no turns of the conversation."""
    comment = reading.object_(envelope.event, "comment")
    writer = reading.object_(comment, "author")
    named = (reading.reference(writer, "id"), reading.reference(envelope.detail, "actor_id"))
    if ticket.is_ours(envelope.tags) or any(name in envelope.connection.own_ids for name in named if name):
        return _OWN_ECHO
    if reading.flag(comment, "is_public") is False:
        return Normalized(ignored=("internal_note",))
    if (reading.name(envelope.detail, "via", "channel") or "").casefold() in _MESSAGING_CHANNELS:
        return _NOT_USED  # the same words come as messaging_ticket.message_added
    staff = reading.flag(writer, "is_staff")
    if staff is None:
        return _NOT_USED
    text = reading.text(comment, "body")
    return _said(envelope, "human" if staff else "customer", writer, text, envelope.id)


def _said(
    envelope: _Envelope, author: Author, writer: Mapping[str, Any], text: str | None, event_id: str
) -> Normalized:
    conversation = envelope.conversation_id
    if conversation is None:
        return _NO_CONVERSATION
    if text is None and author != "customer":
        return Normalized(ignored=("empty_message",))
    cleaning = Cleaning.of(envelope.connection)
    words = cleaning.body(text or "", "plain" if author == "customer" else None)
    name = cleaning.line(reading.name(writer, "name"))
    known = author == "customer" and reading.reference(writer, "id") is not None
    customer = Customer(helpdesk_id=reading.reference(writer, "id"), name=name) if known else None
    turn = Message(
        **envelope.fields(conversation, event_id, customer),
        author=author,
        author_name=name,
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
    )
    return Normalized((turn,))


def _status_changed(envelope: _Envelope) -> Normalized:
    """A closed ticket is the end; a solved one may come back."""
    now = reading.name(envelope.event, "current") or reading.name(envelope.detail, "status") or ""
    if now.casefold() != "closed":
        return Normalized(ignored=("ticket_solved",)) if now.casefold() == "solved" else _NOT_USED
    conversation = envelope.conversation_id
    if conversation is None:
        return _NO_CONVERSATION
    fields = envelope.fields(conversation, envelope.id)
    return Normalized((Ended(**fields, by="human", reason="ticket_closed"),))


def _assigned(envelope: _Envelope) -> Normalized:
    """An agent has taken the ticket; taking it away gives nobody the conversation."""
    current = reading.at(envelope.event, "current")
    assignee = reading.reference(current) or reading.reference(current, "id")
    if assignee in {None, "0"}:
        return _NOT_USED
    if assignee in envelope.connection.own_ids:
        return _OWN_ECHO
    conversation = envelope.conversation_id
    if conversation is None:
        return _NO_CONVERSATION
    fields = envelope.fields(conversation, envelope.id)
    return Normalized((ControlChanged(**fields, holder="human", ticket_id=envelope.ticket_id),))


def _author(actor: Mapping[str, Any], actor_id: str | None) -> Author:
    if (actor_id or "").casefold() in _AI_ACTORS:
        return "ai"
    return _AUTHORS.get((reading.name(actor, "type") or "").casefold(), "system")
