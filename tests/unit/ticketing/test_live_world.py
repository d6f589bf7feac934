"""What a partition's steps write and ask, as it leaves the process."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, cast

import pytest

from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.outbound import Ambiguous, Http
from agents.platforms.port import Address, BadBody, CallFailed, Outbound, Transcript, Unsupported
from agents.settings import Settings, TenantBook
from agents.ticketing import notices
from agents.ticketing.desks import Desks
from agents.ticketing.handler import Owned
from agents.ticketing.ledger import Ledger, intent_key, outcome_key
from agents.ticketing.live_world import LiveWorld, Surroundings
from agents.ticketing.parked import ParkedBook, Waiting, read
from agents.ticketing.rounds import Rounds
from agents.ticketing.tally import Tally
from agents.ticketing.worker import PartitionWorker
from agents.ticketing.world import MustWait
from streams.clock import ManualClock
from streams.codec import Headers, decode, header
from streams.contracts.escalation_ledger import LEDGER, Intent, Outcome
from streams.contracts.notification_events import NOTIFICATION
from streams.errors import Refused
from streams.kafka.lease import Lease, Slept
from streams.kafka.record import Record
from tests.support.http import FakeHttp, scripted
from tests.support.ticketing_values import NOW, intent, later, opening, outcome, turn

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
KEY = "acme|c1"
RECORD = Record("escalation.commands", 3, 9, KEY.encode(), b"{}", (("traceparent", TRACE.encode()),))


class Writer:
    """A `RecordWriter` that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes | None, Headers | None, int | None]] = []

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        self.sent.append((topic, key, value, headers, partition))


class Platform:
    """A platform whose transcript is what a test says."""

    def __init__(self, tell: Callable[[], Any]) -> None:
        self.tell = tell

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        told = self.tell()
        if isinstance(told, Exception):
            raise told
        if told is None:
            await asyncio.sleep(60)
        return cast("Transcript", told)


class Outside:
    """A live world over doubles, all of them in reach."""

    def __init__(self, tell: Callable[[], Any] = lambda: Transcript(()), **tenant: Any) -> None:
        helpdesk = {"name": "zendesk", "base_url": "https://acme.zendesk.com"}
        fields = {"mode": "live", "helpdesk": helpdesk, "platforms": {"custom-llm": {}}} | tenant
        settings = Settings.model_validate(
            {"tenants": {"acme": fields}, "ticketing": {"transcript_timeout_seconds": 0.05}}
        )
        self.clock, self.metrics, self.writer, self.lease = ManualClock(NOW), Metrics(), Writer(), Lease(45)
        tenants, http = TenantBook(settings.tenants), FakeHttp(scripted())
        self.tenants = tenants
        self.around = Surroundings(
            writer=self.writer,
            settings=settings,
            tenants=tenants,
            desks=Desks({}, tenants, settings.ticketing, http, self.clock, self.lease, self.metrics),
            http=http,
            outbounds=lambda name: self.platform(name, tell),
            clock=self.clock,
            random=Random(1),
            lease=self.lease,
            tally=Tally(self.metrics, Log("test")),
            files=asyncio.Semaphore(1),
        )
        self.world = LiveWorld(self.around, 3, 12)

    def platform(self, name: str, tell: Callable[[], Any]) -> Outbound:
        if name != "custom-llm":
            raise Refused("unknown platform")
        return cast("Outbound", Platform(tell))

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)


async def test_the_ledger_is_written_to_the_commands_partition_under_the_actions_key() -> None:
    outside = Outside()
    await outside.world.write_ledger(intent_key(intent()), intent())
    await outside.world.write_ledger(intent_key(intent()), None)
    (topic, key, value, _, partition), (_, same, tombstone, _, _) = outside.writer.sent
    assert (topic, key, partition) == ("escalation.ledger", intent_key(intent()), 3)
    assert decode(LEDGER, value) == intent()
    assert (same, tombstone) == (key, None)


async def test_notifications_carry_the_commands_trace_to_the_commands_partition() -> None:
    outside = Outside()
    outside.world.follow_trace(RECORD)
    news = notices.accepted(opening(), later(2))
    await outside.world.notify(opening(), news)
    topic, key, value, headers, partition = outside.writer.sent[0]
    assert (topic, key, partition) == ("notification.events", KEY, 3)
    assert decode(NOTIFICATION, value) == news
    trace = (header(headers, "traceparent") or "").split("-")
    assert trace[1] == "a" * 32
    assert trace[2] != "b" * 16
    assert header(headers, "ce_id") == news.notification_id
    assert header(headers, "ce_type") == "handoff.notification.accepted"


async def test_how_long_customer_and_ticket_waited_is_measured_from_the_decision() -> None:
    outside = Outside()
    outside.clock.advance(4)
    await outside.world.notify(opening(), notices.accepted(opening(), NOW))
    name = f"{catalogue.END_TO_END.name}_sum"
    assert outside.value(name, step="accepted") == 4


