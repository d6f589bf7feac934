import asyncio

import pytest

from agents.notifier.attempts import Connection
from agents.notifier.deferral import Deferral
from agents.notifier.gates import Gates
from agents.notifier.ledger import Ledger
from agents.notifier.reach import Surroundings
from agents.notifier.upkeep import Upkeep
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from streams.clock import ManualClock
from streams.kafka.lease import Lease, Slept
from tests.support.http import FakeHttp, scripted
from tests.support.notices import NOON
from tests.support.notifier_world import Brokers, Fate

ACME, OTHER = ("acme", "fake"), ("other", "fake")


class Rounds(Deferral):
    """Two connections; the first hangs."""

    def __init__(self) -> None:
        self.tried: list[Connection] = []
        self.failure: Exception | None = None

    def connections(self) -> set[Connection]:
        return {ACME, OTHER}

    async def round_of(self, connection: Connection) -> None:
        self.tried.append(connection)
        if connection == ACME:
            await asyncio.Event().wait()
        if self.failure is not None:
            raise self.failure


def upkeep(deferral: Rounds, clock: ManualClock, lease: Lease) -> Upkeep:
    brokers = Brokers(Fate())
    ledger = Ledger(brokers, brokers.read)
    around = Surroundings(ledger, lease, FakeHttp(scripted()), clock, Metrics(), Log("test"), 8.0, 20.0)
    return Upkeep(around, deferral, Gates(clock))


async def test_a_connection_that_hangs_is_tried_once_while_the_others_go_on() -> None:
    deferral, clock = Rounds(), ManualClock(NOON)
    task = asyncio.create_task(upkeep(deferral, clock, Lease(45.0)).rounds())
    while deferral.tried.count(OTHER) < 5:
        await asyncio.sleep(0)
    assert deferral.tried.count(ACME) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_round_that_fails_ends_the_upkeep_and_with_it_the_process() -> None:
    deferral, clock = Rounds(), ManualClock(NOON)
    deferral.failure = ConnectionError("the brokers are gone")
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(upkeep(deferral, clock, Lease(45.0)).rounds(), 5)


async def test_a_process_that_did_not_run_notices_at_its_next_beat() -> None:
    clock = ManualClock(NOON)
    lease = Lease(45.0)
    beating = asyncio.create_task(upkeep(Rounds(), clock, lease).beats())
    await asyncio.sleep(0)
    clock.advance(46.0)
    with pytest.raises(Slept):
        await beating
