"""Bodies of webhooks that a trigger or automation calls: whatever its author wrote, here by our template.

Paste `TRIGGER_BODY` as the trigger's JSON body (Admin Center > Objects and rules > Triggers > Notify active
webhook). Every field but `source` and `conversation_id` may be left out, and others are passed over:

- `conversation_id`: for a conversation in Zendesk Messaging its id; for a ticket that Handoff opened the ticket
  field that holds its conversation key (`helpdesk.options.fields.conversation`): put that field's id in the
  place of the 0; for mail that an AI agent answers, `ticket-{{ticket.id}}`. Without it a body is counted as
  `no_conversation` and does nothing.
- `event`: what the trigger is about: `message` (also when it is missing), `human_requested`, `escalated`,
  `unresolved`, `resolved`, `assumed_resolved`, `abandoned`, `assigned`, `closed`.
- `updated_by_role`: `end-user`, `agent` or `admin`, `ai`, `system`: who wrote `latest_comment`. Zendesk writes
  roles in the account's language; a role not known here counts as the customer's if `updated_by_id` is theirs.
- `status`: `closed` ends the conversation, whatever `event` says.
- `tags`: as text or list; one of `options.escalated_tags` is the AI's verdict.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame
from agents.platforms.port import BadBody, Connection, Delivery, Normalized
from agents.platforms.zendesk_events import ticket
from agents.platforms.zendesk_events.options import options_of
from agents.platforms.zendesk_sunco.people import tags_in
from agents.text.automatic import suspected
from streams.contracts.conversation_events import (
    OUTCOMES,
    AiOutcome,
    AnyEvent,
    ControlChanged,
    Ended,
    HumanRequested,
    Message,
)
from streams.contracts.people import Author, Customer
from streams.ids import body_event_id

SOURCE = "zendesk-trigger"

TRIGGER_BODY = """\
{
  "source": "zendesk-trigger",
  "event": "message",
  "occurred_at": "{{ticket.updated_at_with_timestamp}}",
  "ticket_id": "{{ticket.id}}",
  "conversation_id": "{{ticket.ticket_field_0}}",
  "channel": "{{ticket.via}}",
  "status": "{{ticket.status}}",
  "tags": "{{ticket.tags}}",
  "updated_by_role": "{{current_user.role}}",
  "updated_by_id": "{{current_user.id}}",
  "latest_comment": "{{ticket.latest_public_comment}}",
  "requester": {
    "id": "{{ticket.requester.id}}",
    "external_id": "{{ticket.requester.external_id}}",
    "name": "{{ticket.requester.name}}",
    "email": "{{ticket.requester.email}}",
    "phone": "{{ticket.requester.phone}}"
  },
  "attributes": {}
}
"""
"""The template. Placeholders: https://support.zendesk.com/hc/en-us/articles/4408886858138."""

_ROLES: Mapping[str, Author] = {
    "end-user": "customer",
    "end_user": "customer",
    "enduser": "customer",
    "end user": "customer",
    "customer": "customer",
    "agent": "human",
    "admin": "human",
    "human": "human",
    "ai": "ai",
    "bot": "ai",
    "system": "system",
}


@dataclass(frozen=True)
class _Body:
    event_id: str
    frame: Frame
    fields: Mapping[str, Any]
    raw: Mapping[str, Any]
    cleaning: Cleaning
    tags: tuple[str, ...]
    event: str

    def named(self, kind: str) -> dict[str, Any]:
        return {**self.fields, "event_id": f"{self.event_id}:{kind}"}


def normalize_trigger(delivery: Delivery, body: Mapping[str, Any], connection: Connection) -> Normalized:
    """The events of a body after our template; `BadBody` where it is nobody's."""
    known = reading.name(body, "source") == SOURCE or reading.name(body, "kind") == SOURCE
    if not known and not {"ticket_id", "conversation_id"} & body.keys():
        raise BadBody("unknown_body", "source")
    external_id = reading.at(body, "external_id")
    conversation = ticket.conversation_id(connection, reading.at(body, "conversation_id"), external_id=external_id)
    if conversation is None:
        return Normalized(ignored=("no_conversation",))
    read = _read(delivery, body, connection, conversation)
    ours = ticket.is_ours(read.tags) or reading.reference(body, "updated_by_id") in connection.own_ids
    events = _end(read) or (() if ours else _told(read, options_of(connection).escalated_tags))
    if events:
        return Normalized(events)
    return Normalized(ignored=("own_echo" if ours else "event_not_used",))


