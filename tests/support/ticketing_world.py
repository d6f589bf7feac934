"""Ticketing's outside for the deterministic simulation, and the processes that live and die in it."""

from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from agents.helpdesks.port import TicketFile
from agents.platforms.port import Transcript
from agents.settings import TenantSettings, TicketingSettings
from agents.ticketing.ledger import Ledger
from agents.ticketing.parked import ORIGIN, ParkedBook, Waiting
from agents.ticketing.worker import PartitionWorker
from agents.ticketing.world import LEAVING, MustWait, NotCopied
from streams.codec import header
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import AnyLedgerEntry, Intent
from streams.contracts.notification_events import AnyNotification
from streams.contracts.people import Attachment, Turn
from streams.errors import InvalidRecord
from streams.kafka.lease import Lease, Slept
from streams.kafka.offsets import OffsetTracker
from streams.kafka.record import Record
from tests.support.ticketing_desk import SimDesk, SimHandover
from tests.support.ticketing_sim import EPOCH, Point, Simulation

SESSION_SECONDS = 45.0
SETTINGS = TicketingSettings()
TURNS = tuple(
    Turn(event_id="e0", occurred_at=EPOCH - timedelta(minutes=1), author="customer", text=f"read {number}")
    for number in range(7)
)


class SimWorld:
    """`world.World` of one process."""

    settings = SETTINGS
    partitions = 4

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.sim = process.sim
        self._desk = SimDesk(
            self.sim,
            process.name,
            self.still_ours,
            self.now,
            lambda: process.generation == self.sim.brokers.generation,
        )
        self.unacknowledged: list[tuple[str, AnyLedgerEntry | None]] = []

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.sim.time + self.process.skew_seconds)

    def monotonic(self) -> float:
        return self.sim.time

    def jitter(self) -> float:
        return self.sim.random.random()

    def tenant(self, name: str) -> TenantSettings | None:
        return self.sim.tenant

    def desk(self, tenant: str, since: datetime | None = None) -> Any:
        self.sim.asked.append(since)
        return self._desk if self.sim.configured else None

    def handover(self, command: AnyCommand) -> SimHandover | None:
        if command.kind != "open_ticket" or not self.sim.messaging:
            return None
        return SimHandover(self._desk, command.escalation_id)

    def saw(self, event: str, /, **fields: str) -> None:
        if event == "command":
            self.sim.history.append(f"{self.process.name} {fields['kind']} {fields['outcome']} {fields['detail']}")

    def still_ours(self) -> None:
        if "no_lease" not in self.sim.broken:
            self.process.lease.check(self.sim.time)

    async def sleep(self, seconds: float) -> None:
        until = self.sim.time + seconds
        await Point("sleep", until)
        if self.process.leaving and self.sim.time < until:
            raise MustWait(LEAVING, asked_seconds=until - self.sim.time, away=False)

    async def write_ledger(self, key: str, entry: AnyLedgerEntry | None) -> None:
        kind = "tombstone" if entry is None else entry.kind
        if "intent_not_awaited" in self.sim.broken and isinstance(entry, Intent):
            self.unacknowledged.append((key, entry))
            return
        await Point(f"ledger.{kind}")
        self.still_ours()
        await Point("ledger.window")
        if "no_ledger" not in self.sim.broken:
            self.sim.brokers.ledger.extend([*self.unacknowledged, (key, entry)])
        self.unacknowledged.clear()
        await Point(f"ledger.{kind}.acknowledged")

    async def notify(self, command: AnyCommand, notification: AnyNotification) -> None:
        await Point(notification.kind)
        self.still_ours()
        await Point("notify.window")
        self.sim.brokers.notifications.append(notification)
        self.sim.database.effects.append((notification.kind, command.escalation_id))
        await Point(f"{notification.kind}.acknowledged")

    async def park(self, record: Record, waiting: Waiting) -> None:
        await Point("park")
        self.still_ours()
        await Point("park.window")
        parked = self.sim.brokers.parked
        headers = tuple(waiting.headers(record))
        parked.append(Record("parked", 0, len(parked), record.key, record.value, headers))
        await Point("park.acknowledged")

    async def transcript(self, command: AnyCommand) -> Transcript | None:
        await Point("transcript", self.sim.time + 0.1)
        self.sim.reads += 1
        return None if self.sim.troubled() else Transcript((TURNS[self.sim.reads % len(TURNS)],))

    async def fetch(self, attachment: Attachment) -> TicketFile | NotCopied:
        await Point("fetch", self.sim.time + 0.1)
        if self.sim.troubled() or "private" in attachment.url:
            return NotCopied("no_answer")
        return TicketFile(attachment.name or "file", "text/plain", b"x")


