"""Partitions that leave, and come back."""

import asyncio

from agents.escalation.live import PartitionState
from tests.support.escalation_engine import COMMANDS, STATE, Engine, records


def leave(engine: Engine, partition: int = 0) -> None:
    del engine.partitions[partition]
    engine.pipeline.forget(partition)


async def test_no_state_is_written_for_a_partition_that_left_while_a_command_was_outstanding() -> None:
    engine = Engine()
    await engine.feed(records("c open"))
    await engine.settle()
    leave(engine)
    await engine.finish()
    assert [sent.topic for sent in engine.producer.sent] == [COMMANDS]
    assert engine.acked == []
    assert engine.pipeline.in_flight_bytes == 0
    assert engine.pipeline.idle
    await engine.stop()


async def test_a_former_life_of_a_partition_writes_nothing_into_its_new_one() -> None:
    engine = Engine()
    await engine.feed(records("c open"))
    await engine.settle()
    [old] = engine.producer.of(COMMANDS)
    leave(engine)
    engine.partitions[0] = PartitionState(0)
    engine.producer.deliver([old])
    await engine.settle()
    assert engine.producer.of(STATE) == []
    await engine.feed(records("c open"))
    await engine.finish()
    assert [sent.key.rpartition(b"|")[2] for sent in engine.producer.of(STATE)] == [b"0-0", b"h"]
    assert engine.acked == [(0, 0)]
    await engine.stop()


async def test_records_queued_for_a_partition_that_left_are_let_go() -> None:
    engine = Engine(room=1)
    await engine.feed(records("c open", "c open"))
    await engine.settle()
    await engine.feed(records("c later", first=2))
    leave(engine)
    engine.partitions[0] = PartitionState(0)
    engine.producer.room = None
    await engine.finish()
    assert engine.turns("c") == []
    assert engine.acked == []
    assert engine.pipeline.in_flight_bytes == 0
    await engine.stop()


async def test_a_fetch_that_waits_for_room_while_its_partition_leaves_is_let_go() -> None:
    engine = Engine(max_in_flight_bytes=1)
    await engine.feed(records("c open"))
    await engine.settle()
    waiting = asyncio.create_task(engine.feed(records("c later", first=1)))
    await engine.settle()
    assert not waiting.done()
    leave(engine)
    engine.partitions[0] = PartitionState(0)
    await engine.finish()
    assert waiting.done()
    assert engine.turns("c") == []
    assert engine.pipeline.in_flight_bytes == 0
    await engine.stop()


async def test_records_of_a_partition_that_is_not_held_are_let_go() -> None:
    engine = Engine(partitions=())
    await engine.feed(records("c open"))
    await engine.settle()
    assert engine.producer.sent == []
    assert engine.acked == []
    assert engine.pipeline.in_flight_bytes == 0
    await engine.stop()
