"""`conversation:message` and `conversation:postback`: turns, clicks and filled-in forms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.framing import Frame
from agents.platforms.port import Normalized
from agents.platforms.zendesk_sunco.asks_for_person import asks_for_person
from agents.platforms.zendesk_sunco.authors import activity_type, author_of, by_customer, is_from, is_ours
from agents.platforms.zendesk_sunco.content import content_of, is_form_response
from agents.platforms.zendesk_sunco.element import WIDGETS, Element, channel_of
from agents.platforms.zendesk_sunco.people import learned_from, learned_from_form
from agents.text.automatic import suspected
from streams.contracts.conversation_events import Ended, HumanRequested, Identified, Message
from streams.contracts.people import Author

_ENDINGS = {
    "conversation:endedbyuser": "customer",
    "ticket:closed": "human",
    "ticket:transfer:email": "human",
}
"""System activities that end a conversation, and by whom."""


def on_message(element: Element) -> Normalized:
    """One turn; a click on a reply button that asks for a person is a request too."""
    message = reading.required_object(element.payload, "message")
    customer = by_customer(message)
    if reading.flag(message, "deleted") is True:
        return Normalized(ignored=("message_deleted",))
    if not customer and (is_ours(message) or is_from(message, element.connection.own_ids)):
        return Normalized(ignored=("own_echo",))
    if (activity := activity_type(message)) is not None:
        return _activity(element, message, activity)
    frame = _frame(element, message, by_customer=customer)
    if customer and is_form_response(message):
        return Normalized((Identified(**frame.fields(_id(element, message), _at(element, message))),))
    return _turn(element, message, frame)


def on_postback(element: Element) -> Normalized:
    """A click on a button that sends no message: a turn of the customer's all the same."""
    postback = reading.required_object(element.payload, "postback")
    user = reading.object_(element.payload, "user")
    channel = channel_of(reading.object_(element.payload, "source"))
    learned = learned_from(reading.object_(postback, "metadata"), element.cleaning)
    fields = element.frame(user, learned, channel=channel).fields(element.id, element.created_at)
    payload = reading.text(postback, "payload")
    shown = next(filter(None, (reading.text(postback, key) for key in ("text", "title", "displayText"))), None)
    words = element.cleaning.body(shown or payload or "[postback]", "plain")
    turn = Message(
        **fields,
        author="customer",
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
    )
    if not asks_for_person(payload, shown, more=element.options.human_payloads):
        return Normalized((turn,))
    return Normalized((turn, _request(fields)))


def _turn(element: Element, message: Mapping[str, Any], frame: Frame) -> Normalized:
    author = author_of(message, element.conversation, element.options)
    content = content_of(message, by_customer=author == "customer")
    words = element.cleaning.body(content.raw, content.declared)
    payload = reading.text(message, "content", "payload") if author == "customer" else None
    automatic = _suspicion(frame, words.text) if author == "customer" and payload is None else None
    fields = frame.fields(_id(element, message), _at(element, message))
    turn = Message(
        **fields,
        **_judged(message, author),
        author=author,
        author_name=element.cleaning.line(reading.name(message, "author", "displayName")),
        text=words.text,
        original_format=words.original_format,
        redactions=words.redactions,
        attachments=content.attachments,
        automatic=automatic is not None,
        automatic_reason=automatic,
    )
    if payload is None or not asks_for_person(payload, content.raw, more=element.options.human_payloads):
        return Normalized((turn,))
    return Normalized((turn, _request(fields)))


def _suspicion(frame: Frame, text: str) -> str | None:
    """Why an autoresponder may have written it; in our own widgets only people write."""
    return None if frame.channel in WIDGETS else suspected(None, text)


def _judged(message: Mapping[str, Any], author: Author) -> dict[str, Any]:
    """Confidence and intent that a bot of one's own put into its message's metadata."""
    if author != "ai":
        return {}
    metadata = reading.object_(message, "metadata")
    return {"confidence": reading.ratio(metadata, "confidence"), "intent": reading.name(metadata, "intent")}


def _request(fields: Mapping[str, Any]) -> HumanRequested:
    return HumanRequested(**{**fields, "event_id": f"{fields['event_id']}:human_requested"}, how="button")


def _activity(element: Element, message: Mapping[str, Any], activity: str) -> Normalized:
    by = _ENDINGS.get(activity.casefold())
    if by is None:
        return Normalized(ignored=("activity",))
    fields = element.frame({}).fields(_id(element, message), _at(element, message))
    return Normalized((Ended(**fields, by=by, reason=activity),))


def _frame(element: Element, message: Mapping[str, Any], *, by_customer: bool) -> Frame:
    """The business's messages say nothing about the customer; the customer's own metadata may."""
    if not by_customer:
        return element.frame({})
    user = dict(reading.object_(message, "author", "user"))
    user.setdefault("id", reading.at(message, "author", "userId"))
    learned = [learned_from(reading.object_(message, "metadata"), element.cleaning)]
    if is_form_response(message):
        learned.append(learned_from_form(message, element.cleaning))
    return element.frame(
        user,
        *learned,
        channel=channel_of(reading.object_(message, "source")),
        display_name=reading.name(message, "author", "displayName"),
    )


def _id(element: Element, message: Mapping[str, Any]) -> str:
    """The message's own id, so that the transcript and other webhooks name the same turn the same."""
    return reading.reference(message, "id") or element.id


def _at(element: Element, message: Mapping[str, Any]) -> datetime:
    return reading.any_time(message, "received") or element.created_at
