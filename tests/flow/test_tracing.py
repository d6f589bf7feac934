"""One conversation through all four processes, and what a collector gets to see of it."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from agents.demo.judging import find, misses
from agents.demo.run import Demo
from agents.demo.scenarios import Ending, Row, beats, customer, person
from agents.demo.show import Paint
from agents.demo.stage import Stage
from tests.support.otlp import Collector, Received, collecting

WORDS = "Invoice 9918 is wrong, I need a person."
ROW = Row(
    "followed from the webhook to the notice",
    "custom-llm",
    "acme",
    "sess-traced",
    beats(customer(WORDS, customer=person(131, "Marta Kowalczyk"))),
    Ending(tickets=1, reason="human_requested"),
)
HTTP = {"http.request.method", "http.response.status_code", "server.address", "server.port", "error.type"}


class TracedStage(Stage):
    """The demo's, with a collector in its configuration."""

    def __init__(self, folder: Path, collector: str) -> None:
        super().__init__(folder)
        self._collector = collector

    def configuration(self, policy_path: str) -> dict[str, Any]:
        tracing = {"endpoint": self._collector, "headers": {"x-api-key": "secret-of-the-collector"}}
        return super().configuration(policy_path) | {"tracing": tracing}


async def _play(folder: Path) -> tuple[Collector, list[str], Mapping[str, int]]:
    async with collecting() as collector:
        stage = TracedStage(folder, collector.url)
        try:
            await stage.start()
            demo = Demo(stage, lambda _line: None, Paint(colours=False))
            demo.watcher.start()
            await demo.play(ROW)
            await demo.ended(ROW)
            seen = demo.watcher.seen(ROW.conversation_id)
            wrong = misses(ROW, find(ROW, seen, await stage.get("/_state")))
            demo.watcher.stop()
        finally:
            codes = await stage.stop()  # whose end sends the last spans
        return collector, wrong, codes


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Collector:
    collector, wrong, codes = asyncio.run(_play(tmp_path_factory.mktemp("traced")))
    assert wrong == []
    assert set(codes.values()) == {0}, codes
    return collector


def only(spans: list[Received], service: str, name: str) -> Received:
    found = [span for span in spans if (span.service, span.name) == (f"handoff-{service}", name)]
    assert len(found) == 1, (service, name, [(span.service, span.name) for span in spans])
    return found[0]


def test_one_trace_leads_from_the_webhook_to_the_notices(played: Collector) -> None:
    spans = played.spans
    webhook = only(spans, "gateway", "POST /v1/events/{tenant}")
    sent = only(spans, "gateway", "send conversation.events")
    decided = only(spans, "escalation", "process conversation.events")
    carried_out = only(spans, "ticketing", "process escalation.commands")
    assert (webhook.kind, sent.kind, decided.kind, carried_out.kind) == ("server", "producer", "consumer", "consumer")
    assert webhook.parent == ""
    assert (sent.parent, decided.parent, carried_out.parent) == (webhook.span, sent.span, decided.span)
    told = [span for span in spans if span.name == "send notification.events"]
    assert {span.attributes["handoff.notification"] for span in told} == {"accepted", "opened"}
    assert {span.parent for span in told} == {carried_out.span}
    heard = [span for span in spans if span.name == "process notification.events"]
    assert {span.parent for span in heard} == {span.span for span in told}
    assert {span.service for span in heard} == {"handoff-notifier"}
    assert {span.trace for span in spans} == {webhook.trace}
    assert not [span for span in spans if span.failed]


def test_every_span_has_its_parent_in_the_trace(played: Collector) -> None:
    known = {span.span for span in played.spans}
    assert len(known) == len(played.spans)
    assert [span.name for span in played.spans if span.parent and span.parent not in known] == []


def test_calls_to_the_helpdesk_and_to_the_channel_stand_below_what_made_them(played: Collector) -> None:
    by_id = {span.span: span for span in played.spans}
    created = only(played.spans, "ticketing", "zendesk create")
    assert by_id[created.parent].name == "process escalation.commands"
    assert created.attributes["handoff.ticket_id"]
    calls = [span for span in played.spans if span.kind == "client"]
    [post] = [span for span in calls if span.parent == created.span]
    assert (post.name, post.attributes["http.response.status_code"]) == ("POST", 201)
    replies = [span for span in played.spans if (span.service, span.name) == ("handoff-notifier", "reply")]
    assert len(replies) == 2
    assert {by_id[span.parent].name for span in replies} == {"process notification.events"}
    for span in calls:
        assert set(span.attributes) <= HTTP, span
        assert by_id[span.parent].kind in {"internal", "consumer"}


def test_kafka_is_told_of_as_the_conventions_say(played: Collector) -> None:
    for span in played.spans:
        if span.kind not in {"producer", "consumer"}:
            continue
        operation, _, topic = span.name.partition(" ")
        assert span.attributes["messaging.system"] == "kafka"
        assert span.attributes["messaging.destination.name"] == topic
        assert span.attributes["messaging.operation.type"] == operation
        if span.kind == "consumer":
            assert span.attributes["messaging.kafka.offset"] >= 0
            assert span.attributes["messaging.destination.partition.id"] in {"0", "1", "2", "3"}
            assert span.attributes["messaging.message.conversation_id"] == ROW.conversation_id
            assert span.attributes["handoff.tenant"] == "acme"


def test_nothing_of_a_person_and_no_secret_is_among_it(played: Collector) -> None:
    raw = played.raw.decode("latin-1").lower()
    for forbidden in ("kowal", "marta", "9918 is", "invoice", "need a person", "secret", "bearer", "/api/v2", "http:"):
        assert forbidden not in raw, forbidden
    texts = [text for span in played.spans for text in (span.name, *map(str, span.attributes.values()))]
    assert ROW.conversation_id in texts
    for text in texts:
        assert re.fullmatch(r"[\w .:|-]+|POST /v1/events/\{tenant\}|/v1/events/\{tenant\}", text), text
    assert {headers["x-api-key"] for headers in played.headers} == {"secret-of-the-collector"}
