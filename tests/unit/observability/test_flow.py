"""What a topic's partitions show: what waits, what is in flight and since when, what moved last."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.observability.flow import ASK_SECONDS, Flow
from agents.observability.metrics import Metrics
from streams.clock import ManualClock
from streams.errors import InvalidRecord
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.ends import Ends, Standing
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer
from streams.kafka.record import Record

NOON = datetime(2026, 7, 11, 12, 0, tzinfo=UTC)
TOPIC = "escalation.commands"


class Answers:
    """Ends that a test sets."""

    def __init__(self) -> None:
        self.now: dict[int, Standing] = {}
        self.asked: list[list[int]] = []
        self.closed = False

    def read(self, partitions: Iterable[int]) -> Mapping[int, Standing]:
        self.asked.append(list(partitions))
        return self.now

    def close(self) -> None:
        self.closed = True


class Watched:
    """A flow of one topic on a clock of its own."""

    def __init__(self) -> None:
        self.metrics, self.clock, self.ends = Metrics(), ManualClock(NOON), Answers()
        self.flow = Flow(self.metrics, self.clock, TOPIC, self.ends)

    def ms(self, seconds_ago: float = 0.0) -> int:
        return int((self.clock.now().timestamp() - seconds_ago) * 1000)

    def seen(self, name: str, partition: int | None = None) -> float | None:
        self.metrics.exposition()
        labels = {"topic": TOPIC} | ({} if partition is None else {"partition": str(partition)})
        return self.metrics.registry.get_sample_value(f"handoff_{name}", labels)

    def lag(self, partition: int = 0) -> tuple[float | None, float | None]:
        """Records behind, and for how many seconds the first of them has waited."""
        created = self.seen("lag_timestamp_seconds", partition)
        waited = None if created is None else created and self.clock.now().timestamp() - created
        return self.seen("lag_records", partition), waited


def test_before_anything_is_known_nothing_is_claimed() -> None:
    watched = Watched()
    watched.flow.held(0)
    assert watched.lag() == (None, None)
    assert watched.seen("assigned_partitions") == 1
    assert (watched.seen("in_flight_records"), watched.seen("oldest_in_flight_timestamp_seconds")) == (0, 0)
    assert watched.seen("last_progress_timestamp_seconds", 0) is None


def test_an_empty_partition_waits_for_nothing() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.stands({0: Standing(committed=40, end=40)})
    assert watched.lag() == (0, 0)


def test_records_in_our_hands_and_beyond_are_behind_and_the_first_says_for_how_long() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.taken(0, 10, watched.ms(30))
    watched.flow.taken(0, 11, watched.ms(20))
    watched.flow.stands({0: Standing(committed=10, end=15)})
    assert watched.lag() == (5, 30)
    watched.flow.finished(0, 11)
    assert watched.lag() == (5, 30), "the first is not done"
    watched.flow.finished(0, 10)
    assert watched.lag()[0] == 3
    assert watched.seen("in_flight_records") == 0


def test_what_is_in_flight_and_since_when() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.held(1)
    watched.flow.taken(0, 5, watched.ms(100))
    watched.clock.advance(7)
    watched.flow.taken(1, 9, watched.ms(100), count=20, last_offset=40)
    assert watched.seen("in_flight_records") == 21
    assert watched.seen("oldest_in_flight_timestamp_seconds") == NOON.timestamp()
    watched.flow.finished(0, 5)
    assert watched.seen("in_flight_records") == 20
    assert watched.seen("oldest_in_flight_timestamp_seconds") == NOON.timestamp() + 7
    watched.flow.finished(1, 9)
    assert watched.seen("oldest_in_flight_timestamp_seconds") == 0
    watched.flow.stands({1: Standing(committed=9, end=41)})
    assert watched.lag(1) == (0, 0), "the batch went to its last offset, gaps included"


def test_progress_is_told_by_partition_and_stands_still_when_nothing_moves() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.taken(0, 1, watched.ms())
    watched.clock.advance(3)
    watched.flow.finished(0, 1)
    watched.clock.advance(500)
    assert watched.seen("last_progress_timestamp_seconds", 0) == NOON.timestamp() + 3


def test_what_waits_while_a_partition_recovers_ages_from_when_it_was_first_seen() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.stands({0: Standing(committed=10, end=12)})
    watched.clock.advance(60)
    watched.flow.stands({0: Standing(committed=10, end=30)})
    assert watched.lag() == (20, 60)
    watched.flow.taken(0, 10, watched.ms(400))
    assert watched.lag() == (20, 400), "now its own time is known"


def test_a_stuck_consumer_s_lag_grows_with_the_topic() -> None:
    """The fuse has tripped, or a call hangs: nothing is fetched, and the brokers are asked all the same."""
    watched = Watched()
    watched.flow.held(0)
    watched.flow.taken(0, 10, watched.ms())
    for end in (11, 50, 900):
        watched.flow.stands({0: Standing(committed=10, end=end)})
        assert watched.lag()[0] == end - 10


def test_a_partition_that_left_takes_its_series_with_it() -> None:
    watched = Watched()
    for partition in (0, 1):
        watched.flow.held(partition)
        watched.flow.taken(partition, 1, watched.ms())
        watched.flow.finished(partition, 1)
        watched.flow.stands({partition: Standing(committed=1, end=9)})
    assert watched.lag(0)[0] == watched.lag(1)[0] == 7
    watched.flow.taken(0, 2, watched.ms())
    watched.flow.left(0)
    for name in ("lag_records", "lag_timestamp_seconds", "last_progress_timestamp_seconds"):
        assert watched.seen(name, 0) is None
        assert watched.seen(name, 1) is not None
    assert (watched.seen("assigned_partitions"), watched.seen("in_flight_records")) == (1, 0)


def test_late_news_of_a_partition_that_left_is_dropped() -> None:
    watched = Watched()
    watched.flow.held(0)
    watched.flow.taken(0, 1, watched.ms())
    watched.flow.left(0)
    watched.flow.left(0)
    watched.flow.finished(0, 1)
    watched.flow.taken(0, 2, watched.ms())
    watched.flow.stands({0: Standing(committed=0, end=5), 7: Standing(committed=0, end=5)})
    assert watched.lag() == (None, None)
    watched.flow.held(0)
    watched.flow.stands({0: Standing(committed=1, end=5)})
    assert watched.lag()[0] == 4, "it begins anew from what is committed"


_steps = st.lists(st.tuples(st.sampled_from(["take", "finish", "stands"]), st.integers(0, 30)), max_size=60)


@given(_steps)
@settings(deadline=None)
def test_whatever_happens_lag_and_flight_are_what_is_not_finished(steps: list[tuple[str, int]]) -> None:
    watched, taken, done, told = Watched(), 0, set[int](), None
    watched.flow.held(0)
    for what, number in steps:
        if what == "take":
            watched.flow.taken(0, taken, watched.ms())
            taken += 1
        elif what == "finish" and number < taken:
            watched.flow.finished(0, number)
            done.add(number)
        elif what == "stands":
            told = max(told or 0, taken) + number
            watched.flow.stands({0: Standing(committed=0, end=told)})
    assert watched.seen("in_flight_records") == taken - len(done)
    first = next((offset for offset in range(taken) if offset not in done), taken)
    if told is not None:
        assert watched.seen("lag_records", 0) == max(told, taken) - first


async def test_the_brokers_are_asked_about_what_is_held_and_hung_up_on_at_the_end() -> None:
    watched = Watched()
    watched.flow.held(3)
    watched.ends.now = {3: Standing(committed=1, end=4)}
    following = asyncio.create_task(watched.flow.follow())
    async with asyncio.timeout(5):
        while len(watched.ends.asked) < 3:
            await asyncio.sleep(0.005)
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert watched.ends.asked[0] == [3]
    assert watched.clock.now().timestamp() >= NOON.timestamp() + 2 * ASK_SECONDS
    assert watched.lag(3)[0] == 3
    async with asyncio.timeout(5):
        while not watched.ends.closed:
            await asyncio.sleep(0.005)


class Handler:
    """Holds the records it is told to hold; refuses those that say so."""

    def __init__(self) -> None:
        self.free = asyncio.Event()

    async def recover(self, partition: int) -> None: ...

    async def release(self, partition: int) -> None: ...

    async def handle(self, record: Record) -> None:
        if record.value == b"bad":
            raise InvalidRecord("bad")
        if record.value == b"hold":
            await self.free.wait()


async def until(holds: Any) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_real_consumer_tells_its_flow_of_every_record(by_hand: bool) -> None:
    with EmbeddedBroker() as broker:
        connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        metrics, clock, handler = Metrics(), ManualClock(datetime.now(UTC)), Handler()
        producer = AckedProducer(connection)
        flow = Flow(metrics, clock, TOPIC, Ends(connection, TOPIC, "group"))
        loop = ConsumerLoop(
            connection,
            topic=TOPIC,
            group="group",
            handler=handler,
            dead_letters=DeadLetters(producer, clock, hop="x", mask=bytes, fuse=Fuse(FusePolicy())),
            subscribe=not by_hand,
            watch=flow,
        )
        labels = {"topic": TOPIC, "partition": "1"}

        def seen(name: str, **more: str) -> float | None:
            metrics.exposition()
            return metrics.registry.get_sample_value(f"handoff_{name}", more or labels)

        for number, value in enumerate((b"x", b"bad", b"hold", b"x")):
            await producer.send(TOPIC, f"k{number}", value, partition=1)
        loop.start()
        if by_hand:
            loop.follow(1)
        following = asyncio.create_task(flow.follow())
        try:
            await until(lambda: seen("in_flight_records", topic=TOPIC) == 1 and seen("lag_records") == 2)
            await producer.send(TOPIC, "k2", b"x", partition=1)
            await until(lambda: seen("lag_records") == 3)
            assert seen("last_progress_timestamp_seconds") is not None
            handler.free.set()
            await until(lambda: seen("lag_records") == 0)
            assert seen("in_flight_records", topic=TOPIC) == 0
        finally:
            following.cancel()
            await loop.stop()
            await producer.close()
        assert seen("assigned_partitions", topic=TOPIC) == 0
        assert seen("lag_records") is None


def test_brokers_that_do_not_answer_are_asked_in_vain_and_no_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.ends._TIMEOUT_SECONDS", 0.3)
    ends = Ends(KafkaConnection("127.0.0.1:1"), TOPIC, "group")
    assert ends.read([0, 1]) == {}
    assert ends.read([]) == {}
    ends.close()
    ends.close()


async def test_a_group_that_has_committed_nothing_stands_at_the_beginning() -> None:
    with EmbeddedBroker() as broker:
        connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        producer = AckedProducer(connection)
        for _ in range(3):
            await producer.send(TOPIC, "k", b"x", partition=2)
        ends = Ends(connection, TOPIC, "new")
        assert await asyncio.to_thread(ends.read, [2, 3]) == {2: Standing(0, 3), 3: Standing(0, 0)}
        await asyncio.to_thread(ends.close)
        await producer.close()
