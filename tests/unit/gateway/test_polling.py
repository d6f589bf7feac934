"""What is asked next, and what of the answers is news."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.gateway.polling import Known, Told, Windows, back_off_seconds, news, oldest_told
from agents.platforms.polling import MAX_LOOK_BACK_SECONDS, Changed, PollOptions
from streams.contracts.conversation_events import AiOutcome, AnyEvent, Message

START = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)
OPTIONS = PollOptions(every_seconds=60, overlap_seconds=300, look_back_seconds=3600)
LONG_AGO = START - timedelta(days=1)


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def said(event_id: str, author: Any = "customer", seconds: float = 0.0) -> AnyEvent:
    return Message(
        event_id=event_id,
        occurred_at=later(seconds),
        tenant="acme",
        platform="intercom",
        conversation_id="c1",
        author=author,
        text="Hello",
        repeats=True,
    )


steps = st.tuples(
    st.floats(0, 900),  # how long until the next search
    st.floats(-100, 100),  # how far our clock is off then
    st.sampled_from(["answered", "failed", "no room"]),
    st.floats(0, 1),  # how much of the window was taken in before there was no room
)


@given(st.lists(steps, max_size=40))
def test_no_instant_is_left_out_whatever_is_late_or_fails(plan: list[tuple[float, float, str, float]]) -> None:
    """Judged by the platform's clock: a second counts as asked about once it was over when it was asked about."""
    windows = Windows(OPTIONS, START, 0.0)
    asked: set[int] = set()
    true = START
    for delay, skew, how, share in [*plan, (60.0, 0.0, "answered", 1.0)]:
        true += timedelta(seconds=delay)
        window = windows.window(true + timedelta(seconds=skew))
        assert window.since < window.until
        if how == "failed":
            windows.failed(0.0)
            continue
        until = window.until
        if how == "no room":
            until = window.since + share * (window.until - window.since)
        asked.update(range(int(window.since.timestamp()) + 1, int(min(until, true).timestamp())))
        windows.answered(until, 0.0)
    assert asked >= set(range(int(START.timestamp()) - 3600, int(true.timestamp())))


def test_what_is_asked_about_goes_back_a_day_at_most() -> None:
    windows = Windows(OPTIONS, START, 0.0)
    window = windows.window(later(3 * 86_400))
    assert window.until - window.since == timedelta(seconds=MAX_LOOK_BACK_SECONDS)


def test_a_search_that_fails_is_made_again_sooner_and_then_ever_more_slowly() -> None:
    windows = Windows(OPTIONS, START, 0.0)
    pauses = []
    for _ in range(12):
        before = windows.due_seconds
        windows.failed(before)
        pauses.append(windows.due_seconds - before)
    assert pauses[:4] == [5, 10, 20, 40]
    assert pauses[-1] == 600
    windows.answered(START, 1000.0)
    assert windows.due_seconds == 1060.0
    windows.failed(1060.0)
    assert windows.due_seconds == 1065.0


def test_the_other_side_is_left_alone_for_as_long_as_it_asks() -> None:
    assert back_off_seconds(5.0, 1, 90.0) == 90.0
    assert back_off_seconds(5.0, 1, 1.0) == 5.0
    assert back_off_seconds(5.0, 10_000, None) == 600.0


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=30), st.integers(0, 30))
def test_however_snapshots_overlap_each_event_is_told_once(spans: list[tuple[int, int]], webhook: int) -> None:
    told = Told()
    told.add([said(f"p{webhook}")])
    counts = dict.fromkeys((f"p{number}" for number in range(31)), 0)
    for first, last in spans:
        snapshot = [said(f"p{number}", seconds=number) for number in range(first, last + 1)]
        fresh = news(snapshot, told, LONG_AGO)
        told.add(fresh)
        for event in fresh:
            counts[event.event_id] += 1
    shown = {f"p{number}" for first, last in spans for number in range(first, last + 1)} - {f"p{webhook}"}
    assert {name for name, count in counts.items() if count == 1} == shown
    assert max(counts.values()) <= 1


def test_only_so_many_events_are_remembered() -> None:
    told, (a, b, c) = Told(most=2), (said(name) for name in "abc")
    told.add([a, b])
    told.add([a, c])
    assert (told.has(a), told.has(b), told.has(c), len(told)) == (True, False, True, 2)


