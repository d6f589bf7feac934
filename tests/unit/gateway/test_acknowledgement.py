"""2xx means that the brokers have every event of the body; anything else brings it back."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from agents.platforms import registry
from streams.contracts.conversation_events import EVENT, Message
from streams.kafka.producer import MAX_VALUE_BYTES, DeliveryFailed
from tests.support.deliveries import SAMPLES
from tests.support.gateway import BODIES, PLATFORMS, START, MemoryWriter, Says, Written, running, signed

RETRY = {platform: registry.inbound(platform).codes.retry_later for platform in PLATFORMS}


class Holding(MemoryWriter):
    """Acknowledges nothing until it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Written] = []
        self.released = asyncio.Event()

    async def acknowledge(self, record: Written) -> None:
        self.asked.append(record)
        await self.released.wait()


class Failing(MemoryWriter):
    """Fails what the test chooses."""

    def __init__(self, error: Callable[[Written], Exception | None]) -> None:
        super().__init__()
        self._error = error

    async def acknowledge(self, record: Written) -> None:
        error = self._error(record)
        if error is not None:
            raise error


def test_each_platform_is_answered_with_the_code_it_repeats() -> None:
    """Intercom, Fin, Sunshine and Standard Webhooks: 5xx; Zendesk's event webhooks: 409."""
    for platform, status in RETRY.items():
        assert status == (409 if platform == "zendesk-events" else 503), platform


async def test_no_answer_goes_out_before_the_acknowledgement() -> None:
    writer = Holding()
    async with running(writer=writer) as gateway:
        request = asyncio.create_task(gateway.post("intercom", BODIES["intercom"]))
        while not writer.asked:
            await asyncio.sleep(0.005)
        done, _ = await asyncio.wait({request}, timeout=0.2)
        assert not done, "answered before the brokers had it"
        writer.released.set()
        assert (await request).status == 200
    assert len(writer.written) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_brokers_that_never_answer_bring_the_body_back_in_time(platform: str) -> None:
    async with running(writer=Holding(), produce_timeout_seconds=0.1) as gateway:
        started = asyncio.get_running_loop().time()
        answer = await gateway.post(platform, BODIES[platform])
        assert asyncio.get_running_loop().time() - started < 3.0
        assert gateway.counted(platform=platform, outcome="later", reason="not_acknowledged") == 1
        assert gateway.gateway.in_flight == 0
    assert (answer.status, answer.json) == (RETRY[platform], {"error": "not_acknowledged"})


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("error", [DeliveryFailed("_MSG_TIMED_OUT"), RuntimeError("customer text"), OSError("x")])
async def test_a_failed_delivery_brings_the_body_back(platform: str, error: Exception) -> None:
    async with running(writer=Failing(lambda _record: error)) as gateway:
        answer = await gateway.post(platform, BODIES[platform])
    assert answer.status == RETRY[platform]
    assert answer.json["error"] in {"not_acknowledged", "internal_error"}


async def test_a_body_that_is_acknowledged_in_part_comes_back_whole_and_tells_nothing_twice() -> None:
    """The repeat has the same event ids: escalation drops those it has seen."""
    body = (SAMPLES / "zendesk-sunco/batch.two_conversations.json").read_bytes()
    failing = [True]

    def second_fails(record: Written) -> Exception | None:
        if failing and record is not None and len(writer.written) >= 1:
            failing.clear()
            return DeliveryFailed("_MSG_TIMED_OUT")
        return None

    writer = Failing(second_fails)
    async with running(writer=writer) as gateway:
        first = await gateway.post("zendesk-sunco", body)
        before = [record.event["event_id"] for record in writer.written]
        second = await gateway.post("zendesk-sunco", body)
    assert (first.status, second.status) == (503, 200)
    after = [record.event["event_id"] for record in writer.written[len(before) :]]
    assert before
    assert set(before) <= set(after), "the repeat holds all of it, under the same ids"


async def test_an_event_the_brokers_would_never_take_refuses_the_body_before_anything_is_produced() -> None:
    small = Message(
        event_id="e1", tenant="acme", conversation_id="c", occurred_at=START, author="customer", text="small"
    )
    large = small.model_copy(update={"event_id": "e2", "text": "x" * MAX_VALUE_BYTES})
    writer = MemoryWriter()
    async with running(writer=writer, inbound=lambda _name: Says(small, large)) as gateway:
        answer = await gateway.post("custom-llm", BODIES["custom-llm"])
    assert (answer.status, answer.json) == (413, {"error": "event_too_large"})
    assert not writer.written


