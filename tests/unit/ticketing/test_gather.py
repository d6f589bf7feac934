"""Step 3: what is found, and what is done where something is not."""

from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest

from agents.helpdesks.port import HelpdeskUnavailable, Requester, TicketRef
from agents.platforms.port import Transcript
from agents.ticketing import gather, notices
from agents.ticketing.job import Job
from agents.ticketing.world import MustWait
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.people import Attachment, Customer, Turn
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_values import NOW, later, opening, outcome, turn


def test_ticket_and_notes_are_rendered_from_one_draft() -> None:
    told, command = gather.Gathered((), 0, None, Customer()), opening()
    assert told.draft(command) is told.draft(command)
    assert told.draft(command, linked_ticket_id="7").linked_ticket_id == "7"


def job_of(bench: Bench, command: OpenTicket) -> Job[OpenTicket]:
    desk = bench.process.worker.world.desk("acme")
    assert desk is not None
    return Job(bench.process.worker.world, bench.process.worker.ledger, desk, command)


def result(bench: Bench, steps: Coroutine[Any, Any, Any]) -> Any:
    try:
        while True:
            bench.sim.time = max(bench.sim.time, steps.send(None).wake_at)
    except StopIteration as done:
        return done.value


class Told(Bench):
    """A bench whose platform tells a given transcript."""

    def __init__(self, transcript: Transcript | None) -> None:
        super().__init__()

        async def tell(_command: object) -> Transcript | None:
            return transcript

        self.process.worker.world.transcript = tell  # type: ignore[method-assign,assignment]

    def conversation(self, command: OpenTicket) -> gather.Gathered:
        found: gather.Gathered = result(self, gather.conversation(self.process.worker.world, command))
        return found


def test_the_platforms_record_is_the_transcript_where_it_has_one() -> None:
    turns = tuple(turn(f"m{number}", f"said {number}", -10 + number) for number in range(3))
    found = Told(Transcript(turns)).conversation(opening())
    assert found.turns[:3] == turns
    assert found.draft(opening()).transcript_from == "platform"


@pytest.mark.parametrize("transcript", [None, Transcript(())])
def test_without_a_record_the_commands_own_turns_are_the_transcript(transcript: Transcript | None) -> None:
    command = opening(turns_omitted=4)
    found = Told(transcript).conversation(command)
    assert (found.turns, found.turns_omitted) == (command.turns, 4)
    assert found.draft(command).transcript_from == "events"


def test_what_was_heard_after_the_record_was_made_is_added_once() -> None:
    record = (turn("m1", "hello", -60), turn("m2", "a person, please", -0.2))
    heard = (turn("w2", "a person, please", 0.0), turn("w3", "are you there?", 5.0))
    found = Told(Transcript(record)).conversation(opening(turns=heard))
    assert [each.event_id for each in found.turns] == ["m1", "m2", "w3"]


def test_a_record_that_was_cut_says_that_turns_are_missing() -> None:
    record = tuple(turn(f"m{number}", f"said {number}", number) for number in range(5))
    found = Told(Transcript(record, truncated=True)).conversation(opening(turns=record, turns_omitted=7))
    assert found.turns_omitted == 7
    assert Told(Transcript(record, truncated=True)).conversation(opening(turns=record)).turns_omitted == 1


def test_what_the_platform_knows_of_the_customer_is_kept() -> None:
    told = Customer(id="u1", email="ann@example.com")
    found = Told(Transcript((turn(),), customer=told, human_holds=True)).conversation(opening())
    assert (found.customer.email, found.customer.name) == ("ann@example.com", "Ann")
    assert found.human_holds


def test_each_file_is_copied_once_and_the_commands_own_keep_their_numbers() -> None:
    def file(name: str, query: str = "") -> Attachment:
        return Attachment(url=f"https://files.example.com/{name}{query}", name=name)

    def with_files(*files: Attachment) -> Turn:
        return turn("m1", "see here", -1, attachments=files)

    command = opening(attachments=(file("a", "?sig=1"),), turns=(with_files(file("b")),))
    found = Told(Transcript((with_files(file("c"), file("a", "?sig=2")),))).conversation(command)
    assert [each.name for each in found.attachments(command)] == ["a", "b", "c"]


