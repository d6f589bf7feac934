"""W3C trace context (https://www.w3.org/TR/trace-context/): one trace from webhook to notification."""

import re
import secrets
from typing import NamedTuple

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
_ZERO_TRACE, _ZERO_SPAN = "0" * 32, "0" * 16


class Parent(NamedTuple):
    """What a `traceparent` says, as lower-case hex."""

    trace_id: str
    span_id: str
    flags: str


def parent_of(traceparent: str | None) -> Parent | None:
    """What `traceparent` says; None where there is none or it is malformed."""
    match = _TRACEPARENT.match(traceparent or "")
    if match is None or match[1] == _ZERO_TRACE or match[2] == _ZERO_SPAN:
        return None
    return Parent(match[1], match[2], match[3])


def new_traceparent() -> str:
    """The head of a new, sampled trace."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def child_of(traceparent: str | None) -> str:
    """A new span in the trace of `traceparent`; a new trace where there is none or it is malformed."""
    parent = parent_of(traceparent)
    if parent is None:
        return new_traceparent()
    return f"00-{parent.trace_id}-{secrets.token_hex(8)}-{parent.flags}"
