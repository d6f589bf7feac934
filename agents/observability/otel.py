"""Tracing over the OpenTelemetry SDK and OTLP/HTTP. Imported only where an endpoint is set.

Spans go into a bounded queue and out of it in batches, on a thread of the SDK's: a hop neither waits for the
collector nor fails with it. What does not fit or is not delivered is lost and counted.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import NO_SPAN, NONE, Attributes, Kind, Span, failure_of
from streams.trace import parent_of

QUEUE_SPANS = 2048
BATCH_SPANS = 512
"""The specification's defaults."""

TELL_AGAIN_SECONDS = 60.0

_KINDS: Mapping[Kind, trace.SpanKind] = {
    "internal": trace.SpanKind.INTERNAL,
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
    "producer": trace.SpanKind.PRODUCER,
    "consumer": trace.SpanKind.CONSUMER,
}


class Counted(SpanExporter):
    """An exporter whose failures are counted, and told now and then."""

    def __init__(self, inner: SpanExporter, metrics: Metrics, log: Log) -> None:
        """`handed` is called with the number of spans that have left the queue."""
        self._inner = inner
        self._metrics = metrics
        self._log = log
        self._told_at: float | None = None
        self.handed: Callable[[int], None] = lambda _count: None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Called on the SDK's thread. Nothing the exporter does may end that thread."""
        self.handed(len(spans))
        try:
            result = self._inner.export(spans)
        except Exception as error:  # noqa: BLE001 # its thread would die, and nothing be exported any more
            result, reason = SpanExportResult.FAILURE, type(error).__name__
        else:
            reason = "refused_or_away"
        if result is SpanExportResult.SUCCESS:
            self._metrics.count(catalogue.SPANS, len(spans), result="exported")
            return result
        self._metrics.count(catalogue.SPANS, len(spans), result="not_delivered")
        now = time.monotonic()
        if self._told_at is None or now - self._told_at >= TELL_AGAIN_SECONDS:
            self._told_at = now
            self._log.warning("tracing.not_delivered", spans=len(spans), reason=reason)
        return result

    def shutdown(self) -> None:
        """See `SpanExporter`."""
        self._inner.shutdown()


class Bounded(SpanProcessor):
    """Lets at most `limit` spans wait, and counts what it turns away: the SDK's own queue drops in silence."""

    def __init__(self, exporter: Counted, metrics: Metrics, limit: int) -> None:
        """The environment's OTEL_BSP_* other than the queue's size is the SDK's to read."""
        self._metrics = metrics
        self._limit = limit
        self._waiting = 0
        self._lock = threading.Lock()
        exporter.handed = self._handed
        self._inner = BatchSpanProcessor(exporter, max_queue_size=limit, max_export_batch_size=min(BATCH_SPANS, limit))

    def on_end(self, span: ReadableSpan) -> None:
        """See `SpanProcessor`."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        with self._lock:
            full = self._waiting >= self._limit
            self._waiting += not full
        if full:
            self._metrics.count(catalogue.SPANS, result="queue_full")
        else:
            self._inner.on_end(span)

    def _handed(self, count: int) -> None:
        with self._lock:
            self._waiting -= count

    def shutdown(self) -> None:
        """See `SpanProcessor`."""
        self._inner.shutdown()  # type: ignore[no-untyped-call] # the SDK's own

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """See `SpanProcessor`."""
        return self._inner.force_flush(timeout_millis)


class _OtelSpan:
    """A `Span` over the SDK's."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    @property
    def traceparent(self) -> str | None:
        found = self._span.get_span_context()
        return f"00-{found.trace_id:032x}-{found.span_id:016x}-{found.trace_flags:02x}"

    def set(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)

    def fail(self, reason: str) -> None:
        self._span.set_attribute("error.type", reason)
        self._span.set_status(trace.StatusCode.ERROR)


class OtelTracer:
    """A `Tracer`. Samples as the parent was; the first span of a trace by OTEL_TRACES_SAMPLER, by default always."""

    enabled = True

    def __init__(self, provider: TracerProvider, version: str) -> None:
        """See `start`."""
        self._provider = provider
        self._tracer = provider.get_tracer("handoff", version)

    @contextlib.contextmanager
    def span(
        self,
        name: str,
        kind: Kind,
        *,
        parent: str | None = None,
        attributes: Attributes = NONE,
        began_seconds_ago: float = 0.0,
    ) -> Iterator[Span]:
        """See `Tracer`."""
        began_ns = time.time_ns() - int(began_seconds_ago * 1e9) if began_seconds_ago > 0 else None
        with self._around(name, kind, _remote(parent), attributes, began_ns) as span:
            yield span

    @contextlib.contextmanager
    def child(self, name: str, kind: Kind, attributes: Attributes = NONE) -> Iterator[Span]:
        """See `Tracer`."""
        around = contexts.get_current()
        if not trace.get_current_span(around).get_span_context().is_valid:
            yield NO_SPAN
            return
        with self._around(name, kind, around, attributes, None) as span:
            yield span

    @contextlib.contextmanager
    def _around(
        self, name: str, kind: Kind, parent: contexts.Context, attributes: Attributes, began_ns: int | None
    ) -> Iterator[Span]:
        made = self._tracer.start_span(name, parent, _KINDS[kind], dict(attributes), start_time=began_ns)
        token = contexts.attach(trace.set_span_in_context(made, parent))
        span = _OtelSpan(made)
        try:
            yield span
        except BaseException as error:
            span.fail(failure_of(error))
            raise
        finally:
            contexts.detach(token)
            made.end()

    async def close(self, timeout_seconds: float) -> None:
        """See `Tracer`. On a thread that does not hold the process up: the collector may be away."""
        thread = threading.Thread(target=self._provider.shutdown, name="tracing-close", daemon=True)
        thread.start()
        until = time.monotonic() + timeout_seconds
        while thread.is_alive() and time.monotonic() < until:
            await asyncio.sleep(0.02)


def _remote(traceparent: str | None) -> contexts.Context:
    """What a span begins under: its parent in another process, or nothing."""
    parent = parent_of(traceparent)
    if parent is None:
        return contexts.Context()
    remote = trace.SpanContext(
        trace_id=int(parent.trace_id, 16),
        span_id=int(parent.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(int(parent.flags, 16)),
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote), contexts.Context())


def resource(hop: str, version: str, instance: str | None) -> Resource:
    """Who speaks. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what is ours."""
    ours: dict[str, Any] = {
        "service.name": f"handoff-{hop}",
        "service.namespace": "handoff",
        "service.version": version,
    }
    if instance:
        ours["service.instance.id"] = instance
    return Resource.create(ours | dict(OTELResourceDetector().detect().attributes))


def start(  # each is one collaborator or one choice of the composition root
    *,
    hop: str,
    version: str,
    instance: str | None,
    endpoint: str,
    headers: Mapping[str, str],
    queue_spans: int,
    metrics: Metrics,
    log: Log,
) -> OtelTracer:
    """A tracer that exports to `endpoint`, the full URL for traces. Connects when there is something to send."""
    for noisy in ("opentelemetry.exporter", "opentelemetry.sdk._shared_internal", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # it is counted, and told once a minute
    exporter = Counted(OTLPSpanExporter(endpoint=endpoint, headers=dict(headers)), metrics, log)
    provider = TracerProvider(resource=resource(hop, version, instance), shutdown_on_exit=False)
    provider.add_span_processor(Bounded(exporter, metrics, queue_spans))
    return OtelTracer(provider, version)
