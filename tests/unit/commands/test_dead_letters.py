"""Which dead letters are meant, and which may go back."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.commands.dead_letters import Letter, Sorting, Wanted, parse_id
from streams.errors import InvalidRecord, Refused
from streams.kafka.dead_letters import dead_headers
from streams.kafka.record import Record

AT = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)


def letter(
    offset: int = 0,
    *,
    key: bytes = b"acme|c-1",
    value: bytes = b"{}",
    kept: bytes | None = None,
    reason: str = "in_doubt",
    at: datetime = AT,
    headers: tuple[tuple[str, bytes], ...] = (),
) -> Letter:
    record = Record("escalation.commands", 3, 100 + offset, key, value, headers)
    made = dead_headers(record, InvalidRecord(reason, "a detail"), at, hop="ticketing")
    return Letter("escalation.commands", 3, offset, key, value if kept is None else kept, tuple(made))


def test_a_letter_as_it_was_may_go_back() -> None:
    assert letter().damage is None
    assert Sorting(Wanted()).why_not(letter()) is None


def test_a_masked_letter_stays_unless_forced() -> None:
    masked = letter(value=b"card 4111111111111111", kept=b"card ************1111")
    assert masked.damage == "masked"
    assert Sorting(Wanted()).why_not(masked) == "masked"
    assert Sorting(Wanted(), force=True).why_not(masked) is None


def test_a_letter_that_was_cut_never_goes_back() -> None:
    cut = letter(value=b"x" * 100, kept=b"x" * 10)
    assert Sorting(Wanted(), force=True).why_not(cut) == "cut"


def test_an_append_waits_behind_the_ticket_that_is_left_out() -> None:
    sorting = Sorting(Wanted(reasons=frozenset({"no_ticket"})))
    assert sorting.why_not(letter(0, reason="in_doubt")) == "not_meant"
    assert sorting.why_not(letter(1, reason="no_ticket")) == "behind escalation.commands/3/0"
    assert sorting.why_not(letter(2, reason="no_ticket", key=b"acme|c-2")) is None


def test_an_append_goes_behind_the_ticket_that_goes() -> None:
    sorting = Sorting(Wanted())
    assert [sorting.why_not(letter(0)), sorting.why_not(letter(1, reason="no_ticket"))] == [None, None]


def test_out_of_order_has_to_be_asked_for() -> None:
    sorting = Sorting(Wanted(reasons=frozenset({"no_ticket"})), out_of_order=True)
    sorting.why_not(letter(0))
    assert sorting.why_not(letter(1, reason="no_ticket")) is None


@pytest.mark.parametrize(
    ("wanted", "means"),
    [
        (Wanted(), True),
        (Wanted(reasons=frozenset({"in_doubt"})), True),
        (Wanted(reasons=frozenset({"other"})), False),
        (Wanted(tenants=frozenset({"acme"})), True),
        (Wanted(tenants=frozenset({"birch"})), False),
        (Wanted(ids=frozenset({"escalation.commands/3/0"})), True),
        (Wanted(ids=frozenset({"escalation.commands/3/1"})), False),
        (Wanted(since=AT), True),
        (Wanted(since=AT + timedelta(seconds=1)), False),
        (Wanted(until=AT), False),
        (Wanted(until=AT + timedelta(seconds=1)), True),
    ],
)
def test_filters_narrow(wanted: Wanted, means: bool) -> None:
    assert wanted.means(letter()) is means


def test_what_goes_back_has_its_own_headers_and_says_where_it_comes_from() -> None:
    mine = (("ce_id", b"e-1"), ("traceparent", b"00-1"), ("handoff-origin-offset", b"7"))
    headers = dict(letter(5, headers=mine).redriven_headers("r-1"))
    assert headers["ce_id"] == b"e-1"
    assert headers["redrive-id"] == b"r-1"
    assert headers["redrive-of"] == b"escalation.commands/3/5"
    assert headers["redrive-count"] == b"1"
    assert {name for name in headers if name.startswith(("dlq-", "handoff-"))} == {"dlq-first-failed-at"}


def test_a_letter_that_died_again_counts_its_redrives() -> None:
    second = letter(headers=(("redrive-count", b"1"), ("redrive-id", b"r-1")))
    headers = second.redriven_headers("r-2")
    assert dict(headers)["redrive-count"] == b"2"
    assert [value for name, value in headers if name == "redrive-id"] == [b"r-2"]


@pytest.mark.parametrize("text", ["", "17", "escalation.commands", "escalation.commands/x/1", "no.topic/1/2"])
def test_an_id_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_id(text, ("escalation.commands",))


def test_an_id_may_name_the_dead_topic_itself() -> None:
    assert parse_id("escalation.commands.dead/3/17", ("escalation.commands",)) == ("escalation.commands", 3, 17)
