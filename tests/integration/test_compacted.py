"""Reading compacted topics to their end: tombstones, gaps, markers, and state that was written over and over."""

import asyncio
import itertools
import time
from dataclasses import replace

from confluent_kafka import Producer

from agents.escalation.recovery import StateRecovery
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from streams.kafka.admin import create
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer
from streams.topology import ESCALATION_LEDGER
from tests.support.consuming import ends, eventually
from tests.support.kafka import RealKafka

EAGER = {
    "segment.ms": "500",
    "segment.bytes": "1048576",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "500",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "0",
}
"""A topic that is compacted within seconds, tombstones included."""


def make(kafka: RealKafka, name: str) -> KafkaConnection:
    topic = replace(ESCALATION_LEDGER, name=name, partitions=2, config=EAGER)
    create(kafka.connection(), [topic], replication=1, min_insync_replicas=1)
    connection: KafkaConnection = kafka.connection()
    return connection


def read(connection: KafkaConnection, topic: str) -> list[StoredRecord]:
    return [record for batch in read_to_end(connection, topic, [0, 1]) for record in batch]


async def test_what_is_left_after_compaction_is_read_to_its_end_across_gaps_and_tombstones(kafka: RealKafka) -> None:
    connection = make(kafka, "compacted")
    producer = AckedProducer(connection)
    for number in range(40):
        value = f"{number}".encode()
        await asyncio.gather(*(producer.send("compacted", f"k{key}", value, partition=0) for key in range(50)))
    await asyncio.gather(*(producer.send("compacted", f"k{key}", None, partition=0) for key in range(0, 50, 2)))
    written = 40 * 50 + 25
    assert len(read(connection, "compacted")) == written

    deadline = time.monotonic() + 30
    while len(read(connection, "compacted")) > 200:
        assert time.monotonic() < deadline, "the broker does not compact"
        await asyncio.sleep(1.0)
        # Only closed segments are compacted, and a segment is closed by the next record.
        await producer.send("compacted", "filler", b"x", partition=0)
    found = read(connection, "compacted")
    offsets = [record.offset for record in found]
    assert offsets == sorted(offsets)
    assert offsets[-1] >= written
    assert any(later > earlier + 1 for earlier, later in itertools.pairwise(offsets))
    latest = {record.key: record.value for record in found}
    alive = {key: value for key, value in latest.items() if value is not None and key != b"filler"}
    assert alive == {f"k{key}".encode(): b"39" for key in range(1, 50, 2)}
    await producer.close()


async def test_a_partition_that_ends_with_a_transactions_marker_is_read_to_its_end(kafka: RealKafka) -> None:
    connection = make(kafka, "marked")
    producer = Producer(connection.common() | {"transactional.id": "marked"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce("marked", b"v", b"k", partition=1)
    producer.commit_transaction(20)
    await eventually(lambda: bool(read(connection, "marked")), seconds=10)  # the marker follows the commit's answer
    started = time.monotonic()
    assert [(record.offset, record.value) for record in read(connection, "marked")] == [(0, b"v")]
    assert ends(connection, "marked", 2) == {1: 2}
    assert time.monotonic() - started < 5


async def test_an_empty_state_is_recovered_in_a_moment(kafka: RealKafka) -> None:
    recovery = StateRecovery(
        kafka.connection(),
        {},
        repair=lambda _partition, _records: asyncio.sleep(0),
        forget=lambda _partition: None,
        metrics=Metrics(),
        log=Log("test"),
    )
    started = time.monotonic()
    assert set(await recovery.load([0, 1])) == {0, 1}
    assert time.monotonic() - started < 2
