"""The escalation worker on a real broker: recovery of much state, transactions upstream, static membership."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Producer

from agents.escalation.decide import decide
from agents.escalation.live import Live
from agents.escalation.state_records import records_of
from agents.observability.metrics import Metrics
from streams.codec import encode
from streams.kafka.admin import create
from streams.kafka.connection import KafkaConnection
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import AckedProducer
from streams.topology import CONVERSATION_EVENTS, ESCALATION_STATE, PARTITIONS, TOPICS
from tests.support.consuming import eventually, until
from tests.support.escalation_worker import BOOK, TENANT, done, due, make_worker, said, send_all, story, traffic
from tests.support.kafka import RealKafka

CONVERSATIONS = 20_000
RECOVERY_SECONDS = 30.0
"""Generous for a machine of two cores that other work shares; the figure itself is printed."""


@pytest.fixture
def broker(java: None, tmp_path: Path) -> Iterator[KafkaConnection]:
    """One of its own per test: the topics have fixed names."""
    with RealKafka(tmp_path / "kafka") as made:
        create(made.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield made.connection(session_timeout_ms=6_000)


@pytest.fixture
async def producer(broker: KafkaConnection) -> AsyncIterator[AckedProducer]:
    made = AckedProducer(broker)
    yield made
    await made.close()


async def write_state(producer: AckedProducer, conversations: int) -> int:
    """The state of conversations that have come to an append, each turn stored as it came; returns the records."""
    rules = BOOK.rules_for(TENANT)
    assert rules is not None
    at, failures, written = datetime.now(UTC) - timedelta(minutes=1), [], 0

    def report(failure: Exception | None) -> None:
        if failure is not None:
            failures.append(failure)

    for number in range(conversations):
        conversation = f"c{number}"
        live = Live(f"{TENANT}|{conversation}", partition_for(f"{TENANT}|{conversation}".encode(), PARTITIONS))
        for offset, event in enumerate(story(conversation, at)[:3]):
            live.state = decide(live.state, event, offset, rules).state
            live.applied_offset = offset
            for key, value, headers in records_of(live):
                written += 1
                await producer.produce(
                    ESCALATION_STATE.name, key, value, report, headers=headers, partition=live.partition
                )
    await until(lambda: producer.outstanding == 0, seconds=60)
    assert failures == []
    return written


async def test_the_state_of_many_conversations_is_back_in_seconds(
    broker: KafkaConnection, producer: AckedProducer, record_property: Callable[[str, object], None]
) -> None:
    written = await write_state(producer, CONVERSATIONS)
    worker = make_worker(broker)
    started = time.monotonic()
    await worker.start()
    await until(lambda: worker.ready, seconds=60)
    seconds = time.monotonic() - started
    print(f"{written} records, {CONVERSATIONS} conversations: ready after {seconds:.1f} s")  # noqa: T201 # the figure
    record_property("recovery seconds", round(seconds, 1))
    assert seconds < RECOVERY_SECONDS
    # What was known is known: the escalated conversation goes on with an append, not with a second ticket.
    held = sum(len(partition.lives) for partition in worker._partitions.values())
    assert held == CONVERSATIONS
    await worker.stop()


async def test_what_a_platform_team_wrote_and_then_aborted_was_never_said(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    worker = make_worker(broker)
    await worker.start()
    await until(lambda: worker.ready)
    upstream = Producer(broker.common() | {"transactional.id": "platform", "partitioner": "murmur2_random"})
    upstream.init_transactions(20)
    for conversation, finish in (("aborted", upstream.abort_transaction), ("committed", upstream.commit_transaction)):
        upstream.begin_transaction()
        for event in story(conversation, datetime.now(UTC))[:3]:
            upstream.produce(CONVERSATION_EVENTS.name, encode(event), f"{TENANT}|{conversation}")
        upstream.flush(20)
        await asyncio.to_thread(finish, 20)
    await eventually(lambda: bool(done(broker, PARTITIONS).actions), seconds=30)
    await send_all(producer, [said("aborted", 9, "Hello?")])
    await eventually(lambda: len(done(broker, PARTITIONS).states) == 2, seconds=30)
    await worker.stop()
    found = done(broker, PARTITIONS)
    assert list(found.actions) == [f"{TENANT}|committed"]
    assert len(found.states[f"{TENANT}|aborted"].turns) == 1


async def test_a_static_worker_that_comes_back_in_time_disturbs_nobody(
    broker: KafkaConnection, producer: AckedProducer
) -> None:
    pods = [replace(broker, instance_id=f"pod-{number}") for number in range(2)]
    metrics = Metrics()
    steady = make_worker(pods[0], metrics=metrics)
    leaving = make_worker(pods[1])
    await asyncio.gather(steady.start(), leaving.start())
    await until(
        lambda: steady.ready and leaving.ready and len(steady.partitions) == len(leaving.partitions) == PARTITIONS // 2,
        seconds=60,
    )
    held, rebalances = leaving.partitions, steady._app.rebalancing_count
    events = traffic("c", 100)
    await send_all(producer, events[:250])
    await leaving.stop()
    await send_all(producer, events[250:])
    back = make_worker(pods[1])
    await back.start()
    await until(lambda: back.ready and back.partitions == held, seconds=30)
    assert steady._app.rebalancing_count == rebalances
    await eventually(lambda: done(broker, PARTITIONS).states == due(broker, PARTITIONS).states, seconds=30)
    await asyncio.gather(steady.stop(), back.stop())
    wanted, found = due(broker, PARTITIONS), done(broker, PARTITIONS)
    assert found.actions == wanted.actions
    assert found.repeats == 0
