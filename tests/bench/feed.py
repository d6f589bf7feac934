"""The bench's topics, and its stream on them."""

from collections.abc import Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.kafka.connection import KafkaConnection
from streams.topology import PARTITIONS
from tests.bench.stream import Sent

KEPT_FOR_EVER = {"retention.ms": "-1"}
"""The events carry the times of the stream, which may be years ago."""

_TIMEOUT_SECONDS = 30.0


class Topics:
    """Making topics. None is emptied and used again: a deletion is answered before it is done."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._admin = AdminClient(connection.common())

    def make(self, *names: str, config: dict[str, str] | None = None) -> None:
        """Topics that do not exist yet."""
        wanted = [NewTopic(name, PARTITIONS, 1, config=config or KEPT_FOR_EVER) for name in names]
        for future in self._admin.create_topics(wanted).values():
            future.result(_TIMEOUT_SECONDS)

    def exists(self, name: str) -> bool:
        """Whether the topic is there."""
        return name in self._admin.list_topics(timeout=_TIMEOUT_SECONDS).topics


def feed(connection: KafkaConnection, topics: tuple[str, ...], records: Iterable[Sent]) -> int:
    """Produce the stream to all of `topics`, acknowledged; returns the bytes of its keys and values."""
    producer = Producer(connection.producer() | {"linger.ms": 20, "queue.buffering.max.kbytes": 256 * 1024})
    size_bytes = 0
    for index, sent in enumerate(records):
        size_bytes += len(sent.key) + len(sent.value)
        for topic in topics:
            _queue(producer, topic, sent)
        if index % 1_000 == 0:
            producer.poll(0)
    if producer.flush(_TIMEOUT_SECONDS):
        raise SystemExit("the stream could not be fed")
    return size_bytes


def _queue(producer: Any, topic: str, sent: Sent) -> None:
    while True:
        try:
            producer.produce(topic, sent.value, sent.key, timestamp=sent.timestamp_ms)
        except BufferError:
            producer.poll(0.05)
        else:
            return


def read_all(connection: KafkaConnection, topic: str) -> list[tuple[bytes, bytes | None]]:
    """Key and value of every record of `topic`."""
    consumer = Consumer(connection.reader("bench-reader"))
    found = []
    try:
        pending = {}
        for partition in range(PARTITIONS):
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10.0)
            if high > low:
                pending[partition] = high
        consumer.assign([TopicPartition(topic, partition, 0) for partition in pending])
        while pending:
            for message in consumer.consume(5_000, timeout=1.0):
                if message.error() is not None:
                    if message.error().code() == KafkaError._PARTITION_EOF:
                        pending.pop(message.partition(), None)
                        continue
                    raise KafkaException(message.error())
                found.append((message.key(), message.value()))
                if message.offset() + 1 >= pending.get(message.partition(), 0):
                    pending.pop(message.partition(), None)
    finally:
        consumer.close()
    return found


def sizes_bytes(records: Iterable[tuple[bytes, bytes | None]]) -> int:
    """Of all keys and values; a tombstone is its key alone."""
    return sum(len(key or b"") + len(value or b"") for key, value in records)
