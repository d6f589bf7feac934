"""What a webhook leaves in a trace: its request, what was sent, and nothing of those who are turned away."""

import pytest

from streams.kafka.producer import DeliveryFailed
from streams.trace import new_traceparent, parent_of
from tests.support.gateway import BODIES, PLATFORMS, MemoryWriter, Written, running, signed
from tests.support.spans import Memory, span_id, trace_id


class Deaf(MemoryWriter):
    """No broker acknowledges anything."""

    async def acknowledge(self, record: Written) -> None:
        raise DeliveryFailed("timed_out")


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_is_sent_is_a_child_of_the_request_which_is_one_of_the_senders(platform: str) -> None:
    memory, writer, sender = Memory(), MemoryWriter(), new_traceparent()
    async with running(writer=writer, tracer=memory.tracer) as gateway:
        headers = signed(platform, BODIES[platform], gateway.clock.now()) | {"traceparent": sender}
        await gateway.post(platform, BODIES[platform], headers)
    sent, request = memory.named("send conversation.events"), memory.named("POST /v1/webhooks/{platform}/{tenant}")
    given = parent_of(sender)
    assert given is not None
    assert request.parent is not None
    assert sent.parent is not None
    assert (f"{request.parent.span_id:016x}", f"{trace_id(request):032x}") == (given.span_id, given.trace_id)
    assert sent.parent.span_id == span_id(request)
    handed_on = {parent_of(record.headers["traceparent"]) for record in writer.written}
    assert [one and (one.trace_id, one.span_id) for one in handed_on] == [(given.trace_id, f"{span_id(sent):016x}")]
    assert request.attributes is not None
    assert request.attributes["handoff.platform"] == platform
    assert request.attributes["http.response.status_code"] in {200, 201, 202, 204}
    assert sender not in request.to_json()


async def test_who_is_turned_away_and_who_brings_nothing_makes_no_span() -> None:
    memory, body = Memory(), BODIES["custom-llm"]
    async with running(writer=MemoryWriter(), tracer=memory.tracer) as gateway:
        assert (await gateway.post("custom-llm", body, {"webhook-signature": "v1,wrong"})).status == 401
        proof = signed("custom-llm", b"{", gateway.clock.now())
        assert (await gateway.post("custom-llm", b"{", proof)).status == 400
    assert memory.names == []


async def test_what_the_brokers_do_not_take_is_an_error_of_both_spans() -> None:
    memory, body = Memory(), BODIES["custom-llm"]
    async with running(writer=Deaf(), tracer=memory.tracer) as gateway:
        answer = await gateway.post("custom-llm", body, signed("custom-llm", body, gateway.clock.now()))
        assert answer.status == 503
    for span in (memory.named("send conversation.events"), memory.named("POST /v1/webhooks/{platform}/{tenant}")):
        assert not span.status.is_ok, span.name


async def test_a_body_without_a_trace_begins_one() -> None:
    memory, writer, body = Memory(), MemoryWriter(), BODIES["custom-llm"]
    async with running(writer=writer, tracer=memory.tracer) as gateway:
        await gateway.post("custom-llm", body, signed("custom-llm", body, gateway.clock.now()))
    assert memory.named("POST /v1/webhooks/{platform}/{tenant}").parent is None
    assert len({record.headers["traceparent"] for record in writer.written}) == 1
