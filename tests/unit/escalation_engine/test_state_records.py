"""State as records and back: whole, cut off anywhere, beside a zombie's writes, compacted."""

import struct

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.live import Live
from agents.escalation.state import SEEN_BYTES, ConversationState, Head, StoredTurn
from agents.escalation.state_records import MAX_CHUNK_BYTES, StateRecord, head_key, records_of
from streams.kafka.bulk import StoredRecord
from tests.support.escalation_engine import loaded

ENTRY = struct.Struct("<q8sq")


def grown(state: ConversationState | None, offset: int, *, text: str = "x", trim: int = 0) -> ConversationState:
    """One event more; of what is remembered the first `trim` turns and hashes leave."""
    turns = (*(state.turns if state else ()), StoredTurn(offset, f"e{offset}", 0, 0, text))[trim:]
    seen = ((state.seen if state else b"") + ENTRY.pack(offset, offset.to_bytes(8, "little"), 0))[trim * SEEN_BYTES :]
    head = state.head if state else Head("t", "c", "direct", offset, "e0", 0)
    head = msgspec.structs.replace(
        head,
        applied_offset=offset,
        turns_from=turns[0].offset if turns else offset + 1,
        seen_from=ENTRY.unpack_from(seen)[0] if seen else offset + 1,
    )
    return ConversationState(head, turns, seen)


def step(live: Live, offset: int, *, text: str = "x", trim: int = 0) -> None:
    live.state = grown(live.state, offset, text=text, trim=trim)
    live.applied_offset = offset


def forget(live: Live, offset: int) -> None:
    live.forget(offset)


def log_of(records: list[StateRecord]) -> list[StoredRecord]:
    return [
        StoredRecord(0, offset, key, value, tuple(headers or ()))
        for offset, (key, value, headers) in enumerate(records)
    ]


def compacted(log: list[StoredRecord]) -> list[StoredRecord]:
    """The last record of each key; tombstones leave too."""
    last = {record.key: record.offset for record in log}
    return [record for record in log if record.offset == last[record.key] and record.value is not None]


def state_of(log: list[StoredRecord]) -> tuple[ConversationState | None, list[StateRecord]]:
    state, repairs = loaded(log)
    live = state.lives.get("t|c")
    return (None if live is None else live.state), repairs


# An offset is taken by every step; a write happens only sometimes, as when the brokers are slow.
steps = st.lists(
    st.tuples(st.sampled_from(["grow", "grow", "grow", "forget"]), st.integers(0, 3), st.booleans(), st.integers(1, 9)),
    max_size=25,
)


@given(steps)
def test_whatever_was_written_last_is_what_is_loaded(plan: list[tuple[str, int, bool, int]]) -> None:
    live, records, offset, written = Live("t|c", 0), [], -1, None
    for what, trim, write, gap in plan:
        offset += gap
        if what == "grow":
            step(live, offset, trim=min(trim, len(live.state.turns) if live.state else 0))
        else:
            forget(live, offset)
        if write:
            records += records_of(live)
            written = live.state
    log = log_of(records)
    assert state_of(log) == (written, [])
    assert state_of(compacted(log)) == (written, [])


def test_an_event_that_brings_no_turn_and_no_hash_writes_the_head_alone() -> None:
    live = Live("t|c", 0)
    step(live, 0)
    assert [record.key for record in records_of(live)] == [b"t|c|c|0-0", head_key("t|c")]
    assert live.state is not None
    live.state = live.state._replace(head=msgspec.structs.replace(live.state.head, applied_offset=1))
    live.applied_offset = 1
    assert [record.key for record in records_of(live)] == [head_key("t|c")]


@given(steps, st.data())
def test_a_log_cut_off_anywhere_gives_the_last_head_before_the_cut_and_nothing_past_it(
    plan: list[tuple[str, int, bool, int]], data: st.DataObject
) -> None:
    live, offset = Live("t|c", 0), -1
    records: list[StateRecord] = []
    heads: dict[int, ConversationState | None] = {}
    for _, trim, write, gap in plan:
        offset += gap
        step(live, offset, trim=min(trim, len(live.state.turns) if live.state else 0))
        if write:
            new = records_of(live)
            at = next(at for at, record in enumerate(new, start=1) if record[0] == b"t|c|h")
            heads[len(records) + at] = live.state
            records += new
    cut = data.draw(st.integers(0, len(records)))
    expected = heads[max(at for at in heads if at <= cut)] if any(at <= cut for at in heads) else None
    found, repairs = state_of(log_of(records[:cut]))
    assert found == expected
    after = state_of(log_of(records[:cut] + repairs))
    assert after == (found, [])


@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.integers(1, 4), st.data())
def test_a_zombies_late_head_loses_and_the_newer_one_is_written_again(
    gaps: list[int], behind: int, data: st.DataObject
) -> None:
    """A zombie and the new owner fold the same events; what the zombie still had queued comes late."""
    offsets = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    zombie, owner = Live("t|c", 0), Live("t|c", 0)
    late: list[StateRecord] = []
    for offset in offsets[:behind]:
        step(zombie, offset)
        late += records_of(zombie)
    newer: list[StateRecord] = []
    for offset in offsets:
        step(owner, offset)
        newer += records_of(owner)
    at = data.draw(st.integers(0, len(newer)))
    log = [*newer[:at], *late, *newer[at:]]
    found, repairs = state_of(log_of(log))
    assert found == owner.state
    assert state_of(log_of(log + repairs)) == (owner.state, [])
    repaired = compacted(log_of(log + repairs))
    assert state_of(repaired)[0] == owner.state


