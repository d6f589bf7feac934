"""Events onto the brokers: the one way, for what webhooks brought and for what was asked for."""

import asyncio
from collections.abc import Iterable, Sequence

from agents.observability.tracing import Span
from streams.codec import Headers, encode, headers_for
from streams.contracts.conversation_events import AnyEvent
from streams.ids import conversation_key
from streams.kafka.producer import RecordWriter
from streams.topology import CONVERSATION_EVENTS
from streams.trace import children_of

Encoded = tuple[str, bytes, Headers]
"""Key, value, headers."""


def encoded(events: Sequence[AnyEvent], trace: str | None, platform: str) -> list[Encoded]:
    """The records of `events`, each a span of one trace: that of `trace`, a `traceparent`, or a new one."""
    source = f"handoff/gateway/{platform}"
    spans = children_of(trace, len(events))
    return [_encoded(event, span, source) for event, span in zip(events, spans, strict=True)]


def under(records: Iterable[Encoded], span: Span) -> list[Encoded]:
    """The same records, handed on by `span`; as they are where nothing is traced."""
    traceparent = span.traceparent
    if traceparent is None:
        return list(records)
    return [(key, value, _handed_on(made, traceparent)) for key, value, made in records]


def _handed_on(headers: Headers, traceparent: str) -> Headers:
    return [(name, traceparent.encode() if name == "traceparent" else value) for name, value in headers]


async def send_all(writer: RecordWriter, records: Sequence[Encoded]) -> None:
    """Return when the brokers have all. All at once: the writer keeps the order of the calls on each partition."""
    topic = CONVERSATION_EVENTS.name
    if len(records) == 1:  # of most webhooks: no task is made for it
        key, value, made = records[0]
        await writer.send(topic, key, value, headers=made)
        return
    await asyncio.gather(*(writer.send(topic, key, value, headers=made) for key, value, made in records))


def _encoded(event: AnyEvent, trace: str, source: str) -> Encoded:
    headers = headers_for(
        event_id=event.event_id,
        source=source,
        kind=event.kind,
        at=event.occurred_at,
        traceparent=trace,
    )
    return conversation_key(event.tenant, event.conversation_id), encode(event), headers
