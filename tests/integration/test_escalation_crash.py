"""Escalation workers that die, stop, sleep and come back, on a real broker: what is due is done, once or repeated."""

import asyncio
import itertools
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from agents.escalation.state import HEAD_DECODER
from agents.escalation.state_records import HEAD_SUFFIX
from streams.kafka.admin import create
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer
from streams.topology import (
    CONVERSATION_EVENTS,
    CONVERSATION_EVENTS_DEAD,
    ESCALATION_COMMANDS,
    ESCALATION_STATE,
    PARTITIONS,
    TOPICS,
)
from tests.support.consuming import committed, ends, eventually
from tests.support.escalation_process import SESSION_TIMEOUT_MS, CrashPoint, WorkerProcess
from tests.support.escalation_worker import Outcome, done, due, send_all, traffic
from tests.support.kafka import RealKafka

Start = Callable[..., WorkerProcess]
_NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def broker(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaConnection]:
    """One of this module's own. Tests have a group and conversations of their own."""
    with RealKafka(tmp_path_factory.mktemp("kafka-of-crashes")) as made:
        create(made.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield made.connection()


@pytest.fixture
def run() -> str:
    """The name of the test's group, and what its conversations' ids begin with."""
    return f"run{next(_NUMBERS)}-"


@pytest.fixture
async def producer(broker: KafkaConnection) -> AsyncIterator[AckedProducer]:
    made = AckedProducer(broker)
    yield made
    await made.close()


@pytest.fixture
def start(broker: KafkaConnection, tmp_path: Path, run: str) -> Iterator[Start]:
    """Starts workers; what is still there at the end is ended."""
    started: list[WorkerProcess] = []

    def one_more(**options: Any) -> WorkerProcess:
        started.append(WorkerProcess(broker.bootstrap_servers, tmp_path / "workers.log", app_id=run, **options))
        return started[-1]

    yield one_more
    for process in started:
        process.close()


async def caught_up(broker: KafkaConnection, run: str) -> None:
    """Until the group has committed everything there is."""
    topic = CONVERSATION_EVENTS.name

    def all_of_it() -> bool:
        return committed(broker, run, topic, PARTITIONS) == ends(broker, topic, PARTITIONS)

    await eventually(all_of_it, seconds=60)


def check(broker: KafkaConnection, run: str) -> Outcome:
    """Nothing lost, per conversation in order, the state as if nobody had ever died."""
    wanted, found = due(broker, PARTITIONS, prefix=run), done(broker, PARTITIONS, prefix=run)
    assert found.actions == wanted.actions
    assert found.states == wanted.states
    return found


async def test_a_worker_killed_again_and_again_under_load_loses_nothing(
    broker: KafkaConnection,
    producer: AckedProducer,
    start: Start,
    run: str,
    record_property: Callable[[str, object], None],
) -> None:
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    load = asyncio.create_task(send_all(producer, traffic(run, 1_500), per_second=500))
    kills = 0
    while not load.done() or kills < 4:  # on a slow machine the last ones meet what has piled up
        worker = start(instance_id="pod-0")  # a static member: it need not wait for the session of its former life
        await worker.ready()
        await asyncio.sleep(chance.uniform(0.1, 1.5))
        await worker.kill()
        kills += 1
    await load
    worker = start(instance_id="pod-0")
    await worker.ready()
    await caught_up(broker, run)
    worker.signal(signal.SIGTERM)
    assert await worker.ended() == 0
    found = check(broker, run)
    assert len(found.states) == 1_500
    record_property("kills", kills)
    record_property("repeated commands", found.repeats)
    print(f"seed {seed}: {kills} kills, 4500 commands, {found.repeats} repeated")  # noqa: T201 # the figures


async def test_the_partitions_of_a_killed_worker_go_to_the_other_one_after_the_session_timeout(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str
) -> None:
    first, second = start(), start()
    await asyncio.gather(first.ready(), second.ready())
    load = asyncio.create_task(send_all(producer, traffic(run, 600), per_second=400))
    await asyncio.sleep(2.0)
    await first.kill()
    killed = time.monotonic()
    await load
    await caught_up(broker, run)
    assert time.monotonic() - killed < 15 + SESSION_TIMEOUT_MS / 1000
    second.signal(signal.SIGTERM)
    assert await second.ended() == 0
    check(broker, run)


async def test_a_second_worker_joins_and_the_first_one_leaves_under_load_and_nothing_is_repeated(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str
) -> None:
    first = start()
    await first.ready()
    load = asyncio.create_task(send_all(producer, traffic(run, 1_000), per_second=500))
    await asyncio.sleep(1.0)
    second = start()
    await second.ready()
    await asyncio.sleep(2.0)
    first.signal(signal.SIGTERM)
    leaving = time.monotonic()
    assert await first.ended() == 0
    assert time.monotonic() - leaving < 20
    await load
    await caught_up(broker, run)
    second.signal(signal.SIGTERM)
    assert await second.ended() == 0
    assert check(broker, run).repeats == 0


@pytest.mark.parametrize(("point", "nth"), list(zip(get_args(CrashPoint), (9, 25, 1), strict=True)))
async def test_death_at_a_named_point_loses_nothing(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str, point: CrashPoint, nth: int
) -> None:
    await send_all(producer, traffic(run, 60)[:180])
    dying = start(instance_id="pod-0", point=point, nth=nth)
    assert await dying.ended(60) == -signal.SIGKILL
    before = done(broker, PARTITIONS, prefix=run)
    commands = sum(map(len, before.actions.values()))
    if point == "command durable, head not":
        assert commands >= nth
        assert len(before.actions.keys() - before.states.keys()) >= 1
    elif point == "head durable, offset not":
        assert len(before.states) >= 1
    else:
        escalated = {key for key, state in before.states.items() if state.head.open and state.head.open.live}
        assert escalated <= before.actions.keys(), "a state says escalated, and its command is not there"
    living = start(instance_id="pod-0")
    await living.ready()
    await caught_up(broker, run)
    living.signal(signal.SIGTERM)
    assert await living.ended() == 0
    check(broker, run)


async def test_a_worker_that_sleeps_beyond_its_session_exits_before_it_writes_anything_new(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str
) -> None:
    """What it had handed to librdkafka before may still leave when it wakes: its own old words, which lose."""
    sleeper = start()
    await sleeper.ready()
    load = asyncio.create_task(send_all(producer, traffic(run, 400), per_second=400))
    await asyncio.sleep(1.5)
    sleeper.signal(signal.SIGSTOP)
    known = ends(broker, CONVERSATION_EVENTS.name, PARTITIONS)
    owner = start()
    await owner.ready()
    await load
    await caught_up(broker, run)
    written = [CONVERSATION_EVENTS, ESCALATION_COMMANDS, ESCALATION_STATE, CONVERSATION_EVENTS_DEAD]
    before = {topic.name: ends(broker, topic.name, PARTITIONS) for topic in written}
    sleeper.signal(signal.SIGCONT)
    assert await sleeper.ended(10) == 70
    for topic in (CONVERSATION_EVENTS, CONVERSATION_EVENTS_DEAD):
        assert ends(broker, topic.name, PARTITIONS) == before[topic.name]
    for late in since(broker, ESCALATION_STATE.name, before):
        if late.key.endswith(HEAD_SUFFIX) and late.value is not None:
            assert HEAD_DECODER.decode(late.value).applied_offset < known[late.partition]
    owner.signal(signal.SIGTERM)
    assert await owner.ended() == 0
    check(broker, run)


def since(broker: KafkaConnection, topic: str, marks: dict[str, dict[int, int]]) -> list[StoredRecord]:
    """What came to `topic` after these ends."""
    found = read_to_end(broker, topic, list(range(PARTITIONS)), starts=marks[topic], with_headers=True)
    return [record for batch in found for record in batch]


async def test_a_short_sleep_is_slept_and_nothing_ends(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str
) -> None:
    sleeper = start()
    await sleeper.ready()
    sleeper.signal(signal.SIGSTOP)
    await asyncio.sleep(2.0)
    sleeper.signal(signal.SIGCONT)
    await send_all(producer, traffic(run, 20))
    await caught_up(broker, run)
    sleeper.signal(signal.SIGTERM)
    assert await sleeper.ended() == 0
    check(broker, run)


async def test_the_command_line_ends_within_its_grace_under_load(
    broker: KafkaConnection, producer: AckedProducer, start: Start, run: str, tmp_path: Path
) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text(
        f"kafka: {{bootstrap_servers: '{broker.bootstrap_servers}', replication_factor: 1}}\n"
        f"escalation: {{app_id: '{run}'}}\n"
        "tenants: {acme: {mode: live}}\n"
    )
    load = asyncio.create_task(send_all(producer, traffic(run, 600), per_second=500))
    command = [sys.executable, "-m", "agents", "escalation", "--config", str(config), "--admin-port", "0"]
    with (tmp_path / "cli.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)
        try:
            await eventually(lambda: bool(done(broker, PARTITIONS, prefix=run).actions), seconds=60)
            process.terminate()
            assert await asyncio.wait_for(process.wait(), 20) == 0
        finally:
            if process.returncode is None:
                process.kill()
    await load
    rest = start()
    await rest.ready()
    await caught_up(broker, run)
    rest.signal(signal.SIGTERM)
    assert await rest.ended() == 0
    assert check(broker, run).repeats == 0