def test_the_same_number_in_another_conversation_is_another_event() -> None:
    told = Told()
    told.add([said("910500")])
    assert not told.has(said("910500").model_copy(update={"conversation_id": "c2"}))


def test_what_a_teammate_has_answered_needs_no_ticket_any_more() -> None:
    snapshot = [said("m1"), said("m2", "ai", 1), said("m3", "human", 2), said("m4", "customer", 3)]
    assert [event.event_id for event in news(snapshot, Told(), LONG_AGO)] == ["m3", "m4"]


def test_what_is_too_old_is_not_told() -> None:
    assert [event.event_id for event in news([said("m1"), said("m2", seconds=9)], Told(), later(5))] == ["m2"]


def test_ids_of_a_snapshot_need_not_be_remembered_for_a_month() -> None:
    (event,) = news([said("m1")], Told(), LONG_AGO)
    assert event.repeats is False


def test_a_start_tells_little_more_than_its_look_back_and_never_more_than_a_day() -> None:
    assert oldest_told(later(10), START, OPTIONS) == START - timedelta(seconds=3600 + 300 + 3600)
    week = timedelta(days=7)
    assert oldest_told(START + week, START, OPTIONS) == START + week - timedelta(days=1)
    assert oldest_told(START, START, PollOptions(look_back_seconds=86_400)) == START - timedelta(days=1)


def test_a_change_is_read_when_found_and_once_more_when_it_has_settled() -> None:
    known = Known(settled_seconds=8)
    change = Changed("c1", START)
    assert known.wants_reading(change, 0)
    known.read("c1", 0.1)
    assert known.wants_reading(change, 5)
    known.read("c1", 5.1)
    assert known.wants_reading(change, 60)
    known.read("c1", 60.1)
    assert not known.wants_reading(change, 120)
    assert known.wants_reading(Changed("c1", later(1)), 180)


def test_a_change_without_a_time_is_always_read() -> None:
    known = Known(settled_seconds=8)
    known.read("c1", 60)
    assert known.wants_reading(Changed("c1", None), 61)


def test_a_change_whose_read_failed_wants_reading_still() -> None:
    known = Known(settled_seconds=0)
    assert known.wants_reading(Changed("c1", START), 0)
    assert known.wants_reading(Changed("c1", START), 60)


def test_only_so_many_changes_are_remembered() -> None:
    known = Known(settled_seconds=0, most=1)
    for name in ("c1", "c2"):
        assert known.wants_reading(Changed(name, START), 0)
        known.read(name, 1)
    assert not known.wants_reading(Changed("c2", START), 2)
    assert known.wants_reading(Changed("c1", START), 2)


def verdict(event_id: str, outcome: str, seconds: float) -> AnyEvent:
    return AiOutcome(
        event_id=event_id,
        occurred_at=later(seconds),
        tenant="acme",
        platform="intercom",
        conversation_id="c1",
        outcome=outcome,
    )


def test_a_verdict_that_a_notification_hung_on_the_closing_is_no_news_beside_the_words_it_is_about() -> None:
    told = Told()
    told.add([said("p1"), verdict("p9:ai_outcome:resolved", "resolved", 60)])
    snapshot = [said("p1"), said("p2", "ai", 5), verdict("p2:ai_outcome:resolved", "resolved", 5)]
    assert [event.event_id for event in news(snapshot, told, LONG_AGO)] == ["p2"]


def test_another_verdict_and_one_after_the_customer_went_on_are_news() -> None:
    told = Told()
    told.add([said("p1"), verdict("p2:ai_outcome:resolved", "resolved", 5)])
    changed = [said("p1"), verdict("p2:ai_outcome:unresolved", "unresolved", 5)]
    assert [event.event_id for event in news(changed, told, LONG_AGO)] == ["p2:ai_outcome:unresolved"]
    gone_on = [said("p1"), said("p3", seconds=20), verdict("p4:ai_outcome:resolved", "resolved", 25)]
    assert [event.event_id for event in news(gone_on, told, LONG_AGO)] == ["p3", "p4:ai_outcome:resolved"]
