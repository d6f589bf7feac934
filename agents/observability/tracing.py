"""The seam to distributed tracing: spans by name, kind and attributes; by default nothing at all.

`agents.observability.otel` is the real `Tracer`. Attributes are ids, slugs and numbers, named by OpenTelemetry's
semantic conventions where there are any: never what anybody wrote, an address, or a URL, which may hold a secret.

Messaging: https://opentelemetry.io/docs/specs/semconv/messaging/kafka/
HTTP: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
"""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Literal, Protocol

from streams.kafka.record import Record

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int | float | bool
Attributes = Mapping[str, Value]

NONE: Attributes = {}

_SLUG = re.compile(r"^[A-Za-z0-9_.:]{1,80}$")


class Span(Protocol):
    """A unit of work under way."""

    @property
    def traceparent(self) -> str | None:
        """What is handed on, so that others become children of this span; None: nothing is traced here."""
        ...

    def set(self, attributes: Attributes) -> None:
        """Add attributes."""
        ...

    def fail(self, reason: str) -> None:
        """It did not work; `reason` is a slug."""
        ...


class Tracer(Protocol):
    """Makes spans. Never raises, never waits, and never keeps more than a bounded number."""

    @property
    def enabled(self) -> bool:
        """Whether anything is traced: who has to prepare something for it asks first."""
        ...

    def span(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        attributes: Attributes = NONE,
        began_seconds_ago: float = 0.0,
    ) -> AbstractContextManager[Span]:
        """A span around a block, child of the `traceparent` that is given; without one, the first of a new trace.

        What leaves the block as an exception makes the span an error, by its type or slug, never by its text.
        """
        ...

    def child(self, name: str, kind: Kind, attributes: Attributes = NONE) -> AbstractContextManager[Span]:
        """The same, child of the span under way around it; nothing where none is."""
        ...

    async def close(self, timeout_seconds: float) -> None:
        """Send what is left, as far as the time goes."""
        ...


class _NoSpan:
    """A span of nothing, which is its own context manager."""

    traceparent: str | None = None

    def set(self, attributes: Attributes) -> None: ...

    def fail(self, reason: str) -> None: ...

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


NO_SPAN = _NoSpan()


class NullTracer:
    """Tracing that is off. Holds nothing and makes nothing."""

    enabled = False

    def span(self, name: str, kind: Kind, **_given: Any) -> AbstractContextManager[Span]:  # noqa: ARG002 # the port's
        """See `Tracer`."""
        return NO_SPAN

    def child(self, name: str, kind: Kind, attributes: Attributes = NONE) -> AbstractContextManager[Span]:  # noqa: ARG002 # the port's
        """See `Tracer`."""
        return NO_SPAN

    async def close(self, timeout_seconds: float) -> None:
        """See `Tracer`."""


OFF = NullTracer()


def failure_of(error: object) -> str:
    """What an exception, or an answer, is called in a span: its slug where it has one, else its type."""
    reason = getattr(error, "reason", None)
    return reason if isinstance(reason, str) and _SLUG.match(reason) else type(error).__name__


def consumed(record: Record) -> dict[str, Value]:
    """A record that is worked on, of a topic keyed by conversation. Who consumes it is the service's name."""
    tenant, _, conversation_id = record.key.decode("utf-8", "replace").partition("|")
    return {
        **_messaging(record.topic, "process"),
        "messaging.message.conversation_id": conversation_id,
        "handoff.tenant": tenant,
        "messaging.destination.partition.id": str(record.partition),
        "messaging.kafka.offset": record.offset,
    }


def produced(topic: str, *, partition: int | None = None, count: int = 1) -> dict[str, Value]:
    """Records that are sent."""
    found = _messaging(topic, "send")
    if partition is not None:
        found["messaging.destination.partition.id"] = str(partition)
    if count != 1:
        found["messaging.batch.message_count"] = count
    return found


def _messaging(topic: str, operation: str) -> dict[str, Value]:
    return {
        "messaging.system": "kafka",
        "messaging.destination.name": topic,
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
    }
