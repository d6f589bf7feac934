"""Emit before mark, and when a batch is acknowledged."""

import pytest

from streams.codec import header
from streams.kafka.record import Record
from tests.support.escalation_engine import (
    COMMANDS,
    OUTCOMES,
    STATE,
    Engine,
    conversation_on,
    loaded,
    record,
    records,
    stored,
)


async def test_no_state_is_written_while_a_command_is_outstanding() -> None:
    engine = Engine()
    await engine.feed(records("c open"))
    await engine.settle()
    assert [sent.topic for sent in engine.producer.sent] == [COMMANDS]
    await engine.feed(records("c hello", first=1))
    await engine.settle()
    assert engine.producer.of(STATE) == []
    engine.producer.deliver()
    await engine.settle()
    assert [sent.key.rpartition(b"|")[2] for sent in engine.producer.of(STATE)] == [b"0-1", b"h"]
    assert engine.acked == []
    await engine.stop()


async def test_a_batch_is_acknowledged_when_its_head_is_and_not_when_its_chunk_is() -> None:
    engine = Engine()
    await engine.feed(records("c hello"))
    await engine.settle()
    chunk, head = engine.producer.of(STATE)
    engine.producer.deliver([chunk])
    await engine.settle()
    assert engine.acked == []
    engine.producer.deliver([head])
    assert engine.acked == [(0, 0)]
    await engine.stop()


async def test_every_output_of_a_conversation_has_to_be_on_the_brokers_before_its_state() -> None:
    engine = Engine()
    await engine.feed(records("c both"))
    await engine.settle()
    [command], [outcome] = engine.producer.of(COMMANDS), engine.producer.of(OUTCOMES)
    engine.producer.deliver([outcome])
    await engine.settle()
    assert engine.producer.of(STATE) == []
    engine.producer.deliver([command])
    await engine.settle()
    assert len(engine.producer.of(STATE)) == 2
    await engine.stop()


async def test_a_conversation_with_outputs_holds_nobody_elses_state_back() -> None:
    engine = Engine()
    await engine.feed(records("slow open", "quick hello"))
    await engine.settle()
    assert {sent.key.split(b"|")[1] for sent in engine.producer.of(STATE)} == {b"quick"}
    await engine.stop()


async def test_batches_of_a_partition_are_acknowledged_in_the_order_in_which_they_came() -> None:
    engine = Engine()
    await engine.feed(records("slow open"))
    await engine.settle()
    await engine.feed(records("quick hello", first=1))
    await engine.settle()
    engine.producer.deliver(engine.producer.of(STATE))
    await engine.settle()
    assert engine.acked == []
    await engine.finish()
    assert engine.acked == [(0, 0), (0, 1)]
    await engine.stop()


async def test_partitions_do_not_wait_for_each_other() -> None:
    engine = Engine(partitions=(0, 1))
    await engine.feed([record(7, conversation_on(0, 2), "open")])
    await engine.feed([record(3, conversation_on(1, 2), "hello", partition=1)])
    await engine.settle()
    engine.producer.deliver(engine.producer.of(STATE))
    await engine.settle()
    assert engine.acked == [(1, 3)]
    await engine.stop()


async def test_a_batch_that_leads_to_nothing_is_acknowledged_at_once() -> None:
    engine = Engine()
    await engine.feed(records("c hello"))
    await engine.finish()
    await engine.feed(records("c same", first=1))
    await engine.settle()
    assert engine.acked == [(0, 0), (0, 1)]
    assert not engine.producer.in_flight()
    assert engine.pipeline.idle
    await engine.stop()


async def test_a_bad_record_goes_to_the_dead_letters_alone_and_its_neighbours_go_on_in_order() -> None:
    engine = Engine()
    good, bad, later = records("c first", "c second", "c third")
    bad = type(bad)(bad.topic, bad.partition, bad.offset, bad.key, b"{not json", (("ce_id", b"e1"),))
    await engine.feed([good, bad, later])
    await engine.settle()
    [letter] = engine.producer.of("conversation.events.dead")
    assert (letter.key, letter.value, letter.partition) == (b"t|c", b"{not json", 0)
    assert header(letter.headers, "dlq-reason") == "not_json"
    assert header(letter.headers, "dlq-offset") == "1"
    assert header(letter.headers, "ce_id") == "e1"
    assert engine.turns("c") == ["first", "third"]
    await engine.finish()
    assert engine.acked == [(0, 2)]
    await engine.stop()


