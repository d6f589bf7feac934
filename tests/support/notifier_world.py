"""The notifier's real code around a log, a platform and a mail server in memory, with death at any await.

What is durable (the ledger's log, the chat, the mailbox, the clock) outlives a life; everything else is built
anew. Each await towards the outside is two points at which the process may die: before it took effect, and
after it took effect with the answer lost.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from agents.notifier.attempts import Attempts
from agents.notifier.briefing import Briefing
from agents.notifier.deferral import Deferral
from agents.notifier.gates import Gates
from agents.notifier.handler import NotifierHandler
from agents.notifier.ledger import Ledger
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.plan import Words
from agents.notifier.reach import Post, Surroundings
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.outbound import Ambiguous, Http, NotSent
from agents.platforms.port import Address, CallFailed, Notice, Outbound, Transcript, Unsupported
from agents.settings import TenantBook, TenantSettings
from streams.clock import ManualClock
from streams.codec import Headers, decode, encode
from streams.contracts.notification_events import AnyNotification
from streams.contracts.notification_ledger import STEP, StepOutcome
from streams.errors import InvalidRecord, Refused
from streams.ids import conversation_key
from streams.kafka.bulk import StoredRecord
from streams.kafka.lease import Lease
from streams.kafka.record import Record
from streams.topology import NOTIFICATION_EVENTS
from tests.support.http import FakeHttp, scripted
from tests.support.notices import NOON, tenant

SHIPPED = load_shipped()
METRICS = Metrics()
MAX_ROUNDS = 400
SESSION_SECONDS = 45.0

Fault = str
"""`ok`, `not_sent`, `busy` (429), `down` (503), `refused` (404), `unsupported`, `lost` (carried out, the answer
lost), `vanished` (never carried out, the answer lost)."""


class Killed(BaseException):
    """The process died here."""


@dataclass
class Fate:
    """Counts the points at which the process may die, and lets it die at some of them."""

    deaths: frozenset[int] = frozenset()
    stops_at: int | None = None
    passed: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def point(self) -> None:
        await asyncio.sleep(0)
        self.passed += 1
        if self.passed in self.deaths:
            raise Killed
        if self.passed == self.stops_at:
            self.stopped.set()
            await self.woken.wait()


@dataclass
class Chat:
    """The platform: what the customer sees, who holds, and what goes wrong, call by call."""

    fate: Fate
    can_find_own_messages: bool = True
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    human_takes_over_at: int | None = None
    has_transcript: bool = True
    drops_repeats: bool = False
    """Nobody can look, and saying it again is safe: as a custom LLM app is."""
    name: str = "fake"
    seen: list[Notice] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    paused: bool = False
    closed: bool = False
    last_look: str = "never"
    broken_promises: list[str] = field(default_factory=list)

    @property
    def human_holds(self) -> bool:
        return self.human_takes_over_at is not None and self.fate.passed >= self.human_takes_over_at

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        holds: list[bool] = []
        await self._call("transcript", lambda: holds.append(self.human_holds))
        if not self.has_transcript:
            raise Unsupported("no_transcript")
        self.last_look = "human" if holds[0] else "free"
        return Transcript((), human_holds=holds[0], closed=self.closed)

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        await self._call("reply", lambda: self.seen.append(notice))

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        found: list[bool] = []
        await self._call(
            "find_own",
            lambda: found.append(any(seen.notification_id == notice.notification_id for seen in self.seen)),
        )
        return found[0] and not self.drops_repeats

    async def quiet(self, http: Http, address: Address) -> None:
        def pause() -> None:
            self.paused = True

        await self._call("quiet", pause)

    async def close(self, http: Http, address: Address) -> None:
        if self.has_transcript and self.last_look != "free":
            self.broken_promises.append("closed without a look that found nobody")
        self.last_look = "used"

        def end() -> None:
            self.closed = True

        await self._call("close", end)

    async def _call(self, operation: str, effect: Callable[[], None]) -> None:
        self.calls.append(operation)
        left = self.faults.get(operation, [])
        fault = left.pop(0) if left else "ok"
        await self.fate.point()
        if fault == "not_sent":
            raise NotSent("refused")
        if fault in {"busy", "down"}:
            after = 1.0 if fault == "busy" else None
            raise CallFailed("http_429" if after else "http_503", retryable=True, retry_after_seconds=after)
        if fault == "refused":
            raise CallFailed("http_404", retryable=False)
        if fault == "unsupported":
            raise Unsupported("no_such_call")
        if fault != "vanished":
            effect()
        await self.fate.point()
        if fault in {"lost", "vanished"}:
            raise Ambiguous("timeout")


@dataclass
class Mailbox:
    """The customer's mailbox, behind a server with faults of its own."""

    fate: Fate
    faults: list[Fault] = field(default_factory=list)
    received: list[str] = field(default_factory=list)

    async def post(self, words: Words, notification: AnyNotification) -> None:
        fault = self.faults.pop(0) if self.faults else "ok"
        await self.fate.point()
        if fault == "not_sent":
            raise NotSent("refused")
        if fault == "refused":
            raise CallFailed("smtp_to_550", retryable=False)
        if fault != "vanished":
            self.received.append(notification.notification_id)
        await self.fate.point()
        if fault in {"lost", "vanished"}:
            raise Ambiguous("smtp_broke")