IDLE = Point("idle")


@dataclass
class Lane:
    """One conversation's records, one at a time."""

    records: deque[Record]
    running: Coroutine[Any, None, None] | None = None
    at: Point = IDLE


@dataclass
class Feed:
    """One topic as a process consumes it: in order per key, offsets contiguous."""

    position: int
    lanes: dict[bytes, Lane] = field(default_factory=dict)
    offsets: OffsetTracker = field(default_factory=OffsetTracker)

    @property
    def committable(self) -> int:
        return self.offsets.take_commit() or 0


class Process:
    """One life of ticketing: what it remembers dies with it."""

    def __init__(self, sim: Simulation, name: str, skew_seconds: float) -> None:
        self.sim = sim
        self.name = name
        self.skew_seconds = skew_seconds
        self.alive = True
        self.leaving = False
        self.leaves_at = 0.0
        self.resumes_at: float | None = None
        self.lost_at = 0.0
        """When a woken zombie hears from the coordinator that its partitions are gone."""
        self.lease = Lease(SESSION_SECONDS)
        brokers = sim.brokers
        brokers.generation += 1
        self.generation = brokers.generation
        self.worker = PartitionWorker(SimWorld(self), self._ledger(), self._line())
        self.commands = Feed(brokers.committed)
        self.parked = Feed(brokers.committed_parked)
        self.boot = Lane(deque(), self.worker.tidy())

    def _ledger(self) -> Ledger:
        ledger = Ledger()
        brokers = self.sim.brokers
        whole = [(offset, key, entry) for offset, (key, entry) in enumerate(brokers.ledger)]
        for offset, key, entry in brokers.compacted() if self.sim.random.random() < 0.5 else whole:
            ledger.apply(key, entry, offset)
        return ledger

    def _line(self) -> ParkedBook:
        book = ParkedBook()
        if "line_forgotten" not in self.sim.broken:
            for record in self.sim.brokers.parked[self.sim.brokers.committed_parked :]:
                book.add(record.key, int(header(record.headers, ORIGIN) or 0))
        return book

    def take(self, feed: Feed) -> None:
        """Hand the next record of a topic to its lane."""
        record = (self.sim.brokers.commands if feed is self.commands else self.sim.brokers.parked)[feed.position]
        feed.position += 1
        feed.offsets.taken(record.offset)
        feed.lanes.setdefault(record.key, Lane(deque())).records.append(record)
        if "offset_first" in self.sim.broken:
            feed.offsets.finished(record.offset)
            self.commit()

    def lanes(self) -> list[tuple[Feed, bytes, Lane]]:
        """All lanes with work."""
        return [(feed, key, lane) for feed in (self.commands, self.parked) for key, lane in feed.lanes.items()]

    def advance(self, feed: Feed, key: bytes, lane: Lane) -> None:
        """Run a lane to its next point."""
        if lane.running is None:
            lane.running = self._handle(feed, lane.records[0])
        try:
            lane.at = lane.running.send(None)
        except StopIteration:
            lane.running, lane.at = None, IDLE
            record = lane.records.popleft()
            if "offset_first" not in self.sim.broken:
                feed.offsets.finished(record.offset)
            if not lane.records:
                del feed.lanes[key]
        except Slept:
            self.sim.history.append(f"{self.name} found that it had slept")
            self.die()

    async def _handle(self, feed: Feed, record: Record) -> None:
        try:
            if feed is self.commands:
                await self.worker.take(record)
            else:
                await self.worker.take_parked(record)
        except InvalidRecord as error:
            await Point("bury")
            self.sim.brokers.dead.append((record, error.reason))
            await Point("bury.acknowledged")
            if feed is self.parked:
                self.worker.buried(record)

    def commit(self) -> None:
        """Commit what is finished: fenced for the group, not for the parked offsets, which are by hand."""
        brokers = self.sim.brokers
        if self.generation == brokers.generation:
            brokers.committed = max(brokers.committed, self.commands.committable)
        parked = self.parked.committable
        if parked:
            brokers.committed_parked = parked

    def die(self) -> None:
        """Nothing of it is left."""
        self.alive = False
        for _, _, lane in self.lanes():
            if lane.running is not None:
                lane.running.close()
        if self.boot.running is not None:
            self.boot.running.close()
            self.boot.running = None