def _read(delivery: Delivery, body: Mapping[str, Any], connection: Connection, conversation: str) -> _Body:
    cleaning = Cleaning.of(connection)
    tags = tags_in(reading.at(body, "tags"))
    channel = reading.name(body, "channel")
    frame = ticket.frame_of(
        connection,
        conversation,
        ticket_id=reading.identifier(body, "ticket_id"),
        customer=_customer(reading.object_(body, "requester"), cleaning),
        channel=_CHANNELS.get(channel.casefold(), channel.casefold()) if channel else None,
        tags=tags,
        attributes=reading.object_(body, "attributes"),
    )
    made_up = body_event_id(connection.tenant, delivery.body, delivery.received_at.timestamp())
    event_id = reading.reference(body, "event_id") or reading.reference(body, "id") or made_up
    return _Body(
        event_id=event_id,
        frame=frame,
        fields=frame.fields(event_id, reading.any_time(body, "occurred_at") or delivery.received_at),
        raw=body,
        cleaning=cleaning,
        tags=tags,
        event=(reading.name(body, "event") or "message").casefold(),
    )


_CHANNELS = {"mail": "email", "email": "email"}


def _end(body: _Body) -> tuple[AnyEvent, ...]:
    """A closed or assigned ticket is people's doing, on our own tickets too."""
    status = (reading.name(body.raw, "status") or "").casefold()
    if status == "closed" or body.event == "closed":
        return (Ended(**body.named("ended"), by="human", reason="ticket_closed"),)
    if body.event == "assigned":
        ticket_id = reading.identifier(body.raw, "ticket_id")
        return (ControlChanged(**body.named("control_changed"), holder="human", ticket_id=ticket_id),)
    return ()


def _told(body: _Body, escalated_tags: frozenset[str]) -> tuple[AnyEvent, ...]:
    events: list[AnyEvent] = []
    text = reading.text(body.raw, "latest_comment")
    author = _author(body.raw)
    if text is not None and author is not None:
        events.append(_turn(body, author, text))
    if body.event == "human_requested":
        events.append(HumanRequested(**body.named("human_requested"), how="flag"))
    outcome = body.event if body.event in OUTCOMES else None
    if outcome is None and escalated_tags & set(body.tags):
        outcome = "escalated"
    if outcome is not None:
        events.append(AiOutcome(**body.named("ai_outcome"), outcome=outcome, reason="trigger"))
    return tuple(events)


def _author(raw: Mapping[str, Any]) -> Author | None:
    by = reading.reference(raw, "updated_by_id")
    if by is not None and by == reading.reference(raw, "requester", "id"):
        return "customer"
    return _ROLES.get((reading.name(raw, "updated_by_role") or "").casefold())


def _turn(body: _Body, author: Author, text: str) -> AnyEvent:
    words = body.cleaning.body(text)
    subject = reading.name(body.raw, "subject")
    mailed = author == "customer" and body.frame.channel == "email"
    automatic = suspected(subject, words.text) if mailed else None
    return Message(
        **body.fields,
        author=author,
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
        automatic=automatic is not None,
        automatic_reason=automatic,
    )


def _customer(requester: Mapping[str, Any], cleaning: Cleaning) -> Customer | None:
    email = reading.name(requester, "email")
    customer = Customer(
        helpdesk_id=reading.reference(requester, "id"),
        external_id=reading.reference(requester, "external_id"),
        name=cleaning.line(reading.name(requester, "name")),
        email=email if email and "@" in email else None,
        phone=reading.name(requester, "phone"),
    )
    return customer if any(customer.model_dump(exclude={"anonymous"}).values()) else None