def test_a_zombies_late_tombstone_does_not_delete_what_began_anew_since() -> None:
    zombie, owner = Live("t|c", 0), Live("t|c", 0)
    log = []
    for live in (zombie, owner):
        step(live, 1)
        log += records_of(live)
        forget(live, 2)
    late = records_of(zombie)
    log += records_of(owner)
    step(owner, 7)
    log += records_of(owner)
    found, repairs = state_of(log_of(log + late))
    assert found == owner.state
    assert state_of(compacted(log_of(log + late + repairs)))[0] == owner.state


def test_a_zombies_late_head_does_not_bring_a_deleted_conversation_back() -> None:
    zombie, owner = Live("t|c", 0), Live("t|c", 0)
    log = []
    for live in (zombie, owner):
        step(live, 1)
        log += records_of(live)
    step(zombie, 2)
    late = records_of(zombie)
    step(owner, 2)
    log += records_of(owner)
    forget(owner, 3)
    log += records_of(owner)
    found, repairs = state_of(log_of(log + late))
    assert found is None
    assert {record.value for record in repairs} == {None}
    assert compacted(log_of(log + late + repairs)) == []


def test_chunks_past_the_head_wait_for_their_events_and_go_with_their_conversation() -> None:
    live = Live("t|c", 0)
    step(live, 3)
    log = records_of(live)
    step(live, 8)
    chunk, _ = records_of(live)
    orphan = StateRecord(b"t|other|c|0-4", chunk.value)
    partition, repairs = loaded(log_of([*log, chunk, orphan]))
    found, other = partition.lives["t|c"], partition.get("t|other")
    assert found.state is not None
    assert (found.state.head.applied_offset, [turn.offset for turn in found.state.turns]) == (3, [3])
    assert repairs == []
    forget(found, 9)
    forget(other, 9)
    tombstones = [*records_of(found), *records_of(other)]
    keys = [b"t|c|c|0-3", b"t|c|c|4-8", b"t|c|h", b"t|other|c|0-4", b"t|other|h"]
    assert [(record.key, record.value) for record in tombstones] == [(key, None) for key in keys]


def test_a_chunk_that_came_before_its_conversation_was_deleted_goes() -> None:
    live = Live("t|c", 0)
    step(live, 3)
    log = records_of(live)
    forget(live, 9)
    _, head = records_of(live)
    assert state_of(log_of([*log, head])) == (None, [(b"t|c|c|0-3", None, None)])


def test_deletion_tombstones_head_and_all_chunks_and_nothing_is_loaded_again() -> None:
    live = Live("t|c", 0)
    records = []
    for offset in (1, 2, 3):
        step(live, offset)
        records += records_of(live)
    forget(live, 4)
    tombstones = records_of(live)
    assert {key for key, value, _ in records if value is not None} == {record.key for record in tombstones}
    assert [record.value for record in tombstones] == [None] * 4
    assert state_of(log_of(records + tombstones)) == (None, [])
    assert compacted(log_of(records + tombstones)) == []


def test_a_conversation_that_begins_anew_before_its_deletion_was_written_brings_no_old_turn_back() -> None:
    live = Live("t|c", 0)
    step(live, 1, text="old")
    records = records_of(live)
    forget(live, 2)
    live.state = grown(None, 3, text="new")
    live.state = ConversationState(msgspec.structs.replace(live.state.head, turns_from=0), *live.state[1:])
    live.applied_offset = 3
    records += records_of(live)
    found, _ = state_of(log_of(records))
    assert found is not None
    assert [turn.text for turn in found.turns] == ["new"]


def test_a_conversation_that_began_and_ended_between_two_writes_outlives_no_zombies_head() -> None:
    zombie, owner = Live("t|c", 0), Live("t|c", 0)
    step(zombie, 1)
    late = records_of(zombie)
    step(owner, 1)
    forget(owner, 2)
    log = records_of(owner)
    assert not owner.dirty
    found, repairs = state_of(log_of(log + late))
    assert found is None
    assert compacted(log_of(log + late + repairs)) == []


def test_much_at_once_is_cut_into_chunks_that_the_brokers_take() -> None:
    live = Live("t|c", 0)
    for offset in range(40):
        step(live, offset * 7, text="x" * 30_000)
    *chunks, head = records_of(live)
    assert head[0] == head_key("t|c")
    assert len(chunks) > 4
    assert max(len(chunk.value or b"") for chunk in chunks) <= MAX_CHUNK_BYTES
    assert state_of(log_of([*chunks, head])) == (live.state, [])
    step(live, 400)
    again = records_of(live)
    assert [record.key for record in again] == [b"t|c|c|274-400", b"t|c|h"]


def test_n_turns_cost_bytes_in_proportion_to_n() -> None:
    def total_bytes(turns: int) -> int:
        live, size_bytes = Live("t|c", 0), 0
        for offset in range(turns):
            step(live, offset, text="x" * 200)
            size_bytes += sum(len(key) + len(value or b"") for key, value, _ in records_of(live))
        return size_bytes

    assert total_bytes(400) < 2.1 * total_bytes(200)


def test_trimmed_chunks_are_tombstoned_once_no_kept_turn_or_hash_lies_in_them() -> None:
    live = Live("t|c", 0)
    for offset in (1, 2, 3):
        step(live, offset)
        records_of(live)
    step(live, 4, trim=2)
    keys = [record.key for record in records_of(live) if record.value is None]
    assert keys == [b"t|c|c|0-1", b"t|c|c|2-2"]
    assert live.chunks == [(3, 3), (4, 4)]
