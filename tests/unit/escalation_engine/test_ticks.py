"""When a conversation is woken, and how often."""

from datetime import UTC, datetime

import msgspec

from agents.escalation.decision import Decision, Rules
from agents.escalation.fold import Folded, Folder
from agents.escalation.live import Live, PartitionState
from agents.escalation.replay import tick_for
from agents.escalation.state import ConversationState, Head
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent, Tick
from streams.kafka.record import Record
from tests.support.escalation_engine import RULES, Engine, loaded


def waiting(state: PartitionState, key: str, due_ms: int | None) -> Live:
    live = state.get(key)
    head = Head("t", key.partition("|")[2], "direct", 1, "e1", 0, due_ms=due_ms, due_episode="e1")
    live.state = ConversationState(head)
    state.wake_at(live)
    return live


def test_a_due_conversation_is_woken_once() -> None:
    state = PartitionState(0)
    live = waiting(state, "t|c", 1_000)
    assert list(state.due(999)) == []
    assert list(state.due(1_000)) == [live]
    state.wake_at(live)
    assert list(state.due(5_000)) == []


def test_a_due_time_that_moved_is_kept_and_the_old_one_is_forgotten() -> None:
    state = PartitionState(0)
    waiting(state, "t|c", 1_000)
    live = waiting(state, "t|c", 2_000)
    assert list(state.due(1_500)) == []
    assert list(state.due(2_000)) == [live]


def test_the_same_time_wakes_again_after_a_tick_that_came_to_nothing() -> None:
    """A stale tick changes no state; the conversation must not wait for ever."""
    partition, folded = PartitionState(0), Folded()
    live = waiting(partition, "t|c", 1_000)
    assert list(partition.due(1_000)) == [live]
    tick = tick_for(live.state) if live.state else None
    assert tick is not None

    def stale(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        return Decision(state, "stale_tick")

    Folder(stale, lambda _tenant: RULES, 1).fold(partition, [Record("t", 0, 9, b"t|c", encode(tick))], folded)
    assert list(partition.due(1_000)) == [live]
    assert list(partition.due(1_000)) == []


def test_conversations_are_woken_in_the_order_of_their_times_and_those_without_one_never() -> None:
    state = PartitionState(0)
    late, early = waiting(state, "t|late", 20), waiting(state, "t|early", 10)
    waiting(state, "t|never", None)
    assert list(state.due(10**12)) == [early, late]


def test_a_deleted_conversation_is_not_woken() -> None:
    state = PartitionState(0)
    live = waiting(state, "t|c", 10)
    live.forget(10)
    assert list(state.due(10)) == []


def test_due_times_are_known_again_after_recovery() -> None:
    from agents.escalation.state_records import records_of
    from streams.kafka.bulk import StoredRecord

    before = PartitionState(0)
    live = waiting(before, "t|c", 1_000)
    live.applied_offset = 1
    list(before.due(1_000))
    log = [StoredRecord(0, offset, key, value) for offset, (key, value, _) in enumerate(records_of(live))]
    after, _ = loaded(log)
    assert [found.key for found in after.due(1_000)] == ["t|c"]


async def test_a_tick_has_the_id_that_every_replay_derives() -> None:
    engine, state = Engine(), PartitionState(0)
    live = waiting(state, "t|c", 1_752_228_000_123)
    assert live.state is not None
    topic, key, value, _ = engine.emitter.tick(live)
    tick = decode(EVENT, value)
    assert (topic, key) == ("conversation.events", b"t|c")
    assert isinstance(tick, Tick)
    assert tick == tick_for(live.state)
    assert tick.due_at == datetime.fromtimestamp(1_752_228_000.123, UTC)
    other = ConversationState(msgspec.structs.replace(live.state.head, due_ms=1_752_228_000_124))
    moved = tick_for(other)
    assert moved is not None
    assert moved.event_id != tick.event_id
    await engine.stop()
