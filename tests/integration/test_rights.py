"""The rights that deploy/strimzi grants are enough for everything Handoff does, and for nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from agents.demo.run import Demo
from agents.demo.scenarios import ROWS
from agents.demo.show import Paint
from streams.errors import Refused
from streams.ids import conversation_key
from streams.kafka.admin import create
from streams.kafka.bulk import read_to_end
from streams.kafka.producer import AckedProducer, DeliveryFailed
from streams.topology import (
    CONVERSATION_EVENTS,
    ESCALATION_COMMANDS,
    PARTITIONS,
    TOPICS,
)
from tests.support.cli import handoff
from tests.support.kafka import RealKafka
from tests.support.secured import SecuredStage, broker, connection, grant

pytestmark = pytest.mark.asyncio(loop_scope="module")
OPERATOR = "handoff-operator"
PLATFORM_TEAM = "handoff-platform-team"
ESCALATING = [row for row in ROWS if row.ending.tickets == 1]
ONE_PER_HELPDESK = [next(row for row in ESCALATING if row.account == account) for account in ("acme", "birch")]


@dataclass(frozen=True)
class Running:
    """Everything, started with the rights of deploy/strimzi alone."""

    kafka: RealKafka
    stage: SecuredStage
    demo: Demo


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(java: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    with broker(tmp_path_factory.mktemp("secured-kafka")) as kafka:
        grant(kafka)
        await asyncio.to_thread(
            create, connection(kafka, OPERATOR), TOPICS, replication=1, min_insync_replicas=1
        )  # a person may make topics
        stage = SecuredStage(tmp_path_factory.mktemp("stage"), kafka)
        try:
            await stage.start()
            demo = Demo(stage, lambda _line: None, Paint(colours=False))
            demo.watcher.start()
            yield Running(kafka, stage, demo)
            demo.watcher.stop()
        finally:
            await stage.stop()


async def test_conversations_end_as_they_have_to(running: Running) -> None:
    await asyncio.gather(*(running.demo.play(row) for row in ONE_PER_HELPDESK))
    for row in ONE_PER_HELPDESK:
        assert await running.demo.ended(row), row.label


async def test_what_a_platform_team_sends_wrong_is_dead_lettered_listed_redriven_and_dropped(running: Running) -> None:
    producer = AckedProducer(connection(running.kafka, PLATFORM_TEAM))
    await producer.send(CONVERSATION_EVENTS.name, conversation_key("acme", "nonsense"), b"nonsense")
    await producer.close()
    config = str(running.stage.configuration_of(OPERATOR))

    async def letters() -> list[str]:
        listed = await asyncio.to_thread(handoff, "dead", "list", "--config", config, "--json")
        assert listed.code == 0, listed.err
        return [json.loads(line)["reason"] for line in listed.out.splitlines()]

    await _until_listed(letters, 1)
    sent = await asyncio.to_thread(handoff, "dead", "redrive", "--reason", "not_json", "--config", config)
    assert sent.code == 0, (sent.out, sent.err)
    await _until_listed(letters, 1)  # it died again
    dropped = await asyncio.to_thread(handoff, "dead", "drop", "--reason", "not_json", "--yes", "--config", config)
    assert dropped.code == 0, (dropped.out, dropped.err)
    assert await letters() == []
    checked = await asyncio.to_thread(handoff, "topics", "check", "--config", config)
    assert "authoriz" not in checked.err.lower(), checked.err


async def test_an_operator_may_erase_a_person(running: Running) -> None:
    (row, *_) = ONE_PER_HELPDESK
    config = running.stage.configuration_of(OPERATOR)
    config.write_text(config.read_text() + "erasure: {key: a key of the tests alone}\n")
    asked = ("erase", "--tenant", row.account, "--conversation", row.conversation_id, "--force", "--json")
    ran = await asyncio.to_thread(handoff, *asked, "--config", str(config))
    assert ran.code == 0, (ran.out, ran.err)
    assert ran.lines[0]["state"] == "erased"


async def _until_listed(letters: Callable[[], Awaitable[list[str]]], number: int) -> None:
    for _ in range(100):
        if len(await letters()) == number:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(await letters())


@pytest.mark.parametrize("user", ["handoff-gateway", PLATFORM_TEAM, "handoff-notifier"])
async def test_nobody_forges_a_command(running: Running, user: str) -> None:
    producer = AckedProducer(connection(running.kafka, user))
    with pytest.raises(DeliveryFailed):
        await producer.send(ESCALATION_COMMANDS.name, conversation_key("acme", "forged"), b"{}", partition=0)
    await producer.close()


async def test_who_produces_events_cannot_read_them(running: Running) -> None:
    def read() -> list[object]:
        link = connection(running.kafka, PLATFORM_TEAM)
        return list(read_to_end(link, CONVERSATION_EVENTS.name, list(range(PARTITIONS))))

    with pytest.raises(Exception, match=r"(?i)authoriz"):
        await asyncio.to_thread(read)


async def test_no_process_makes_topics(running: Running) -> None:
    another = replace(CONVERSATION_EVENTS, name="another")
    link = connection(running.kafka, "handoff-escalation")
    with pytest.raises(Refused):
        await asyncio.to_thread(create, link, [another], replication=1, min_insync_replicas=1)
