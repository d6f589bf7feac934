"""The envelope of a session body: which session, whose, and what the application says of it as a whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.custom_llm.content import given_attachment
from agents.platforms.custom_llm.options import CustomLlmOptions
from agents.platforms.framing import Frame
from agents.platforms.port import BadBody, Connection
from agents.platforms.reading import at
from streams.contracts.people import Attachment, Customer, Route

KNOWN_TYPES = frozenset({"session.ended", "session.human_requested", "session.turn", "session.resolved"})
MAX_TAGS = 50
MAX_MESSAGES = 20_000

_OUTCOMES = {
    "resolved_confirmed": "resolved",
    "confirmed_resolution": "resolved",
    "resolved": "resolved",
    "resolved_assumed": "assumed_resolved",
    "assumed_resolution": "assumed_resolved",
    "assumed_resolved": "assumed_resolved",
    "unresolved": "unresolved",
    "escalated": "escalated",
    "abandoned": "abandoned",
}
_NOBODY, _NOWHERE = Customer(anonymous=True), Route()
_WAYS = frozenset({"reply_url", "close_url", "url", "subject", "message_id"})
_ASSESSED = ("priority", "sentiment", "summary")
_NO_VERDICT = frozenset({"none", "null", "pending", "in_progress", "open", "unknown"})


class Assessment(NamedTuple):
    """The application's own judgement. `outcome` is in our words; an unknown one survives as it is."""

    outcome: str | None = None
    human_requested: bool = False
    intent: str | None = None
    confidence: float | None = None
    reason: str | None = None


def check_kind(body: Any) -> Mapping[str, Any]:
    """`body` as an object that claims to be a session event; what belongs on the topic itself is refused."""
    envelope = reading.required_object(body)
    kind = envelope.get("kind")
    event_type = envelope.get("event_type")
    if kind == "tick" or event_type == "tick":
        raise BadBody("tick_refused", "ticks are written by escalation alone")
    if event_type is None and kind is not None:
        raise BadBody("topic_event", "this endpoint takes session bodies; events go to the topic itself")
    if not isinstance(event_type, str) or not event_type.strip():
        raise BadBody("missing_field" if event_type is None else "wrong_type", "event_type")
    if envelope.get("event_id") is not None and reading.reference(envelope, "event_id") is None:
        raise BadBody("wrong_type", "event_id")
    return envelope


def messages_of(body: Mapping[str, Any], event_type: str) -> list[Any]:
    """The message list. A turn needs one that is not empty; an end or a verdict may come without any."""
    messages = body.get("messages")
    if messages is None:
        if event_type in {"session.ended", "session.resolved"}:
            return []
        raise BadBody("missing_field", "messages")
    if not isinstance(messages, list):
        raise BadBody("wrong_type", "messages")
    if not messages and event_type == "session.turn":
        raise BadBody("missing_field", "messages")
    if len(messages) > MAX_MESSAGES:
        raise BadBody("too_many_messages", "messages")
    return messages


def assessment_of(body: Mapping[str, Any], cleaning: Cleaning) -> Assessment:
    """`assessment`, empty where there is none."""
    found = reading.object_(body.get("assessment"))
    if not found:
        return Assessment()
    resolution = reading.name(found, "resolution")
    word = resolution.lower().replace("-", "_").replace(" ", "_") if resolution else None
    return Assessment(
        outcome=None if word is None or word in _NO_VERDICT else _OUTCOMES.get(word, word),
        human_requested=reading.flag(found, "human_requested") or False,
        intent=cleaning.line(reading.name(found, "intent")),
        confidence=reading.ratio(found, "confidence"),
        reason=cleaning.line(reading.name(found, "handoff_reason")),
    )


