"""Which events leave a span: those that led to a command, as children of what brought them."""

import msgspec

from streams.codec import header
from streams.topology import CONVERSATION_OUTCOMES, ESCALATION_COMMANDS
from streams.trace import new_traceparent, parent_of
from tests.support.escalation_engine import Engine, records
from tests.support.spans import Memory, span_id

NAME = "process conversation.events"


async def test_an_event_that_led_to_nothing_leaves_no_span() -> None:
    memory = Memory()
    engine = Engine(tracer=memory.tracer)
    await engine.feed(records("c1 hello", "c2 hello", "c1 again"))
    await engine.finish()
    await engine.stop()
    assert memory.names == []


async def test_a_command_is_handed_on_by_the_span_of_the_event_that_led_to_it() -> None:
    memory, brought = Memory(), new_traceparent()
    engine = Engine(tracer=memory.tracer)
    batch = records("c1 hello", "c1 both", "c2 hello")
    batch[1] = msgspec.structs.replace(batch[1], headers=(("traceparent", brought.encode()),))
    await engine.feed(batch)
    await engine.finish()
    await engine.stop()
    made, given = memory.named(NAME), parent_of(brought)
    assert given is not None
    assert made.parent is not None
    assert f"{made.parent.span_id:016x}" == given.span_id
    assert made.attributes is not None
    assert made.attributes["messaging.kafka.offset"] == 1
    assert made.attributes["messaging.message.conversation_id"] == "c1"
    [command] = [sent for sent in engine.producer.sent if sent.topic == ESCALATION_COMMANDS.name]
    handed_on = parent_of(header(command.headers, "traceparent"))
    assert handed_on is not None
    assert (handed_on.trace_id, handed_on.span_id) == (given.trace_id, f"{span_id(made):016x}")
    [outcome] = [sent for sent in engine.producer.sent if sent.topic == CONVERSATION_OUTCOMES.name]
    beside = parent_of(header(outcome.headers, "traceparent"))
    assert beside is not None
    assert beside.trace_id == given.trace_id, "in the trace, without a span of its own"


async def test_a_tick_begins_a_trace_of_its_own() -> None:
    memory, made_up = Memory(), new_traceparent()
    engine = Engine(tracer=memory.tracer)
    [event] = records("c1 open")
    headers = (("ce_type", b"handoff.tick"), ("traceparent", made_up.encode()))
    await engine.feed([msgspec.structs.replace(event, headers=headers)])
    await engine.finish()
    await engine.stop()
    assert memory.named(NAME).parent is None
