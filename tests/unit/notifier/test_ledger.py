from datetime import timedelta
from typing import Any

import pytest

from agents.notifier.history import deferred_key, ledger_key, parse_key
from agents.notifier.ledger import KEEP, Ledger
from streams.codec import encode, header
from streams.contracts.notification_ledger import Deferred, Step, StepIntent, StepOutcome
from streams.errors import InvalidRecord
from streams.kafka.bulk import StoredRecord
from streams.trace import new_traceparent
from tests.support.notices import NOON
from tests.support.notifier_world import Brokers, Fate

KEY = "acme|c-1"


def fields(step: Step = "reply", **changes: Any) -> dict[str, Any]:
    return {
        "tenant": "acme",
        "conversation_id": "c-1",
        "escalation_id": "e-1",
        "notification_id": "n-1",
        "step": step,
        "recorded_at": NOON,
    } | changes


def outcome(step: Step = "reply", **changes: Any) -> StepOutcome:
    return StepOutcome(**(fields(step) | {"result": "done"} | changes))


def waiting(number: int) -> Deferred:
    return Deferred(
        tenant="acme",
        conversation_id="c-1",
        escalation_id="e-1",
        notification_id=f"n-{number}",
        first_tried_at=NOON,
        offset=number,
        reason="away",
        value="{}",
    )


async def recovered(brokers: Brokers) -> Ledger:
    ledger = Ledger(brokers, brokers.read)
    await ledger.recover(0)
    return ledger


async def test_what_was_written_is_known_at_once_and_after_a_recovery() -> None:
    brokers = Brokers(Fate())
    ledger = await recovered(brokers)
    intent = StepIntent(**fields("pause"), text="words")
    await ledger.record(0, outcome(), None)
    await ledger.record(0, intent, None)
    for known in (ledger, await recovered(brokers)):
        history = known.history(0, KEY)
        settled = history.settled("n-1", "reply")
        assert settled is not None
        assert settled.result == "done"
        assert history.intent("n-1", "pause") == intent


async def test_the_keys_are_those_of_the_topic_map() -> None:
    brokers = Brokers(Fate())
    ledger = await recovered(brokers)
    await ledger.record(0, StepIntent(**fields()), None)
    await ledger.record(0, outcome(), None)
    await ledger.defer(0, waiting(1), None)
    assert [record.key.decode() for record in brokers.ledger] == [
        "acme|c-1|n-1|reply|intent",
        "acme|c-1|n-1|reply|outcome",
        "acme|c-1|n-1|deferred",
    ]


async def test_a_withdrawn_intent_is_gone_for_good() -> None:
    brokers = Brokers(Fate())
    ledger = await recovered(brokers)
    intent = StepIntent(**fields())
    await ledger.record(0, intent, None)
    await ledger.withdraw(0, intent)
    for known in (ledger, await recovered(brokers)):
        assert known.history(0, KEY).intent("n-1", "reply") is None
        assert known.history(0, KEY).empty


async def test_what_waits_is_found_again_in_the_order_of_its_records() -> None:
    brokers = Brokers(Fate())
    ledger = await recovered(brokers)
    for number in (2, 1, 3):
        await ledger.defer(0, waiting(number), None)
    await ledger.finish(0, waiting(2))
    for known in (ledger, await recovered(brokers)):
        assert [entry.offset for entry in known.deferred(0)] == [1, 3]


async def test_nothing_is_remembered_before_the_brokers_have_it() -> None:
    class Refusing(Brokers):
        async def send(self, *args: Any, **options: Any) -> None:
            raise ConnectionError

    ledger = await recovered(Refusing(Fate()))
    with pytest.raises(ConnectionError):
        await ledger.record(0, outcome(), None)
    assert ledger.history(0, KEY).empty


async def test_old_outcomes_are_swept_and_young_ones_stay() -> None:
    brokers = Brokers(Fate())
    ledger = await recovered(brokers)
    await ledger.record(0, outcome("reply"), None)
    await ledger.record(0, outcome("close", recorded_at=NOON + timedelta(days=1)), None)
    assert await ledger.sweep(NOON + KEEP) == 0
    assert await ledger.sweep(NOON + KEEP + timedelta(seconds=1)) == 1
    for known in (ledger, await recovered(brokers)):
        assert known.history(0, KEY).settled("n-1", "reply") is None
        assert known.history(0, KEY).settled("n-1", "close") is not None


async def test_an_outcome_is_kept_longer_than_its_notification_can_come_back() -> None:
    from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_EVENTS_DEAD

    assert NOTIFICATION_EVENTS.retention_ms is not None
    assert NOTIFICATION_EVENTS_DEAD.retention_ms is not None
    both = timedelta(milliseconds=NOTIFICATION_EVENTS.retention_ms + NOTIFICATION_EVENTS_DEAD.retention_ms)
    assert both < KEEP


async def test_the_headers_carry_the_trace_on() -> None:
    seen: list[Any] = []

    class Watching(Brokers):
        async def send(self, *args: Any, headers: Any = None, **options: Any) -> None:
            seen.append(headers)

    ledger = await recovered(Watching(Fate()))
    parent = new_traceparent()
    await ledger.record(0, outcome(), parent)
    assert (header(seen[0], "traceparent") or "")[:35] == parent[:35]
    assert header(seen[0], "ce_type") == "handoff.notification_step_outcome"


async def test_an_entry_nobody_can_read_stops_the_start() -> None:
    brokers = Brokers(Fate())
    brokers.ledger.append(StoredRecord(0, 0, b"acme|c-1|n-1|reply|outcome", b"{}"))
    with pytest.raises(InvalidRecord):
        await recovered(brokers)


@pytest.mark.parametrize("key", ["", "a|b|c", "a|b|c|d|e", "a|b|c|reply|d", "a|b|c|reply|intent|x"])
def test_a_key_that_is_none_of_ours_is_no_step(key: str) -> None:
    assert parse_key(key) is None


def test_a_key_can_be_taken_apart_again() -> None:
    parsed = parse_key(ledger_key(outcome()))
    assert parsed == (KEY, "n-1", "reply", "outcome")
    assert parse_key(deferred_key(waiting(1))) is None
    assert encode(waiting(1))
