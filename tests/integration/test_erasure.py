"""`handoff erase` on a running system: what is forgotten, what stays to keep the promises, whom it leaves alone."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from agents.demo.scenarios import JONAS, MAYA
from agents.demo.stage import Stage
from agents.demo.watching import Watcher
from agents.erasure.holdings import conversation_of
from agents.ticketing.app import GROUP as TICKETING_GROUP
from streams.kafka.admin import create
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.producer import AckedProducer
from streams.topology import (
    CONVERSATION_EVENTS,
    ERASURES,
    ESCALATION_COMMANDS,
    ESCALATION_COMMANDS_DEAD,
    ESCALATION_LEDGER,
    ESCALATION_STATE,
    NOTIFICATION_LEDGER,
    PARTITIONS,
    TOPICS,
)
from tests.support.cli import Ran, handoff
from tests.support.companies import eventually
from tests.support.consuming import committed, ends
from tests.support.kafka import RealKafka

pytestmark = pytest.mark.asyncio(loop_scope="module")

HERS, DEAD, OVER = "erase-me", "erase-dead", "erase-over"
HIS = "keep-me"
WORDS = "my sister's wedding dress is lost, I want a person"
SOON_SECONDS = 40.0
COMPACTED = (ESCALATION_STATE.name, ESCALATION_LEDGER.name, NOTIFICATION_LEDGER.name)


class Erasing(Stage):
    """The demo's companies, with a key for markers."""

    def configuration(self, policy_path: str) -> dict[str, Any]:
        return super().configuration(policy_path) | {"erasure": {"key": "a key of the tests alone"}}


@dataclass
class Scene:
    """Everything, and what a test asks of it."""

    stage: Erasing
    watcher: Watcher
    before: dict[tuple[str, bytes], bytes]

    async def asks(self, account: str, conversation: str, customer: dict[str, Any], text: str = WORDS) -> None:
        step = {"customer": customer, "say": {"author": "customer", "text": text}}
        await self.stage.post(f"/_chat/custom-llm/{account}/{conversation}", step)

    async def told(self, account: str, conversation: str) -> int:
        chats = (await self.stage.get("/_state"))["conversations"]
        here = [chat for chat in chats if (chat["account"], chat["id"]) == (account, conversation)]
        return sum(message["author"] == "human" for chat in here for message in chat["messages"])

    async def served(self, account: str, conversation: str) -> bool:
        return await self.told(account, conversation) == 2

    async def tickets(self) -> list[tuple[str, str]]:
        return sorted((each["account"], str(each["id"])) for each in (await self.stage.get("/_state"))["tickets"])

    def read(self, topic: str) -> list[StoredRecord]:
        partitions = list(range(1 if topic == ERASURES.name else PARTITIONS))
        return [record for batch in read_to_end(self.stage.connection, topic, partitions) for record in batch]

    def alive(self) -> dict[tuple[str, bytes], bytes]:
        """What a reader that begins anew keeps of the compacted topics."""
        kept: dict[tuple[str, bytes], bytes] = {}
        for topic in COMPACTED:
            for record in self.read(topic):
                kept.pop((topic, record.key), None)
                if record.value is not None:
                    kept[topic, record.key] = record.value
        return kept

    async def erase(self, *arguments: str) -> Ran:
        config = str(self.stage.folder / "handoff.yaml")
        return await asyncio.to_thread(handoff, "erase", *arguments, "--config", config)

    async def redrive(self, *arguments: str) -> Ran:
        config = str(self.stage.folder / "handoff.yaml")
        return await asyncio.to_thread(handoff, "dead", "redrive", *arguments, "--config", config)

    async def handled(self) -> None:
        """Until every hop has handled what there is."""
        link = self.stage.connection
        groups = {CONVERSATION_EVENTS.name: "handoff-escalation", ESCALATION_COMMANDS.name: TICKETING_GROUP}

        async def all_of_it() -> bool:
            return all(
                committed(link, group, topic, PARTITIONS) == ends(link, topic, PARTITIONS)
                for topic, group in groups.items()
            )

        await eventually("everything is handled", all_of_it, SOON_SECONDS)


