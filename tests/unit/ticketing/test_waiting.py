"""What waits: in place for a minute, then parked; in order, told once, and not for ever."""

import pytest

from agents.settings import TenantSettings
from agents.ticketing.parked import read
from agents.ticketing.worker import MAX_TENANT_IN_FLIGHT
from agents.ticketing.world import MustWait
from streams.errors import InvalidRecord
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_helpdesk import Ticket
from tests.support.ticketing_values import ESCALATION, OPEN, appending, opening

DAY = 86_400.0


def away(seconds: float = 1e9, **options: object) -> Bench:
    bench = Bench(**options)  # type: ignore[arg-type]
    bench.sim.away_until = seconds
    return bench


def test_a_short_trouble_is_waited_out_in_place() -> None:
    bench = Bench("not_sent", "not_sent", "not_sent", "ok")
    bench.take(opening())
    assert bench.sim.brokers.parked == []
    assert bench.said == ["accepted", "opened"]


def test_a_helpdesk_away_for_more_than_a_minute_parks_the_command_without_an_intent() -> None:
    bench = Bench(*["not_sent"] * 40)
    bench.take(opening())
    assert bench.sim.time < 75
    assert set(bench.ledger[:-1]) == {"intent open"}  # written anew where an attempt would outlive it
    assert bench.ledger[-1] == "-"
    assert bench.said == ["accepted", "delayed"]
    waiting = read(bench.sim.brokers.parked[0])
    assert (waiting.origin, waiting.reason, waiting.attempt) == (0, "refused", 1)
    assert waiting.said == {"accepted", "delayed"}


def test_an_answer_that_leaves_it_open_keeps_the_intent_while_parked() -> None:
    bench = Bench("gone", keyed=False)
    bench.take(opening())
    assert bench.ledger == ["intent open"]
    assert read(bench.sim.brokers.parked[0]).reason == "in_doubt"
    assert bench.tickets == {}


def test_a_later_no_says_nothing_of_an_earlier_attempt_in_doubt() -> None:
    bench = Bench("gone", *["not_sent"] * 60)
    bench.take(opening())
    assert len(bench.sim.brokers.parked) == 1
    assert "-" not in bench.ledger
    assert bench.process.worker.ledger.intent(OPEN) is not None


def test_a_key_that_was_used_with_other_bytes_leads_to_the_ticket_made_with_them() -> None:
    bench = Bench()
    now = bench.sim.true_now()
    bench.tickets["1"] = Ticket("1", ESCALATION, "e0", now)
    bench.sim.database.keys[OPEN] = ("what a zombie sent", "1", now)
    bench.take(opening())
    assert len(bench.tickets) == 1
    found = bench.process.worker.ledger.outcome(OPEN)
    assert found is not None
    assert (found.ticket_id, found.result) == ("1", "found")


def test_without_keys_two_empty_look_ups_come_before_a_second_attempt() -> None:
    bench = Bench("gone", "ok", keyed=False)
    bench.take(opening())
    bench.drain()
    assert len(bench.tickets) == 1
    assert bench.sim.time > 18 + 60 + 60
    assert [line for line in bench.sim.history if " open " in line] == [
        "p open ambiguous timeout",
        "p open done http_201",
    ]


def test_with_a_key_the_second_attempt_comes_once_the_first_is_surely_over() -> None:
    bench = Bench("gone", "ok")
    bench.take(opening())
    assert len(bench.tickets) == 1
    assert 18 < bench.sim.time < 40
    assert bench.sim.brokers.parked == []


def test_what_was_done_after_all_is_found_within_seconds() -> None:
    bench = Bench("failed_done", keyed=False)
    bench.take(opening())
    assert len(bench.tickets) == 1
    assert bench.sim.time < 5


def test_the_customer_is_told_of_the_delay_once() -> None:
    bench = away(keyed=True)
    bench.take(opening())
    for _ in range(4):
        bench.take_parked()
    assert bench.said == ["accepted", "delayed"]


def test_what_comes_later_in_the_conversation_lines_up_behind() -> None:
    bench = away(200.0)
    bench.take(opening())
    bench.take(appending("e1"))
    bench.take(appending("e2"))
    assert len(bench.sim.brokers.parked) == 3
    bench.drain()
    says = [comment.says for comment in bench.tickets["1"].comments]
    assert says == ["note", "e1", "e2"]
    assert not bench.process.worker.book.holds(b"acme|c1")


def test_another_conversation_does_not_wait() -> None:
    bench = Bench(*["not_sent"] * 40)
    bench.take(opening())
    bench.sim.script.clear()
    other = "11111111-2222-3333-4444-555555555555"
    bench.take(opening(conversation_id="c2", escalation_id=other, action_id=other))
    assert len(bench.tickets) == 1


def test_one_that_fails_again_goes_to_the_tail_and_those_behind_it_follow() -> None:
    bench = away(1e9)
    bench.take(opening())
    bench.take(appending("e1"))
    for _ in range(4):
        bench.take_parked()
    origins = [read(record).origin for record in bench.sim.brokers.parked]
    assert origins == [0, 1, 0, 1, 0, 1]


