"""JSON from strangers: what Python's parser would let through and must not pass, and what must."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.gateway.strict_json import MAX_NUMBER_CHARS, NotStrictJson, loads

DEPTH = 64

_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


def refused(body: bytes, max_depth: int = DEPTH) -> str:
    with pytest.raises(NotStrictJson) as caught:
        loads(body, max_depth=max_depth)
    return caught.value.reason


def depth_of(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@given(_plain)
def test_ordinary_json_is_read_as_the_parser_reads_it(value: Any) -> None:
    body = json.dumps(value).encode()
    assert loads(body, max_depth=DEPTH) == json.loads(body)


@given(_plain, st.integers(min_value=0, max_value=6), st.booleans())
def test_depth_counts_brackets_outside_strings_alone(value: Any, limit: int, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if depth_of(value) > limit:
        assert refused(body, limit) == "too_deep"
    else:
        assert refused_or_read(body, limit) != "too_deep"


def refused_or_read(body: bytes, max_depth: int) -> str:
    try:
        loads(body, max_depth=max_depth)
    except NotStrictJson as error:
        return error.reason
    return ""


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_slug(body: bytes) -> None:
    try:
        loads(body, max_depth=DEPTH)
    except NotStrictJson as error:
        assert error.reason.isidentifier()


@given(st.text(alphabet='[]{}",:\\1a \n', max_size=200))
def test_whatever_is_made_of_json_s_own_characters_is_read_or_refused(text: str) -> None:
    try:
        found = loads(text.encode(), max_depth=3)
    except NotStrictJson as error:
        assert error.reason in {"too_deep", "not_json", "duplicate_key"}
    else:
        assert depth_of(found) <= 3
        assert found == json.loads(text)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"a": NaN}', "[1, Infinity]"])
def test_what_is_no_number_in_json_is_refused(text: str) -> None:
    assert refused(text.encode()) == "not_a_number"


@pytest.mark.parametrize("text", ["1e999", "-1e999", '{"confidence": 1e400}'])
def test_a_number_that_would_become_infinite_is_refused(text: str) -> None:
    assert refused(text.encode()) == "number_too_long"


def test_a_number_whose_conversion_would_take_for_ever_is_refused() -> None:
    assert refused(b"9" * 500_000) == "number_too_long"
    assert refused(b"0." + b"9" * 500_000) == "number_too_long"
    assert loads(b"9" * MAX_NUMBER_CHARS, max_depth=DEPTH) == 10**MAX_NUMBER_CHARS - 1


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', '{"x": [{"a": 1, "\\u0061": 1}]}'])
def test_a_key_given_twice_is_refused_however_it_is_written(text: str) -> None:
    assert refused(text.encode()) == "duplicate_key"


@pytest.mark.parametrize("body", [b'{"a": "\xff"}', b"\xed\xa0\x80", '{"a": 1}'.encode("utf-16")])
def test_anything_but_utf_8_is_refused(body: bytes) -> None:
    assert refused(body) == "not_utf8"


@pytest.mark.parametrize("body", [b"", b" ", b"{", b"nul", b"{'a': 1}", b'{"a": 1} x', b"\xef\xbb\xbf{}", b"[1,]"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    assert refused(body) == "not_json"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000 + b"]" * 500_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'["' + b'\\"' * 500_000,
        b"[" * 70 + b'"' * 1_000_000,
        b"[" + b"[]," * 300_000 + b"1]",
        b"[" * 60 + b"\\" * 1_000_000,
    ],
)
def test_a_hostile_mebibyte_is_dealt_with_in_linear_time(body: bytes) -> None:
    started = time.process_time()
    refused_or_read(body, DEPTH)
    assert time.process_time() - started < 2.0, "a fraction of this when it is linear, minutes when it is not"
