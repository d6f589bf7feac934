"""Tracing: nothing while it is off, a tree of spans while it is on, never a hop that waits or dies for it."""

import asyncio
import logging
import threading
import time
import timeit
from collections.abc import Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from agents.observability import otel
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.otel import Bounded, Counted, OtelTracer
from agents.observability.traced_http import TracedHttp, traced
from agents.observability.tracing import OFF, consumed, failure_of, produced
from agents.outbound import Ambiguous, HttpRequest, HttpResponse
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from streams.trace import new_traceparent, parent_of
from tests.support.spans import Memory, span_id, trace_id

RECORD = Record("escalation.commands", 3, 9, b"acme|c-1", b"{}")


class Answers:
    """An `Http` that answers alike, or fails."""

    def __init__(self, status: int = 200, failure: Exception | None = None) -> None:
        self.status = status
        self.failure = failure

    async def send(self, request: HttpRequest) -> HttpResponse:
        if self.failure is not None:
            raise self.failure
        return HttpResponse(self.status)


def test_what_is_off_is_one_object_that_does_nothing() -> None:
    first, second = OFF.span("a", "server", parent="x", attributes={"b": 1}), OFF.child("c", "client")
    assert first is second
    with first as span:
        span.set({"a": 1})
        span.fail("no")
        assert span.traceparent is None
    http = Answers()
    assert traced(http, OFF) is http


def test_what_is_off_costs_less_than_two_microseconds() -> None:
    def one() -> None:
        with OFF.child("send", "producer"):
            pass

    best = min(timeit.repeat(one, number=20_000, repeat=5)) / 20_000
    assert best < 2e-6


def test_an_exception_leaves_a_span_of_nothing_as_it_is() -> None:
    with pytest.raises(InvalidRecord), OFF.child("a", "client"):
        raise InvalidRecord("wrong_key")


def test_a_span_is_the_child_of_the_traceparent_it_is_given_and_hands_on_its_own() -> None:
    memory, parent = Memory(), new_traceparent()
    with memory.tracer.span("process x", "consumer", parent=parent) as span:
        handed_on = span.traceparent
    made, given, own = memory.named("process x"), parent_of(parent), parent_of(handed_on)
    assert given is not None
    assert own is not None
    assert made.parent is not None
    assert made.parent.is_remote
    assert f"{made.parent.span_id:016x}" == given.span_id
    assert (own.trace_id, own.flags) == (given.trace_id, "01")
    assert own.span_id == f"{span_id(made):016x}" != given.span_id


@pytest.mark.parametrize("parent", [None, "", "00-1-2-03", f"00-{'0' * 32}-{'1' * 16}-01", "ff-" + "a" * 50])
def test_without_a_sound_parent_a_trace_begins(parent: str | None) -> None:
    memory = Memory()
    with memory.tracer.span("around", "server"), memory.tracer.span("a", "consumer", parent=parent) as span:
        assert parent_of(span.traceparent) is not None
    assert memory.named("a").parent is None


def test_what_the_parent_did_not_sample_is_not_sampled_and_hands_that_on() -> None:
    memory = Memory()
    with memory.tracer.span("a", "consumer", parent=f"00-{'a' * 32}-{'b' * 16}-00") as span:
        with memory.tracer.child("b", "client"):
            pass
        assert (span.traceparent or "")[:35] == f"00-{'a' * 32}"
        assert (span.traceparent or "").endswith("-00")
    assert memory.names == []


async def test_children_belong_to_the_span_around_them_also_in_tasks_of_their_own() -> None:
    memory = Memory()

    async def work(name: str) -> None:
        with memory.tracer.span(name, "consumer", parent=new_traceparent()):
            await asyncio.gather(call(f"{name}1"), asyncio.create_task(call(f"{name}2")))

    async def call(name: str) -> None:
        await asyncio.sleep(0)
        with memory.tracer.child(name, "client"):
            await asyncio.sleep(0)

    await asyncio.gather(work("a"), work("b"))
    for name in ("a", "b"):
        parent = memory.named(name)
        for child in (memory.named(f"{name}1"), memory.named(f"{name}2")):
            assert child.parent is not None
            assert (child.parent.span_id, trace_id(child)) == (span_id(parent), trace_id(parent))


async def test_a_child_of_nothing_is_nothing() -> None:
    memory = Memory()
    with memory.tracer.child("alone", "client") as span:
        assert span.traceparent is None
    await TracedHttp(Answers(), memory.tracer).send(HttpRequest("GET", "https://acme.zendesk.com/"))
    assert memory.names == []


def test_a_span_may_have_begun_before_it_was_known_to_be_one() -> None:
    memory = Memory()
    with memory.tracer.span("a", "server", began_seconds_ago=2.5):
        pass
    made = memory.named("a")
    assert made.start_time is not None
    assert made.end_time is not None
    assert 2.5 <= (made.end_time - made.start_time) / 1e9 < 4


@pytest.mark.parametrize(
    ("error", "called"),
    [
        (InvalidRecord("wrong_key", "x@example.com"), "wrong_key"),
        (Ambiguous("timeout"), "timeout"),
        (ValueError("4111 1111 1111 1111"), "ValueError"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "card 4111 1111 1111 1111"), "UnicodeDecodeError"),
        (asyncio.CancelledError(), "CancelledError"),
    ],
)
def test_a_failure_is_called_by_its_slug_or_type_and_its_text_stays_out(error: BaseException, called: str) -> None:
    memory = Memory()
    with pytest.raises(type(error)), memory.tracer.span("a", "internal"):
        raise error
    made = memory.named("a")
    assert failure_of(error) == called
    assert made.attributes is not None
    assert made.attributes["error.type"] == called
    assert not made.status.is_ok
    assert made.status.description is None
    assert not made.events


