"""The whole process over the embedded broker: a notification in, a reply and the ledger out, once."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from agents.notifier.app import Notifier, build
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.platforms.port import Outbound
from agents.settings import NotifierSettings, Settings, SmtpSettings, TenantBook
from streams.clock import SystemClock
from streams.codec import decode, encode
from streams.contracts.notification_events import AnyNotification
from streams.contracts.notification_ledger import STEP, AnyStep, Deferred
from streams.contracts.people import Route
from streams.errors import Refused
from streams.ids import conversation_key
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.embedded import PARTITIONS, EmbeddedBroker
from streams.kafka.producer import AckedProducer
from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_EVENTS_DEAD, NOTIFICATION_LEDGER
from tests.support.http import FakeHttp, scripted
from tests.support.notices import NOON, FakePlatform, accepted, opened, tenant
from tests.support.smtp_server import SmtpServer


class Running:
    """A notifier on a broker of its own, and what it did."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        self.platform = FakePlatform()
        self.metrics = Metrics()
        self.producer = AckedProducer(self.connection)
        self.notifier: Notifier | None = None

    async def start(self, smtp: SmtpServer | None = None) -> None:
        for topic in (NOTIFICATION_EVENTS, NOTIFICATION_LEDGER, NOTIFICATION_EVENTS_DEAD):
            await self.producer.partitions(topic.name)  # the mock cluster makes a topic when it is asked about

        def outbounds(name: str) -> Outbound:
            if name != "fake":
                raise Refused("unknown platform")
            return self.platform

        self.notifier = build(
            connection=self.connection,
            settings=Settings(notifier=NotifierSettings(smtp=_plain(smtp))),
            tenants=TenantBook({"acme": tenant()}),
            http=FakeHttp(scripted()),
            clock=SystemClock(),
            metrics=self.metrics,
            log=Log("test"),
            outbounds=outbounds,
            mask=lambda value: value,
        )
        self.notifier.start()

    async def stop(self) -> None:
        assert self.notifier is not None
        await self.notifier.stop()

    async def send(self, notification: AnyNotification) -> None:
        key = conversation_key(notification.tenant, notification.conversation_id)
        await self.producer.send(NOTIFICATION_EVENTS.name, key, encode(notification))

    async def ledger(self) -> list[AnyStep]:
        return [decode(STEP, value) for value in await self.values(NOTIFICATION_LEDGER.name) if value is not None]

    async def values(self, topic: str) -> list[bytes | None]:
        def read() -> list[bytes | None]:
            batches = read_to_end(self.connection, topic, list(range(PARTITIONS)))
            return [record.value for batch in batches for record in batch]

        return await asyncio.to_thread(read)

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0.02)

    def done(self) -> float:
        labels = {"topic": NOTIFICATION_EVENTS.name, "outcome": "done"}
        return self.metrics.registry.get_sample_value("handoff_records_total", labels) or 0.0


def _plain(server: SmtpServer | None) -> SmtpSettings | None:
    return None if server is None else SmtpSettings(host="127.0.0.1", port=server.port, security="none")


@pytest.fixture
async def running() -> AsyncIterator[Running]:
    with EmbeddedBroker() as broker:
        found = Running(broker)
        yield found
        await found.producer.close()


async def test_a_notification_is_told_once_and_stands_in_the_ledger_and_redelivery_does_nothing(
    running: Running,
) -> None:
    await running.start()
    await running.send(accepted())
    await running.send(opened())
    await running.until(lambda: running.done() == 2)
    assert running.platform.calls == ["reply", "quiet", "reply", "transcript", "close"]
    steps = [(entry.step, entry.kind) for entry in await running.ledger() if not isinstance(entry, Deferred)]
    assert steps == [(step, kind) for step in ("reply", "pause", "reply", "close") for kind in ("intent", "outcome")]

    await running.send(accepted())
    await running.send(opened())
    await running.until(lambda: running.done() == 4)
    assert len(running.platform.calls) == 5
    await running.stop()


async def test_a_new_process_remembers_what_the_former_one_told(running: Running) -> None:
    await running.start()
    await running.send(opened())
    await running.until(lambda: running.done() == 1)
    await running.stop()
    told = len(running.platform.told)

    await running.start()
    await running.send(opened())
    await running.until(lambda: running.done() == 2)
    assert len(running.platform.told) == told == 1
    await running.stop()


async def test_what_is_no_notification_goes_to_the_dead_letters_and_the_next_record_is_told(running: Running) -> None:
    await running.start()
    await running.producer.send(NOTIFICATION_EVENTS.name, "acme|c-1", b"{}")
    await running.send(opened())
    await running.until(lambda: running.done() == 1)
    assert await running.values(NOTIFICATION_EVENTS_DEAD.name) == [b"{}"]
    labels = {"topic": NOTIFICATION_EVENTS_DEAD.name, "reason": "unknown_kind"}
    assert running.metrics.registry.get_sample_value(f"{catalogue.DEAD_LETTERS.name}", labels) == 1.0
    await running.stop()


async def test_a_customer_who_wrote_a_mail_to_a_platform_team_is_answered_by_mail_in_the_same_thread(
    running: Running,
) -> None:
    async with SmtpServer().listening() as server:
        await running.start(server)
        route = Route(email_message_id="<first@mail.example.com>", email_subject="anything")
        await running.send(opened(platform="direct", channel="email", route=route))
        await running.until(lambda: running.done() == 1)
        await running.stop()
    assert len(server.mails) == 1
    assert b"In-Reply-To: <first@mail.example.com>" in server.mails[0]
    assert b"4711" in server.mails[0]
    assert b"anything" not in server.mails[0]


def test_the_fixtures_notifications_are_of_the_same_escalation() -> None:
    assert accepted().escalation_id == opened().escalation_id
    assert accepted().decided_at == NOON
