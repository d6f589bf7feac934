"""Producing with an acknowledgement: a send that returns is on the brokers.

One thread polls librdkafka for delivery reports and hands them to the event loop in batches.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from confluent_kafka import KafkaError, KafkaException, Producer

from streams.codec import Headers
from streams.errors import HandoffError, InvalidRecord, Refused
from streams.kafka.connection import KafkaConnection, wrong_setting

MAX_VALUE_BYTES = 900_000
"""Above this a record is refused before producing; the broker's limit is a little higher and would end the process."""

ANY_PARTITION = -1
"""librdkafka's RD_KAFKA_PARTITION_UA: by key."""

FULL_QUEUE_PAUSE_SECONDS = 0.005

Report = Callable[[Exception | None], None]


class DeliveryFailed(HandoffError):
    """The brokers did not take the record within the delivery timeout. Nothing may go on as if they had."""


class RecordWriter(Protocol):
    """What the hops need of a producer."""

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        """Return once all in-sync replicas have the record. `partition` None: by key.

        Records of one partition stand in the order in which `send` was called, also when calls overlap.
        """
        ...


class QueuedWriter(Protocol):
    """What a hop needs that produces many records at once and goes on meanwhile."""

    def try_produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        report: Report,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> bool:
        """As `produce`, at once; False: there is no room now, and nothing was queued."""
        ...

    async def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        report: Report,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        """Queue a record, in order per partition; `report` is called on the event loop, later."""
        ...


class AckedProducer:
    """An idempotent librdkafka producer behind an awaitable `send`, used from one event loop."""

    def __init__(self, connection: KafkaConnection, *, overrides: dict[str, Any] | None = None) -> None:
        """Nothing is sent or connected before the first record."""
        self._producer = _made(connection.producer() | (overrides or {}))
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._loop = asyncio.get_running_loop()
        self._reports: deque[tuple[Report, Exception | None]] = deque()
        self._wake_pending = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="producer-poll", daemon=True)
        self._thread.start()

    def _poll(self) -> None:
        while not self._closing.is_set():
            self._producer.poll(0.1)

    def _delivered(self, report: Report, error: KafkaError | None, _message: object) -> None:
        failure = DeliveryFailed(error.name()) if error is not None else None
        self._reports.append((report, failure))
        if not self._wake_pending:
            self._wake_pending = True
            self._loop.call_soon_threadsafe(self._drain)

    def _drain(self) -> None:
        self._wake_pending = False
        try:
            while self._reports:
                report, failure = self._reports.popleft()
                report(failure)
        finally:
            if self._reports:  # one that raised must not keep the others from theirs
                self._loop.call_soon(self._drain)

    def try_produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        report: Report,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> bool:
        """Queue one record; False when librdkafka's queue is full and the caller has to wait a little.

        `report(None)` or `report(failure)` is called on the event loop later. Raises `InvalidRecord` for a
        value that is too large, `DeliveryFailed` when the producer is beyond repair.
        """
        if value is not None and len(value) > MAX_VALUE_BYTES:
            raise InvalidRecord("too_large", f"{len(value)} bytes for {topic}")
        try:
            self._producer.produce(
                topic,
                value,
                key,
                ANY_PARTITION if partition is None else partition,
                partial(self._delivered, report),
                headers=headers,
            )
        except BufferError:
            return False
        except KafkaException as error:
            raise DeliveryFailed(error.args[0].name()) from None
        return True

    async def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        report: Report,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        """`try_produce`, waiting while the queue is full: that is the back-pressure. First come, first queued."""
        if not self._waiting and self.try_produce(topic, key, value, report, headers=headers, partition=partition):
            return
        self._waiting += 1
        try:
            async with self._turn:
                while not self.try_produce(topic, key, value, report, headers=headers, partition=partition):
                    await asyncio.sleep(FULL_QUEUE_PAUSE_SECONDS)  # librdkafka has no event for room in its queue
        finally:
            self._waiting -= 1

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        """See `RecordWriter.send`. Raises `DeliveryFailed`, or `InvalidRecord` for a value that is too large."""
        done: asyncio.Future[None] = self._loop.create_future()
        report = partial(_settle, done)
        wire_key = key.encode()
        if self._waiting or not self.try_produce(topic, wire_key, value, report, headers=headers, partition=partition):
            await self.produce(topic, wire_key, value, report, headers=headers, partition=partition)
        await done

    async def partitions(self, topic: str, *, timeout_seconds: float = 10.0) -> int:
        """How many partitions `topic` has, as the brokers say. Raises `DeliveryFailed` when they do not say."""
        try:
            metadata = await asyncio.to_thread(self._producer.list_topics, topic, timeout_seconds)
        except KafkaException as error:
            raise DeliveryFailed(error.args[0].name()) from None
        found = metadata.topics[topic]
        if found.error is not None:
            raise DeliveryFailed(found.error.name())
        return len(found.partitions)

    async def knows(self, topic: str) -> bool:
        """Whether the brokers can be reached and have `topic`."""
        try:
            await self.partitions(topic)
        except DeliveryFailed:
            return False
        return True

    @property
    def outstanding(self) -> int:
        """Records queued or in flight."""
        return len(self._producer)

    async def close(self, timeout_seconds: float = 10.0) -> int:
        """Deliver what is queued, at most for `timeout_seconds`; returns how many records were left over."""
        left: int = await asyncio.to_thread(self._producer.flush, timeout_seconds)
        self._closing.set()
        await asyncio.to_thread(self._thread.join, 1.0)
        self._drain()
        return left


def _settle(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.cancelled():
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)


def _made(config: dict[str, Any]) -> Producer:
    """The librdkafka producer, or `Refused` naming the setting it does not take; values are left out."""
    try:
        return Producer(config)
    except KafkaException as error:
        raise Refused(f"kafka: {wrong_setting(error)}") from None