def of(account: str, conversation: str) -> Callable[[tuple[str, bytes]], bool]:
    return lambda at: conversation_of(at[1]) == f"{account}|{conversation}".encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(java: None, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    with RealKafka(tmp_path_factory.mktemp("kafka-of-erasure")) as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        stage = Erasing(tmp_path_factory.mktemp("stage"), broker.bootstrap_servers)
        watcher = Watcher(stage.connection, lambda *_: None)
        made = Scene(stage, watcher, {})
        try:
            await stage.start()
            watcher.start()
            await _play(made)
            yield made
            watcher.stop()
        finally:
            await stage.stop()


async def _play(scene: Scene) -> None:
    """Maya: a command that died, a ticket, a chat that is over. Jonas, and the same Maya elsewhere: a ticket each."""
    details = {"error": "RecordInvalid", "details": {"base": [{"description": "no"}]}}
    plan = {"kind": "status", "account": "acme", "operation": "zendesk.create_ticket", "status": 422, "next": 1_000}
    await scene.stage.post("/_faults", {"faults": [plan | {"details": details}]})
    await scene.asks("acme", DEAD, MAYA)

    async def died() -> bool:
        return len(scene.read(ESCALATION_COMMANDS_DEAD.name)) == 1

    await eventually("a dead letter", died, SOON_SECONDS)
    await scene.stage.post("/_faults", {"faults": []})
    await _heal(scene)
    over = {"verdict": "resolved", "end": "customer"}
    await scene.asks("acme", OVER, MAYA, "How do I change my password?")
    await scene.stage.post(f"/_chat/custom-llm/acme/{OVER}", over)
    for account, conversation, customer in (("acme", HERS, MAYA), ("acme", HIS, JONAS), ("birch", HERS, MAYA)):
        await scene.asks(account, conversation, customer)
        await eventually(f"{account} {conversation}", partial(scene.served, account, conversation), SOON_SECONDS)
    await scene.handled()
    await asyncio.sleep(1.0)  # the ledgers' last tombstones are on their way
    scene.before = scene.alive()


async def _heal(scene: Scene) -> None:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.delete(scene.stage.base_url + "/_faults") as response:
        response.raise_for_status()


async def test_a_dry_run_finds_it_all_and_changes_nothing(scene: Scene) -> None:
    ran = await scene.erase("--tenant", "acme", "--email", "Maya.Okafor@Example.com", "--dry-run", "--json", "--force")
    assert ran.code == 0, (ran.out, ran.err)
    found = {line["conversation"]: line["state"] for line in ran.lines if "conversation" in line}
    assert found == dict.fromkeys((HERS, DEAD, OVER), "would erase")
    assert scene.alive() == scene.before
    assert scene.read(ERASURES.name) == []


async def test_what_is_under_way_waits_and_what_is_over_goes(scene: Scene) -> None:
    ran = await scene.erase("--tenant", "acme", "--external-id", MAYA["external_id"], "--json")
    assert ran.code == 1, (ran.out, ran.err)
    found = {line["conversation"]: (line["state"], line["waits"]) for line in ran.lines if "conversation" in line}
    assert found[OVER] == ("erased", [])
    assert found[HERS][0] == "waits"
    assert "under way" in found[HERS][1][0]
    now = scene.alive()
    assert not list(filter(of("acme", OVER), now))
    assert {at: value for at, value in now.items() if not of("acme", OVER)(at)} == {
        at: value for at, value in scene.before.items() if not of("acme", OVER)(at)
    }


async def test_forced_it_forgets_her_and_lists_what_is_left(scene: Scene) -> None:
    (opened,) = [
        news for news in scene.watcher.seen(HERS).notifications if news.kind == "opened" and news.tenant == "acme"
    ]
    ran = await scene.erase(
        "--tenant", "acme", "--ticket", opened.ticket.id, "--email", MAYA["email"], "--force", "--json"
    )
    assert ran.code == 0, (ran.out, ran.err)
    tickets = [(line["helpdesk"], line["ticket"], line["url"]) for line in ran.lines if "helpdesk" in line]
    assert ("zendesk", opened.ticket.id, opened.ticket.url) in tickets
    left = {line["topic"]: datetime.fromisoformat(line["gone_by"]) for line in ran.lines if "topic" in line}
    assert set(left) >= {CONVERSATION_EVENTS.name, ESCALATION_COMMANDS.name, ESCALATION_COMMANDS_DEAD.name}
    assert timedelta(days=20) < left[CONVERSATION_EVENTS.name] - datetime.now(UTC) < timedelta(days=22)
    now = scene.alive()
    hers = {at: value for at, value in now.items() if any(of("acme", name)(at) for name in (HERS, DEAD, OVER))}
    assert not [at for at in hers if at[0] == ESCALATION_STATE.name]
    assert {json.loads(value)["kind"] for value in hers.values()} == {"outcome"}
    for value in hers.values():
        assert not [word for word in (b"maya", b"okafor", b"48213", b"wedding") if word in value.lower()], value
    markers = b"".join(record.key + (record.value or b"") for record in scene.read(ERASURES.name))
    assert b"maya" not in markers.lower()
    assert HERS.encode() not in markers


async def test_nobody_elses_is_touched(scene: Scene) -> None:
    now = scene.alive()
    for account, conversation in (("acme", HIS), ("birch", HERS)):
        theirs = {at: value for at, value in scene.before.items() if of(account, conversation)(at)}
        assert {at[0] for at in theirs} == set(COMPACTED)
        assert {at: value for at, value in now.items() if of(account, conversation)(at)} == theirs


async def test_her_dead_letter_does_not_go_back_whatever_is_asked(scene: Scene) -> None:
    before = len(scene.read(ESCALATION_COMMANDS.name))
    for more in ((), ("--force",), ("--again", "--out-of-order"), ("--dry-run",)):
        ran = await scene.redrive("--tenant", "acme", "--topic", ESCALATION_COMMANDS.name, "--json", *more)
        assert ran.code == 1, (ran.out, ran.err)
        assert [line["state"] for line in ran.lines] == ["erased"]
    assert len(scene.read(ESCALATION_COMMANDS.name)) == before


async def test_without_the_key_nothing_goes_back_at_all(scene: Scene) -> None:
    keyless = scene.stage.folder / "keyless.yaml"
    text = (scene.stage.folder / "handoff.yaml").read_text()
    keyless.write_text(text.replace("a key of the tests alone", "another key, 16 characters"))
    ran = await asyncio.to_thread(handoff, "dead", "redrive", "--config", str(keyless))
    assert "erasure.key" in ran.refusal
    ran = await asyncio.to_thread(
        handoff, "erase", "--tenant", "acme", "--conversation", HIS, "--force", "--config", str(keyless)
    )
    assert "erasure.key is not the one" in ran.refusal


async def test_new_processes_that_read_her_command_again_open_no_second_ticket(scene: Scene) -> None:
    tickets, told = await scene.tickets(), await scene.told("acme", HERS)
    hops = ("escalation", "ticketing", "notifier")
    for hop in hops:
        await scene.stage.kill(hop)
    for hop in hops:
        await scene.stage.start_hop(hop)
    key = f"acme|{HERS}".encode()
    again = [record for record in scene.read(ESCALATION_COMMANDS.name) if record.key == key and record.value]
    producer = AckedProducer(scene.stage.connection)
    for record in again:
        await producer.send(ESCALATION_COMMANDS.name, key.decode(), record.value, partition=record.partition)
    await producer.close()
    assert again
    await scene.handled()
    await scene.asks("acme", "afterwards", JONAS | {"id": "u9", "external_id": "u9", "email": "new@example.com"})
    await eventually("somebody else is served", partial(scene.served, "acme", "afterwards"), SOON_SECONDS)
    assert len(await scene.tickets()) == len(tickets) + 1
    assert await scene.told("acme", HERS) == told
    assert not [at for at in scene.alive() if of("acme", HERS)(at) and at[0] == ESCALATION_STATE.name]


async def test_run_again_it_says_the_same(scene: Scene) -> None:
    ran = await scene.erase("--tenant", "acme", "--customer-id", MAYA["id"])
    assert ran.code == 0, (ran.out, ran.err)
    assert ran.out.count("erased ") == 3
    assert "conversation.events" in ran.out


async def test_no_log_names_her(scene: Scene) -> None:
    for path in (scene.stage.folder / "logs").glob("*.log"):
        with closing(path.open(encoding="utf-8", errors="replace")) as log:
            assert "maya" not in log.read().lower(), path.name


async def test_brokers_that_do_not_answer_are_one_line_that_does_not_say_who_was_meant(scene: Scene) -> None:
    nowhere = scene.stage.folder / "nowhere.yaml"
    text = (scene.stage.folder / "handoff.yaml").read_text()
    nowhere.write_text(text.replace(scene.stage.bootstrap_servers, "127.0.0.1:1"))
    asked = partial(handoff, stdin=b"maya.okafor@example.com\n")
    ran = await asyncio.to_thread(asked, "erase", "--tenant", "acme", "--email", "-", "--config", str(nowhere))
    assert "127.0.0.1:1" in ran.refusal
    assert "maya" not in ran.refusal


async def test_a_worker_that_is_away_forgets_when_it_is_back(scene: Scene) -> None:
    asked = ("--tenant", "acme", "--conversation", HIS, "--force", "--json")
    await scene.stage.kill("escalation")
    ran = await scene.erase(*asked, "--wait", "1")
    assert ran.code == 1, (ran.out, ran.err)
    assert ran.lines[0]["state"] == "told"
    await scene.stage.start_hop("escalation")

    async def forgotten() -> bool:
        return not [at for at in scene.alive() if of("acme", HIS)(at) and at[0] == ESCALATION_STATE.name]

    await eventually("the state is gone", forgotten, SOON_SECONDS)
    await scene.handled()
    ran = await scene.erase(*asked)
    assert ran.code == 0, (ran.out, ran.err)
    assert ran.lines[0]["state"] == "erased"