@pytest.mark.parametrize("behind", [0, 1, 20])
def test_however_long_a_helpdesk_is_away_a_line_goes_round_twice_a_minute_at_most(behind: int) -> None:
    """Each round writes the line anew. What grows is the wait, so that in the long run it is a round per wait."""
    bench = away(1e9)
    bench.take(opening())
    for number in range(behind):
        bench.take(appending(f"e{number}"))
    began, line = bench.sim.time, behind + 1
    while bench.sim.time < began + 6 * 3600:
        bench.take_parked()
    waited_seconds = bench.process.worker.world.settings.parked_retry_seconds
    rounds = (len(bench.sim.brokers.parked) - line) / line
    assert rounds <= (bench.sim.time - began) / (waited_seconds / 2) + 1
    assert rounds <= (bench.sim.time - began) / waited_seconds * 1.2


def test_a_parked_command_is_not_tried_before_its_time() -> None:
    bench = Bench()
    bench.sim.tenant = TenantSettings(mode="live", kill_switch=True)
    bench.take(opening())
    due = read(bench.sim.brokers.parked[0]).not_before
    bench.sim.tenant = TenantSettings(mode="live")
    bench.take_parked()
    assert bench.process.worker.world.now() >= due
    assert bench.said == ["accepted", "opened"]


def test_a_parked_line_is_rebuilt_after_a_death_and_a_copy_too_many_is_dropped() -> None:
    bench = away(100.0)
    first = bench.take(opening())
    bench.take(appending("e1"))
    bench.life()
    bench.play(first)  # its offset was not committed: it comes again
    assert len(bench.sim.brokers.parked) == 2
    bench.sim.brokers.parked.append(bench.sim.brokers.parked[0])  # moved, and died before committing
    bench.life()
    bench.drain()
    assert len(bench.tickets) == 1
    assert [comment.says for comment in bench.tickets["1"].comments] == ["note", "e1"]


def test_after_a_day_the_command_is_a_dead_letter_and_the_customer_hears_of_it() -> None:
    bench = away(1e9)
    bench.take(opening())
    bench.sim.time += DAY
    with pytest.raises(InvalidRecord):
        bench.take_parked()
    assert bench.said == ["accepted", "delayed", "failed"]


def test_one_that_stays_in_doubt_for_a_day_says_so_and_keeps_its_intent() -> None:
    bench = Bench("lost", keyed=False)
    record = bench.take(opening(), until="sent")
    bench.life()
    bench.sim.away_until = 1e9
    bench.play(record)
    bench.sim.time += DAY
    with pytest.raises(InvalidRecord, match="in_doubt"):
        bench.take_parked()
    assert bench.ledger == ["intent open"]


def test_a_kill_switch_of_two_days_loses_nothing() -> None:
    bench = Bench(tenant=TenantSettings(mode="live", kill_switch=True))
    bench.take(opening())
    for _ in range(4):
        bench.sim.time += DAY / 2
        bench.take_parked()
    bench.sim.tenant = TenantSettings(mode="live")
    bench.drain()
    assert bench.said == ["accepted", "opened"]


def test_an_append_whose_ticket_is_a_dead_letter_follows_it_there() -> None:
    bench = Bench()
    bench.sim.database.refuse = True
    assert bench.dead(opening()) is not None
    error = bench.dead(appending("e1"))
    assert error is not None
    assert error.reason == "no_ticket"
    assert bench.said == ["accepted", "failed"]


def test_one_tenants_crowd_is_accepted_and_then_parked() -> None:
    bench = Bench()
    bench.process.worker._in_flight["acme"] = MAX_TENANT_IN_FLIGHT
    bench.take(opening())
    assert bench.said == ["accepted"]
    assert read(bench.sim.brokers.parked[0]).reason == "crowded"
    bench.process.worker._in_flight.clear()
    bench.take_parked()
    assert bench.said == ["accepted", "opened"]


def test_who_waits_when_the_partition_is_given_away_is_parked_for_its_next_owner() -> None:
    bench = Bench("gone", keyed=True)
    worker, record = bench.process.worker, bench.take(opening(), until="accepted")
    steps = worker.take(record)
    for point in iter(lambda: steps.send(None), None):
        if point.label == "sleep":
            bench.process.leaving = True
            continue
        bench.sim.time = max(bench.sim.time, point.wake_at)
        if point.label == "park.acknowledged":
            break
    waiting = read(bench.sim.brokers.parked[0])
    assert waiting.reason == "leaving"
    assert waiting.not_before <= worker.world.now().replace(year=2027)
    assert bench.ledger == ["intent open"]
    bench.process.leaving = False
    bench.life()
    bench.take_parked()
    assert len(bench.tickets) == 1


def test_waiting_is_not_an_error_of_the_record() -> None:
    assert not issubclass(MustWait, InvalidRecord)


def test_what_is_no_command_of_ours_is_a_dead_letter() -> None:
    bench = Bench()
    record = bench.take(opening(mode="observe"))
    for value, key, reason in (
        (b"{", record.key, "not_json"),
        (b'{"kind": "something"}', record.key, "unknown_kind"),
        (None, record.key, "tombstone"),
        (record.value, b"acme|c2", "wrong_key"),
    ):
        bad = type(record)("commands", 0, 9, key, value)
        with pytest.raises(InvalidRecord, match=reason):
            bench.play(bad)
