"""A producer whose records stay in flight until the test says what became of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from streams.codec import Headers
from streams.kafka.producer import DeliveryFailed, Report


@dataclass
class Sent:
    """One record handed to the producer. `delivered` is None while it is in flight."""

    topic: str
    key: bytes
    value: bytes | None
    headers: Headers
    partition: int
    report: Report = field(repr=False)
    delivered: bool | None = None


class HeldProducer:
    """`sent` has every record in order. With `room` set, no more than that many are in flight at once."""

    def __init__(self, *, room: int | None = None) -> None:
        self.sent: list[Sent] = []
        self.room = room
        self.on_produce: Callable[[Sent], None] = lambda _sent: None

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
        if self.room is not None and len(self.in_flight()) >= self.room:
            return False
        assert key is not None
        assert partition is not None
        record = Sent(topic, key, value, headers or [], partition, report)
        self.on_produce(record)
        self.sent.append(record)
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
        while not self.try_produce(topic, key, value, report, headers=headers, partition=partition):
            await asyncio.sleep(0)

    def in_flight(self, topic: str | None = None) -> list[Sent]:
        return [record for record in self.sent if record.delivered is None and topic in {None, record.topic}]

    def of(self, topic: str) -> list[Sent]:
        return [record for record in self.sent if record.topic == topic]

    def deliver(self, records: list[Sent] | None = None) -> None:
        """The brokers have these, or all that is in flight."""
        for record in self.in_flight() if records is None else records:
            record.delivered = True
            record.report(None)

    def fail(self, record: Sent) -> None:
        """The delivery timeout has passed."""
        record.delivered = False
        record.report(DeliveryFailed("_MSG_TIMED_OUT"))
