"""A tenant's rate: a burst of two seconds, then as much as time brings."""

from hypothesis import given
from hypothesis import strategies as st

from agents.gateway.rate import RateLimit

_PER_SECOND = st.integers(min_value=1, max_value=1_000)
_GAPS = st.lists(st.floats(min_value=0.0, max_value=5.0), min_size=1, max_size=200)


def allowed(limit: RateLimit, tenant: str, per_second: int, now: float, requests: int) -> int:
    return sum(limit.allow(tenant, per_second, now) for _ in range(requests))


def test_a_burst_of_two_seconds_passes_and_no_more() -> None:
    assert allowed(RateLimit(), "acme", 10, 0.0, 50) == 20


def test_a_second_brings_a_second_s_worth() -> None:
    limit = RateLimit()
    allowed(limit, "acme", 10, 0.0, 50)
    assert allowed(limit, "acme", 10, 1.0, 50) == 10


def test_waiting_for_long_brings_no_more_than_the_burst() -> None:
    limit = RateLimit()
    allowed(limit, "acme", 10, 0.0, 50)
    assert allowed(limit, "acme", 10, 3_600.0, 50) == 20


def test_one_tenant_s_flood_costs_another_nothing() -> None:
    limit = RateLimit()
    allowed(limit, "acme", 10, 0.0, 1_000)
    assert limit.allow("birch", 10, 0.0)


def test_a_lower_limit_holds_at_once() -> None:
    limit = RateLimit()
    assert limit.allow("acme", 1_000, 0.0)
    assert allowed(limit, "acme", 5, 0.0, 100) == 10


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limit = RateLimit()
    allowed(limit, "acme", 10, 100.0, 50)
    assert not limit.allow("acme", 10, 0.0)


@given(_PER_SECOND, _GAPS)
def test_over_any_stretch_no_more_pass_than_the_burst_and_the_rate_allow(per_second: int, gaps: list[float]) -> None:
    limit, now, passed = RateLimit(), 0.0, 0
    for gap in gaps:
        now += gap
        passed += limit.allow("acme", per_second, now)
    assert passed <= 2 * per_second + now * per_second + 1e-6


@given(_PER_SECOND, st.integers(min_value=1, max_value=100))
def test_who_keeps_to_the_rate_is_never_refused(per_second: int, requests: int) -> None:
    limit = RateLimit()
    assert all(limit.allow("acme", per_second, index / per_second) for index in range(requests))
