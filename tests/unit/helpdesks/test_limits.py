"""Rate-limit headers, in all the forms seen."""

import pytest

from agents.helpdesks.limits import MAX_WAIT_SECONDS, remaining, retry_after_seconds
from tests.support.http import answer

AT = "Sun, 22 Nov 2026 14:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "left"),
    [
        ({}, None),
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699"}, 699),
        ({"ratelimit-limit": "700", "ratelimit-remaining": "12", "x-rate-limit-remaining": "13"}, 12),
        ({"zendesk-ratelimit-tickets-update": "total=100; remaining=7; resets=50", "ratelimit-remaining": "600"}, 7),
        ({"X-RateLimit-Total": "50", "X-RateLimit-Remaining": "0"}, 0),
        ({"x-rate-limit-remaining": "many"}, None),
        ({"zendesk-ratelimit-x": "nonsense"}, None),
    ],
)
def test_the_tightest_limit_counts(headers: dict[str, str], left: int | None) -> None:
    assert remaining(answer(200, headers=headers)) == left


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "93"}, 93.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Sun, 22 Nov 2026 14:01:30 GMT", "Date": AT}, 90.0),
        ({"Retry-After": "Sun, 22 Nov 2026 13:00:00 GMT", "Date": AT}, 0.0),
        ({"Retry-After": "99999999"}, MAX_WAIT_SECONDS),
        ({"Retry-After": "Sun, 22 Nov 2099 14:00:00 GMT", "Date": AT}, MAX_WAIT_SECONDS),
        ({"Retry-After": "Sun, 22 Nov 2026 14:01:30 GMT"}, None),
        ({"Retry-After": "Sun, 22 Nov 2026 14:01:30 -0000", "Date": AT}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({}, None),
    ],
)
def test_a_wait_is_read_and_bounded(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(answer(429, headers=headers)) == seconds
