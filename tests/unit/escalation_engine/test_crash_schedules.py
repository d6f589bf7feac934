"""A worker that dies at any moment, again and again: simulated, so that thousands of schedules take seconds.

What is durable is a prefix per topic of what was produced, as an idempotent producer guarantees: at least what was
reported, possibly more. What a dead worker still had under way may arrive later, beside its successor's records.
`SCHEDULES=100000` in the environment runs more of them.
"""

import asyncio
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agents.escalation.fold import Folded
from agents.escalation.live import PartitionState
from agents.escalation.pipeline import Pipeline
from agents.escalation.state import ConversationState
from agents.observability.metrics import Metrics
from streams.codec import decode
from streams.contracts.conversation_events import EVENT
from streams.contracts.escalation_commands import COMMAND
from streams.kafka.bulk import StoredRecord
from streams.kafka.record import Record
from tests.support.escalation_engine import COMMANDS, EVENTS, RULES, STATE, Engine, loaded, records, stored, toy
from tests.support.held_producer import Sent

LINES = ["a hello", "b open", "a both", "a open", "b forget", "b open", "c hello", "a hello", "c forget", "b both"]
TOPICS = (COMMANDS, STATE, "conversation.outcomes", f"{EVENTS}.dead")


METRICS = Metrics()
"""One for all lives: making one costs more than a whole schedule."""


def log_of(lines: list[str]) -> list[Record]:
    found = records(*lines)
    broken = Record(EVENTS, 0, len(found), b"t|a", b"{")
    return [*found, broken, *records("a open", first=len(found) + 1)]


@dataclass
class World:
    """What outlives a process: the log, the topics, the committed offset, and what a dead one still had under way."""

    log: list[Record]
    topics: dict[str, list[Sent]] = field(default_factory=lambda: {topic: [] for topic in TOPICS})
    committed: int = 0
    underway: list[Sent] = field(default_factory=list)
    deaths: int = 0

    def store(self, sent: Sent) -> None:
        self.topics[sent.topic].append(sent)

    def state(self) -> list[StoredRecord]:
        return stored(self.topics[STATE])


class Life:
    """One process."""

    def __init__(self, world: World, pipeline: type[Pipeline]) -> None:
        self.world = world
        self.engine = Engine(pipeline=pipeline, metrics=METRICS)
        self.next = world.committed

    async def start(self) -> None:
        state, repairs = loaded(self.world.state())
        self.engine.partitions[0] = state
        await self.engine.pipeline.repair(0, repairs)

    async def fetch(self, size: int) -> None:
        batch = self.world.log[self.next : self.next + size]
        if batch:
            self.next += len(batch)
            await self.engine.feed(batch)
            await self.engine.settle()

    async def deliver(self, topic: str, count: int) -> None:
        for sent in self.engine.producer.in_flight(topic)[:count]:
            self.world.store(sent)
            self.engine.producer.deliver([sent])
        await self.engine.settle()

    def commit(self) -> None:
        if self.engine.acked:
            self.world.committed = max(self.world.committed, self.engine.acked[-1][1] + 1)

    async def die(self, durable: Callable[[int], int], late: Callable[[], bool]) -> None:
        """Of what is in flight a prefix per topic is durable all the same; what follows it may yet come, or never."""
        for topic in TOPICS:
            flying = self.engine.producer.in_flight(topic)
            cut = durable(len(flying))
            for sent in flying[:cut]:
                self.world.store(sent)
            if late():
                self.world.underway += flying[cut:]
        self.world.deaths += 1
        await self.engine.stop()

    async def finish(self) -> None:
        await self.engine.settle()
        while self.next < len(self.world.log) or self.engine.producer.in_flight():
            await self.fetch(3)
            for topic in TOPICS:
                await self.deliver(topic, 100)
        self.commit()
        await self.engine.stop()


def expected(log: list[Record]) -> tuple[list[str], dict[str, ConversationState]]:
    """One process that never dies."""
    states: dict[str, ConversationState] = {}
    actions = []
    for record in log:
        if record.value == b"{":
            continue
        key = record.key.decode()
        decision = toy(states.get(key), decode(EVENT, record.value), record.offset, RULES)
        actions += [command.action_id for command in decision.commands]
        if decision.state is None:
            states.pop(key, None)
        else:
            states[key] = decision.state
    return actions, states


