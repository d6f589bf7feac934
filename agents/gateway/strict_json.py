"""JSON from strangers: UTF-8, no NaN, no duplicate keys, bounded depth, numbers that cannot hurt."""

import json
import re
from array import array
from itertools import accumulate
from typing import Any, NoReturn

MAX_NUMBER_CHARS = 400
"""Longer digit strings are refused: turning them into integers takes quadratic time."""

_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string, or the rest of the body where it does not end: nothing is looked at twice."""

_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""One deeper, or one less deep, as a signed byte."""

_NO_BRACKET = bytes(byte for byte in range(256) if byte not in b"[]{}")


class NotStrictJson(ValueError):
    """The body is refused; `reason` is a slug."""

    def __init__(self, reason: str) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason


def loads(body: bytes, *, max_depth: int) -> Any:
    """The value in `body`, or `NotStrictJson`."""
    if _depth_exceeds(body, max_depth):
        raise NotStrictJson("too_deep")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise NotStrictJson("not_utf8") from None
    try:
        return _DECODER.decode(text)
    except NotStrictJson:
        raise
    except (ValueError, RecursionError):
        raise NotStrictJson("not_json") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrictJson("duplicate_key")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise NotStrictJson("not_a_number")


def _int(digits: str) -> int:
    if len(digits) > MAX_NUMBER_CHARS:
        raise NotStrictJson("number_too_long")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= MAX_NUMBER_CHARS else float("inf")
    if value in {float("inf"), float("-inf")}:
        raise NotStrictJson("number_too_long")
    return value


def _depth_exceeds(body: bytes, max_depth: int) -> bool:
    """Whether brackets outside strings nest deeper than `max_depth`: no recursion, every pass in C."""
    if body.count(b"[") + body.count(b"{") <= max_depth:
        return False
    steps = array("b", _STRING.sub(b"", body).translate(_STEPS, _NO_BRACKET))
    return max(accumulate(steps), default=0) > max_depth


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_int, parse_float=_float)