def refusing(bench: Bench, *reasons: str) -> Job[OpenTicket]:
    job = job_of(bench, opening())
    left = list(reasons)

    async def find(_customer: Customer) -> Requester | None:
        if left:
            raise HelpdeskUnavailable(left.pop(0))
        return Requester("7", email="ann@example.com")

    job.desk.find_requester = find  # type: ignore[method-assign,assignment]
    return job


@pytest.mark.parametrize("made", [True, False])
def test_of_a_contact_made_just_now_no_open_tickets_are_asked_for(made: bool) -> None:  # the case
    bench = Bench()
    job = job_of(bench, opening())
    asked = []

    async def nobody(_customer: Customer) -> None: ...

    async def create(_customer: Customer, _external_id: str) -> Requester:
        return Requester("7", made=made)

    async def open_tickets(requester: Requester) -> tuple[TicketRef, ...]:
        asked.append(requester.id)
        return (TicketRef("55"),)

    job.desk.find_requester, job.desk.create_requester = nobody, create  # type: ignore[method-assign,assignment]
    job.desk.open_tickets = open_tickets  # type: ignore[method-assign]
    found = result(bench, gather.everything(job, attempt=1))
    assert asked == ([] if made else ["7"])
    assert found.open_tickets == (() if made else (TicketRef("55"),))


def test_a_look_up_that_fails_for_a_moment_is_tried_again() -> None:
    bench = Bench()
    found = result(bench, gather.everything(refusing(bench, "timeout", "http_502"), attempt=1))
    assert found.requester == Requester("7", email="ann@example.com")


@pytest.mark.parametrize("reason", ["forbidden", "unusable_answer", "http_400", "contact_refused"])
def test_a_look_up_that_is_refused_does_not_fail_the_escalation(reason: str) -> None:
    bench = Bench()
    found = result(bench, gather.everything(refusing(bench, *[reason] * 9), attempt=1))
    assert found.requester is None
    assert found.open_tickets == ()


def test_a_helpdesk_that_does_not_answer_is_waited_for_a_few_times_and_then_done_without() -> None:
    bench = Bench()
    for attempt in range(1, gather.PATIENT_ATTEMPTS + 1):
        with pytest.raises(MustWait, match="timeout"):
            result(bench, gather.everything(refusing(bench, *["timeout"] * 9), attempt=attempt))
    found = result(bench, gather.everything(refusing(bench, *["timeout"] * 9), attempt=gather.PATIENT_ATTEMPTS + 1))
    assert found.requester is None


def test_an_open_breaker_is_not_tried_again_in_place() -> None:
    bench = Bench()
    before = bench.sim.time
    with pytest.raises(MustWait, match="breaker_open"):
        result(bench, gather.everything(refusing(bench, *["breaker_open"] * 9), attempt=1))
    assert bench.sim.time - before < 1


def test_who_can_be_written_to_is_not_asked_for_an_address() -> None:
    assert notices.asks_for_address(Customer(id="u1", anonymous=True), None)
    assert notices.asks_for_address(Customer(external_id="x"), Requester("7"))
    assert not notices.asks_for_address(Customer(email="ann@example.com"), None)
    assert not notices.asks_for_address(Customer(phone="+49123"), None)
    assert not notices.asks_for_address(Customer(), Requester("7", email="ann@example.com"))


def test_news_carry_what_the_customer_is_to_be_told() -> None:
    command = opening(locale="de", channel="email")
    news = notices.ticket_news(command, outcome("9", ticket_url="u"), NOW, human_holds=False, ask_for_address=True)
    assert news.kind == "opened"
    assert (news.ticket.id, news.locale, news.channel, news.decided_at) == ("9", "de", "email", NOW)
    handed = outcome("9", result="handed_over")
    news = notices.ticket_news(command, handed, NOW, human_holds=False, ask_for_address=False)
    assert (news.kind, news.human_holds) == ("opened", True)
    attached = outcome("9", result="attached")
    news = notices.ticket_news(command, attached, NOW, human_holds=False, ask_for_address=False)
    assert news.kind == "attached"


def test_equal_escalations_have_equal_notification_ids() -> None:
    first, second = notices.accepted(opening(), NOW), notices.accepted(opening(), later(99))
    assert first.notification_id == second.notification_id
    assert notices.delayed(opening(), NOW, "x").notification_id != first.notification_id
    assert second.occurred_at - first.occurred_at == timedelta(seconds=99)
