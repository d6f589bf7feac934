"""A parked record that comes while its partition is being given away."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.ticketing.handler import Owned, ParkedHandler, TicketingHandler
from agents.ticketing.live_world import Surroundings
from agents.ticketing.recovery import Recovered
from streams.kafka.record import Record

RECORD = Record("parked", 0, 7, b"acme|c1", b"{}")


class World:
    """As much of a partition's world as the handlers touch."""

    def __init__(self) -> None:
        self.leaving = asyncio.Event()

    def monotonic(self) -> float:
        return 0.0

    def follow_trace(self, *_: Any) -> None: ...

    def forget_trace(self, *_: Any) -> None: ...


class Worker:
    """Writes down what it is given."""

    def __init__(self) -> None:
        self.took: list[Record] = []
        self.book: list[Any] = []

    async def take_parked(self, record: Record) -> None:
        self.took.append(record)


def never(_partition: int) -> Recovered:
    raise AssertionError


async def one() -> int:
    return 1


def owning(worker: Worker, world: World) -> TicketingHandler:
    around = cast("Surroundings", SimpleNamespace(tracer=SimpleNamespace(enabled=False)))
    handler = TicketingHandler(around, never, one, Metrics(), Log("test"))
    handler.owned[0] = Owned(cast("Any", worker), cast("Any", world))
    return handler


async def test_it_is_left_to_the_next_owner_instead_of_going_round_and_round() -> None:
    worker, world = Worker(), World()
    handler = owning(worker, world)
    parked = ParkedHandler(handler)
    await parked.handle(RECORD)
    handler.leave(0)
    coming = asyncio.create_task(parked.handle(RECORD))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(coming), 0.05)
    coming.cancel()  # as the drain of a followed partition does
    await asyncio.gather(coming, return_exceptions=True)
    assert worker.took == [RECORD]
