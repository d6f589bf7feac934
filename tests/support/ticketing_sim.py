"""The state of the ticketing simulation: brokers, chance, time. No asyncio, no sleep.

The steps of ticketing are coroutines that await nothing but `Point`s. Each effect has one before it and one after
it; at every point the schedule may let somebody else run, kill the process, or stop it for minutes.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from agents.helpdesks.port import TicketRef
from agents.settings import TenantSettings
from streams.contracts.escalation_ledger import AnyLedgerEntry, PreparedRequest
from streams.contracts.notification_events import AnyNotification
from streams.kafka.record import Record
from tests.support.ticketing_helpdesk import Database

EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIVE = TenantSettings(mode="live")


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
    jumped: bool = False
    open_tickets: list[TicketRef] = field(default_factory=list)
    late: list[tuple[float, PreparedRequest]] = field(default_factory=list)
    excused: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    """What no moment of any schedule may show, noted when it did."""
    history: list[str] = field(default_factory=list)
    asked: list[datetime | None] = field(default_factory=list)
    """For which waiting time each desk was asked for."""
    in_slot: bool = False
    """A call was admitted, and neither sent nor given up; of one command at a time."""
    messaging: bool = False
    configured: bool = True
    switched_off_until: float | None = None
    addresses: list[tuple[str, str]] = field(default_factory=list)
    reads: int = 0
    script: list[str] = field(default_factory=list)
    """Fates of the next writes, in order, before chance takes over."""

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
