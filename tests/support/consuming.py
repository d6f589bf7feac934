"""A handler that keeps what it is given, a loop around it, and what a group has committed."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from streams.clock import SystemClock
from streams.errors import InvalidRecord
from streams.kafka import bulk
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import RecordWriter
from streams.kafka.record import Record


class Collector:
    """`handled` has every record that was finished, in order of finishing. The value says what happens to it.

    `bad` is invalid, `boom` is a bug, `wait` stays until `gate` is set; anything else takes `seconds`.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.handled: list[Record] = []
        self.happened: list[tuple[str, int]] = []
        self.gate = asyncio.Event()
        self.recovery = asyncio.Event()
        self.recovery.set()
        self.overlapping: set[bytes] = set()
        self._busy: set[bytes] = set()

    async def recover(self, partition: int) -> None:
        self.happened.append(("recovering", partition))
        await self.recovery.wait()
        self.happened.append(("recovered", partition))

    async def handle(self, record: Record) -> None:
        self.happened.append(("handling", record.partition))
        if record.key in self._busy:
            self.overlapping.add(record.key)
        self._busy.add(record.key)
        try:
            await self._handle(record)
        finally:
            self._busy.discard(record.key)

    async def _handle(self, record: Record) -> None:
        if record.value == b"bad":
            raise InvalidRecord("bad", "as the test wants it")
        if record.value == b"boom":
            raise ZeroDivisionError
        if record.value == b"wait":
            await self.gate.wait()
        elif self.seconds:
            await asyncio.sleep(self.seconds)
        self.handled.append(record)

    async def release(self, partition: int) -> None:
        self.happened.append(("released", partition))

    def values_by_key(self) -> dict[bytes, list[bytes | None]]:
        found: dict[bytes, list[bytes | None]] = defaultdict(list)
        for record in self.handled:
            found[record.key].append(record.value)
        return dict(found)


def loop_over(  # what a test may choose
    connection: KafkaConnection,
    writer: RecordWriter,
    handler: Collector,
    *,
    topic: str,
    group: str,
    fuse: FusePolicy | None = None,
    **options: Any,
) -> ConsumerLoop:
    letters = DeadLetters(
        writer, SystemClock(), hop="test", mask=lambda value: value, fuse=Fuse(fuse or FusePolicy(window=10_000))
    )
    return ConsumerLoop(connection, topic=topic, group=group, handler=handler, dead_letters=letters, **options)


async def until(condition: Callable[[], bool], *, seconds: float = 20.0) -> None:
    """Returns as soon as `condition` holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.01)


async def eventually(condition: Callable[[], bool], *, seconds: float = 30.0) -> None:
    """`until` for a condition that asks the brokers: it is asked in a thread, and the event loop goes on."""
    deadline = time.monotonic() + seconds
    while not await asyncio.to_thread(condition):
        assert time.monotonic() < deadline, "it did not come to that in time"
        await asyncio.sleep(0.1)


def committed(connection: KafkaConnection, group: str, topic: str, partitions: int) -> dict[int, int]:
    """The offsets `group` has committed; partitions without one are left out."""
    consumer = Consumer(connection.reader(group))
    try:
        wanted = [TopicPartition(topic, partition) for partition in range(partitions)]
        found = consumer.committed(wanted, timeout=10.0)
        return {part.partition: part.offset for part in found if part.offset >= 0}
    finally:
        consumer.close()


def ends(connection: KafkaConnection, topic: str, partitions: int) -> dict[int, int]:
    """The high watermark of every partition that holds something."""
    consumer = Consumer(connection.reader())
    try:
        marks = {}
        for partition in range(partitions):
            part = TopicPartition(topic, partition)
            marks[partition] = bulk._marks(consumer, part, time.monotonic() + 20.0)[1]
        return {partition: mark for partition, mark in marks.items() if mark}
    finally:
        consumer.close()
