"""Offsets handled out of order, and how they fit beside a committed offset."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.kafka.handled import MAX_METADATA_CHARS, Handled, TooManyGaps, UnknownMarks


@given(base=st.integers(0, 1_000), added=st.lists(st.integers(0, 2_000), max_size=200))
def test_what_was_added_is_known_again_after_writing_and_reading(base: int, added: list[int]) -> None:
    handled = Handled(base)
    for offset in added:
        handled.add(offset)
    again = Handled.read(handled.base, handled.metadata())
    for offset in range(2_100):
        assert (offset in again) == (offset < base or offset in added)


def test_the_base_moves_over_what_has_no_gap_any_more() -> None:
    handled = Handled(3)
    for offset in (5, 4, 3):
        handled.add(offset)
    assert handled.base == 6
    assert handled.metadata() == ""


def test_what_the_broker_has_deleted_needs_no_mark() -> None:
    handled = Handled(0, {2, 7, 8, 12})
    handled.begin_at(7)
    assert (handled.base, handled.above) == (9, {12})


def test_marks_that_do_not_fit_are_refused_and_not_cut() -> None:
    handled = Handled(0, set(Random(1).sample(range(1, 2_000_000), 5_000)))
    with pytest.raises(TooManyGaps):
        handled.metadata()


def test_ten_thousand_every_other_offset_fit() -> None:
    handled = Handled(0, set(range(1, 20_000, 2)))
    assert len(handled.metadata()) < MAX_METADATA_CHARS


@pytest.mark.parametrize("text", ["something else", "runs1:", "runs1:!!!", "runs1:abcde"])
def test_metadata_of_somebody_else_is_not_taken_for_marks(text: str) -> None:
    with pytest.raises(UnknownMarks):
        Handled.read(0, text)
