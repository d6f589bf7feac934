"""W3C trace context (https://www.w3.org/TR/trace-context/): one trace from webhook to notification."""

import re
from random import Random
from typing import NamedTuple

_TRACEPARENT = re.compile(r"^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")
_ZERO_TRACE, _ZERO_SPAN = "0" * 32, "0" * 16
_IDS = Random()  # noqa: S311 -- ids, not secrets; begun from the system's randomness, and no call into it for each


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
    return f"00-{_trace_id()}-{_span_id()}-01"


def child_of(traceparent: str | None) -> str:
    """A new span in the trace of `traceparent`; a new trace where there is none or it is malformed."""
    parent = parent_of(traceparent)
    if parent is None:
        return new_traceparent()
    return f"00-{parent.trace_id}-{_span_id()}-{parent.flags}"


def children_of(traceparent: str | None, count: int) -> list[str]:
    """So many new spans in one trace: that of `traceparent`, or a new one as `child_of` has it."""
    parent = parent_of(traceparent)
    trace_id, flags = (_trace_id(), "01") if parent is None else (parent.trace_id, parent.flags)
    return [f"00-{trace_id}-{_span_id()}-{flags}" for _ in range(count)]


def _span_id() -> str:
    return f"{_IDS.getrandbits(64) or 1:016x}"


def _trace_id() -> str:
    return f"{_IDS.getrandbits(128) or 1:032x}"
