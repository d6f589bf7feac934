"""What the consumer's thread commits while a partition leaves; the client is a double, the thread is not started."""

import asyncio
from typing import Any

from confluent_kafka import TopicPartition

from streams.kafka.connection import KafkaConnection
from streams.kafka.loop import ConsumerLoop
from streams.kafka.record import Record
from tests.support.consuming import Collector, loop_over


class Client:
    """Stands for librdkafka's consumer, with the partitions it holds and what it was asked to commit."""

    def __init__(self) -> None:
        self.commits: list[tuple[int, int]] = []

    def incremental_assign(self, parts: list[Any]) -> None: ...

    def incremental_unassign(self, parts: list[Any]) -> None: ...

    def pause(self, parts: list[Any]) -> None: ...

    def resume(self, parts: list[Any]) -> None: ...

    def commit(self, *, offsets: list[Any], asynchronous: bool) -> None:
        del asynchronous
        self.commits += [(part.partition, part.offset) for part in offsets]


class Nowhere:
    """No record of these tests is written."""

    async def send(self, *_: Any, **__: Any) -> None:
        raise AssertionError


async def holding(*partitions: int) -> tuple[ConsumerLoop, Client]:
    """A loop that was given partitions and has handled one record of each, offset 7."""
    consuming = loop_over(KafkaConnection("nowhere:1"), Nowhere(), Collector(), topic="t", group="g")
    client = Client()
    await asyncio.to_thread(consuming._thread._on_assign, client, parts(*partitions))
    consuming.received([Record("t", partition, 7, b"k", b"v") for partition in partitions])
    while consuming.in_flight:
        await asyncio.sleep(0)
    return consuming, client


def parts(*partitions: int) -> list[Any]:

    return [TopicPartition("t", partition) for partition in partitions]


async def test_a_commit_that_still_waits_for_the_thread_is_made_before_the_partition_goes() -> None:
    consuming, client = await holding(0, 1)
    consuming.commit_now()  # queued: the thread is inside `consume`, where the rebalance begins
    await asyncio.to_thread(consuming._thread._on_revoke, client, parts(0))
    assert client.commits == [(0, 8)]


async def test_a_commit_that_comes_too_late_sets_nobody_back() -> None:
    consuming, client = await holding(0, 1)
    consuming.commit_now()
    await asyncio.to_thread(consuming._thread._on_revoke, client, parts(0))
    client.commits.clear()
    consuming._thread._run_commands(client)
    assert client.commits == [(1, 8)]


async def test_of_a_lost_partition_nothing_is_committed() -> None:
    consuming, client = await holding(0)
    consuming.commit_now()
    await asyncio.to_thread(consuming._thread._on_lost, client, parts(0))
    consuming._thread._run_commands(client)
    assert client.commits == []
