"""Conversations at rest: kept as bytes, and nobody can tell."""

from datetime import timedelta

import msgspec

from agents.escalation.cold import cooled, warmed
from agents.escalation.live import Live, PartitionState
from agents.escalation.sizes import held_bytes
from tests.support.escalation_engine import AT, STATE, Engine, loaded, records, stored


def at_rest(engine: Engine) -> list[str]:
    return [live.key for live in engine.partitions[0].lives.values() if live.cold is not None]


async def test_a_conversation_rests_from_the_second_round_in_which_nobody_asked_for_it() -> None:
    engine = Engine()
    await engine.feed(records("c hello"))
    await engine.finish()
    partition = engine.partitions[0]
    live = partition.lives["t|c"]

    def rests_after_a_round() -> bool:
        partition.begin_round()
        partition.cool(10)
        return live.cold is not None

    assert live.state is not None
    assert [rests_after_a_round() for _ in range(3)] == [False, True, True]
    assert live.state is not None
    assert [rests_after_a_round() for _ in range(2)] == [False, True]
    await engine.stop()


async def test_it_goes_on_from_its_bytes_and_writes_what_it_would_have_written() -> None:
    restless, rested = Engine(), Engine()
    for engine in (restless, rested):
        await engine.feed(records("c one", "c open"))
        await engine.finish()
    await rested.settle()
    await rested.settle()
    assert at_rest(rested) == ["t|c"]
    assert restless.partitions[0].lives["t|c"].state is not None  # asked for: it does not rest
    for engine in (restless, rested):
        await engine.feed(records("c two", first=2))
        await engine.finish()
    assert [(s.key, s.value) for s in rested.producer.of(STATE)] == [
        (s.key, s.value) for s in restless.producer.of(STATE)
    ]
    assert rested.turns("c") == ["one", "open", "two"]
    await restless.stop()
    await rested.stop()


async def test_what_the_brokers_do_not_have_yet_does_not_rest() -> None:
    engine = Engine()
    await engine.feed(records("c open"))
    for _ in range(4):
        await engine.settle()
    assert at_rest(engine) == []
    await engine.finish()
    await engine.settle()
    assert at_rest(engine) == ["t|c"]
    await engine.stop()


async def test_recovery_reads_no_state_and_neither_does_its_size() -> None:
    engine = Engine()
    await engine.feed(records(*(f"c{n} hello" for n in range(20))))
    await engine.finish()
    state, _ = loaded(stored(engine.producer.of(STATE)))
    assert held_bytes(state) > 0
    assert all(live.cold is not None for live in state.lives.values())
    await engine.stop()


async def test_one_at_rest_is_woken_when_it_is_due() -> None:
    engine = Engine()
    await engine.feed(records("c hello"))
    await engine.finish()
    live = engine.partitions[0].lives["t|c"]
    state = live.state
    assert state is not None
    due_ms = int((AT + timedelta(minutes=5)).timestamp() * 1000)
    sleeping = Live("t|c", 0)
    sleeping.rest(cooled(state._replace(head=msgspec.structs.replace(state.head, due_ms=due_ms)), []), due_ms)
    partition = PartitionState(0, lives={"t|c": sleeping})
    partition.wake_at(sleeping)
    assert list(partition.due(due_ms - 1)) == []
    assert list(partition.due(due_ms)) == [sleeping]
    await engine.stop()


async def test_a_deleted_one_is_gone_and_not_at_rest() -> None:
    engine = Engine()
    await engine.feed(records("c hello"))
    await engine.finish()
    await engine.settle()
    await engine.feed(records("c forget", first=1))
    await engine.finish()
    assert engine.partitions[0].lives == {}
    await engine.stop()


def test_a_round_takes_as_many_at_a_time_as_it_may() -> None:
    partition = PartitionState(0)
    for number in range(5):
        partition.get(f"t|{number}")
    partition.begin_round()
    assert [partition.cool(2) for _ in range(4)] == [2, 2, 1, 0]


async def test_what_rests_is_what_was() -> None:
    engine = Engine()
    await engine.feed(records("c one", "c two"))
    await engine.finish()
    state = engine.partitions[0].lives["t|c"].state
    assert state is not None
    assert warmed(cooled(state, [(0, 1)])) == (state, [(0, 1)])
    await engine.stop()
