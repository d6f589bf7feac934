"""How much may be in flight, and what stops the worker on purpose."""

import asyncio

from agents.escalation.pipeline import MAX_RECORDS_PER_PASS
from streams.kafka.dead_letters import FusePolicy
from streams.kafka.record import Record
from tests.support.escalation_engine import COMMANDS, EVENTS, STATE, Engine, records


def bad(offset: int) -> Record:
    return Record(EVENTS, 0, offset, b"t|c", b"{")


async def test_the_fetcher_waits_while_too_much_is_in_flight_and_goes_on_when_the_brokers_have_it() -> None:
    batch = records("c hello")
    size_bytes = len(batch[0].value or b"")
    engine = Engine(max_in_flight_bytes=2 * size_bytes)
    for offset in range(3):
        await engine.feed(records("c hello", first=offset))
    await engine.settle()
    waiting = asyncio.create_task(engine.feed(records("c hello", first=3)))
    await engine.settle()
    assert not waiting.done()
    assert engine.pipeline.in_flight_bytes == 3 * size_bytes
    await engine.finish()
    assert waiting.done()
    await engine.finish()
    assert engine.acked == [(0, offset) for offset in range(4)]
    assert engine.pipeline.in_flight_bytes == 0
    await engine.stop()


async def test_bad_records_among_good_ones_do_not_trip_the_fuse_however_large_the_batch() -> None:
    engine = Engine(fuse=FusePolicy(max_consecutive=5))
    batch = records(*["c hello"] * 300)
    for offset in range(0, 300, 10):
        batch[offset] = bad(offset)
    await engine.feed(batch)
    await engine.finish()
    assert engine.pipeline.tripped is None
    assert engine.acked == [(0, 299)]
    assert len(engine.producer.of(f"{EVENTS}.dead")) == 30
    await engine.stop()


async def test_a_run_of_bad_records_stops_the_worker_before_anything_of_the_batch_is_produced() -> None:
    engine = Engine(fuse=FusePolicy(max_consecutive=5))
    await engine.feed([*records("c open"), *(bad(offset) for offset in range(1, 8))])
    await engine.settle()
    assert engine.pipeline.tripped == "6 dead letters in a row"
    assert engine.producer.sent == []
    assert engine.acked == []
    assert engine.died == []
    await engine.stop()


async def test_what_was_in_flight_when_the_fuse_tripped_is_still_delivered_but_goes_no_further() -> None:
    engine = Engine(fuse=FusePolicy(max_consecutive=1))
    await engine.feed(records("c open"))
    await engine.settle()
    await engine.feed([bad(1), bad(2)])
    await engine.settle()
    engine.producer.deliver()
    await engine.settle()
    assert [sent.topic for sent in engine.producer.sent] == [COMMANDS]
    assert engine.acked == []
    await engine.stop()


async def test_a_fetch_too_long_for_one_pass_is_folded_in_several_and_acknowledged_once_when_all_is_stored() -> None:
    engine = Engine()
    await engine.feed(records(*["c hello"] * (MAX_RECORDS_PER_PASS + 1)))
    await engine.settle()
    assert engine.pipeline.passes > 1
    first_head = next(sent for sent in engine.producer.of(STATE) if sent.key.endswith(b"|h"))
    engine.producer.deliver([sent for sent in engine.producer.of(STATE) if sent is not first_head])
    await engine.settle()
    assert engine.acked == []
    engine.producer.deliver([first_head])
    await engine.finish()
    assert engine.acked == [(0, MAX_RECORDS_PER_PASS)]
    await engine.stop()
