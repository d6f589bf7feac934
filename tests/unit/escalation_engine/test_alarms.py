"""Alarms by the minute."""

from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.alarms import MINUTE_MS, Alarms


def test_a_key_rings_once_and_at_most_a_minute_early() -> None:
    alarms = Alarms()
    alarms.add(10 * MINUTE_MS + 500, "c")
    assert alarms.rung(10 * MINUTE_MS - 1) == []
    assert alarms.rung(10 * MINUTE_MS) == ["c"]
    assert alarms.rung(99 * MINUTE_MS) == []


@given(
    st.lists(st.tuples(st.integers(0, 20 * MINUTE_MS), st.text(max_size=2))),
    st.lists(st.integers(0, 20 * MINUTE_MS)).map(sorted),
)
def test_whatever_is_due_has_rung(entries: list[tuple[int, str]], moments: list[int]) -> None:
    alarms = Alarms()
    for at_ms, key in entries:
        alarms.add(at_ms, key)
    heard: list[str] = []
    for now_ms in moments:
        heard += alarms.rung(now_ms)
        begun = [key for at_ms, key in entries if at_ms - at_ms % MINUTE_MS <= now_ms]
        assert sorted(heard) == sorted(begun)
