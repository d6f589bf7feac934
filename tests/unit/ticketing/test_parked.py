"""Headers of parked commands, and the line they stand in."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.ticketing.parked import NOT_BEFORE, ORIGIN, ParkedBook, Waiting, read, retry_at
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from tests.support.ticketing_values import NOW, later

KEY = b"acme|c1"


def record(**headers: str) -> Record:
    named = tuple((name.replace("_", "-"), value.encode()) for name, value in headers.items())
    return Record("escalation.commands.parked", 0, 3, KEY, b"{}", named)


def test_headers_are_read_back_as_they_were_written_and_the_records_own_are_kept() -> None:
    waiting = Waiting(7, "http_503", NOW, later(30), attempt=3, said=frozenset({"accepted", "delayed"}))
    written = Record("p", 0, 0, KEY, b"{}", tuple(waiting.headers(record(traceparent="00-a-b-01"))))
    assert read(written) == waiting
    assert written.header("traceparent") == "00-a-b-01"


def test_moving_to_the_tail_replaces_our_headers_instead_of_adding_to_them() -> None:
    first = Waiting(7, "http_503", NOW, later(30))
    once = Record("p", 0, 0, KEY, b"{}", tuple(first.headers(record())))
    twice = first.again("breaker_open", later(90), frozenset({"delayed"})).headers(once)
    assert len(twice) == len({name for name, _ in twice})
    again = read(Record("p", 0, 1, KEY, b"{}", tuple(twice)))
    assert (again.origin, again.attempt, again.since, again.said) == (7, 2, NOW, frozenset({"delayed"}))


@pytest.mark.parametrize("broken", [{}, {ORIGIN: "x"}, {ORIGIN: "1", NOT_BEFORE: "soon"}])
def test_a_record_that_we_did_not_park_is_a_dead_letter(broken: dict[str, str]) -> None:
    with pytest.raises(InvalidRecord, match="not_parked_by_us"):
        read(record(**broken))


def test_a_moment_without_an_offset_is_refused() -> None:
    bad = record(**{ORIGIN: "1", NOT_BEFORE: "2026-03-02T09:00:00", "handoff-parked-since": "2026-03-02T09:00:00"})
    with pytest.raises(InvalidRecord):
        read(bad)


def test_the_wait_grows_stays_bounded_and_obeys_what_was_asked() -> None:
    waits = [(retry_at(NOW, 30, attempt, 1.0, None) - NOW).total_seconds() for attempt in range(1, 8)]
    assert waits == [30, 60, 120, 120, 120, 120, 120]
    assert retry_at(NOW, 30, 1, 0.0, None) == NOW + timedelta(seconds=15)
    assert retry_at(NOW, 30, 1, 0.5, 600.0) == NOW + timedelta(seconds=600)


def test_the_line_is_the_conversations_own() -> None:
    book = ParkedBook()
    book.add(KEY, 5)
    assert book.holds(KEY)
    assert not book.holds(b"acme|c2")
    assert book.contains(KEY, 5)
    assert not book.contains(KEY, 6)


def test_the_oldest_goes_first_and_the_others_wait_for_it() -> None:
    book = ParkedBook()
    for origin in (9, 5, 7):
        book.add(KEY, origin)
    assert book.is_first(KEY, 5)
    assert not book.is_first(KEY, 7)
    book.drop(KEY, 5)
    assert book.is_first(KEY, 7)


def test_of_two_copies_the_later_one_counts() -> None:
    book = ParkedBook()
    book.add(KEY, 5)
    book.add(KEY, 5)
    assert not book.is_last_copy(KEY, 5)
    book.drop(KEY, 5)
    assert book.is_last_copy(KEY, 5)
    assert book.holds(KEY)
    book.drop(KEY, 5)
    assert not book.holds(KEY)


def test_dropping_what_is_not_there_changes_nothing() -> None:
    book = ParkedBook()
    book.drop(KEY, 5)
    book.add(KEY, 6)
    book.drop(KEY, 5)
    assert len(book) == 1


@given(st.lists(st.integers(0, 5), max_size=30))
def test_a_line_is_empty_once_everything_added_was_dropped(origins: list[int]) -> None:
    book = ParkedBook()
    for origin in origins:
        book.add(KEY, origin)
    assert len(book) == len(set(origins))
    for origin in origins:
        book.drop(KEY, origin)
    assert not book.holds(KEY)
