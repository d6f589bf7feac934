"""An Intercom notification, told as events.

A notification's conversation is a snapshot, trimmed to its newest part more often than not
(https://developers.intercom.com/docs/references/2.16/webhooks/webhook-models): it tells what happened just
now, and is never taken for the transcript. A part keeps its id under every topic that carries it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.intercom.conversation import frame_of
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.parts import Part, parts_of, read, source_of
from agents.platforms.intercom.story import Story
from agents.platforms.port import BadBody, Connection, Delivery, Normalized
from streams.contracts.conversation_events import Ended, Identified, Rated
from streams.ids import body_event_id

_TALK = {
    "conversation.user.created",
    "conversation.user.replied",
    "conversation.operator.replied",
    "conversation.admin.replied",
    "conversation.admin.single.created",
    "conversation.admin.assigned",
    "conversation.admin.open.assigned",
    "conversation.admin.opened",
    "conversation.admin.closed",
    "conversation.admin.snoozed",
    "conversation.admin.unsnoozed",
}
_CREATED = {"conversation.user.created", "conversation.admin.single.created"}
_ASSIGNED = {"conversation.admin.assigned", "conversation.admin.open.assigned"}
_BY_CUSTOMER = {"conversation.user.created", "conversation.user.replied"}
_QUIET = {
    "conversation.admin.noted": "internal_note",
    "conversation.read": "read",
    "conversation.priority.updated": "priority",
    "conversation.contact.detached": "contact_detached",
    "conversation_part.redacted": "redacted",
}


class Notification:
    """One notification's envelope and the settings it is read with."""

    def __init__(self, delivery: Delivery, body: Any, connection: Connection) -> None:
        self.envelope = reading.required_object(body)
        self.delivery = delivery
        self.connection = connection
        self.options = connection.options_as(IntercomOptions)
        self.app_id = reading.reference(self.envelope, "app_id")
        topic = reading.name(self.envelope, "topic")
        if topic is None:
            raise BadBody("missing_field" if self.envelope.get("topic") is None else "wrong_type", "topic")
        self.topic = topic

    @property
    def at(self) -> datetime:
        """When it was made, for what carries no time of its own."""
        return reading.any_time(self.envelope, "created_at") or self.delivery.received_at

    def id(self) -> str:
        """The delivery id; a notification without one goes by its bytes."""
        received = self.delivery.received_at.timestamp()
        own = reading.reference(self.envelope, "id")
        return own or body_event_id(self.connection.tenant, self.delivery.body, received)

    def item(self) -> Mapping[str, Any]:
        return reading.required_object(self.envelope, "data", "item")


def normalize(delivery: Delivery, body: Any, connection: Connection) -> Normalized:
    """The events of a notification, or why there is none; `BadBody` where it is no notification at all."""
    told = Notification(delivery, body, connection)
    if told.topic == "ping" or reading.at(told.envelope, "data", "item", "type") == "ping":
        return Normalized(ignored=("ping",))
    if told.options.app_id and told.app_id and told.app_id != told.options.app_id:
        return Normalized(ignored=("other_workspace",))
    if told.topic in _QUIET:
        return Normalized(ignored=(_QUIET[told.topic],))
    if told.topic in _TALK:
        return _talk(told)
    handle = _HANDLERS.get(told.topic)
    if handle is not None:
        return handle(told)
    return Normalized(ignored=("ticket_topic" if told.topic.startswith("ticket.") else "unknown_topic",))


def from_snapshot(conversation: Mapping[str, Any], connection: Connection, now: datetime) -> Normalized:
    """The events of a whole conversation as `GET /conversations/{id}` returns it.

    They carry the ids its notifications had, so that for a poller what did arrive is a duplicate.
    """
    conversation_id = reading.required_id(conversation, "id")
    story = _story(conversation, conversation_id, None, connection, now, with_source=True)
    story.tell_parts()
    story.tell_verdict(beside_customer=True)
    if reading.name(conversation, "state") == "closed":
        story.tell_closed(by_topic=False)
    return story.told()


def _story(
    conversation: Mapping[str, Any],
    conversation_id: str,
    app_id: str | None,
    connection: Connection,
    at: datetime,
    *,
    with_source: bool,
) -> Story:
    source = source_of(conversation, conversation_id, at)
    parts = parts_of(conversation, at)
    speakers = [*([source] if source else []), *parts]
    shown = speakers if with_source else parts
    options = connection.options_as(IntercomOptions)
    frame = frame_of(conversation, conversation_id, app_id, connection, options, speakers)
    frame = frame._replace(repeats=sum(part.visible for part in shown) > 1)
    return Story(conversation, frame, shown, connection, options, at)


