"""The consumer loop as a member of a real group: rebalances under load, static members, drains."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import get_args

import pytest
from confluent_kafka import Producer

from streams.kafka.admin import create
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection, Protocol
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer
from streams.topology import CONVERSATION_EVENTS, CONVERSATION_EVENTS_DEAD
from tests.support.consuming import Collector, committed, ends, loop_over, until
from tests.support.kafka import RealKafka

PARTITIONS = 6
KEYS = [f"t|c{n}" for n in range(60)]
_NUMBERS = itertools.count()


@pytest.fixture(params=get_args(Protocol))
def connection(kafka: RealKafka, request: pytest.FixtureRequest) -> KafkaConnection:
    """Both ways to be in a group."""
    made: KafkaConnection = kafka.connection(
        group_protocol=request.param, session_timeout_ms=6_000, heartbeat_interval_ms=500
    )
    return made


@pytest.fixture
def topic(kafka: RealKafka) -> str:
    """One of its own, with its dead letters. It is the name of the test's group too."""
    name = f"work.{next(_NUMBERS)}"
    wanted = [
        replace(CONVERSATION_EVENTS, name=name, partitions=PARTITIONS),
        replace(CONVERSATION_EVENTS_DEAD, name=f"{name}.dead", partitions=PARTITIONS),
    ]
    create(kafka.connection(), wanted, replication=1, min_insync_replicas=1)
    return name


@pytest.fixture
async def writer(kafka: RealKafka) -> AsyncIterator[AckedProducer]:
    producer = AckedProducer(kafka.connection())
    yield producer
    await producer.close()


class Load:
    """Numbers every key's records, until it is stopped."""

    def __init__(self, writer: AckedProducer, topic: str) -> None:
        self.sent: dict[bytes, list[bytes]] = {key.encode(): [] for key in KEYS}
        self._writer = writer
        self._topic = topic
        self._stopping = False
        self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        for number in itertools.count():
            if self._stopping:
                return
            value = str(number).encode()
            await asyncio.gather(*(self._writer.send(self._topic, key, value) for key in KEYS))
            for key in KEYS:
                self.sent[key.encode()].append(value)
            await asyncio.sleep(0.02)

    async def stop(self) -> int:
        """Returns how many records were sent. A round under way is finished: cut off, it would be there uncounted."""
        self._stopping = True
        await self._task
        return sum(map(len, self.sent.values()))


def distinct(handlers: list[Collector]) -> set[tuple[bytes, bytes | None]]:
    return {(record.key, record.value) for handler in handlers for record in handler.handled}


