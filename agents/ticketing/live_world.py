"""The outside of one partition as it really is: brokers, platforms, settings, clock (`world.World`)."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from agents.helpdesks.port import TicketFile
from agents.observability.tracing import NO_SPAN, OFF, Span, Tracer, produced
from agents.outbound import Http, OutboundError
from agents.platforms.port import BadBody, CallFailed, Outbound, Transcript, Unsupported
from agents.settings import Settings, TenantBook, TenantSettings, TicketingSettings
from agents.ticketing.accounts import address
from agents.ticketing.attachments import fetch
from agents.ticketing.desks import Desks
from agents.ticketing.line import Leaving
from agents.ticketing.live_desk import LiveDesk
from agents.ticketing.messaging import MessagingHandover, handover_of
from agents.ticketing.parked import Waiting
from agents.ticketing.tally import Tally
from agents.ticketing.world import LEAVING, MustWait, NotCopied
from streams.clock import Clock
from streams.codec import encode, header, headers_for
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import AnyLedgerEntry
from streams.contracts.notification_events import AnyNotification
from streams.contracts.people import Attachment
from streams.errors import Refused
from streams.kafka.lease import Lease
from streams.kafka.producer import RecordWriter
from streams.kafka.record import Record
from streams.topology import ESCALATION_LEDGER, ESCALATION_PARKED, NOTIFICATION_EVENTS
from streams.trace import child_of

SOURCE = "/handoff/ticketing"


@dataclass(frozen=True)
class Surroundings:
    """What all partitions of a process share."""

    writer: RecordWriter
    settings: Settings
    tenants: TenantBook
    desks: Desks
    http: Http
    outbounds: Callable[[str], Outbound]
    clock: Clock
    random: Random
    lease: Lease
    tally: Tally
    files: asyncio.Semaphore
    """Bounds how many files are fetched at a time: each may take megabytes."""
    tracer: Tracer = OFF


@dataclass
class LiveWorld:
    """One partition's. `traces` remembers the trace of each conversation's command under way."""

    around: Surroundings
    partition: int
    partitions: int
    traces: dict[str, str | None] = field(default_factory=dict)
    leaving: Leaving = field(default_factory=Leaving)

    @property
    def settings(self) -> TicketingSettings:
        """See `World`."""
        return self.around.settings.ticketing

    def now(self) -> datetime:
        """See `World`."""
        return self.around.clock.now()

    def monotonic(self) -> float:
        """See `World`."""
        return self.around.clock.monotonic()

    def jitter(self) -> float:
        """See `World`."""
        return self.around.random.random()

    def still_ours(self) -> None:
        """See `World`."""
        self.around.lease.check(self.monotonic())

    def tenant(self, name: str) -> TenantSettings | None:
        """See `World`."""
        return self.around.tenants.get(name)

    def desk(self, tenant: str, since: datetime | None = None) -> LiveDesk | None:
        """See `World`: who waits in line when the partition is given away is parked for its next owner."""
        return self.around.desks.desk(tenant, since, self.leaving)

    def handover(self, command: AnyCommand) -> MessagingHandover | None:
        """See `World`."""
        tenant = self.tenant(command.tenant)
        where = address(command, tenant) if tenant is not None else None
        desk = self.desk(command.tenant, command.decided_at)
        return handover_of(self.around.http, where, desk, command, self.still_ours)

    def saw(self, event: str, /, **fields: str) -> None:
        """See `World`."""
        self.around.tally.saw(event, self.partition, fields)

    async def sleep(self, seconds: float) -> None:
        """See `World`: who waits when the partition is given away is parked for its next owner."""
        clock = self.around.clock
        until = clock.monotonic() + seconds
        sleeping = asyncio.ensure_future(clock.sleep(seconds))
        leaving = asyncio.ensure_future(self.leaving.wait())
        try:
            await asyncio.wait({sleeping, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
            leaving.cancel()
        left = until - clock.monotonic()
        if self.leaving.is_set() and left > 0:
            raise MustWait(LEAVING, asked_seconds=left, away=False)

    async def write_ledger(self, key: str, entry: AnyLedgerEntry | None) -> None:
        """See `World`."""
        self.still_ours()
        await self.around.writer.send(
            ESCALATION_LEDGER.name,
            key,
            None if entry is None else encode(entry),
            headers=None
            if entry is None
            else headers_for(
                event_id=entry.action_id,
                source=SOURCE,
                kind=f"ledger.{entry.kind}",
                at=self.now(),
                traceparent=self._trace(f"{entry.tenant}|{entry.conversation_id}"),
            ),
            partition=self.partition,
        )
        if entry is not None and entry.kind == "outcome":
            self.around.tally.outcome(entry)

    async def notify(self, command: AnyCommand, notification: AnyNotification) -> None:
        """See `World`."""
        self.still_ours()
        key = f"{command.tenant}|{command.conversation_id}"
        with self._sending(key, notification) as span:
            await self.around.writer.send(
                NOTIFICATION_EVENTS.name,
                key,
                encode(notification),
                headers=headers_for(
                    event_id=notification.notification_id,
                    source=SOURCE,
                    kind=f"notification.{notification.kind}",
                    at=notification.occurred_at,
                    traceparent=span.traceparent or self._trace(key),
                ),
                partition=self.partition,
            )
        self.around.tally.notified(notification, self.now())

    def _sending(self, key: str, notification: AnyNotification) -> AbstractContextManager[Span]:
        topic, tracer = NOTIFICATION_EVENTS.name, self.around.tracer
        if not tracer.enabled:
            return NO_SPAN
        attributes = produced(topic, partition=self.partition) | {"handoff.notification": notification.kind}
        return tracer.span(f"send {topic}", "producer", parent=self.traces.get(key), attributes=attributes)

    def follow_trace(self, record: Record, traceparent: str | None = None) -> None:
        """What is written for this record's conversation belongs to `traceparent`, else to the record's trace."""
        self.traces[record.key.decode("utf-8", "replace")] = traceparent or header(record.headers, "traceparent")

    def forget_trace(self, record: Record) -> None:
        """The record is done."""
        self.traces.pop(record.key.decode("utf-8", "replace"), None)

    def _trace(self, key: str) -> str:
        return child_of(self.traces.get(key))

    async def park(self, record: Record, waiting: Waiting) -> None:
        """See `World`."""
        self.still_ours()
        await self.around.writer.send(
            ESCALATION_PARKED.name,
            record.key.decode(),
            record.value,
            headers=waiting.headers(record),
            partition=self.partition,
        )

    async def transcript(self, command: AnyCommand) -> Transcript | None:
        """See `World`."""
        tenant = self.tenant(command.tenant)
        where = address(command, tenant) if tenant is not None else None
        if where is None:
            return None
        seconds, turns = self.settings.transcript_timeout_seconds, self.settings.max_transcript_turns
        try:
            outbound = self.around.outbounds(command.platform)
            async with asyncio.timeout(seconds):
                found = await outbound.transcript(self.around.http, where, max_turns=turns)
        except (Refused, Unsupported):
            return None
        except (TimeoutError, OutboundError, CallFailed, BadBody) as error:
            reason = getattr(error, "reason", "timeout")
            self.saw("transcript_failed", platform=command.platform, reason=reason)
            return None
        self.saw("transcript", platform=command.platform)
        return found

    async def fetch(self, attachment: Attachment) -> TicketFile | NotCopied:
        """See `World`."""
        async with self.around.files:
            return await fetch(self.around.http, self.around.settings.outbound, attachment)
