"""What a response says about rate limits. Pure; header names are lower case (`agents.outbound.HttpResponse`).

Zendesk: `X-Rate-Limit-Remaining` (stable), `ratelimit-remaining` (2024), per endpoint
`zendesk-ratelimit-…: total=300; remaining=299; resets=50`
(https://developer.zendesk.com/api-reference/introduction/rate-limits/).
Freshdesk: `X-RateLimit-Remaining` (https://developers.freshdesk.com/api/#ratelimit). Both: `Retry-After`.
"""

import re
from email.utils import parsedate_to_datetime

from agents.outbound import HttpResponse

MAX_WAIT_SECONDS = 3600.0
"""A longer wait than this is not believed: an endless wait is a stall."""

_REMAINING = ("x-rate-limit-remaining", "ratelimit-remaining", "x-ratelimit-remaining")
_IN_ENDPOINT_HEADER = re.compile(r"\bremaining=(\d{1,9})\b")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def remaining(response: HttpResponse) -> int | None:
    """How many calls are left, by the tightest limit the response names; None where it names none."""
    found = [int(value) for name in _REMAINING if (value := response.headers.get(name, "").strip()).isdecimal()]
    for name, value in response.headers.items():
        if name.startswith("zendesk-ratelimit-") and (match := _IN_ENDPOINT_HEADER.search(value)):
            found.append(int(match[1]))
    return min(found, default=None)


def retry_after_seconds(response: HttpResponse) -> float | None:
    """`Retry-After` in seconds, given as such or as an HTTP date against the response's own `Date`; bounded."""
    value = response.headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(value):
        return min(float(value), MAX_WAIT_SECONDS)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(response.headers.get("date", ""))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), MAX_WAIT_SECONDS)