async def test_what_is_no_event_is_accepted_without_the_brokers() -> None:
    body = (SAMPLES / "intercom/ping.json").read_bytes()
    async with running(writer=Holding(), produce_timeout_seconds=0.1) as gateway:
        answer = await gateway.post("intercom", body)
        assert gateway.counted("handoff_webhook_ignored_total", platform="intercom") == 1
        assert gateway.counted(outcome="ignored") == 1
    assert (answer.status, answer.json) == (200, {"accepted": 0, "ignored": 1})


async def test_the_question_whether_a_team_is_there_is_answered_at_once_even_without_brokers() -> None:
    body = (SAMPLES / "zendesk-ai-agents-advanced/converse.isTeamOnline.json").read_bytes()
    async with running(writer=Holding(), produce_timeout_seconds=0.1) as gateway:
        answer = await gateway.post("zendesk-ai-agents-advanced", body)
    assert (answer.status, answer.json) == (200, {"isOnline": True})


async def test_a_body_of_two_conversations_goes_under_two_keys() -> None:
    body = (SAMPLES / "zendesk-sunco/batch.two_conversations.json").read_bytes()
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        assert (await gateway.post("zendesk-sunco", body)).status == 200
    keys = {record.event["conversation_id"]: record.key for record in writer.written}
    assert len(keys) == 2
    assert all(key == f"acme|{conversation}" for conversation, key in keys.items())


async def test_the_events_of_a_body_are_handed_over_in_their_order() -> None:
    turns = [{"id": f"m{index}", "role": "user", "content": f"turn {index}"} for index in range(50)]
    body = json.dumps(json.loads(BODIES["custom-llm"]) | {"messages": turns}).encode()
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        assert (await gateway.post("custom-llm", body)).status == 200
    told = [record.event["text"] for record in writer.written if record.event["kind"] == "message"]
    assert told == [f"turn {index}" for index in range(50)]


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_records_carry_the_contract_cloud_events_and_the_trace(platform: str) -> None:
    writer, trace = MemoryWriter(), "0af7651916cd43dd8448eb211c80319c"
    async with running(writer=writer) as gateway:
        headers = signed(platform, BODIES[platform], gateway.clock.now())
        sent = headers | {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
        await gateway.post(platform, BODIES[platform], sent)
    assert writer.written
    spans = set()
    for record in writer.written:
        event: Any = EVENT.validate_json(record.value)
        assert record.topic == "conversation.events"
        assert record.headers["ce_id"] == event.event_id
        assert record.headers["ce_type"] == f"handoff.{event.kind}"
        assert record.headers["ce_source"] == f"handoff/gateway/{platform}"
        assert record.headers["traceparent"].split("-")[1] == trace
        spans.add(record.headers["traceparent"].split("-")[2])
    assert "b7ad6b7169203331" not in spans
    assert len(spans) == len(writer.written)


@pytest.mark.parametrize("sent", ["", "garbage", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "x" * 5_000])
async def test_a_trace_that_is_none_is_replaced_by_one_trace_for_the_whole_body(sent: str) -> None:
    writer, body = MemoryWriter(), (SAMPLES / "zendesk-sunco/batch.two_conversations.json").read_bytes()
    async with running(writer=writer) as gateway:
        headers = signed("zendesk-sunco", body, gateway.clock.now()) | {"traceparent": sent}
        assert (await gateway.post("zendesk-sunco", body, headers)).status == 200
    traces = {record.headers["traceparent"].split("-")[1] for record in writer.written}
    assert len(traces) == 1
    assert traces != {"0" * 32}


@pytest.mark.parametrize("path", ["/v1/events/acme", "/v1/webhooks/custom-llm/acme"])
async def test_applications_of_a_company_s_own_have_a_short_path_too(path: str) -> None:
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        answer = await gateway.post("custom-llm", BODIES["custom-llm"], path=path)
        assert gateway.counted(platform="custom-llm", outcome="accepted") == 1
    assert answer.status == 200
    assert writer.written[0].event["platform"] == "custom-llm"


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_probe_is_answered_where_the_platform_probes(platform: str) -> None:
    async with running(writer=MemoryWriter()) as gateway:
        answer = await gateway.request("HEAD", f"/v1/webhooks/{platform}/acme")
        unknown = await gateway.request("HEAD", f"/v1/webhooks/{platform}/nobody")
    assert answer.status == (200 if platform in {"intercom", "fin-agent-api"} else 404)
    assert unknown.status == 404