async def test_a_parked_record_keeps_its_bytes_headers_and_partition() -> None:
    outside = Outside()
    waiting = Waiting(9, "http_503", NOW, later(30))
    await outside.world.park(RECORD, waiting)
    topic, key, value, headers, partition = outside.writer.sent[0]
    assert (topic, key, value, partition) == ("escalation.commands.parked", KEY, b"{}", 3)
    assert header(headers, "traceparent") == TRACE
    assert read(Record(topic, 3, 0, KEY.encode(), value, tuple(headers or ()))) == waiting


async def test_a_process_that_slept_writes_nothing_any_more() -> None:
    outside = Outside()
    outside.lease.beat(outside.clock.monotonic())
    outside.clock.advance(46)
    for write in (
        outside.world.write_ledger(intent_key(intent()), intent()),
        outside.world.notify(opening(), notices.accepted(opening(), NOW)),
        outside.world.park(RECORD, Waiting(9, "x", NOW, NOW)),
    ):
        with pytest.raises(Slept):
            await write
    with pytest.raises(Slept):
        outside.world.still_ours()
    assert outside.writer.sent == []


async def test_the_platforms_record_is_asked_for() -> None:
    told = Transcript((turn(),))
    outside = Outside(lambda: told)
    assert await outside.world.transcript(opening(platform="custom-llm")) == told


@pytest.mark.parametrize(
    "trouble",
    [
        Unsupported("no_transcript"),
        CallFailed("http_500", retryable=True),
        Ambiguous("timeout"),
        BadBody("not_json"),
        None,  # no answer within its time
    ],
)
async def test_a_platform_without_a_usable_record_is_no_obstacle(trouble: Exception | None) -> None:
    outside = Outside(lambda: trouble)
    assert await outside.world.transcript(opening(platform="custom-llm")) is None


async def test_a_platform_that_is_not_configured_or_known_has_no_record() -> None:
    outside = Outside(lambda: AssertionError("not asked"))
    assert await outside.world.transcript(opening(platform="direct")) is None
    assert await Outside(platforms={"direct": {}}).world.transcript(opening(platform="direct")) is None
    assert await outside.world.transcript(opening(tenant="other")) is None


async def test_who_sleeps_when_the_partition_is_given_away_is_woken() -> None:
    outside = Outside()
    await outside.world.sleep(30)
    assert outside.world.monotonic() == 30

    class Standing(ManualClock):
        async def sleep(self, seconds: float) -> None:
            await asyncio.Event().wait()

    object.__setattr__(outside.around, "clock", Standing(NOW))
    sleeping = asyncio.create_task(outside.world.sleep(60))
    await asyncio.sleep(0)
    outside.world.leaving.set()
    with pytest.raises(MustWait) as told:
        await sleeping
    assert (told.value.reason, told.value.asked_seconds, told.value.tell) == ("leaving", 60, False)


async def test_tickets_are_counted_by_how_they_came_about_and_notes_are_not() -> None:
    outside = Outside()
    for entry in (
        outcome("1"),
        outcome("1", "note", result="appended"),
        outcome("2", "follow_up:1", result="followed_up"),
    ):
        await outside.world.write_ledger(outcome_key(entry), entry)
    labels = {"helpdesk": "zendesk", "tenant": "acme"}
    assert outside.value(catalogue.TICKETS.name, result="created", **labels) == 1
    assert outside.value(catalogue.TICKETS.name, result="followed_up", **labels) == 1
    assert outside.value(catalogue.TICKETS.name, result="appended", **labels) is None


async def test_a_round_tidies_the_ledger_and_shows_what_is_in_doubt() -> None:
    outside = Outside()
    ledger = Ledger()
    entries: tuple[Intent | Outcome, ...] = (outcome("1"), intent(), intent("append:e9", ticket_id="1"))
    for offset, entry in enumerate(entries):
        key = intent_key(entry) if isinstance(entry, Intent) else outcome_key(entry)
        ledger.apply(key, entry, offset)
    worker = PartitionWorker(outside.world, ledger, ParkedBook())
    outside.clock.advance(60)
    rounds = Rounds(lambda: {3: Owned(worker, outside.world)}, outside.tenants, outside.metrics)
    await rounds.go()
    assert outside.value(catalogue.OPEN_INTENTS.name, partition="3") == 1
    assert [(key, value) for _, key, value, _, _ in outside.writer.sent] == [(intent_key(intent()), None)]
    await rounds.go()
    assert len(outside.writer.sent) == 1


async def test_outcomes_are_forgotten_after_ninety_days() -> None:
    outside = Outside()
    ledger = Ledger()
    ledger.apply(outcome_key(outcome("1")), outcome("1"), 0)
    worker = PartitionWorker(outside.world, ledger, ParkedBook())
    outside.clock.advance(89 * 86_400)
    await worker.tidy()
    assert outside.writer.sent == []
    outside.clock.advance(2 * 86_400)
    await worker.tidy()
    assert [(key, value) for _, key, value, _, _ in outside.writer.sent] == [(outcome_key(outcome("1")), None)]
    assert len(ledger) == 0
