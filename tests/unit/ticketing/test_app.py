"""The whole hop over the embedded broker: consumer loops, producer, recovery, parked topic; HTTP from memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.helpdesks.registry import helpdesks
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.outbound import HttpRequest, HttpResponse, NotSent
from agents.platforms.registry import outbound
from agents.settings import Settings, TenantBook
from agents.ticketing.app import Ticketing, build
from streams import ids
from streams.clock import SystemClock
from streams.codec import decode, encode, header, headers_for
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.notification_events import NOTIFICATION
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.producer import AckedProducer
from tests.support.http import FakeHttp, answer, called, query
from tests.support.ticketing_values import appending, opening, turn

FIRST = appending("e1", turn=turn("e1", "the first addition", 1.0))
SECOND = appending("e2", turn=turn("e2", "the second addition", 2.0))
TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


class Zendesk:
    """As much of Zendesk as the hop asks for."""

    def __init__(self) -> None:
        self.away = False
        self.tickets: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, list[str]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse | Exception:
        if self.away:
            return NotSent("refused")
        what = called(request)
        if what == "GET /api/v2/users/search":
            return answer(200, {"users": []})
        if what == "POST /api/v2/users":
            return answer(201, {"user": {"id": 77, "role": "end-user"}})
        if what == "GET /api/v2/users/77/tickets/requested":
            return answer(200, {"tickets": []})
        if what == "GET /api/v2/tickets":
            own = [each for each in self.tickets.values() if each["external_id"] == query(request)["external_id"]]
            return answer(200, {"tickets": own})
        if what == "POST /api/v2/tickets":
            number = len(self.tickets) + 1
            self.tickets[number] = json.loads(request.body or b"")["ticket"] | {"id": number}
            self.comments[number] = []
            return answer(201, {"ticket": {"id": number}})
        number = int(what.rsplit("/", 1)[1])
        if what.startswith("PUT"):
            self.comments[number].append(json.loads(request.body or b"")["ticket"]["comment"]["html_body"])
        return answer(200, {"ticket": {"id": number, "status": "open"}})


class Rig:
    """A broker, a helpdesk, and as many ticketing processes as a test starts."""

    def __init__(self, broker: EmbeddedBroker) -> None:
        self.connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        self.zendesk = Zendesk()
        self.metrics = Metrics()
        helpdesk = {"name": "zendesk", "base_url": "https://acme.zendesk.com"}
        self.settings = Settings.model_validate(
            {
                "kafka": {"embedded": True},
                "ticketing": {"park_after_seconds": 0.2, "parked_retry_seconds": 0.3, "calls_per_second": 1000},
                "tenants": {"acme": {"mode": "live", "helpdesk": helpdesk | {"tokens": TOKENS}}},
            }
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Ticketing]:
        clock = SystemClock()
        app = build(
            connection=self.connection,
            settings=self.settings,
            tenants=TenantBook(self.settings.tenants),
            http=FakeHttp(self.zendesk),
            clock=clock,
            metrics=self.metrics,
            log=Log("test"),
            helpdesks=helpdesks(clock),
            outbounds=outbound,
            mask=lambda value: value,
        )
        app.start()
        watch = asyncio.create_task(app.run())
        try:
            yield app
        finally:
            failed = watch.done()
            watch.cancel()
            await app.stop()
            if failed:
                watch.result()

    @property
    def appended(self) -> list[str]:
        """The turns in the first ticket, in order."""
        comments = self.zendesk.comments.get(1, [])
        return [name for text in comments for name in ("first", "second") if f"the {name} addition" in text]

    async def produce(self, *commands: AnyCommand | bytes) -> None:
        producer = AckedProducer(self.connection)
        for command in commands:
            value = command if isinstance(command, bytes) else encode(command)
            named = "c1" if isinstance(command, bytes) else command.conversation_id
            headers = headers_for(event_id="e", source="/t", kind="command", at=opening().decided_at, traceparent=TRACE)
            await producer.send("escalation.commands", f"acme|{named}", value, headers=headers)
        await producer.close()

    async def read(self, topic: str) -> list[StoredRecord]:
        def whole() -> list[StoredRecord]:
            batches = read_to_end(self.connection, topic, [0, 1, 2, 3], with_headers=True)
            return [record for batch in batches for record in batch]

        return await asyncio.to_thread(whole)

    async def told(self) -> list[str]:
        return [decode(NOTIFICATION, record.value).kind for record in await self.read("notification.events")]


TOKENS = {"email": "bot@example.com", "api_token": "t"}


@pytest.fixture
def rig() -> Iterator[Rig]:
    with EmbeddedBroker() as broker:
        yield Rig(broker)


async def until(done: Callable[[], bool], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.02)


def conversation(number: int) -> AnyCommand:
    escalation = ids.escalation_id("acme", f"c{number}", "e0")
    return opening(conversation_id=f"c{number}", escalation_id=escalation, action_id=ids.action_id(escalation, "open"))


async def test_a_command_becomes_a_ticket_and_a_bad_one_a_dead_letter(rig: Rig) -> None:
    await rig.produce(opening(), b"not json", FIRST)
    async with rig.running() as app:
        await until(lambda: rig.appended == ["first"])
        await until(lambda: app.ready)  # the partitions without a command may take longer
    assert await rig.told() == ["accepted", "opened"]
    dead = await rig.read("escalation.commands.dead")
    assert [header(record.headers, "dlq-reason") for record in dead] == ["not_json"]
    news = await rig.read("notification.events")
    traces = {(header(record.headers, "traceparent") or "").split("-")[1] for record in news}
    assert traces == {"a" * 32}
    ticket = rig.zendesk.tickets[1]
    assert ticket["external_id"] == opening().escalation_id


async def test_a_second_life_knows_what_the_first_one_did(rig: Rig) -> None:
    await rig.produce(opening())
    async with rig.running():
        await until(lambda: bool(rig.zendesk.comments.get(1)))
    await rig.produce(opening(), FIRST)
    async with rig.running():
        await until(lambda: rig.appended == ["first"])
    assert len(rig.zendesk.tickets) == 1


async def test_commands_of_a_helpdesk_that_is_away_are_parked_and_come_back_in_order(rig: Rig) -> None:
    rig.zendesk.away = True
    await rig.produce(opening(), FIRST, SECOND)
    async with rig.running():
        await until(lambda: _sample(rig, catalogue.PARKED.name, tenant="acme", reason="behind_parked") == 2)
    rig.zendesk.away = False
    async with rig.running():  # another owner finds the line on the topic
        await until(lambda: rig.appended == ["first", "second"])
    assert len(rig.zendesk.tickets) == 1
    kinds = await rig.told()
    assert sorted(set(kinds), key=kinds.index) == ["accepted", "delayed", "opened"]


async def test_partitions_that_move_between_processes_lose_and_double_nothing(rig: Rig) -> None:
    await rig.produce(*(conversation(number) for number in range(20)))
    async with rig.running() as first:
        await until(lambda: len(rig.zendesk.tickets) >= 5)
        async with rig.running() as second:
            await rig.produce(*(conversation(number) for number in range(20, 40)))
            await until(lambda: len(rig.zendesk.tickets) == 40)
            await until(lambda: second.ready and first.ready)
        await rig.produce(*(conversation(number) for number in range(30, 45)))
        await until(lambda: len(rig.zendesk.tickets) == 45)
    found = [ticket["external_id"] for ticket in rig.zendesk.tickets.values()]
    assert len(set(found)) == 45


def _sample(rig: Rig, name: str, **labels: str) -> float | None:
    return rig.metrics.registry.get_sample_value(name, labels)
