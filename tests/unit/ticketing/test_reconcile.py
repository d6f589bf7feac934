"""Second tickets are found, reported and closed; rightful ones are left alone."""

from datetime import datetime

from agents.helpdesks.port import TicketRef
from agents.ticketing.ledger import Ledger, intent_key, outcome_key
from agents.ticketing.reconcile import duplicates
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_values import ESCALATION, NOW, intent, later, opening, outcome

OLD = later(-600)


def ticket(ticket_id: str, *, at: datetime | None = OLD, escalation_id: str | None = ESCALATION) -> TicketRef:
    return TicketRef(ticket_id, status="open", created_at=at, escalation_id=escalation_id)


def ledger(*entries: object) -> Ledger:
    built = Ledger()
    for offset, entry in enumerate(entries or (outcome("1"),)):
        key = intent_key(entry) if entry.kind == "intent" else outcome_key(entry)  # type: ignore[attr-defined,arg-type]
        built.apply(key, entry, offset)  # type: ignore[arg-type]
    return built


def test_the_ticket_that_the_ledger_knows_stands_even_when_it_is_the_younger() -> None:
    found = duplicates([ticket("0"), ticket("1")], [ledger()], NOW)
    assert [(each.kept_id, each.extra.id) for each in found] == [("1", "0")]


def test_an_escalation_with_one_ticket_is_left_alone() -> None:
    assert duplicates([ticket("1")], [ledger()], NOW) == []


def test_a_follow_up_is_no_duplicate() -> None:
    book = ledger(outcome("1"), outcome("2", "follow_up:1", result="followed_up"))
    assert duplicates([ticket("1"), ticket("2")], [book], NOW) == []


def test_tickets_of_other_partitions_and_of_nobody_are_left_alone() -> None:
    others = [ticket("5", escalation_id="another"), ticket("6", escalation_id=None)]
    assert duplicates(others, [ledger()], NOW) == []


def test_a_young_ticket_may_have_its_outcome_on_the_way() -> None:
    assert duplicates([ticket("2", at=later(-30))], [ledger()], NOW) == []
    assert duplicates([ticket("2", at=None)], [ledger()], NOW) == []


def test_an_escalation_whose_follow_up_is_being_made_is_left_alone() -> None:
    book = ledger(outcome("1"), intent("follow_up:1"))
    assert duplicates([ticket("1"), ticket("2")], [book], NOW) == []


def test_a_second_outcome_on_the_ledger_does_not_make_its_ticket_rightful() -> None:
    book = ledger(outcome("1"), outcome("2", "minimal"))
    assert [each.extra.id for each in duplicates([ticket("1"), ticket("2")], [book], NOW)] == ["2"]


def doubled() -> Bench:
    bench = Bench()
    bench.take(opening())
    bench.tickets["2"] = Ticket("2", ESCALATION, "e0", bench.sim.true_now())
    bench.sim.time += 300
    return bench


def round_(bench: Bench) -> None:
    from agents.ticketing.reconcile import reconcile

    worker = bench.process.worker
    desk = worker.world.desk("acme")
    assert desk is not None

    async def once() -> None:
        await reconcile(worker.world, [worker.ledger], desk, NOW)

    bench.drive(once())


def test_the_second_ticket_gets_a_note_and_is_closed() -> None:
    bench = doubled()
    round_(bench)
    assert not bench.tickets["1"].closed
    assert bench.tickets["2"].closed
    assert [comment.says for comment in bench.tickets["2"].comments] == ["duplicate"]


def test_another_round_adds_nothing() -> None:
    bench = doubled()
    round_(bench)
    round_(bench)
    assert len(bench.tickets["2"].comments) == 1


def test_a_round_cut_short_after_the_note_closes_without_a_second_note() -> None:
    bench = doubled()
    bench.sim.script = ["ok", "not_sent"]
    round_(bench)
    assert not bench.tickets["2"].closed
    round_(bench)
    assert bench.tickets["2"].closed
    assert len(bench.tickets["2"].comments) == 1


def test_a_helpdesk_that_does_not_answer_is_asked_again_next_time() -> None:
    bench = doubled()
    bench.sim.away_until = bench.sim.time + 60
    round_(bench)
    assert not bench.tickets["2"].closed
