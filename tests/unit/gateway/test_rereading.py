"""Which conversations are read, and when; and how much of a rate limit that takes."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.gateway.rereading import MAX_ATTEMPTS, Budget, Reads
from agents.platforms.polling import Allowance

NOW = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)

moves = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20), st.integers(0, 5)), max_size=60)


@given(moves)
def test_every_reason_to_read_is_followed_by_a_read_at_its_time_or_later(plan: list[tuple[str, int, int]]) -> None:
    reads, now = Reads(), 0.0
    wanted: dict[str, float] = {}
    read_at: dict[str, float] = {}
    for name, wait, passed in plan:
        assert reads.put(name, now + wait)
        wanted[name] = max(wanted.get(name, 0.0), now + wait)
        now += passed
        for taken in reads.take(now, 2):
            read_at[taken] = now
    while (due := reads.next_seconds()) is not None:
        now = max(now, due)
        for taken in reads.take(now, 2):
            read_at[taken] = now
    assert len(reads) == 0
    assert all(read_at[name] >= due for name, due in wanted.items())


@given(moves)
def test_many_turns_of_one_conversation_are_two_reads_at_most(plan: list[tuple[str, int, int]]) -> None:
    reads = Reads()
    for name, wait, _ in plan:
        reads.put(name, wait)
    counts: dict[str, int] = {}
    while (due := reads.next_seconds()) is not None:
        for taken in reads.take(due, 10):
            counts[taken] = counts.get(taken, 0) + 1
    assert all(count <= 2 for count in counts.values())


def test_an_earlier_reason_does_not_do_away_with_a_later_one() -> None:
    reads = Reads()
    for due in (5.0, 20.0, 10.0):
        reads.put("a", due)
    assert (reads.take(5.0, 1), reads.take(10.0, 1), reads.take(20.0, 1)) == (["a"], [], ["a"])


def test_nothing_is_read_before_it_is_due_and_the_longest_due_first() -> None:
    reads = Reads()
    for name, due in (("late", 9.0), ("early", 1.0), ("middle", 5.0)):
        reads.put(name, due)
    assert reads.take(0.9, 10) == []
    assert reads.take(6.0, 1) == ["early"]
    assert reads.take(6.0, 10) == ["middle"]
    assert reads.next_seconds() == 9.0


def test_where_there_is_no_room_it_says_so() -> None:
    reads = Reads(most=1)
    assert reads.put("a", 0)
    assert reads.full
    assert reads.put("a", 5)
    assert not reads.put("b", 0)


def test_a_read_that_fails_is_made_again_later_and_given_up_in_the_end() -> None:
    reads, now, attempts = Reads(), 0.0, 0
    reads.put("a", now)
    pauses = []
    while taken := reads.take(now, 1):
        attempts += 1
        if not reads.failed(taken[0], now):
            break
        following = reads.next_seconds()
        assert following is not None
        pauses.append(following - now)
        now = following
    assert attempts == MAX_ATTEMPTS
    assert pauses == [5, 10, 20, 40, 80]
    reads.put("a", now)
    assert reads.failed("a", now)


def test_a_read_that_succeeds_forgets_its_failures() -> None:
    reads = Reads()
    for _ in range(3 * MAX_ATTEMPTS):
        assert reads.failed("a", 0)
        reads.succeeded("a")


def test_a_platform_that_asks_for_a_pause_gets_it() -> None:
    budget = Budget()
    budget.heard(429, None, 7.0, now=NOW, at_seconds=100.0)
    assert budget.wait_seconds(100.0) == 10.0
    assert budget.wait_seconds(115.0) == 0.0
    budget.heard(429, Allowance(0, 100, NOW + timedelta(seconds=3)), 20.0, now=NOW, at_seconds=200.0)
    assert budget.wait_seconds(200.0) == 20.0


def test_a_fifth_of_the_limit_is_left_to_answers() -> None:
    budget = Budget()
    budget.heard(200, Allowance(21, 100, NOW + timedelta(seconds=4)), None, now=NOW, at_seconds=0.0)
    assert budget.wait_seconds(0.0) == 0.0
    budget.heard(200, Allowance(20, 100, NOW + timedelta(seconds=4)), None, now=NOW, at_seconds=0.0)
    assert budget.wait_seconds(0.0) == 4.0


def test_a_reset_that_lies_far_off_or_in_the_past_holds_for_a_minute_or_a_second() -> None:
    for seconds, held in ((86_400, 60.0), (-86_400, 1.0)):
        budget = Budget()
        budget.heard(200, Allowance(0, None, NOW + timedelta(seconds=seconds)), None, now=NOW, at_seconds=0.0)
        assert budget.wait_seconds(0.0) == held