def _talk(told: Notification) -> Normalized:
    item = told.item()
    conversation_id = _conversation_id(item)
    if conversation_id is None:
        conversation_id = reading.required_id(told.envelope, "data", "item", "id")
    created = told.topic in _CREATED
    story = _story(item, conversation_id, told.app_id, told.connection, told.at, with_source=created)
    story.tell_parts()
    if told.topic in _ASSIGNED:
        story.tell_assigned()
    if told.topic not in _BY_CUSTOMER:
        story.tell_verdict(beside_customer=told.topic == "conversation.operator.replied")
    if told.topic == "conversation.admin.closed":
        story.tell_closed(by_topic=True)
    elif told.topic == "conversation.operator.replied" and reading.name(item, "state") == "closed":
        story.tell_closed(by_topic=False)
    return story.told()


def _rated(told: Notification) -> Normalized:
    """The rating of the conversation, else the one of Fin's answers; its time is part of the id."""
    item = told.item()
    conversation_id = reading.required_id(told.envelope, "data", "item", "id")
    ratings = (reading.object_(item, "conversation_rating"), reading.object_(item, "ai_agent"))
    for given in ratings:
        rating = reading.integer(given, "rating")
        if rating is None or not 1 <= rating <= 5:
            continue
        at = reading.any_time(given, "updated_at") or reading.any_time(given, "created_at") or told.at
        story = _story(item, conversation_id, told.app_id, told.connection, told.at, with_source=False)
        remark = reading.text(given, "remark") or reading.text(given, "rating_remark")
        event_id = f"{conversation_id}:rated:{int(at.timestamp())}:{rating}"
        fields = story.frame.fields(event_id, at)
        cleaned = story.cleaning.body(remark).text if remark else None
        return Normalized((Rated(**fields, rating=rating, remark=cleaned),))
    return Normalized(ignored=("no_rating",))


def _deleted(told: Notification) -> Normalized:
    """Only teammates can delete a conversation; the body names it and no more."""
    conversation_id = _conversation_id(told.item()) or reading.required_id(told.envelope, "data", "item", "id")
    story = _story({}, conversation_id, told.app_id, told.connection, told.at, with_source=False)
    fields = story.frame.fields(f"{conversation_id}:deleted", told.at)
    return Normalized((Ended(**{**fields, "customer": None}, by="human", reason="deleted"),))


def _learnt(told: Notification) -> Normalized:
    """Tags and companies, for routing."""
    item = told.item()
    conversation_id = _conversation_id(item)
    if conversation_id is None:
        return Normalized(ignored=("no_conversation",))
    story = _story(item, conversation_id, told.app_id, told.connection, told.at, with_source=False)
    return Normalized((Identified(**story.frame.fields(f"{told.id()}:identified", told.at)),))


def _attached(told: Notification) -> Normalized:
    """A contact joined. Seen in use: `{conversation: {model: {id, user_id}}, contact}` beside the documented form.

    One more participant is no news about the customer: only the contact the conversation is held with counts.
    """
    item = told.item()
    conversation_id = _conversation_id(item)
    if conversation_id is None:
        return Normalized(ignored=("no_conversation",))
    contact = reading.object_(item, "contact")
    model = reading.object_(item, "conversation", "model") or reading.object_(item, "conversation")
    holder = reading.reference(model, "user_id")
    if contact and holder and holder != reading.reference(contact, "id"):
        return Normalized(ignored=("other_participant",))
    conversation = {**item, "contacts": [contact]} if contact else item
    story = _story(conversation, conversation_id, told.app_id, told.connection, told.at, with_source=False)
    return Normalized((Identified(**story.frame.fields(f"{told.id()}:identified", told.at)),))


def _hitl(told: Notification) -> Normalized:
    """Fin asks a teammate inside a procedure and keeps the conversation: no verdict, only its last messages."""
    item = told.item()
    conversation_id = reading.required_id(told.envelope, "data", "item", "conversation_id")
    messages: list[Part] = read(reading.objects(item, "recent_messages"), told.at)
    conversation: dict[str, Any] = {}
    frame = frame_of(conversation, conversation_id, told.app_id, told.connection, told.options, messages)
    story = Story(conversation, frame, messages, told.connection, told.options, told.at)
    story.tell_messages()
    return story.told(also_ignored="hitl_step")


def _conversation_id(item: Mapping[str, Any]) -> str | None:
    """The conversation an item is, or belongs to."""
    if reading.at(item, "type") == "conversation" and (own := reading.identifier(item, "id")):
        return own
    for path in (("conversation_id",), ("conversation", "id"), ("conversation", "model", "id")):
        if found := reading.identifier(item, *path):
            return found
    return None if reading.at(item, "type") == "conversation_part" else reading.identifier(item, "id")


_HANDLERS: dict[str, Callable[[Notification], Normalized]] = {
    "conversation.rating.added": _rated,
    "conversation.deleted": _deleted,
    "conversation.contact.attached": _attached,
    "conversation.company.updated": _learnt,
    "conversation_part.tag.created": _learnt,
    "procedure.hitl_notification.created": _hitl,
}
