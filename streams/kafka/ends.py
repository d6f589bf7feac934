"""How far a group stands from the ends of its partitions, asked over a connection of its own.

The consumer itself cannot tell while it is paused, recovering or stuck, which is when it matters most.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.kafka.connection import KafkaConnection

_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one partition: the offset the group goes on from, and the offset after the last record."""

    committed: int
    end: int


class Ends:
    """Asks for committed and end offsets. Blocking, for a thread; joins no group."""

    def __init__(self, connection: KafkaConnection, topic: str, group: str) -> None:
        """Connects at the first question."""
        self._config = connection.reader(group)
        self._topic = topic
        self._consumer: Consumer | None = None
        self._lock = threading.Lock()

    def read(self, partitions: Iterable[int]) -> dict[int, Standing]:
        """What the brokers say of `partitions`; those they say nothing of now are left out."""
        wanted = [TopicPartition(self._topic, partition) for partition in sorted(partitions)]
        if not wanted:
            return {}
        with self._lock:
            if self._consumer is None:
                self._consumer = Consumer(self._config)
            return _asked(self._consumer, wanted)

    def close(self) -> None:
        """Hang up, after a question under way; blocks as long as that does."""
        with self._lock:
            if self._consumer is not None:
                self._consumer.close()
                self._consumer = None


def _asked(consumer: Any, wanted: list[Any]) -> dict[int, Standing]:
    found = {}
    try:
        for part in consumer.committed(wanted, timeout=_TIMEOUT_SECONDS):
            limits = consumer.get_watermark_offsets(part, timeout=_TIMEOUT_SECONDS)
            if limits is not None:
                low, high = limits
                found[part.partition] = Standing(part.offset if part.offset >= 0 else low, high)
    except KafkaException:  # away for now: what was asked before it went is told
        return found
    return found