async def test_a_dead_letter_under_way_holds_back_the_state_that_would_pass_it() -> None:
    engine = Engine()
    bad, later = records("c lost", "c kept")
    await engine.feed([type(bad)(bad.topic, 0, 0, bad.key, b"{")])
    await engine.settle()
    await engine.feed([later])
    await engine.settle()
    assert engine.producer.of(STATE) == []
    engine.producer.deliver()
    await engine.settle()
    assert [sent.key for sent in engine.producer.of(STATE)] == [b"t|c|c|0-1", b"t|c|h"]
    await engine.finish()
    assert engine.acked == [(0, 0), (0, 1)]
    await engine.stop()


async def test_a_batch_of_dead_letters_that_wait_for_room_is_not_acknowledged_by_a_report_before_it() -> None:
    engine = Engine(room=3)
    await engine.feed(records("c hello"))
    await engine.settle()
    chunk_and_head = engine.producer.of(STATE)
    await engine.feed([Record("conversation.events", 0, offset, b"t|x", b"{") for offset in (1, 2)])
    await engine.settle()
    engine.producer.deliver(chunk_and_head)
    assert engine.acked == [(0, 0)]
    await engine.finish()
    assert engine.acked == [(0, 0), (0, 2)]
    await engine.stop()


async def test_what_queues_up_behind_a_full_producer_is_joined_into_one_pass_and_one_head() -> None:
    engine = Engine(room=2)
    await engine.feed(records("a hello"))
    await engine.settle()
    for offset in range(1, 6):
        await engine.feed(records("c hello", first=offset))
    await engine.settle()
    engine.producer.room = None
    await engine.feed(records("b hello", first=6))
    await engine.finish()
    heads = [sent for sent in engine.producer.of(STATE) if sent.key == b"t|c|h"]
    assert len(heads) <= 2
    assert engine.turns("c") == ["hello"] * 5
    assert [offset for _, offset in engine.acked] == list(range(7))
    await engine.stop()


async def test_a_conversation_that_never_stops_escalating_is_stored_when_it_pauses() -> None:
    engine = Engine()
    for offset in range(5):
        await engine.feed(records("c open", first=offset))
        await engine.settle()
        if offset:
            engine.producer.deliver([engine.producer.of(COMMANDS)[offset - 1]])
            await engine.settle()
    assert engine.producer.of(STATE) == []
    await engine.finish()
    assert engine.acked == [(0, offset) for offset in range(5)]
    assert len(engine.producer.of(STATE)) == 2
    await engine.stop()


async def test_records_at_or_below_the_applied_offset_are_not_folded_again() -> None:
    engine = Engine()
    await engine.feed(records("c open", "c hello"))
    await engine.finish()
    await engine.feed(records("c open", "c hello", "c new"))
    await engine.finish()
    assert len(engine.producer.of(COMMANDS)) == 1
    assert engine.turns("c") == ["open", "hello", "new"]
    await engine.stop()


async def test_every_record_is_preceded_by_the_zombie_check() -> None:
    engine = Engine()
    checked: list[int] = []
    engine.producer.on_produce = lambda _sent: checked.append(engine.checks)
    await engine.feed(records("c both", "d hello"))
    await engine.finish()
    assert checked == list(range(1, len(engine.producer.sent) + 1))
    await engine.stop()


@pytest.mark.parametrize("topic", [COMMANDS, STATE, "conversation.events.dead"])
async def test_a_failed_delivery_ends_the_process_and_acknowledges_nothing(topic: str) -> None:
    engine = Engine()
    good, bad = records("c open", "d hello")
    await engine.feed([good, type(bad)(bad.topic, 0, bad.offset, bad.key, None)])
    await engine.settle()
    engine.producer.deliver([sent for sent in engine.producer.in_flight() if sent.topic != topic])
    await engine.settle()
    engine.producer.fail(engine.producer.in_flight(topic)[-1])
    assert len(engine.died) == 1
    assert "_MSG_TIMED_OUT" in engine.died[0]
    assert engine.acked == []
    await engine.stop()


async def test_a_bug_in_the_decision_ends_the_process_and_names_the_place_but_no_content() -> None:
    engine = Engine()
    await engine.feed(records("c break my-secret"))
    await engine.settle()
    [why] = engine.died
    assert why.startswith("ZeroDivisionError in toy, line ")
    assert "my-secret" not in why
    assert engine.acked == []
    assert engine.producer.sent == []
    await engine.stop()


async def test_what_was_written_is_what_is_loaded_again() -> None:
    engine = Engine()
    await engine.feed(records("c one", "d open", "c two", "d three"))
    await engine.finish()
    state, repairs = loaded(stored(engine.producer.of(STATE)))
    assert repairs == []
    assert {key: live.state for key, live in state.lives.items()} == {
        key: live.state for key, live in engine.partitions[0].lives.items()
    }
    await engine.stop()
