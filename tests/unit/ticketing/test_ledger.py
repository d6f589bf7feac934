"""The ledger of a partition, as its records build it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.ticketing.ledger import Ledger, action_of, intent_key, outcome_key
from streams import ids
from streams.contracts.escalation_ledger import AnyLedgerEntry, Intent
from tests.support.ticketing_values import ESCALATION, NOW, OPEN, intent, later, outcome

NOTE = ids.action_id(ESCALATION, "note")


def built(*entries: AnyLedgerEntry) -> Ledger:
    ledger = Ledger()
    for offset, entry in enumerate(entries):
        key = intent_key(entry) if isinstance(entry, Intent) else outcome_key(entry)
        ledger.apply(key, entry, offset)
    return ledger


def test_a_key_says_which_action_it_is_about() -> None:
    assert action_of(intent_key(intent())) == (OPEN, True)
    assert action_of(outcome_key(outcome("7"))) == (OPEN, False)
    assert outcome_key(outcome("7")).endswith(f"acme|c1|{ESCALATION}|{OPEN}|outcome|7")


def test_keys_of_another_build_are_left_alone() -> None:
    ledger = Ledger()
    ledger.apply("acme|c1|x|y|later_kind", outcome(), 0)
    assert len(ledger) == 0


def test_of_two_outcomes_the_one_with_the_lowest_offset_wins_in_whatever_order_they_are_read() -> None:
    ledger = Ledger()
    ledger.apply(outcome_key(outcome("2")), outcome("2"), 9)
    ledger.apply(outcome_key(outcome("1")), outcome("1"), 4)
    known = ledger.outcome(OPEN)
    assert known is not None
    assert known.ticket_id == "1"
    assert [(first.ticket_id, other.ticket_id) for first, other in ledger.duplicates()] == [("1", "2")]


def test_what_we_write_ourselves_never_wins_over_what_was_read_back() -> None:
    ledger = built(outcome("1"))
    ledger.apply(outcome_key(outcome("2")), outcome("2"))
    known = ledger.outcome(OPEN)
    assert known is not None
    assert known.ticket_id == "1"


def test_a_second_ticket_under_another_action_is_a_duplicate_too() -> None:
    ledger = built(outcome("1"), outcome("2", "minimal"))
    assert [other.ticket_id for _, other in ledger.duplicates()] == ["2"]
    assert ledger.ticket_id(ESCALATION) == "1"


def test_a_tombstone_takes_an_intent_back() -> None:
    ledger = built(intent())
    assert ledger.intent(OPEN) is not None
    ledger.apply(intent_key(intent()), None, 5)
    assert ledger.intent(OPEN) is None
    assert ledger.open_intents() == []


def test_a_tombstone_of_the_only_outcome_forgets_the_escalation() -> None:
    ledger = built(outcome("1"))
    ledger.apply(outcome_key(outcome("1")), None, 5)
    assert not ledger.knows(ESCALATION)
    assert ledger.ticket_id(ESCALATION) is None
    assert len(ledger) == 0


def test_comments_go_to_the_newest_follow_up() -> None:
    ledger = built(
        outcome("1"),
        outcome("5", "follow_up:1", result="followed_up"),
        outcome("8", "follow_up:5", result="followed_up"),
    )
    assert ledger.ticket_id(ESCALATION) == "8"
    assert ledger.rightful(ESCALATION) == {"1", "5", "8"}
    assert list(ledger.duplicates()) == []


def test_follow_ups_that_name_each_other_end_somewhere() -> None:
    ledger = built(outcome("1"), outcome("2", "follow_up:1"), outcome("1", "follow_up:2"))
    assert ledger.ticket_id(ESCALATION) == "2"


def test_the_follow_up_that_holds_a_turn_is_found_by_the_turn() -> None:
    ledger = built(outcome("1"), outcome("5", "follow_up:1", carries="e7"))
    found = ledger.carrier(ESCALATION, "e7")
    assert found is not None
    assert found.ticket_id == "5"
    assert ledger.carrier(ESCALATION, "e8") is None


def test_the_cap_counts_tickets_of_the_last_hour_once_each() -> None:
    ledger = built(
        outcome("1", at=-4000),
        outcome("2", "minimal", at=-100),
        outcome("3", "note", at=-50, result="appended"),
        outcome("4", "attach", at=-40, result="attached"),
    )
    ledger.apply(outcome_key(outcome("2", "minimal")), outcome("2", "minimal", at=-100))
    assert ledger.created_since("acme", NOW - timedelta(hours=1)) == [later(-100)]
    assert ledger.created_since("other", NOW - timedelta(hours=1)) == []


def test_a_leftover_intent_is_one_whose_action_is_done_and_whose_attempt_is_over() -> None:
    ledger = built(intent(), outcome("1"), intent("note"))
    assert [entry.action for entry in ledger.leftovers(later(19))] == ["open"]
    assert ledger.leftovers(later(5)) == []


def test_an_intent_to_create_is_left_over_once_the_escalation_has_its_ticket_otherwise() -> None:
    ledger = built(intent("open"), outcome("1", "minimal"))
    assert [entry.action for entry in ledger.leftovers(later(19))] == ["open"]
    assert not built(intent("open")).leftovers(later(19))


def test_outcomes_expire_together_when_the_newest_of_their_escalation_is_old() -> None:
    ledger = built(outcome("1", at=0), outcome("1", "append:e9", at=500, result="appended"))
    assert ledger.expired(later(400)) == []
    assert len(ledger.expired(later(501))) == 2


def test_creating_counts_only_open_intents_that_make_a_ticket() -> None:
    ledger = built(intent("open"), intent("note", ticket_id="1"), intent("minimal"), outcome("2", "minimal"))
    assert [entry.action for entry in ledger.creating("acme")] == ["open"]
    assert ledger.is_creating(ESCALATION)
    assert ledger.creating("other") == []


@given(st.permutations(["1", "2", "3"]))
def test_the_winner_does_not_depend_on_the_order_of_reading(order: list[str]) -> None:
    ledger = Ledger()
    for ticket_id in order:
        ledger.apply(outcome_key(outcome(ticket_id)), outcome(ticket_id), int(ticket_id))
    known = ledger.outcome(OPEN)
    assert known is not None
    assert known.ticket_id == "1"
