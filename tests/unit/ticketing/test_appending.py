"""What the customer writes later: once, in order, into the ticket or its follow-up."""

import pytest

from agents.ticketing.appending import address_in
from agents.ticketing.handover import TOUCHED_BEFORE
from streams.contracts.people import Customer
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_sim import EPOCH
from tests.support.ticketing_values import ESCALATION, appending, opening


def opened(*script: str, **options: object) -> Bench:
    bench = Bench(**options)  # type: ignore[arg-type]
    bench.take(opening())
    bench.sim.script = list(script)
    return bench


def says(bench: Bench, ticket_id: str = "1") -> list[str]:
    return [comment.says for comment in bench.tickets[ticket_id].comments]


def test_a_later_turn_becomes_a_comment_of_its_own() -> None:
    bench = opened()
    bench.take(appending("e1"))
    assert says(bench) == ["note", "e1"]
    assert bench.ledger[-3:] == ["intent append:e1", "outcome append:e1", "-"]
    assert bench.said == ["accepted", "opened"]


def test_the_same_turn_twice_is_one_comment() -> None:
    bench = opened()
    record = bench.take(appending("e1"))
    bench.take(appending("e1"))
    bench.life()
    bench.play(record)
    assert says(bench) == ["note", "e1"]


def test_a_comment_that_got_no_answer_is_looked_for_before_it_is_sent_again() -> None:
    bench = opened("lost")
    bench.take(appending("e1"))
    assert says(bench) == ["note", "e1"]


def test_a_closed_ticket_gets_one_linked_follow_up_that_holds_the_turn() -> None:
    bench = opened()
    bench.tickets["1"].closed = True
    bench.take(appending("e1"))
    bench.take(appending("e2"))
    assert bench.tickets["2"].follows == "1"
    assert bench.tickets["2"].holds == "e1"
    assert says(bench, "2") == ["note", "e2"]
    assert len(bench.tickets) == 2


def test_a_follow_up_that_closes_too_is_followed_by_another() -> None:
    bench = opened()
    bench.tickets["1"].closed = True
    bench.take(appending("e1"))
    bench.tickets["2"].closed = True
    bench.take(appending("e2"))
    assert bench.tickets["3"].follows == "2"
    assert bench.tickets["3"].holds == "e2"
    assert says(bench, "3") == ["note"]
    assert bench.process.worker.ledger.ticket_id(ESCALATION) == "3"


def test_a_death_between_follow_up_and_its_turn_adds_the_turn_no_second_time() -> None:
    for point in ("ledger.outcome.acknowledged", "ledger.tombstone", "ledger.tombstone.acknowledged"):
        bench = opened()
        bench.tickets["1"].closed = True
        record = bench.take(appending("e1"), until=point)
        bench.life()
        bench.play(record)
        assert len(bench.tickets) == 2
        assert "e1" not in says(bench, "2")
        assert says(bench, "2") == ["note"]


def test_a_ticket_that_closes_between_look_and_comment_gets_its_follow_up_too() -> None:
    bench = opened()
    record = bench.take(appending("e1"), until="send")
    bench.tickets["1"].closed = True
    bench.life()
    bench.play(record)
    bench.drain()
    assert bench.tickets["2"].holds == "e1"
    assert says(bench) == ["note"]


def test_a_ticket_that_is_gone_counts_as_closed() -> None:
    bench = opened()
    del bench.tickets["1"]
    bench.tickets["9"] = Ticket("9", "another", "e", EPOCH)
    bench.take(appending("e1"))
    assert [ticket.follows for ticket in bench.tickets.values()] == [None, "1"]


def test_a_follow_up_is_not_taken_for_the_first_ticket() -> None:
    bench = opened("lost")
    bench.tickets["1"].closed = True
    bench.take(appending("e1"))
    assert len(bench.tickets) == 2
    assert bench.process.worker.ledger.ticket_id(ESCALATION) == "2"


def test_an_address_learnt_later_is_given_to_the_contact_once() -> None:
    bench = opened()
    told = Customer(id="u1", email="ann@example.com")
    bench.take(appending("e1", customer=told))
    bench.take(appending("e2", customer=told))
    bench.take(appending("e3", customer=told.model_copy(update={"email": "ann@example.org"})))
    assert bench.sim.addresses == [("7", "ann@example.com"), ("7", "ann@example.org")]
    assert bench.process.worker.ledger.ticket_id(ESCALATION) == "1"


@pytest.mark.parametrize(
    ("text", "automatic", "found"),
    [
        ("you can write to me at Visitor.Nine@example.com.", False, "Visitor.Nine@example.com"),
        ("a@example.com, I mean a@example.com", False, "a@example.com"),
        ("a@example.com or b@example.com", False, None),
        ("no, thanks", False, None),
        ("I am away, ask desk@example.com", True, None),
    ],
)
def test_the_one_address_a_visitor_writes_is_learnt(text: str, automatic: bool, found: str | None) -> None:
    command = appending("e1")
    turn = command.turn.model_copy(update={"text": text, "automatic": automatic})
    assert address_in(command.model_copy(update={"turn": turn})) == found


def test_a_messaging_ticket_is_looked_for_from_before_the_decision() -> None:
    assert TOUCHED_BEFORE.total_seconds() >= 60
