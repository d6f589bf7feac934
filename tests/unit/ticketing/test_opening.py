"""One command from the topic to the ticket and the notification, step by step."""

import pytest

from agents.helpdesks.port import TicketRef
from agents.settings import LimitSettings, TenantSettings
from agents.ticketing.opening import FOLLOW_AFTER
from streams.contracts.escalation_ledger import AnyLedgerEntry
from streams.errors import InvalidRecord
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_sim import EPOCH
from tests.support.ticketing_values import ESCALATION, OPEN, opening


def test_the_order_of_the_steps() -> None:
    bench = Bench()
    bench.take(opening())
    assert bench.said == ["accepted", "opened"]
    assert bench.ledger == ["intent open", "outcome open", "-", "intent note", "outcome note", "-"]
    effects = [kind for kind, _ in bench.sim.database.effects]
    assert effects == ["accepted", "ticket", "opened", "comment"]


def test_the_news_of_the_ticket_is_out_before_its_intent_is_tombstoned() -> None:
    bench = Bench()
    world = bench.process.worker.world
    write, said = world.write_ledger, []

    async def watched(key: str, entry: AnyLedgerEntry | None) -> None:
        if entry is None:
            said.append(list(bench.said))
        await write(key, entry)

    world.write_ledger = watched  # type: ignore[method-assign]
    bench.take(opening())
    assert said[0] == ["accepted", "opened"]


def test_notes_wait_for_the_tickets_of_those_who_came_up_to_a_minute_later() -> None:
    bench, command = Bench(), opening()
    bench.take(command)
    assert bench.sim.asked == [command.decided_at, command.decided_at + FOLLOW_AFTER]
    half_way = Bench()
    half_way.take(command, until="opened.acknowledged")
    assert half_way.sim.asked == [command.decided_at]


def test_the_customer_hears_of_it_before_anything_outside_is_called() -> None:
    bench = Bench()
    bench.take(opening(), until="find_requester")
    assert bench.said == ["accepted"]
    assert bench.ledger == []


def test_an_observed_command_touches_nobody_at_all() -> None:
    for command in (opening(mode="observe"), opening(test=True)):
        bench = Bench()
        bench.take(command)
        assert (bench.said, bench.ledger, bench.tickets, bench.sim.brokers.parked) == ([], [], {}, [])


def test_a_command_seen_again_makes_no_second_ticket_and_says_the_same() -> None:
    bench = Bench()
    record = bench.take(opening())
    bench.life()
    bench.play(record)
    assert len(bench.tickets) == 1
    ids = [news.notification_id for news in bench.sim.brokers.notifications]
    assert len(ids) == 4
    assert len(set(ids)) == 2


def test_only_what_is_missing_is_done_after_a_death_between_ticket_and_notification() -> None:
    bench = Bench()
    record = bench.take(opening(), until="opened")
    assert bench.said == ["accepted"]
    bench.life()
    bench.play(record)
    assert bench.said == ["accepted", "accepted", "opened"]
    assert len(bench.tickets) == 1


def test_the_very_bytes_are_sent_again_after_a_death_before_the_answer() -> None:
    bench = Bench()
    record = bench.take(opening(), until="sent")
    assert len(bench.tickets) == 1
    del bench.tickets["1"]  # as if a look-up did not see it yet
    bench.life()
    bench.play(record)
    writes = [line for line in bench.sim.history if " open " in line]
    assert writes == ["p open done http_201", "p open done replayed"]


def test_a_ticket_made_by_a_former_life_is_found_and_told() -> None:
    bench = Bench(keyed=False)
    record = bench.take(opening(), until="sent")
    bench.life()
    bench.play(record)
    assert len(bench.tickets) == 1
    outcome = bench.process.worker.ledger.outcome(OPEN)
    assert outcome is not None
    assert outcome.result == "found"
    assert bench.said[-1] == "opened"


def test_a_definite_refusal_takes_the_intent_back_and_becomes_a_dead_letter() -> None:
    bench = Bench()
    bench.sim.database.refuse = True
    error = bench.dead(opening())
    assert error is not None
    assert (error.reason, error.detail) == ("helpdesk_refused", "record_invalid")
    assert bench.ledger == ["intent open", "-"]
    assert bench.said == ["accepted", "failed"]


