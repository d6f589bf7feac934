"""Reading a partition from its start to its end, in bulk: how ledgers and state are recovered."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from streams.errors import Retryable
from streams.kafka.asking import patiently
from streams.kafka.connection import KafkaConnection

_BATCH = 5_000
_WAIT_SECONDS = 0.05
"""`consume` waits this long for a full batch, also when the last record is there: a short read must not be slow."""

COORDINATOR_SECONDS = 30.0
"""How long a group may be without a coordinator."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """One record of a compacted topic; `value` None is a tombstone."""

    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = 0
    """When it was written; 0 where headers were not asked for."""


def read_to_end(
    connection: KafkaConnection,
    topic: str,
    partitions: list[int],
    *,
    starts: Mapping[int, int] | None = None,
    with_headers: bool = False,
    stall_timeout_seconds: float = 30.0,
) -> Iterator[list[StoredRecord]]:
    """Batches of all records of `partitions` up to their high watermarks as of now. Blocks: run it in a thread.

    `starts`: the first offset wanted of a partition, where that is not its beginning. Raises `Retryable` when the
    brokers stay silent for `stall_timeout_seconds`.
    """
    config = connection.reader() | {
        "queued.min.messages": 100_000,
        "queued.max.messages.kbytes": 65_536,
        "fetch.max.bytes": 16 * 1024 * 1024,
        "fetch.message.max.bytes": 4 * 1024 * 1024,
        "check.crcs": False,
    }
    consumer = Consumer(config)
    try:
        wanted = starts or {}
        pending = {
            part: end
            for part, end in _ends(consumer, topic, partitions, stall_timeout_seconds).items()
            if wanted.get(part, 0) < end
        }
        consumer.assign([TopicPartition(topic, part, wanted.get(part, OFFSET_BEGINNING)) for part in pending])
        last_progress = time.monotonic()
        while pending:
            messages = consumer.consume(_BATCH, timeout=_WAIT_SECONDS)
            if messages:
                last_progress = time.monotonic()
            elif time.monotonic() - last_progress > stall_timeout_seconds:
                raise Retryable("recovery_stalled", detail=f"{topic} partitions {sorted(pending)}")
            batch = _accept(messages, pending, with_headers=with_headers)
            if batch:
                yield batch
    finally:
        consumer.close()


def _ends(consumer: Consumer, topic: str, partitions: list[int], patience_seconds: float) -> dict[int, int]:
    ends: dict[int, int] = {}
    deadline = time.monotonic() + patience_seconds
    try:
        consumer.list_topics(topic, timeout=10.0)  # makes the topic where the embedded broker has not heard of it
        for partition in partitions:
            low, high = _marks(consumer, TopicPartition(topic, partition), deadline)
            if high > low:
                ends[partition] = high
    except KafkaException as error:
        raise Retryable("recovery_failed", detail=f"{topic}: {error.args[0].name()}") from None
    return ends


def _marks(consumer: Consumer, part: TopicPartition, deadline: float) -> tuple[int, int]:
    low, high = patiently(lambda: consumer.get_watermark_offsets(part, timeout=10.0), deadline - time.monotonic())
    return int(low), int(high)


def committed_offset(connection: KafkaConnection, group: str, topic: str, partition: int) -> int:
    """The offset `group` has committed for a partition; 0 where it never did. Blocks: run it in a thread."""
    consumer = Consumer(connection.reader(group))
    try:
        asked = [TopicPartition(topic, partition)]
        found: int = patiently(lambda: consumer.committed(asked, timeout=10.0), COORDINATOR_SECONDS)[0].offset
    except KafkaException as error:
        raise Retryable("recovery_failed", detail=f"{group}: {error.args[0].name()}") from None
    finally:
        consumer.close()
    return max(found, 0)


def _accept(
    messages: list,  # type: ignore[type-arg] # untyped upstream
    pending: dict[int, int],
    *,
    with_headers: bool,
) -> list[StoredRecord]:
    batch = []
    for message in messages:
        partition = message.partition()
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 # the public name of this constant
                pending.pop(partition, None)
                continue
            raise Retryable("recovery_failed", detail=error.name())
        offset = message.offset()
        headers = tuple(message.headers() or ()) if with_headers else ()
        written_ms = message.timestamp()[1] if with_headers else 0
        batch.append(StoredRecord(partition, offset, message.key() or b"", message.value(), headers, written_ms))
        if offset + 1 >= pending.get(partition, 0):
            pending.pop(partition, None)
    return batch
