"""Tolerant reading: what is usable comes out usable, the rest is absent."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.platforms import reading
from agents.platforms.port import BadBody
from streams.contracts.people import Customer

ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
GETTERS = (
    reading.text, reading.name, reading.identifier, reading.reference, reading.url, reading.email, reading.integer,
    reading.number, reading.ratio, reading.flag, reading.object_, reading.objects, reading.unix_time,
    reading.iso_time, reading.any_time,
)  # fmt: skip


@given(ANYTHING)
def test_no_getter_ever_fails_and_no_text_is_unwritable(value: Any) -> None:
    for getter in GETTERS:
        for found in (getter({"a": {"b": value}}, "a", "b"), getter(value), getter(value, "a")):
            if isinstance(found, str):
                found.encode()
    Customer(id=reading.reference(value), name=reading.name(value))


@given(ANYTHING)
def test_scalars_are_flat_few_and_writable(value: Any) -> None:
    flat = reading.scalars(value)
    assert len(flat) <= reading.MAX_ATTRIBUTES
    for key, leaf in flat.items():
        assert key.encode()
        assert leaf is None or isinstance(leaf, str | int | float | bool)
        if isinstance(leaf, str):
            assert len(leaf.encode()) > 0


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a", "a"), (" a ", "a"), (7, "7"), (0, "0"), ("a|b", None), ("a\nb", None), ("", None), (True, None),
     (1.5, None), (None, None), ("\ud800", None), ("x" * 513, None), ("x" * 512, "x" * 512)],
)  # fmt: skip
def test_an_id_fits_a_record_key_or_is_none(value: Any, expected: str | None) -> None:
    assert reading.identifier({"id": value}, "id") == expected


def test_a_reference_may_hold_what_a_key_may_not() -> None:
    assert reading.reference({"id": "auth0|7"}, "id") == "auth0|7"
    assert reading.reference({"id": "a\x00b"}, "id") is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1783764000, 1783764000), (1783764000.5, 1783764000.5), ("1783764000", 1783764000), (1783764000000, 1783764000),
     (0, None), (-5, None), (1e300, None), ("soon", None), (True, None), ("nan", None), (64654125776, 64654125776)],
)  # fmt: skip
def test_unix_times_in_seconds_and_milliseconds(value: Any, expected: float | None) -> None:
    found = reading.unix_time(value)
    assert found == (None if expected is None else datetime.fromtimestamp(expected, UTC))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-07-11T10:00:00.123Z", "2026-07-11T10:00:00.123000+00:00"),
        ("2026-07-11T12:00:00+02:00", "2026-07-11T10:00:00+00:00"),
        ("2026-07-11 10:00:00", "2026-07-11T10:00:00+00:00"),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
    ],
)
def test_iso_times_come_out_in_utc(value: str, expected: str | None) -> None:
    found = reading.iso_time(value)
    assert (found.isoformat() if found else None) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("https://a.example/x?y=1", True), ("HTTP://a.example", True), ("javascript:alert(1)", False),
     ("https://a.example/ x", False), ("https://a.example/\u202e", False), ("//a.example", False), (7, False)],
)  # fmt: skip
def test_an_address_is_of_the_web_or_none(value: Any, expected: bool) -> None:
    assert (reading.url(value) is not None) is expected


@pytest.mark.parametrize("value", ["a@b.example", "A.b+c@b.co.uk", "ü@bücher.example"])
def test_an_email_address(value: str) -> None:
    assert reading.email(value) == value


@pytest.mark.parametrize("value", ["a", "a@b", "@b.example", "a@b@c.example", "a b@c.example", "a@.", 7, None])
def test_no_email_address(value: Any) -> None:
    assert reading.email(value) is None


def test_what_is_required_is_named_where_it_is_missing() -> None:
    for body, reason in (
        ({}, "missing_field"),
        ({"a": {"id": ""}}, "missing_field"),
        ({"a": {"id": {}}}, "wrong_type"),
    ):
        with pytest.raises(BadBody) as refused:
            reading.required_id(body, "a", "id")
        assert (refused.value.reason, refused.value.detail) == (reason, "a.id")
