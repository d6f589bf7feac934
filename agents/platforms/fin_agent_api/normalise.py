"""A Fin Agent API webhook, told as events.

Shapes: intercom/Intercom-OpenAPI, tag Fin Agent, versions 2.14 to 2.16, and
https://developers.intercom.com/docs/guides/fin-agent-api. What the customer writes is not among them: their
turns go from the company's channel to Fin and are ours only if that channel sends them as well.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning, inline_images
from agents.platforms.fin_agent_api.options import FinOptions
from agents.platforms.framing import Frame
from agents.platforms.port import BadBody, Connection, Delivery, Normalized
from streams.contracts.conversation_events import AiOutcome, AnyEvent, Ended, HumanRequested, Message
from streams.contracts.people import Author, Customer, Route
from streams.ids import body_event_id, derive

_PASSING = frozenset({"thinking", "replying", "awaiting_user_reply"})
_BY_USER = "escalation requested by user"
_UNRESOLVED = "conversation finished without resolution"
_BY_API = "escalation requested via api"
_AUTHORS: dict[str, Author] = {"user": "customer", "agent": "human"}


def normalize(delivery: Delivery, body: Any, connection: Connection) -> Normalized:
    """The events of one webhook, or why there is none; `BadBody` where it is none of Fin's."""
    envelope = reading.required_object(body)
    event_name = envelope.get("event_name")
    if event_name is None and envelope.get("conversation_id") is None:
        return Normalized(ignored=("test_post",))
    if not isinstance(event_name, str):
        raise BadBody("missing_field" if event_name is None else "wrong_type", "event_name")
    if event_name == "fin_reply_chunk":
        return Normalized(ignored=("partial_reply",))
    if event_name == "csat_requested":
        return Normalized(ignored=("csat_requested",))
    if event_name == "fin_status_updated":
        return _status(delivery, envelope, connection)
    if event_name == "fin_replied":
        return _reply(delivery, envelope, connection)
    return Normalized(ignored=("unknown_event",))


def _status(delivery: Delivery, body: Mapping[str, Any], connection: Connection) -> Normalized:
    frame = _frame(body, connection)
    given = reading.name(body, "status")
    if given is None:
        raise BadBody("missing_field" if body.get("status") is None else "wrong_type", "status")
    status = given.lower()
    if status in _PASSING:
        return Normalized(ignored=(status,))
    at = _time(body, "created_at_ms") or delivery.received_at
    status_id = _status_id(delivery, body, frame, status)
    if status == "resolved":
        return Normalized((AiOutcome(**frame.fields(f"{status_id}:ai_outcome", at), outcome="resolved"),))
    if status == "complete":
        return Normalized((Ended(**frame.fields(f"{status_id}:ended", at), by="ai"),))
    if status == "escalated":
        return _escalated(body, connection, frame, status_id, at)
    return Normalized(ignored=("unknown_status",))


def _escalated(
    body: Mapping[str, Any], connection: Connection, frame: Frame, status_id: str, at: datetime
) -> Normalized:
    """The reason is optional and its list is open: one that is new to us escalates like any other."""
    reason = Cleaning.of(connection).line(reading.name(body, "reason"))
    known = (reason or "").lower().rstrip(".")
    if known == _BY_API and connection.options_as(FinOptions).close_with == "escalate":
        return Normalized(ignored=("own_echo",))
    outcome = "unresolved" if known == _UNRESOLVED else "escalated"
    events: list[AnyEvent] = []
    if known == _BY_USER:
        events.append(HumanRequested(**frame.fields(f"{status_id}:human_requested", at), how="reason_code"))
    fields = frame.fields(f"{status_id}:ai_outcome", at)
    events.append(AiOutcome(**fields, outcome=outcome, reason=reason))
    return Normalized(tuple(events))


def _reply(delivery: Delivery, body: Mapping[str, Any], connection: Connection) -> Normalized:
    frame = _frame(body, connection)
    message = reading.required_object(body, "message")
    raw = message.get("body")
    if raw is not None and not isinstance(raw, str):
        raise BadBody("wrong_type", "message.body")
    images = inline_images(raw or "")
    cleaned = Cleaning.of(connection).body(reading.text(message, "body") or "", "html")
    if not cleaned.text and not images:
        return Normalized(ignored=("no_text",))
    at = _time(message, "timestamp_ms") or _time(body, "created_at_ms") or delivery.received_at
    fields = frame.fields(_message_id(delivery, body, message, frame), at)
    told = Message(
        **{**fields, "attachments": images},
        author=_AUTHORS.get(reading.name(message, "author") or "", "ai"),
        text=cleaned.text,
        original_format=cleaned.original_format,
        redactions=cleaned.redactions,
    )
    return Normalized((told,))


def _frame(body: Mapping[str, Any], connection: Connection) -> Frame:
    """`user_id` is the company's own id of an identified user: Fin Agent API knows no leads."""
    user_id = reading.reference(body, "user_id")
    return Frame(
        tenant=connection.tenant,
        platform=connection.platform,
        conversation_id=reading.required_id(body, "conversation_id"),
        channel=connection.options_as(FinOptions).channel,
        customer=Customer(id=user_id, external_id=user_id, anonymous=user_id is None),
        route=Route(user_id=user_id),
    )


def _status_id(delivery: Delivery, body: Mapping[str, Any], frame: Frame, status: str) -> str:
    """Statuses carry no id: what they say and when they were made stands for one."""
    made = reading.name(body, "created_at_ms")
    if made is None:
        return body_event_id(frame.tenant, delivery.body, delivery.received_at.timestamp())
    return derive("fin-status", frame.tenant, frame.conversation_id, status, made)


def _message_id(delivery: Delivery, body: Mapping[str, Any], message: Mapping[str, Any], frame: Frame) -> str:
    """`message.id`, which is not among the required fields; else the message's text and time."""
    own = reading.reference(message, "id")
    if own is not None:
        return own
    made = reading.name(message, "timestamp_ms") or reading.name(body, "created_at_ms")
    if made is None:
        return body_event_id(frame.tenant, delivery.body, delivery.received_at.timestamp())
    text = reading.text(message, "body") or ""
    return derive("fin-reply", frame.tenant, frame.conversation_id, made, text)


def _time(value: Mapping[str, Any], key: str) -> datetime | None:
    """An ISO time with milliseconds, whatever the name says; figures are taken as well."""
    return reading.any_time(value, key)
