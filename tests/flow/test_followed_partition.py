"""A partition followed by hand, given back and followed again: what a rebalance does to parked commands."""

import asyncio
from collections.abc import Iterator

import pytest

from streams.clock import SystemClock
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer
from streams.kafka.record import Record


class Kept:
    """Keeps the values it is given."""

    def __init__(self) -> None:
        self.values: list[bytes | None] = []
        self._came = asyncio.Event()

    async def recover(self, partition: int) -> None: ...

    async def release(self, partition: int) -> None: ...

    async def handle(self, record: Record) -> None:
        self.values.append(record.value)
        self._came.set()

    async def until(self, values: list[bytes]) -> None:
        async with asyncio.timeout(20.0):
            while self.values != values:
                self._came.clear()
                await self._came.wait()


@pytest.fixture
def broker() -> Iterator[KafkaConnection]:
    with EmbeddedBroker() as made:
        yield KafkaConnection(made.bootstrap_servers, embedded=True)


async def test_a_partition_that_was_given_back_is_read_again_when_it_is_followed_again(broker: KafkaConnection) -> None:
    producer, handler = AckedProducer(broker), Kept()
    dead = DeadLetters(producer, SystemClock(), hop="test", mask=bytes, fuse=Fuse(FusePolicy()))
    loop = ConsumerLoop(broker, topic="parked", group="parked", handler=handler, dead_letters=dead, subscribe=False)
    await producer.send("parked", "k", b"1", partition=0)
    loop.start()
    loop.follow(0)
    await handler.until([b"1"])
    await loop.unfollow(0)
    await producer.send("parked", "k", b"2", partition=0)
    loop.follow(0)
    await handler.until([b"1", b"2"])
    await loop.stop()
    await producer.close()
