from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.offsets import OffsetTracker


def test_nothing_is_committed_past_an_unfinished_record() -> None:
    tracker = OffsetTracker()
    for offset in (10, 11, 14):
        tracker.taken(offset)
    tracker.finished(14)
    tracker.finished(11)
    assert tracker.take_commit() is None
    assert tracker.in_flight == 1
    assert tracker.span == 3
    tracker.finished(10)
    assert tracker.take_commit() == 15
    assert tracker.take_commit() is None


@given(st.data(), st.sets(st.integers(min_value=0, max_value=200), min_size=1))
def test_the_commit_is_always_the_first_unfinished_record(data: st.DataObject, offsets: set[int]) -> None:
    tracker = OffsetTracker()
    ordered = sorted(offsets)
    for offset in ordered:
        tracker.taken(offset)
    finished = data.draw(st.permutations(ordered))
    done: set[int] = set()
    committed = None
    for offset in finished:
        tracker.finished(offset)
        done.add(offset)
        committed = tracker.take_commit() or committed
        first_open = next((o for o in ordered if o not in done), None)
        before = [o for o in ordered if first_open is None or o < first_open]
        assert committed == (before[-1] + 1 if before else None)


def test_a_partition_is_left_with_its_offset_though_it_was_taken_before() -> None:
    tracker = OffsetTracker()
    assert tracker.last_commit() is None
    tracker.taken(10)
    tracker.finished(10)
    assert tracker.take_commit() == 11
    assert tracker.last_commit() == 11
    assert tracker.take_commit() is None
