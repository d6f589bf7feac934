"""Ticketing's outside for the deterministic simulation: brokers, clocks, processes, faults; no asyncio, no sleep.

The steps of ticketing are coroutines that await nothing but this world. Each effect has a point before it and a
point after it; at every point the schedule may let somebody else run, kill the process, or stop it for minutes.
"""

from collections import deque
from collections.abc import Coroutine, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agents.helpdesks.port import Account, Answer, HelpdeskUnavailable, Requester, TicketFile, TicketKey, TicketRef
from agents.platforms.port import Transcript
from agents.settings import TenantSettings, TicketingSettings
from agents.ticketing.lease import Lease, Slept
from agents.ticketing.ledger import Ledger
from agents.ticketing.parked import ORIGIN, ParkedBook, Waiting
from agents.ticketing.worker import PartitionWorker
from agents.ticketing.world import NotCopied
from streams.codec import header
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import AnyLedgerEntry, Intent, PreparedRequest
from streams.contracts.notification_events import AnyNotification
from streams.contracts.people import Attachment, Customer, Turn
from streams.errors import InvalidRecord
from streams.kafka.offsets import OffsetTracker
from streams.kafka.record import Record
from tests.support.ticketing_helpdesk import Database, SimAdapter

EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SESSION_SECONDS = 45.0
CALL_SECONDS = 10.0
LIVE = TenantSettings(mode="live")
OBSERVING = TenantSettings(mode="observe")
ACCOUNT = Account("acme", "simulated", "https://helpdesk.invalid")
SETTINGS = TicketingSettings()
TURNS = tuple(
    Turn(event_id="e0", occurred_at=EPOCH - timedelta(minutes=1), author="customer", text=f"read {number}")
    for number in range(7)
)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a coroutine stands. `wake_at`: not before, in seconds of simulated time."""

    label: str
    wake_at: float = 0.0

    def __await__(self) -> Generator["Point", None, None]:
        yield self


@dataclass
class Brokers:
    """All topics of one partition. `generation` fences commits of the group, as a coordinator does."""

    commands: list[Record] = field(default_factory=list)
    parked: list[Record] = field(default_factory=list)
    ledger: list[tuple[str, AnyLedgerEntry | None]] = field(default_factory=list)
    notifications: list[AnyNotification] = field(default_factory=list)
    dead: list[tuple[Record, str]] = field(default_factory=list)
    committed: int = 0
    committed_parked: int = 0
    generation: int = 0

    def compacted(self) -> list[tuple[int, str, AnyLedgerEntry | None]]:
        last = {key: offset for offset, (key, _) in enumerate(self.ledger)}
        return [(offset, key, self.ledger[offset][1]) for key, offset in last.items()]


@dataclass
class Simulation:
    """Everything there is, and chance. `broken` names steps that are broken on purpose."""

    random: Random
    database: Database
    brokers: Brokers = field(default_factory=Brokers)
    broken: frozenset[str] = frozenset()
    tenant: TenantSettings = LIVE
    time: float = 0.0
    calm_from: float = 0.0
    trouble: float = 0.0
    away_until: float = 0.0
    was_away: bool = False
    open_tickets: list[TicketRef] = field(default_factory=list)
    late: list[tuple[float, PreparedRequest]] = field(default_factory=list)
    excused: set[str] = field(default_factory=set)
    history: list[str] = field(default_factory=list)
    reads: int = 0

    def true_now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.time)

    def troubled(self) -> bool:
        return self.time < self.calm_from and self.random.random() < self.trouble

    def carry_out_late(self) -> None:
        """What a server does after its client has given up."""
        for due, request in [entry for entry in self.late if entry[0] <= self.time]:
            self.late.remove((due, request))
            self.database.apply(request, self.true_now())
            self.history.append(f"late {request.path}")


FATES = ("lost", "late", "gone", "not_sent", "failed_done", "failed", "limited")


class SimDesk:
    """`world.Desk` over the database."""

    def __init__(self, world: "SimWorld") -> None:
        self.sim = world.process.sim
        self.world = world
        self.helpdesk: Any = SimAdapter(keyed=self.sim.database.keyed)
        self.account = ACCOUNT

    async def admit(self) -> None:
        await Point("admit")
        if self.sim.troubled() and self.sim.random.random() < 0.3:
            raise HelpdeskUnavailable("breaker_open", retry_after_seconds=10.0)

    async def send(self, request: PreparedRequest) -> Answer:
        await Point("send")
        self.world.still_ours()
        await Point("send.window")
        answer, seconds = self._fate(request)
        self.sim.history.append(f"{self.world.process.name} {request.path} {answer.verdict} {answer.reason}")
        await Point("sent", self.sim.time + seconds)
        if "no_look_up" in self.sim.broken and answer.verdict == "ambiguous":
            return Answer("rate_limited", answer.reason)
        return answer

    def _fate(self, request: PreparedRequest) -> tuple[Answer, float]:
        sim, now = self.sim, self.sim.true_now()
        if sim.time < sim.away_until:
            fate = sim.random.choice(("gone", "not_sent", "lost"))
        else:
            fate = sim.random.choice(FATES) if sim.troubled() else "ok"
        if fate in {"ok", "lost", "failed_done"}:
            answer = sim.database.apply(request, now)
            if answer.verdict != "done" or fate == "ok":
                return answer, 0.2
        if fate == "late":
            sim.late.append((sim.time + sim.random.uniform(0.1, 12.0), request))
        if fate == "not_sent":
            return Answer("unavailable", "refused"), 0.1
        if fate == "limited":
            return Answer("rate_limited", "rate_limited", retry_after_seconds=sim.random.choice((1.0, 20.0, 90.0))), 0.1
        if fate in {"failed", "failed_done"}:
            return Answer("ambiguous", "http_503"), 0.3
        return Answer("ambiguous", "timeout"), CALL_SECONDS

    async def _look_up(self, what: str) -> None:
        await Point(what)
        await Point(what, self.sim.time + 0.1)
        if self.sim.time < self.sim.away_until or (self.sim.troubled() and self.sim.random.random() < 0.5):
            raise HelpdeskUnavailable(self.sim.random.choice(("timeout", "http_500", "rate_limited")))

    async def find_ticket(self, key: TicketKey) -> Sequence[TicketRef]:
        await self._look_up("find_ticket")
        return self.sim.database.find(key.escalation_id, self.sim.true_now())

    async def has_comment(self, ticket_id: str, action_id: str) -> bool:
        await self._look_up("has_comment")
        return self.sim.database.has_comment(ticket_id, action_id, self.sim.true_now())

    async def get_ticket(self, ticket_id: str) -> TicketRef | None:
        await self._look_up("get_ticket")
        return self.sim.database.get(ticket_id, self.sim.true_now())

    async def find_requester(self, customer: Customer) -> Requester | None:
        await self._look_up("find_requester")
        return Requester("7")

    async def open_tickets(self, requester: Requester) -> Sequence[TicketRef]:
        await self._look_up("open_tickets")
        return self.sim.open_tickets

    async def recent_tickets(self, since: datetime) -> Sequence[TicketRef]:
        await self._look_up("recent_tickets")
        return self.sim.database.recent(self.sim.true_now())

    async def create_requester(self, customer: Customer, derived_external_id: str) -> Requester:
        raise AssertionError("the simulated requester is always found")

    async def update_requester_email(self, requester: Requester, email: str) -> bool:
        raise AssertionError("the simulated customer has no address")

    async def attach_file(self, ticket_id: str, file: TicketFile, action_id: str) -> Answer:
        raise AssertionError("the simulated customer sends no files")


class SimWorld:
    """`world.World` of one process."""

    settings = SETTINGS
    partitions = 4

    def __init__(self, process: "Process") -> None:
        self.process = process
        self.sim = process.sim
        self._desk = SimDesk(self)
        self.unacknowledged: list[tuple[str, AnyLedgerEntry | None]] = []

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.sim.time + self.process.skew_seconds)

    def monotonic(self) -> float:
        return self.sim.time

    def jitter(self) -> float:
        return self.sim.random.random()

    def tenant(self, name: str) -> TenantSettings | None:
        return self.sim.tenant

    def desk(self, tenant: str) -> Any:
        return self._desk

    def handover(self, command: AnyCommand) -> None:
        return None

    def saw(self, event: str, /, **fields: str) -> None:
        if event == "command":
            self.sim.history.append(f"{self.process.name} {fields['kind']} {fields['outcome']} {fields['detail']}")

    def still_ours(self) -> None:
        if "no_lease" not in self.sim.broken:
            self.process.lease.check(self.sim.time)

    async def sleep(self, seconds: float) -> None:
        await Point("sleep", self.sim.time + seconds)

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
        raise AssertionError("the simulated customer sends no files")


@dataclass
class Lane:
    """One conversation's records, one at a time."""

    records: deque[Record]
    running: Coroutine[Any, None, None] | None = None
    at: Point = Point("idle")


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
            lane.running, lane.at = None, Point("idle")
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
