"""What the hops do where a person was erased: nothing twice, nothing of theirs again."""

from datetime import timedelta

import pytest

from agents.erasure.plan import NO_BYTES
from agents.escalation.decide import decide
from agents.escalation.fold import Folded, Folder
from agents.escalation.live import PartitionState
from agents.escalation.state_records import PartitionLoader, records_of
from agents.ticketing.ledger import Ledger, intent_key
from agents.ticketing.worker import KEEP_OUTCOMES
from streams.codec import encode
from streams.contracts.conversation_events import AnyEvent, Erased
from streams.contracts.escalation_ledger import Intent
from streams.kafka.bulk import StoredRecord
from streams.kafka.record import Record
from tests.support.escalation_engine import AT
from tests.support.escalation_worker import BOOK, TENANT, said
from tests.support.ticketing_bench import Bench
from tests.support.ticketing_values import NOW, appending, intent, opening

GONE = Erased(event_id="gone", tenant=TENANT, conversation_id="c", occurred_at=AT)
KEY = f"{TENANT}|c"


def _erased(begun: Intent) -> Intent:
    return begun.model_copy(update={"erased": True, "request": NO_BYTES, "requester_id": None})


def in_doubt() -> tuple[Bench, Intent]:
    """A create whose answer was lost, and nobody who waits for it any more."""
    bench = Bench("lost", keyed=False)
    bench.take(opening(), until="send")
    assert not bench.tickets
    (begun,) = [entry for _, entry in bench.sim.brokers.ledger if isinstance(entry, Intent)]
    return bench, begun


@pytest.mark.parametrize("command", [opening(), appending()])
def test_a_command_that_is_read_again_is_skipped_where_its_person_was_erased_in_doubt(command: object) -> None:
    bench, begun = in_doubt()
    bench.sim.brokers.ledger.append((intent_key(begun), _erased(begun)))
    bench.life()
    tickets, said, written = dict(bench.tickets), list(bench.said), len(bench.sim.brokers.ledger)
    bench.take(command)  # type: ignore[arg-type] # a command
    assert (bench.tickets, bench.said, len(bench.sim.brokers.ledger)) == (tickets, said, written)
    assert bench.sim.brokers.parked == []


def test_a_tombstone_in_its_place_would_have_sent_it_again() -> None:
    bench, begun = in_doubt()
    bench.sim.brokers.ledger.append((intent_key(begun), None))
    bench.life()
    bench.take(opening())
    assert bench.tickets


def test_an_erased_intent_is_in_doubt_for_nobody_and_goes_with_the_outcomes_of_its_time() -> None:
    ledger, left = Ledger(), _erased(intent())
    ledger.apply(intent_key(left), left, 0)
    assert ledger.open_intents() == []
    assert ledger.creating("acme") == []
    assert ledger.is_erased(left.escalation_id)
    assert ledger.leftovers(NOW + timedelta(days=1)) == []
    assert ledger.outlived(NOW) == []
    assert ledger.outlived(NOW + timedelta(seconds=1)) == [left]
    bench, begun = in_doubt()
    bench.sim.brokers.ledger.append((intent_key(begun), _erased(begun)))
    bench.sim.time += KEEP_OUTCOMES.total_seconds() + 3600
    bench.life()
    bench.drive(bench.process.worker.tidy())
    assert bench.sim.brokers.ledger[-1] == (intent_key(begun), None)


def test_other_escalations_go_on() -> None:
    bench, begun = in_doubt()
    bench.sim.brokers.ledger.append((intent_key(begun), _erased(begun)))
    bench.life()
    other = opening(escalation_id="another", action_id="another-open")
    bench.take(other)
    assert "opened" in bench.said


def _fold(state: PartitionState, *events: AnyEvent, first: int = 0) -> Folded:
    folded, folder = Folded(), Folder(decide, BOOK.rules_for, 1)
    for offset, event in enumerate(events, start=first):
        folder.fold(state, [Record("conversation.events", 0, offset, KEY.encode(), encode(event))], folded)
    return folded


def _loaded(*records: tuple[bytes, bytes | None]) -> PartitionState:
    loader = PartitionLoader(0)
    for offset, (key, value) in enumerate(records):
        loader.add(StoredRecord(0, offset, key, value))
    return loader.finish()[0]


def test_a_conversation_that_is_forgotten_leaves_tombstones_for_all_that_stood_of_it() -> None:
    state = PartitionState(0)
    _fold(state, said("c", 1, "my name is Ann", at=AT), said("c", 2, "and I am cross", at=AT))
    written = {record.key for record in records_of(state.lives[KEY])}
    folded = _fold(state, GONE, first=2)
    assert folded.outputs == []
    assert folded.dead == []
    gone = records_of(folded.touched[KEY])
    assert {record.key for record in gone} == written
    assert all(record.value is None for record in gone)


def test_chunks_without_a_head_are_forgotten_too() -> None:
    state = _loaded((f"{KEY}|c|0-1".encode(), b"words"))
    folded = _fold(state, GONE, first=5)
    gone = {record.key: record.value for record in records_of(folded.touched[KEY])}
    assert gone[f"{KEY}|c|0-1".encode()] is None


def test_of_a_conversation_nobody_knows_nothing_is_written() -> None:
    folded = _fold(PartitionState(0), GONE)
    assert folded.touched == {}
    assert folded.dead == []


def test_an_event_that_comes_again_after_the_erasure_gets_the_ids_it_had_before() -> None:
    rules = BOOK.rules_for(TENANT)
    assert rules is not None
    asked = said("c", 1, "I want to talk to a person", at=AT)
    first, again = decide(None, asked, 0, rules), decide(None, asked, 7, rules)
    assert first.commands
    assert [each.action_id for each in again.commands] == [each.action_id for each in first.commands]
