"""The two handlers of the consumer loops: commands, and the parked ones of the same partitions."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import consumed
from agents.ticketing.live_world import LiveWorld, Surroundings
from agents.ticketing.recovery import Recovered
from agents.ticketing.worker import PartitionWorker
from streams.errors import Retryable
from streams.kafka.record import Record


@dataclass(frozen=True)
class Owned:
    """A partition that is ours."""

    worker: PartitionWorker
    world: LiveWorld


Recover = Callable[[int], Recovered]
"""Reads one partition back; blocks."""


class Line(Protocol):
    """The consumer of the parked topic, whose partitions are followed by hand."""

    def follow(self, partition: int) -> None: ...

    async def unfollow(self, partition: int) -> None: ...


class TicketingHandler:
    """`PartitionHandler` of `escalation.commands`: owns the partitions' workers."""

    def __init__(
        self,
        around: Surroundings,
        recover: Recover,
        partitions: Callable[[], Awaitable[int]],
        metrics: Metrics,
        log: Log,
    ) -> None:
        """`partitions` tells how many the commands' topic has, once the brokers are known."""
        self._around = around
        self._recover = recover
        self._partitions = partitions
        self._metrics = metrics
        self._log = log
        self.owned: dict[int, Owned] = {}
        self.line: Line | None = None

    async def recover(self, partition: int) -> None:
        """Ledger and parked line first, then housekeeping; the parked partition is followed from then on."""
        clock = self._around.clock
        started = clock.monotonic()
        found = await asyncio.to_thread(self._recover, partition)
        world = LiveWorld(self._around, partition, await self._partitions())
        worker = PartitionWorker(world, found.ledger, found.book)
        await worker.tidy()
        self.owned[partition] = Owned(worker, world)
        seconds = clock.monotonic() - started
        self._metrics.observe(catalogue.RECOVERY_SECONDS, seconds, topic="escalation.ledger")
        self._show(partition)
        self._log.info(
            "ticketing.recovered",
            partition=partition,
            records=found.records,
            unreadable=found.unreadable,
            waiting=len(found.book),
            open_intents=len(found.ledger.open_intents()),
            seconds=round(seconds, 3),
        )
        for first, other in found.ledger.duplicates():
            self._around.tally.saw(
                "duplicate_tickets",
                partition,
                {"helpdesk": other.helpdesk, "escalation_id": first.escalation_id, "ticket_id": other.ticket_id},
            )
        if self.line is not None:
            self.line.follow(partition)

    async def handle(self, record: Record) -> None:
        """See `PartitionHandler`."""
        await self._with(record, lambda worker: worker.take(record))

    async def handle_parked(self, record: Record) -> None:
        """The same for a record of the parked topic.

        Once its partition is being given away a record is left to the next owner, and its handling cut off: put back
        at the tail it would come round at once, again and again, for as long as the commands take to end.
        """
        owned = self.owned.get(record.partition)
        if owned is not None and owned.world.leaving.is_set():
            await asyncio.Event().wait()
        await self._with(record, lambda worker: worker.take_parked(record))

    async def _with(self, record: Record, do: Callable[[PartitionWorker], Awaitable[None]]) -> None:
        owned = self.owned.get(record.partition)
        if owned is None:
            raise Retryable("partition_gone", detail=str(record.partition))
        tracer = self._around.tracer
        if not tracer.enabled:
            await self._timed(record, owned, do)
            return
        attributes = consumed(record)
        parent = record.header("traceparent")
        with tracer.span(f"process {record.topic}", "consumer", parent=parent, attributes=attributes) as span:
            await self._timed(record, owned, do, span.traceparent)

    async def _timed(
        self,
        record: Record,
        owned: Owned,
        do: Callable[[PartitionWorker], Awaitable[None]],
        traceparent: str | None = None,
    ) -> None:
        world = owned.world
        world.follow_trace(record, traceparent)
        started = world.monotonic()
        try:
            await do(owned.worker)
        finally:
            world.forget_trace(record)
            self._show(record.partition)
            self._metrics.observe(catalogue.RECORD_SECONDS, world.monotonic() - started, topic=record.topic)

    def buried(self, record: Record) -> None:
        """A parked record is among the dead letters."""
        owned = self.owned.get(record.partition)
        if owned is not None:
            owned.worker.buried(record)

    def leave(self, partition: int) -> None:
        """`partition` is about to be given away: nobody waits in place any more."""
        owned = self.owned.get(partition)
        if owned is not None:
            owned.world.leaving.set()

    def leave_all(self) -> None:
        """The process is about to end."""
        for partition in self.owned:
            self.leave(partition)

    async def release(self, partition: int) -> None:
        """See `PartitionHandler`: the parked partition goes first."""
        if self.line is not None:
            await self.line.unfollow(partition)
        self.owned.pop(partition, None)
        for gauge in (catalogue.PARKED_KEYS, catalogue.OPEN_INTENTS, catalogue.OLDEST_INTENT):
            self._metrics.set(gauge, 0, partition=str(partition))

    def _show(self, partition: int) -> None:
        owned = self.owned.get(partition)
        if owned is not None:
            self._metrics.set(catalogue.PARKED_KEYS, len(owned.worker.book), partition=str(partition))


class ParkedHandler:
    """`PartitionHandler` of the parked topic: its partitions come and go with the commands'."""

    def __init__(self, commands: TicketingHandler) -> None:
        """`commands` owns the workers."""
        self._commands = commands

    async def recover(self, partition: int) -> None:
        """Nothing: followed by hand, after the commands' recovery."""

    async def handle(self, record: Record) -> None:
        """See `PartitionHandler`."""
        await self._commands.handle_parked(record)

    async def release(self, partition: int) -> None:
        """Nothing: see `TicketingHandler.release`."""
