"""Notes and files that follow a ticket: once each, and none of them undoes it."""

from typing import Any

import pytest

from agents.helpdesks.port import Answer, TicketFile, TicketRef
from agents.settings import TenantSettings
from agents.ticketing.following import MAX_FILES
from agents.ticketing.world import NotCopied
from streams import ids
from streams.contracts.people import Attachment
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_sim import EPOCH
from tests.support.ticketing_values import ESCALATION, appending, opening, turn

INVOICE = Attachment(url="https://files.invalid/invoice", name="invoice")
PRIVATE = Attachment(url="https://files.invalid/private", name="private")


def says(bench: Bench) -> list[str]:
    return [comment.says for comment in bench.tickets["1"].comments]


def test_files_follow_the_notes_and_what_cannot_be_copied_is_said() -> None:
    bench = Bench()
    bench.take(opening(attachments=(INVOICE, PRIVATE)))
    assert says(bench) == ["note", "file-invoice", "not_copied"]
    assert bench.said == ["accepted", "opened"]
    assert "slot kept" not in bench.sim.history


def test_the_customer_hears_of_the_ticket_before_its_files_are_copied() -> None:
    bench = Bench()
    bench.take(opening(attachments=(INVOICE,)), until="fetch")
    assert bench.said == ["accepted", "opened"]


def test_a_replay_copies_nothing_twice() -> None:
    bench = Bench()
    record = bench.take(opening(attachments=(INVOICE, PRIVATE)))
    bench.life()
    bench.play(record)
    assert says(bench) == ["note", "file-invoice", "not_copied"]


def test_a_file_whose_answer_was_lost_is_looked_for_first() -> None:
    bench = Bench("ok", "ok", "lost", "ok")
    bench.take(opening(attachments=(INVOICE,)))
    assert says(bench) == ["note", "file-invoice"]


def test_a_file_that_can_no_longer_be_fetched_becomes_a_note_even_where_its_intent_was_the_file() -> None:
    bench = Bench("ok", "ok", "gone")
    record = bench.take(opening(attachments=(INVOICE,)))
    assert bench.ledger[-1] == "intent file1"
    bench.life()

    async def fetch(_attachment: Attachment) -> Any:
        return NotCopied("no_answer")

    bench.process.worker.world.fetch = fetch  # type: ignore[method-assign,assignment]
    bench.play(record)
    bench.drain()
    assert says(bench) == ["note", "not_copied"]


def test_a_refused_note_is_left_out_and_not_tried_again() -> None:
    bench = Bench()
    record = bench.take(opening(), until="opened.acknowledged")
    bench.tickets["1"].closed = True
    bench.life()
    bench.play(record)
    assert says(bench) == []
    assert bench.ledger[-1] == "outcome note"
    assert bench.sim.brokers.ledger[-1][1].result == "skipped"  # type: ignore[union-attr]
    bench.life()
    bench.play(record)
    assert bench.ledger[-1] == "outcome note"


def test_files_of_a_later_turn_follow_its_comment() -> None:
    bench = Bench()
    bench.take(opening())
    bench.take(appending("e1", turn=turn("e1", "see here", 1.0, attachments=(INVOICE,))))
    assert says(bench) == ["note", "e1", "file-invoice"]


def test_files_follow_an_escalation_into_the_ticket_it_is_attached_to() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", open_tickets="attach"))
    bench.tickets["1"] = Ticket("1", "another", "e", EPOCH)
    bench.sim.open_tickets.append(TicketRef("1"))
    bench.take(opening(attachments=(INVOICE,)))
    assert says(bench) == [f"attach-{ESCALATION}", "file-invoice"]


def test_no_more_files_are_copied_than_a_ticket_should_hold() -> None:
    many = tuple(Attachment(url=f"https://files.invalid/{number}", name=f"f{number}") for number in range(30))
    bench = Bench()
    bench.take(opening(attachments=many))
    assert len(says(bench)) == 1 + MAX_FILES


def test_the_rest_of_a_long_transcript_is_attached_as_a_file() -> None:
    bench = Bench()
    desk = bench.process.worker.world.desk("acme")
    assert desk is not None
    rest = TicketFile("transcript.txt", "text/plain", b"x")
    desk.helpdesk.rest = lambda _account, _draft: rest  # type: ignore[method-assign,assignment]
    bench.take(opening())
    assert says(bench) == ["note", "file-transcript.txt"]
    assert bench.tickets["1"].comments[-1].action_id == ids.action_id(ESCALATION, "file0")


def test_a_helpdesk_that_goes_away_after_the_ticket_delays_only_what_follows_it() -> None:
    bench = Bench("ok", *["not_sent"] * 60)
    bench.take(opening())
    assert bench.said == ["accepted", "opened"]
    assert len(bench.sim.brokers.parked) == 1
    bench.sim.script = []
    bench.drain()
    assert says(bench) == ["note"]
    assert bench.said == ["accepted", "opened"]


@pytest.mark.parametrize("verdict", ["refused", "degradable"])
def test_a_file_that_the_helpdesk_refuses_is_left_out(verdict: str) -> None:
    bench = Bench()
    desk = bench.process.worker.world.desk("acme")
    assert desk is not None

    async def refuse(_ticket_id: str, _file: TicketFile, _action_id: str) -> Answer:
        return Answer(verdict, "file_too_large")  # type: ignore[arg-type]

    desk.attach_file = refuse  # type: ignore[method-assign,assignment]
    bench.take(opening(attachments=(INVOICE,)))
    assert says(bench) == ["note"]
    assert bench.sim.brokers.ledger[-1][1].result == "skipped"  # type: ignore[union-attr]
