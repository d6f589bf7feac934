"""Bytes to try: good inputs with something damaged, and nonsense of every kind. All carry `CANARY` at times.

What is typed into a body must never come back in an error's text; the canary is how that is noticed.
"""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.support.hostile_text import FRAGMENTS

CANARY = "kanarienvogel"
_CARD = "4111 1111 1111 1111"

_texts = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [CANARY, f"{CANARY}@example.org", f"<b>{CANARY}</b> {_CARD}", f"|{CANARY}", f"{CANARY}\r\nx: y", "ü\x7f"]
    ),
    st.sampled_from(
        ["", " ", "\ud800", "\x00", "null", "0", "-1", "1e400", "1" * 500, "x" * 3_000, "|", "../..", "%s"]
    ),
    st.sampled_from(
        ["0000-00-00T00:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "http://[", "NaN"]
    ),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
)
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.sampled_from([0, -1, 2**53, 2**63, 10**18, 253_402_300_800, -62_135_596_801, 10**400, -(10**400)]),
    st.floats(),
    _texts,
)
_keys = st.one_of(st.text(max_size=8), st.sampled_from([CANARY, "id", "type", "kind", "", "\x00", "__class__", "a|b"]))
any_value: st.SearchStrategy[Any] = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=6,
)


def _places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(value, dict):
        found += [place for key, item in value.items() for place in _places(item, (*here, key))]
    elif isinstance(value, list):
        found += [place for index, item in enumerate(value) for place in _places(item, (*here, index))]
    return found


def _with(value: Any, place: tuple[Any, ...], change: Any) -> Any:
    """`value` with what is at `place` replaced by what `change` makes of it."""
    if not place:
        return change(value)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = _with(value[place[0]], place[1:], change)
    return copy


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """`value` with one to four things replaced, added, taken out, doubled or wrapped."""
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.sampled_from(_places(value)))
        value = _with(value, place, draw(_changes()))
    return value


@st.composite
def _changes(draw: st.DrawFn) -> Any:
    how = draw(st.sampled_from(["replace", "replace", "replace", "add", "remove", "double", "wrap"]))
    new, key = draw(any_value), draw(_keys)

    def change(old: Any) -> Any:
        if how == "add" and isinstance(old, dict):
            return {**old, key: new}
        if how == "add" and isinstance(old, list):
            return [*old, new]
        if how == "remove" and isinstance(old, dict | list) and old:
            return dict(list(old.items())[1:]) if isinstance(old, dict) else old[1:]
        if how == "double" and isinstance(old, list):
            return [*old, *old]
        if how == "wrap":
            return [old] if key else {"id": old}
        return new

    return change


def json_bytes(seeds: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """JSON near `seeds`, JSON of any shape, the seeds with single bytes damaged, and no JSON at all."""
    near = st.one_of([damaged(seed) for seed in seeds]) if seeds else any_value
    spelled = st.tuples(st.one_of(near, near, near, any_value), st.booleans()).map(_spelled)
    return st.one_of(spelled, spelled, spelled, broken([_spelled((seed, True)) for seed in seeds]), _odd_json)


def _spelled(given: tuple[Any, bool]) -> bytes:
    value, ascii_only = given
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


_odd_json = st.one_of(
    st.binary(max_size=60),
    st.sampled_from([b"", b"null", b"[]", b'{"a":1,"a":2}', b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b'"\\ud800"']),
    st.integers(1, 20_000).map(lambda deep: b"[" * deep + b"]" * deep),
    st.integers(1, 5_000).map(lambda long: b'{"id":' + b"9" * long + b"}"),
    st.integers(1, 3_000).map(lambda deep: b'{"a":' * deep + b"1" + b"}" * deep),
)


@st.composite
def broken(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """A seed with some bytes cut, changed, doubled or put in."""
    raw = bytearray(draw(st.sampled_from(list(seeds) or [b""])))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(raw)))
        length = draw(st.integers(0, 8))
        piece = draw(st.one_of(st.binary(max_size=6), st.sampled_from(_PIECES), st.just(bytes(raw[at : at + 40]))))
        raw[at : at + length] = piece
    return bytes(raw)


_PIECES = (
    *(b"", b"\x00", b"\xff", b"\xed\xa0\x80", b"{", b"}", b"[", b'"', b"\\", b"\\u0000", b"\\ud800", b",", b":"),
    *(b"\n", b"\r\n", b"\t", b"- ", b"&a ", b"*a", b"!!int ", b"!x ", b"? ", b"| ", b"> ", b"%YAML 9.9\n", b"<<: *a"),
    *(b"NaN", b"1e999", b"-", b"0x1F", b"=", CANARY.encode(), f"'{CANARY}'".encode(), f"*{CANARY}".encode()),
)


@st.composite
def text_bytes(draw: st.DrawFn, seeds: Sequence[bytes] = ()) -> bytes:
    """Text made of the fragments that parsers look for, of any characters, and of long repetitions."""
    near: st.SearchStrategy[bytes] = broken(list(seeds))
    if draw(st.booleans()) and seeds:
        return draw(near)
    pieces = draw(st.lists(st.one_of(st.sampled_from(FRAGMENTS), _texts, st.binary(max_size=4)), max_size=20))
    raw = b"".join(each if isinstance(each, bytes) else each.encode("utf-8", "surrogatepass") for each in pieces)
    if draw(st.integers(0, 7)) == 0:
        raw = (raw[:40] * draw(st.integers(1, 1_500)))[:60_000]
    return raw
