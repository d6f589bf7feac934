"""A session body, told as events: its turns, then what the application makes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.custom_llm import session
from agents.platforms.custom_llm.options import CustomLlmOptions
from agents.platforms.custom_llm.roles import who
from agents.platforms.custom_llm.session import Assessment
from agents.platforms.custom_llm.turns import RawTurn, read_turns, with_times
from agents.platforms.framing import Frame, in_order
from agents.platforms.port import Connection, Delivery, Normalized
from agents.text.automatic import certain, suspected
from streams.contracts.conversation_events import AiOutcome, AnyEvent, Ended, HumanRequested, Message
from streams.contracts.people import Attachment
from streams.ids import body_event_id, derive, turn_event_id

_UNJUDGED = Assessment()
_TELLING_TYPES = frozenset({"session.human_requested", "session.resolved", "session.ended"})
_FORMATS = {"plain": "plain", "text": "plain", "markdown": "markdown", "html": "html"}


class _Body(NamedTuple):
    """What the events are made from, read once."""

    event_id: str
    event_type: str
    frame: Frame
    assessment: Assessment
    end: datetime
    cleaning: Cleaning
    salt: str
    automatic_reason: str | None
    source: Mapping[str, Any]


def normalize(delivery: Delivery, body: Any, connection: Connection) -> Normalized:
    """The events of a session body, or why there is none; `BadBody` where it is no session body at all."""
    envelope = session.check_kind(body)
    event_type = reading.name(envelope, "event_type") or ""
    named = envelope.get("body_format")
    declared = None if named is None else _FORMATS.get(str(named).lower())
    found = read_turns(session.messages_of(envelope, event_type), declared)  # type: ignore[arg-type]  # of _FORMATS
    options, cleaning, headers = (
        connection.options_as(CustomLlmOptions),
        Cleaning.of(connection),
        session.mail_headers(envelope),
    )
    frame = session.frame_of(envelope, connection, options, cleaning, headers, found.tools)
    if headers and frame.channel in {None, "email"} and (proof := certain(headers)):
        return Normalized(ignored=(f"automatic_{proof}",))
    event_id = reading.reference(envelope, "event_id") or body_event_id(
        connection.tenant, delivery.body, delivery.received_at.timestamp()
    )
    read = _Body(
        event_id=event_id,
        event_type=event_type,
        frame=frame,
        assessment=session.assessment_of(envelope, cleaning),
        end=session.occurred_at(envelope, delivery.received_at),
        cleaning=cleaning,
        salt=event_id if options.bodies == "delta" else "",
        automatic_reason=_suspicion(frame, found.turns, cleaning) if frame.channel == "email" else None,
        source=envelope,
    )
    messages = _messages(read, found.turns)
    events: list[AnyEvent] = [*(in_order(messages) if len(messages) > 1 else messages), *_verdicts(read, messages)]
    ignored = found.ignored
    if event_type not in session.KNOWN_TYPES:
        ignored = (*ignored, "unknown_event_type")
    return Normalized(tuple(events), ignored if events or ignored else ("nothing_said",))


def _suspicion(frame: Frame, turns: Sequence[RawTurn], cleaning: Cleaning) -> str | None:
    """Why the customer's newest turn looks like an autoresponder's; only mail has those."""
    newest = next((turn for turn in reversed(turns) if turn.author == "customer"), None)
    if newest is None:
        return None
    subject = frame.route.email_subject if frame.route else None
    return suspected(subject, cleaning.body(newest.text, newest.declared).text)


def _messages(body: _Body, turns: Sequence[RawTurn]) -> list[AnyEvent]:
    last_ai = _last(turns, "ai")
    last_customer = _last(turns, "customer")
    extra = session.body_attachments(body.source)
    bearer = last_customer if last_customer is not None else len(turns) - 1
    taken: set[str] = set()
    events: list[AnyEvent] = []
    for index, (turn, when) in enumerate(with_times(turns, body.end)):
        event_id = _turn_id(body, turn, taken)
        suspicion = body.automatic_reason if index == last_customer else None
        cleaned = body.cleaning.body(turn.text, turn.declared)
        events.append(
            Message(
                **body.frame.fields(event_id, when),
                text=cleaned.text,
                original_format=cleaned.original_format,
                redactions=cleaned.redactions,
                untimed=turn.at is None,
                attachments=_merged(turn.attachments, extra if index == bearer else ()),
                author=turn.author,
                author_name=body.cleaning.line(turn.name),
                confidence=_or(turn.confidence, body.assessment.confidence if index == last_ai else None),
                intent=body.cleaning.line(turn.intent) or (body.assessment.intent if index == last_ai else None),
                automatic=turn.automatic or suspicion is not None,
                automatic_reason=suspicion,
            )
        )
    return events


def _turn_id(body: _Body, turn: RawTurn, taken: set[str]) -> str:
    """The message's own id; without one, or where the body uses it twice, derived from what was said.

    A time of its own tells equal turns apart better than counting them does.
    """
    own = turn.message_id
    if own is None or own in taken:
        moment = turn.at.isoformat() if turn.at else ""
        parts = (body.frame.tenant, body.frame.conversation_id, turn.author)
        urls = "\n".join(attachment.url for attachment in turn.attachments)
        text = "\n".join(part for part in (turn.text, urls, moment, body.salt) if part)
        own = turn_event_id(*parts, text, 1 if moment else turn.occurrence)
        own = own if own not in taken else derive(own, str(len(taken)))
    taken.add(own)
    return own


def _verdicts(body: _Body, messages: Sequence[AnyEvent]) -> list[AnyEvent]:
    """What follows from the turns, in the order in which it must be read."""
    if body.assessment == _UNJUDGED and body.event_type not in _TELLING_TYPES:
        return []
    when = max([body.end, *(event.occurred_at for event in messages)])
    is_automatic = body.automatic_reason is not None
    events: list[AnyEvent] = []

    def fields(kind: str) -> dict[str, Any]:
        extra = () if messages or events else session.body_attachments(body.source)
        return {**body.frame.fields(f"{body.event_id}:{kind}", when), "attachments": extra}

    judged = body.assessment
    if judged.human_requested or body.event_type == "session.human_requested":
        events.append(
            HumanRequested(
                **fields("human_requested"),
                how=judged.reason or "flag",
                automatic=is_automatic,
                intent=judged.intent,
            )
        )
    outcome = judged.outcome or ("resolved" if body.event_type == "session.resolved" else None)
    if outcome:
        events.append(
            AiOutcome(
                **fields("ai_outcome"),
                outcome=outcome,
                reason=judged.reason,
                intent=judged.intent,
                confidence=judged.confidence,
                automatic=is_automatic,
            )
        )
    if body.event_type == "session.ended":
        by = who(reading.at(body.source, "ended_by")) or who(reading.at(body.source, "session", "ended_by"))
        reason = reading.name(body.source, "end_reason") or reading.name(body.source, "session", "end_reason")
        events.append(Ended(**fields("ended"), by=by or "system", reason=body.cleaning.line(reason)))
    return events


def _last(turns: Sequence[RawTurn], author: str) -> int | None:
    for index in range(len(turns) - 1, -1, -1):
        if turns[index].author == author:
            return index
    return None


def _merged(*groups: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    if not any(groups):
        return ()
    return tuple({attachment.url: attachment for group in groups for attachment in group}.values())


def _or(first: float | None, second: float | None) -> float | None:
    return second if first is None else first