def test_a_refused_field_leads_to_a_minimal_ticket_under_its_own_key() -> None:
    bench = Bench()
    bench.sim.database.degrade = True
    bench.take(opening())
    assert bench.ledger[:5] == ["intent open", "-", "intent minimal", "outcome minimal", "-"]
    keys = {entry.request.idempotency_key for _, entry in bench.sim.brokers.ledger if entry and entry.kind == "intent"}
    assert len(keys - {None}) == 2
    outcome = bench.process.worker.ledger.origin(ESCALATION)
    assert outcome is not None
    assert outcome.degraded
    assert bench.said == ["accepted", "opened"]


def test_an_open_ticket_of_ours_takes_the_escalation_in() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", open_tickets="attach"))
    bench.tickets["1"] = Ticket("1", "another", "e", EPOCH)
    bench.sim.open_tickets.append(TicketRef("1"))
    bench.take(opening())
    assert bench.said == ["accepted", "attached"]
    assert [comment.says for comment in bench.tickets["1"].comments] == [f"attach-{ESCALATION}"]
    assert len(bench.tickets) == 1


def test_an_open_ticket_that_closed_meanwhile_makes_way_for_a_new_one() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", open_tickets="attach"))
    bench.tickets["1"] = Ticket("1", "another", "e", EPOCH, closed=True)
    bench.sim.open_tickets.append(TicketRef("1"))
    bench.take(opening())
    assert bench.said == ["accepted", "opened"]
    assert len(bench.tickets) == 2


def test_policy_new_leaves_open_tickets_alone() -> None:
    for policy in ("new", "new_and_link"):
        bench = Bench(tenant=TenantSettings(mode="live", open_tickets=policy))
        bench.tickets["1"] = Ticket("1", "another", "e", EPOCH)
        bench.sim.open_tickets.append(TicketRef("1"))
        bench.take(opening())
        assert len(bench.tickets) == 2


def test_the_kill_switch_read_again_right_before_the_call_stops_it_and_takes_the_intent_back() -> None:
    bench = Bench()
    steps = bench.process.worker.take(bench.take(opening(), until="accepted"))
    for point in iter(lambda: steps.send(None), None):
        bench.sim.time = max(bench.sim.time, point.wake_at)
        if point.label == "ledger.intent":
            bench.sim.tenant = TenantSettings(mode="live", kill_switch=True)
        if point.label == "park.acknowledged":
            break
    assert bench.ledger == ["intent open", "-"]
    assert bench.tickets == {}
    assert bench.said == ["accepted"]
    assert not bench.sim.in_slot


def test_the_kill_switch_parks_in_silence() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", kill_switch=True))
    bench.take(opening())
    assert bench.said == []
    assert len(bench.sim.brokers.parked) == 1


def test_over_the_cap_the_customer_is_accepted_and_told_that_it_takes_longer() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", limits=LimitSettings(tickets_per_hour=1)))
    bench.take(opening())
    other = "11111111-2222-3333-4444-555555555555"
    bench.take(opening(conversation_id="c2", escalation_id=other, action_id=other))
    assert bench.said == ["accepted", "opened", "accepted", "delayed"]
    assert len(bench.tickets) == 1
    bench.sim.time += 3601
    bench.take_parked()
    assert bench.said[-1] == "opened"
    assert len(bench.tickets) == 2


def test_a_tenant_without_helpdesk_or_configuration_is_a_dead_letter() -> None:
    bench = Bench()
    bench.sim.configured = False
    error = bench.dead(opening())
    assert error is not None
    assert error.reason == "no_helpdesk"


def test_a_tenant_gone_back_to_observing_leaves_what_was_begun_to_a_person() -> None:
    bench = Bench()
    record = bench.take(opening(), until="sent")
    bench.sim.tenant = TenantSettings(mode="observe")
    bench.life()
    with pytest.raises(InvalidRecord, match="in_doubt"):
        bench.play(record)
    assert bench.said == ["accepted"]
