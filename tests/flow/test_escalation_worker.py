"""The whole escalation worker, Faust included, on the embedded broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from streams.codec import decode, encode, header
from streams.contracts.conversation_events import EVENT, Tick
from streams.contracts.conversation_outcomes import OUTCOME
from streams.contracts.escalation_commands import COMMAND
from streams.contracts.policy_versions import PolicyVersion
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.embedded import PARTITIONS, EmbeddedBroker
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import AckedProducer
from streams.topology import (
    CONVERSATION_EVENTS,
    CONVERSATION_OUTCOMES,
    ESCALATION_COMMANDS,
    POLICY_VERSIONS,
)
from tests.support.consuming import committed, ends, eventually, until
from tests.support.escalation_worker import BOOK, TENANT, done, due, make_worker, said, send_all, traffic

APP = "handoff-escalation"


@pytest.fixture
def broker() -> Iterator[KafkaConnection]:
    """One of its own per test: the topics have fixed names."""
    with EmbeddedBroker() as running:
        yield KafkaConnection(running.bootstrap_servers, embedded=True)


@pytest.fixture
async def producer(broker: KafkaConnection) -> AsyncIterator[AckedProducer]:
    made = AckedProducer(broker)
    yield made
    await made.close()


def read(connection: KafkaConnection, topic: str) -> list[StoredRecord]:
    batches = read_to_end(connection, topic, list(range(PARTITIONS)), with_headers=True)
    return [record for batch in batches for record in batch]


async def test_a_worker_decides_stores_and_commits_and_its_successor_goes_on_from_there(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    first = make_worker(broker)
    await first.start()
    await until(lambda: first.ready)
    assert first.partitions == list(range(PARTITIONS))
    [policy] = read(broker, POLICY_VERSIONS.name)
    assert PolicyVersion.model_validate_json(policy.value or b"").sha256 in BOOK.texts

    # A single record at offset 0 is the batch after which stock Faust never commits again.
    events = traffic("c", 60)
    await send_all(producer, events[:1])
    await asyncio.sleep(1.5)
    await send_all(producer, events[1:180])
    await eventually(lambda: len(read(broker, ESCALATION_COMMANDS.name)) == 60)
    await first.stop()
    assert not first.stalled
    assert committed(broker, APP, CONVERSATION_EVENTS.name, PARTITIONS) == ends(
        broker, CONVERSATION_EVENTS.name, PARTITIONS
    )

    await send_all(producer, events[180:])
    second = make_worker(broker)
    await second.start()
    await until(lambda: second.ready)
    await eventually(lambda: len(read(broker, ESCALATION_COMMANDS.name)) == 180)
    await second.stop()
    wanted, found = due(broker, PARTITIONS), done(broker, PARTITIONS)
    assert found.actions == wanted.actions
    assert found.states == wanted.states
    assert found.repeats == 0
    kinds = [decode(COMMAND, record.value).kind for record in read(broker, ESCALATION_COMMANDS.name)]
    assert (kinds.count("open_ticket"), kinds.count("append_to_ticket")) == (60, 120)


async def test_what_cannot_be_processed_is_dead_with_its_reason_and_the_rest_goes_on(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    worker = make_worker(broker)
    await worker.start()
    await until(lambda: worker.ready)
    good = encode(said("c1", 0, "hello"))
    topic, key = CONVERSATION_EVENTS.name, f"{TENANT}|c1"
    wrong = (partition_for(key.encode(), PARTITIONS) + 1) % PARTITIONS
    await producer.send(topic, key, good, partition=wrong, headers=[("ce_id", b"kept")])
    await producer.send(topic, key, good)
    await producer.send(topic, key, b"{4111 1111 1111 1111", headers=[("traceparent", b"00-1-2-03")])
    await producer.send(topic, key, None)
    await producer.send(topic, f"{TENANT}|other", good)
    await producer.send(topic, "nobody|c1", good.replace(f'"{TENANT}"'.encode(), b'"nobody"'))
    await producer.send(topic, "k" * 900_000, b"{}")
    await producer.send(topic, key, encode(said("c1", 1, "I want to speak to a human")))
    await eventually(lambda: bool(read(broker, ESCALATION_COMMANDS.name)))
    await eventually(lambda: len(read(broker, CONVERSATION_EVENTS.dead)) == 6)
    await worker.stop()

    dead = {str(header(record.headers, "dlq-reason")): record for record in read(broker, CONVERSATION_EVENTS.dead)}
    assert sorted(dead) == [
        "not_json",
        "tombstone",
        "unknown_kind",
        "unknown_tenant",
        "wrong_key",
        "wrong_partition",
    ]
    assert dead["wrong_partition"].partition == wrong
    assert header(dead["wrong_partition"].headers, "ce_id") == "kept"
    assert dead["not_json"].value == b"{**** **** **** 1111"
    assert header(dead["not_json"].headers, "traceparent") == "00-1-2-03"
    assert dead["tombstone"].value is None
    [command] = [decode(COMMAND, record.value) for record in read(broker, ESCALATION_COMMANDS.name)]
    assert [turn.text for turn in getattr(command, "turns", ())] == ["hello", "I want to speak to a human"]
    assert committed(broker, APP, topic, PARTITIONS) == ends(broker, topic, PARTITIONS)


async def test_a_silent_conversation_is_ended_by_a_tick_that_stands_in_the_log(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    await send_all(producer, [said("c1", 0, "Where is my parcel?", at=long_ago)])
    worker = make_worker(broker, tick_check_seconds=0.1)
    await worker.start()
    await eventually(lambda: bool(read(broker, CONVERSATION_OUTCOMES.name)))
    await asyncio.sleep(0.5)
    await worker.stop()
    [outcome] = [decode(OUTCOME, record.value) for record in read(broker, CONVERSATION_OUTCOMES.name)]
    assert (outcome.episode, outcome.ended_by) == ("c1-0", "idle")
    events = [decode(EVENT, record.value) for record in read(broker, CONVERSATION_EVENTS.name)]
    ticks = [event for event in events if isinstance(event, Tick)]
    assert len(ticks) == len({tick.event_id for tick in ticks})
    assert ticks[-1].due_at == outcome.ended_at
    assert done(broker, PARTITIONS).states == due(broker, PARTITIONS).states


async def test_a_fuse_that_trips_leaves_the_worker_standing_unready_and_it_still_stops_quickly(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    worker = make_worker(broker)
    await worker.start()
    await until(lambda: worker.ready)
    for number in range(60):
        await producer.send(CONVERSATION_EVENTS.name, f"{TENANT}|c{number}", b"{", partition=0)
    await until(lambda: not worker.ready)
    assert not worker.stalled
    await asyncio.sleep(0.6)
    started = time.monotonic()
    await worker.stop()
    assert time.monotonic() - started < 5
    assert committed(broker, APP, CONVERSATION_EVENTS.name, PARTITIONS).get(0, 0) < 60


async def test_stopping_a_worker_that_never_started_is_no_error(broker: KafkaConnection) -> None:
    worker = make_worker(broker)
    assert not worker.ready
    assert not worker.stalled
    await worker.stop()