def check(world: World) -> None:
    """0 lost, order kept, the state right, and right again after another recovery."""
    actions, states = expected(world.log)
    found = [decode(COMMAND, sent.value).action_id for sent in world.topics[COMMANDS]]
    assert list(dict.fromkeys(found)) == actions
    assert world.committed == len(world.log)
    assert {sent.key for sent in world.topics[f"{EVENTS}.dead"]} == {b"t|a"}
    recovered, repairs = loaded(world.state())
    assert held(recovered) == states
    after = [*world.state(), *(StoredRecord(0, -1, key, value, tuple(more or ())) for key, value, more in repairs)]
    assert held(loaded(after)[0]) == states


def held(partition: PartitionState) -> dict[str, ConversationState]:
    return {key: live.state for key, live in partition.lives.items() if live.state is not None}


async def live_and_die(world: World, seed: random.Random, pipeline: type[Pipeline] = Pipeline) -> None:
    """A process under a random schedule, ended by its death."""
    life = Life(world, pipeline)
    await life.start()
    for _ in range(seed.randrange(1, 14)):
        act = seed.random()
        if act < 0.35:
            await life.fetch(seed.randrange(1, 5))
        elif act < 0.85:
            await life.deliver(seed.choice(TOPICS), seed.randrange(1, 5))
        elif act < 0.95:
            life.commit()
        elif world.underway:
            world.store(world.underway.pop(0))
    await life.die(lambda flying: seed.randint(0, flying), lambda: seed.random() < 0.3)


async def schedule(number: int, pipeline: type[Pipeline] = Pipeline) -> World:
    seed = random.Random(number)
    lines = [f"{seed.choice('abc')} {seed.choice(['hello', 'open', 'both', 'forget', 'same'])}" for _ in range(12)]
    world = World(log_of(lines))
    for _ in range(seed.randrange(1, 5)):
        await live_and_die(world, seed, pipeline)
    for sent in world.underway:
        if sent.topic != STATE:
            world.store(sent)
    world.underway.clear()
    life = Life(world, pipeline)
    await life.start()
    await life.finish()
    return world


def run_schedules(numbers: range, pipeline: type[Pipeline] = Pipeline) -> list[int]:
    """The numbers of the schedules that went wrong."""

    async def all_of_them() -> list[int]:
        wrong = []
        for number in numbers:
            try:
                check(await schedule(number, pipeline))
            except AssertionError:
                wrong.append(number)
        return wrong

    return asyncio.run(all_of_them())


def test_nothing_is_lost_or_out_of_order_in_hundreds_of_schedules_of_deaths() -> None:
    assert run_schedules(range(int(os.environ.get("SCHEDULES", "400")))) == []


@pytest.mark.parametrize("size", [1, 3, 20])
def test_nothing_is_lost_whichever_record_was_the_last_to_become_durable(size: int) -> None:
    """Death after each single delivery, in each order of topics."""

    async def die_after(deliveries: int, order: tuple[str, ...]) -> World:
        world = World(log_of(LINES))
        life = Life(world, Pipeline)
        await life.start()
        while life.next < len(world.log):
            await life.fetch(size)
        for _ in range(deliveries):
            topic = next((topic for topic in order if life.engine.producer.in_flight(topic)), None)
            if topic is None:
                break
            await life.deliver(topic, 1)
        life.commit()
        await life.die(lambda _flying: 0, lambda: False)
        second = Life(world, Pipeline)
        await second.start()
        await second.finish()
        return world

    for order in (TOPICS, TOPICS[::-1]):
        for deliveries in range(40):
            check(asyncio.run(die_after(deliveries, order)))


class StateBeforeCommand(Pipeline):
    """Broken on purpose: marks before it has emitted."""

    async def _produce_outputs(self, folded: Folded) -> None:
        await super()._produce_outputs(folded)
        for output in folded.outputs:
            output.live.outstanding = 0


class AcknowledgesAtOnce(Pipeline):
    """Broken on purpose: the offset moves before the brokers have anything."""

    def _settle(self, partition: int) -> None:
        for batch in self._order.get(partition, ()):
            for ack in batch.acks:
                ack()
            batch.acks.clear()
        super()._settle(partition)


@pytest.mark.parametrize("broken", [StateBeforeCommand, AcknowledgesAtOnce])
def test_a_pipeline_broken_on_purpose_is_caught(broken: type[Pipeline]) -> None:
    assert run_schedules(range(60), broken)