async def test_members_come_and_go_under_load_and_nothing_is_lost_or_out_of_order(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    handlers: list[Collector] = []
    loops: list[ConsumerLoop] = []
    order: list[tuple[bytes, bytes | None]] = []

    class Ordered(Collector):
        async def _handle(self, record) -> None:  # type: ignore[no-untyped-def] # as the base class
            await super()._handle(record)
            order.append((record.key, record.value))

    def join() -> ConsumerLoop:
        handlers.append(Ordered(seconds=0.002))
        loops.append(loop_over(connection, writer, handlers[-1], topic=topic, group=topic))
        loops[-1].start()
        return loops[-1]

    load = Load(writer, topic)
    first = join()
    await until(lambda: len(first.partitions) == PARTITIONS and first.ready)
    second = join()
    await until(lambda: {len(first.partitions), len(second.partitions)} == {PARTITIONS // 2}, seconds=40)
    await until(lambda: len(handlers[1].handled) > 100)
    await first.stop()
    await until(lambda: len(second.partitions) == PARTITIONS, seconds=40)
    third = join()
    await until(lambda: len(third.partitions) == PARTITIONS // 2 and third.ready, seconds=40)
    total = await load.stop()
    wanted = {(key, value) for key, values in load.sent.items() for value in values}
    await until(lambda: distinct(handlers) >= wanted)
    await asyncio.gather(second.stop(), third.stop())
    for key, values in load.sent.items():
        told = list(dict.fromkeys(value for found, value in order if found == key))
        assert told[: len(values)] == values
    assert [handler.overlapping for handler in handlers] == [set()] * 3
    assert committed(connection, topic, topic, PARTITIONS) == ends(connection, topic, PARTITIONS)
    assert [pair for pair, times in Counter(order).items() if times > 1] == [], (
        "a rebalance that drains repeats nothing"
    )
    assert len(order) == total


async def test_what_a_leaving_member_could_not_finish_is_done_by_the_next_one(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    for number in range(20):
        await asyncio.gather(*(writer.send(topic, key, str(number).encode()) for key in KEYS))
    stuck, healthy = Collector(), Collector()
    stuck.seconds = 3600
    dying = loop_over(connection, writer, stuck, topic=topic, group=topic, drain_seconds=0.1)
    dying.start()
    await until(lambda: dying.in_flight > 0)
    living = loop_over(connection, writer, healthy, topic=topic, group=topic)
    await dying.stop()  # its records were cut off, not finished
    living.start()
    await until(lambda: len(healthy.handled) == 20 * len(KEYS), seconds=40)
    await living.stop()
    assert stuck.handled == []
    assert committed(connection, topic, topic, PARTITIONS) == ends(connection, topic, PARTITIONS)


async def test_a_bad_record_goes_to_the_dead_letters_alone_with_its_coordinates(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    for value in (b"1", b"bad", b"2"):
        await writer.send(topic, "t|c", value, partition=4)
    handler = Collector()
    consuming = loop_over(connection, writer, handler, topic=topic, group=topic)
    consuming.start()
    await until(lambda: len(handler.handled) == 2)
    await consuming.stop()
    [[letter]] = list(read_to_end(connection, f"{topic}.dead", list(range(PARTITIONS)), with_headers=True))
    headers = dict(letter.headers)
    assert (letter.partition, letter.key, letter.value) == (4, b"t|c", b"bad")
    assert (headers["dlq-topic"], headers["dlq-partition"], headers["dlq-offset"]) == (topic.encode(), b"4", b"1")
    assert committed(connection, topic, topic, PARTITIONS) == {4: 3}


async def test_a_revocation_waits_for_what_is_in_flight_and_the_next_owner_does_not_repeat_it(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    await asyncio.gather(*(writer.send(topic, f"k{part}", b"wait", partition=part) for part in range(PARTITIONS)))
    first, second = Collector(), Collector()
    second.gate.set()
    leaving = loop_over(connection, writer, first, topic=topic, group=topic)
    leaving.start()
    await until(lambda: leaving.in_flight == PARTITIONS)
    coming = loop_over(connection, writer, second, topic=topic, group=topic)
    coming.start()
    await asyncio.sleep(2.0)
    assert second.handled == []
    first.gate.set()
    await until(lambda: len(coming.partitions) == PARTITIONS // 2, seconds=40)
    await writer.send(topic, "k", b"later", partition=coming.partitions[0])
    await until(lambda: len(second.handled) == 1)
    await asyncio.gather(leaving.stop(), coming.stop())
    assert len(first.handled) == PARTITIONS
    assert [record.value for record in second.handled] == [b"later"]


async def test_a_static_member_that_comes_back_in_time_gets_its_partitions_without_a_rebalance(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    pods = [replace(connection, instance_id=f"{topic}-{n}") for n in range(2)]
    handlers = [Collector(), Collector()]
    loops = [loop_over(pods[n], writer, handlers[n], topic=topic, group=topic) for n in range(2)]
    for consuming in loops:
        consuming.start()
    await until(lambda: [len(consuming.partitions) for consuming in loops] == [PARTITIONS // 2] * 2, seconds=40)
    await until(lambda: all(consuming.ready for consuming in loops))  # what has happened to them is written down
    held = loops[1].partitions
    changes_of_the_other = list(handlers[0].happened)
    await loops[1].stop()
    started = time.monotonic()
    again = loop_over(pods[1], writer, handlers[1], topic=topic, group=topic)
    again.start()
    await until(lambda: again.partitions == held)
    assert time.monotonic() - started < 5.0
    assert handlers[0].happened == changes_of_the_other
    assert loops[0].partitions == sorted(set(range(PARTITIONS)) - set(held))
    await asyncio.gather(loops[0].stop(), again.stop())


async def test_offsets_go_past_the_markers_of_a_transaction(
    connection: KafkaConnection, writer: AckedProducer, topic: str
) -> None:
    """A platform team may write with transactions: each leaves a marker, and so a gap, in the log."""
    transactional = Producer(connection.common() | {"transactional.id": topic, "partitioner": "murmur2_random"})
    transactional.init_transactions(20)
    for number in range(3):
        transactional.begin_transaction()
        transactional.produce(topic, str(number).encode(), b"k", partition=0)
        transactional.commit_transaction(20)
    handler = Collector()
    consuming = loop_over(connection, writer, handler, topic=topic, group=topic)
    consuming.start()
    await until(lambda: len(handler.handled) == 3)
    await consuming.stop()
    assert [record.offset for record in handler.handled] == [0, 2, 4]
    assert committed(connection, topic, topic, PARTITIONS) == {0: 5}
