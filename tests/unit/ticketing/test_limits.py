"""Bucket, Retry-After and breaker of one account."""

from hypothesis import given
from hypothesis import strategies as st

from agents.ticketing.limits import Breaker, Bucket, Closed, Limits


def limits(*, rate: float = 10.0, burst: float = 10.0) -> Limits:
    return Limits(Bucket(rate, burst), patience_seconds=10.0, probe_seconds=13.0)


def fail(account: Limits, times: int, now: float = 0.0) -> None:
    for _ in range(times):
        account.silent(now)


def test_a_burst_passes_and_what_follows_is_spread_out() -> None:
    account = limits(rate=2.0, burst=3.0)
    assert [account.admit(0.0) for _ in range(6)] == [0.0, 0.0, 0.0, 0.5, 1.0, 1.5]


def test_a_queue_longer_than_ten_seconds_is_refused_instead_of_joined() -> None:
    account = limits(rate=1.0, burst=1.0)
    waits = [account.admit(0.0) for _ in range(20)]
    assert Closed("rate_limited", 11.0) in waits
    assert max(wait for wait in waits if isinstance(wait, float)) <= 10.0


def test_retry_after_holds_all_calls_back() -> None:
    account = limits()
    account.answered(0.0, 429, 4.0)
    assert account.admit(0.0) == 4.0
    account.answered(0.0, 429, 60.0)
    assert account.admit(0.0) == Closed("rate_limited", 60.0)
    assert isinstance(account.admit(61.0), float)


def test_a_429_without_retry_after_is_bounded() -> None:
    account = limits()
    account.answered(0.0, 429, None)
    assert account.admit(0.0) == 1.0


def test_five_failures_in_a_row_open_the_breaker() -> None:
    account = limits()
    fail(account, 4)
    assert account.admit(0.0) == 0.0
    fail(account, 1)
    assert account.admit(0.0) == Closed("breaker_open", 10.0)
    assert account.breaker.state(0.0) == 2


def test_an_answer_in_between_starts_the_count_again() -> None:
    account = limits()
    fail(account, 4)
    account.answered(0.0, 404, None)
    fail(account, 4)
    assert account.admit(0.0) == 0.0


def test_limits_are_no_faults() -> None:
    account = limits()
    for _ in range(20):
        account.answered(0.0, 429, 0.0)
    assert account.breaker.state(0.0) == 0


def test_one_probe_goes_through_and_the_others_wait_for_what_it_says() -> None:
    account = limits()
    fail(account, 5)
    assert account.admit(10.0) == 0.0
    assert isinstance(account.admit(10.0), Closed)
    account.answered(10.5, 200, None)
    assert account.admit(10.5) == 0.0
    assert account.breaker.state(10.5) == 0


def test_a_probe_that_fails_closes_for_longer_up_to_a_minute() -> None:
    account = limits()
    fail(account, 5)
    now, waits = 0.0, []
    for _ in range(5):
        shut = account.admit(now)
        assert isinstance(shut, Closed)
        waits.append(shut.seconds)
        now += shut.seconds
        assert account.admit(now) == 0.0
        account.silent(now)
    assert waits == [10.0, 20.0, 40.0, 60.0, 60.0]


def test_a_probe_that_is_never_heard_of_again_does_not_shut_the_breaker_for_ever() -> None:
    account = limits()
    fail(account, 5)
    assert account.admit(10.0) == 0.0
    assert isinstance(account.admit(12.0), Closed)
    assert account.admit(23.1) == 0.0


def test_late_failures_of_calls_under_way_do_not_make_an_open_breaker_longer() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.bad(0.0)
    for _ in range(11):
        breaker.bad(1.0)
    assert breaker.admit(1.0, probe_seconds=13.0) == 9.0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_more_calls_go_than_the_rate_allows(gaps: list[float]) -> None:
    account, now, sent = limits(rate=5.0, burst=5.0), 0.0, []
    for gap in gaps:
        now += gap
        wait = account.admit(now)
        if isinstance(wait, float):
            sent.append(now + wait)
    for start in sent:
        assert sum(start <= at < start + 1.0 for at in sent) <= 5 + 5 + 1


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_clock_that_stands_or_goes_back_gives_no_tokens_away(first: float, second: float) -> None:
    bucket = Bucket(10.0, 1.0)
    bucket.take(max(first, second))
    assert bucket.wait(min(first, second)) >= 0.0