@dataclass
class Brokers:
    """The brokers: every acknowledged record, ledger and dead letters. `loses` drops what it is true for."""

    fate: Fate
    loses: Callable[[str], bool] = lambda _key: False
    ledger: list[StoredRecord] = field(default_factory=list)

    async def send(
        self, topic: str, key: str, value: bytes | None, *, headers: Headers | None = None, partition: int | None = None
    ) -> None:
        await self.fate.point()
        if not self.loses(key):
            self.ledger.append(StoredRecord(partition or 0, len(self.ledger), key.encode(), value))
        await self.fate.point()

    def read(self, partition: int) -> Iterator[list[StoredRecord]]:
        yield list(self.ledger)


def records(notifications: Iterable[AnyNotification]) -> list[Record]:
    """The notifications as they stand on partition 0 of their topic."""
    return [
        Record(
            topic=NOTIFICATION_EVENTS.name,
            partition=0,
            offset=offset,
            key=conversation_key(notification.tenant, notification.conversation_id).encode(),
            value=encode(notification),
        )
        for offset, notification in enumerate(notifications)
    ]


@dataclass
class Run:
    """Notifications, and a notifier that may die while it works on them."""

    notifications: list[AnyNotification]
    fate: Fate = field(default_factory=Fate)
    settings: TenantSettings = field(default_factory=tenant)
    has_mail: bool = False
    give_up_after_seconds: float = 900.0
    chat_options: dict[str, Any] = field(default_factory=dict)
    loses: Callable[[str], bool] = lambda _key: False
    metrics: Metrics = METRICS

    def __post_init__(self) -> None:
        self.chat = Chat(self.fate, **self.chat_options)
        self.mailbox = Mailbox(self.fate)
        self.log = Brokers(self.fate, self.loses)
        self.clock = ManualClock(NOON)
        self.buried: list[tuple[int, InvalidRecord]] = []
        self.lives = 0
        self.tenants = TenantBook({"acme": self.settings})

    def handler(self, lease: Lease | None = None) -> tuple[NotifierHandler, Deferral]:
        """A newly started process, remembering nothing."""
        around = Surroundings(
            Ledger(self.log, self.log.read),
            lease or Lease(SESSION_SECONDS),
            FakeHttp(scripted()),
            self.clock,
            self.metrics,
            Log("test"),
            call_timeout_seconds=8.0,
            mail_timeout_seconds=20.0,
        )

        def outbounds(name: str) -> Outbound:
            if name != "fake":
                raise Refused("unknown platform")
            return self.chat

        def post_of(_tenant: TenantSettings) -> Post | None:
            return self.mailbox.post if self.has_mail else None

        gates = Gates(self.clock)
        briefing = Briefing(self.tenants, Phrasebooks(SHIPPED), outbounds, gates, post_of)
        attempts = Attempts(around, briefing)
        deferral = Deferral(around, attempts, self._bury, give_up_after_seconds=self.give_up_after_seconds)
        return NotifierHandler(around, attempts, deferral), deferral

    async def _bury(self, record: Record, error: InvalidRecord) -> None:
        await self.fate.point()
        self.buried.append((record.offset, error))
        await self.fate.point()

    async def live(self) -> "Run":
        """Lives until one ends by itself. Every life is handed all records again: offsets commit late."""
        while True:
            self.lives += 1
            handler, deferral = self.handler()
            try:
                await self._one_life(handler, deferral)
            except Killed:
                await _bury_tasks()
                continue
            return self

    async def _one_life(self, handler: NotifierHandler, deferral: Deferral) -> None:
        await handler.recover(0)
        for record in records(self.notifications):
            await handler.handle(record)
        for _ in range(MAX_ROUNDS):
            if not deferral.waiting:
                return
            await self.clock.sleep(5.0)
            await deferral.round()
        raise AssertionError("something waits for ever")

    def metric(self, name: str, **labels: str) -> float:
        """The value of a sample, 0 where there is none."""
        return self.metrics.registry.get_sample_value(name, labels) or 0.0

    def outcomes(self) -> list[tuple[str, str, str | None]]:
        """Step, result and cause of every OUTCOME, in order."""
        entries = [decode(STEP, record.value) for record in self.log.ledger if record.value is not None]
        return [(entry.step, entry.result, entry.cause) for entry in entries if isinstance(entry, StepOutcome)]

    def seen(self) -> Counter[str]:
        """How often the customer reads each notice in the chat."""
        return Counter(notice.notification_id for notice in self.chat.seen)

    @property
    def superseded(self) -> bool:
        """Whether a notice was left out because the ticket's number was news already."""
        return any(b'"superseded"' in (record.value or b"") for record in self.log.ledger)

    def mailed(self) -> Counter[str]:
        """How many copies of each notice are in the mailbox."""
        return Counter(self.mailbox.received)


async def _bury_tasks() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