SECRET = "4111 1111 1111 1111"


async def test_a_call_tells_its_host_and_status_and_nothing_of_path_query_header_or_body() -> None:
    memory = Memory()
    url = "https://hooks.example.com:8443/v1/secret-path/max@example.com?token=secret-token"
    request = HttpRequest("POST", url, {"authorization": "Bearer secret-key"}, SECRET.encode())
    with memory.tracer.span("around", "consumer"):
        await TracedHttp(Answers(201), memory.tracer).send(request)
    made = memory.named("POST")
    assert dict(made.attributes or {}) == {
        "http.request.method": "POST",
        "server.address": "hooks.example.com",
        "server.port": 8443,
        "http.response.status_code": 201,
    }
    assert made.status.is_ok
    assert "secret" not in made.to_json()


@pytest.mark.parametrize(("http", "called"), [(Answers(503), "503"), (Answers(failure=Ambiguous("reset")), "reset")])
async def test_a_call_that_did_not_work_is_an_error_and_the_caller_sees_it_as_before(
    http: Answers, called: str
) -> None:
    memory, answer = Memory(), None
    with memory.tracer.span("around", "consumer"):
        try:
            answer = await TracedHttp(http, memory.tracer).send(HttpRequest("GET", "http://[broken"))
        except Ambiguous as error:
            assert error is http.failure
    made = memory.named("GET")
    assert made.attributes is not None
    assert made.attributes["error.type"] == called
    assert (answer is None) == (http.failure is not None)


def test_messaging_attributes_are_those_of_the_conventions() -> None:
    assert consumed(RECORD) == {
        "messaging.system": "kafka",
        "messaging.destination.name": "escalation.commands",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.partition.id": "3",
        "messaging.kafka.offset": 9,
        "messaging.message.conversation_id": "c-1",
        "handoff.tenant": "acme",
    }
    assert "messaging.batch.message_count" not in produced("t")
    assert produced("t", partition=1, count=2)["messaging.batch.message_count"] == 2


class Stuck(SpanExporter):
    """A collector that does not answer until it is let go, or breaks."""

    def __init__(self, result: SpanExportResult | Exception = SpanExportResult.SUCCESS) -> None:
        self.result = result
        self.go = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.entered.set()
        assert self.go.wait(20)
        self.batches.append(len(spans))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def shutdown(self) -> None:
        self.go.set()


def bounded(exporter: SpanExporter, metrics: Metrics, limit: int) -> tuple[OtelTracer, Bounded]:
    processor = Bounded(Counted(exporter, metrics, Log("test")), metrics, limit)
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return OtelTracer(provider, "0"), processor


def counted(metrics: Metrics, result: str) -> float:
    return metrics.registry.get_sample_value("handoff_spans_total", {"result": result}) or 0.0


def test_a_collector_that_hangs_fills_a_bounded_queue_and_holds_nobody_up() -> None:
    metrics, exporter = Metrics(), Stuck()
    tracer, processor = bounded(exporter, metrics, 100)
    for _ in range(100):  # wakes the thread, which takes them and hangs
        with tracer.span("a", "internal"):
            pass
    assert exporter.entered.wait(10)
    started = time.monotonic()
    for _ in range(350):
        with tracer.span("a", "internal"):
            pass
    assert time.monotonic() - started < 2
    assert counted(metrics, "queue_full") == 250
    exporter.go.set()
    processor.force_flush()
    assert sum(exporter.batches) == counted(metrics, "exported") == 200
    processor.shutdown()


@pytest.mark.parametrize("result", [SpanExportResult.FAILURE, RuntimeError("secret-key in the address")])
def test_what_is_not_delivered_is_counted_and_told_once(result: Any, caplog: pytest.LogCaptureFixture) -> None:
    metrics, exporter = Metrics(), Stuck(result)
    exporter.go.set()
    tracer, processor = bounded(exporter, metrics, 100)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            with tracer.span("a", "internal"):
                pass
            processor.force_flush()
    assert counted(metrics, "not_delivered") == 3
    assert [record.getMessage() for record in caplog.records] == ["tracing.not_delivered"]
    assert "secret" not in caplog.text
    processor.shutdown()


async def test_closing_does_not_wait_for_a_collector_that_hangs() -> None:
    metrics, exporter = Metrics(), Stuck()
    tracer, _ = bounded(exporter, metrics, 10)
    with tracer.span("a", "internal"):
        pass
    started = time.monotonic()
    await tracer.close(0.3)
    assert time.monotonic() - started < 2
    exporter.go.set()


def test_the_environment_may_name_the_service_and_ours_stand_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES"):
        monkeypatch.delenv(name, raising=False)
    ours = otel.resource("notifier", "1.2", "notifier-0").attributes
    assert ours["service.name"] == "handoff-notifier"
    assert (ours["service.version"], ours["service.instance.id"]) == ("1.2", "notifier-0")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=staging,service.name=x")
    theirs = otel.resource("notifier", "1.2", None).attributes
    assert (theirs["deployment.environment.name"], theirs["service.name"]) == ("staging", "x")
    assert theirs["service.instance.id"] != "notifier-0", "the SDK makes one up where we have none"