def mail_headers(body: Mapping[str, Any]) -> dict[str, str]:
    """The headers of the mail behind the newest turn, names in lower case; a list's values are joined."""
    headers = at(body, "session", "headers") or body.get("headers")
    if headers is None:
        return {}
    if isinstance(headers, list):
        pairs = [(reading.name(item, "name"), item.get("value")) for item in reading.objects(headers)]
    else:
        pairs = [(str(name), value) for name, value in reading.object_(headers).items()]
    return {name.lower(): text for name, value in pairs if name and (text := _header_text(value)) is not None}


def _header_text(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(item for item in value if isinstance(item, str))
    return value if isinstance(value, str) else None


def occurred_at(body: Mapping[str, Any], received_at: datetime) -> datetime:
    """When the event came about: its own time, else the end of the session, else now."""
    for given in (body.get("occurred_at"), body.get("timestamp"), at(body, "session", "ended_at")):
        if given is not None and (found := reading.any_time(given)):
            return found
    return received_at


def body_attachments(body: Mapping[str, Any]) -> tuple[Attachment, ...]:
    """Files given beside the messages."""
    if "attachments" not in body:
        return ()
    found = (given_attachment(item) for item in reading.objects(body, "attachments"))
    return tuple(attachment for attachment in found if attachment)


def frame_of(
    body: Mapping[str, Any],
    connection: Connection,
    options: CustomLlmOptions,
    cleaning: Cleaning,
    headers: Mapping[str, str],
    tools: tuple[str, ...],
) -> Frame:
    """What all events of the body share. `headers`: its `mail_headers`."""
    session = reading.object_(body, "session")
    channel = reading.name(session, "channel") or options.channel
    return Frame(
        tenant=connection.tenant,
        platform=connection.platform,
        conversation_id=reading.required_id(body, "session", "id"),
        channel=channel.lower() if channel else None,
        locale=reading.name(session, "locale") or reading.name(body, "customer", "locale"),
        customer=_customer(reading.object_(body, "customer"), cleaning),
        attributes=cleaning.attributes(flat) if (flat := _attributes(body, tools)) else {},
        tags=_tags(body, cleaning),
        route=_route(session, headers, cleaning),
        repeats=options.bodies == "session",
        test=(reading.flag(body, "test") or reading.flag(session, "test")) is True,
    )


def _customer(given: Mapping[str, Any], cleaning: Cleaning) -> Customer:
    if not given:
        return _NOBODY
    email = reading.email(given, "email")
    external_id = reading.reference(given, "external_id")
    anonymous = reading.flag(given, "anonymous")
    return Customer(
        id=reading.reference(given, "id"),
        external_id=external_id,
        helpdesk_id=reading.reference(given, "helpdesk_id"),
        name=cleaning.line(reading.name(given, "name")),
        email=email,
        phone=reading.name(given, "phone"),
        anonymous=not (email or external_id) if anonymous is None else anonymous and email is None,
    )


def _attributes(body: Mapping[str, Any], tools: tuple[str, ...]) -> dict[str, Any]:
    data, assessment = body.get("structured_data"), reading.object_(body.get("assessment"))
    flat = reading.scalars(data) if data else {}
    if tools:
        flat.setdefault("tool_calls", ", ".join(tools[:10]))
    if not assessment:
        return flat
    return {**reading.scalars({key: assessment.get(key) for key in _ASSESSED}), **flat}


def _tags(body: Mapping[str, Any], cleaning: Cleaning) -> tuple[str, ...]:
    given = body.get("tags") or at(body, "session", "tags")
    if not isinstance(given, list):
        return ()
    names = [cleaning.line(tag) for tag in given if isinstance(tag, str)]
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_TAGS]


def _route(session: Mapping[str, Any], headers: Mapping[str, str], cleaning: Cleaning) -> Route:
    if not headers and _WAYS.isdisjoint(session):
        return _NOWHERE
    return Route(
        reply_url=reading.url(session, "reply_url"),
        close_url=reading.url(session, "close_url"),
        conversation_url=reading.url(session, "url"),
        email_subject=cleaning.line(reading.name(session, "subject") or headers.get("subject")),
        email_message_id=reading.reference(session, "message_id") or reading.reference(headers, "message-id"),
    )
