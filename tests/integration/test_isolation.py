"""Companies that share one system, its partitions and its vendors: none sees, delays or pays for another."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import partial
from itertools import count, islice
from typing import Any

import pytest
import pytest_asyncio

from agents.demo.stage import HOPS
from streams.ids import conversation_key
from streams.kafka.admin import create
from streams.kafka.partitioner import partition_for
from streams.topology import PARTITIONS, TOPICS
from tests.support.cli import Ran, handoff
from tests.support.companies import (
    BRAKED,
    COMPANIES,
    CUSTOMER,
    IN_TROUBLE,
    PERSON_PLEASE,
    WELL,
    Companies,
    account,
    eventually,
)
from tests.support.kafka import RealKafka

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOON_SECONDS = 40.0
PROMPT_SECONDS = 30.0
"""Less than a command waits in place before it is parked: who stands behind one of those is not served by then."""

END_SECONDS = 60.0
BURST = 6
"""More than the calls at a time that an account or a chat platform gets here."""


@pytest.fixture(scope="module")
def broker(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    with RealKafka(tmp_path_factory.mktemp("kafka-of-the-companies")) as made:
        create(made.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def companies(broker: RealKafka, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Companies]:
    stage = Companies(tmp_path_factory.mktemp("companies"), broker.bootstrap_servers)
    try:
        await stage.start()
        stage.watcher.start()
        yield stage
        stage.watcher.stop()
    finally:
        await stage.stop()


def partition_of(tenant: str, conversation_id: str) -> int:
    return partition_for(conversation_key(tenant, conversation_id).encode(), PARTITIONS)


def on_one_partition(tenant: str, wanted: int) -> list[str]:
    """Conversations of a company whose records share a partition."""
    names = (f"braked-{number}" for number in count())
    return list(islice((name for name in names if partition_of(tenant, name) == 0), wanted))


def side_by_side(wanted: int) -> list[str]:
    """Conversations that lie on the same partition at the company that is well and at those in trouble."""
    names = (f"burst-{number}" for number in count())
    tenants = (WELL, *IN_TROUBLE)
    return list(islice((name for name in names if len({partition_of(each, name) for each in tenants}) == 1), wanted))


def session(text: str, **more: str) -> bytes:
    """A body of a company's own chat."""
    message = {"id": "m-1", "role": "user", "content": text, "created_at": "2026-07-11T10:00:00Z"}
    return json.dumps({"event_type": "message", "customer": CUSTOMER, "messages": [message], "session": more}).encode()


def requests(companies: Companies) -> list[dict[str, Any]]:
    """What we asked of the vendors."""
    with closing(companies.recorded()) as records:
        return records.requests()


async def breaker_open(companies: Companies, tenant: str) -> bool:
    shown = re.search(
        rf'^handoff_breaker_state{{.*tenant="{tenant}".*}} (\S+)$', await companies.metrics("ticketing"), re.MULTILINE
    )
    return shown is not None and float(shown[1]) > 0


async def dead(companies: Companies, *arguments: str) -> Ran:
    config = str(companies.folder / "handoff.yaml")
    return await asyncio.to_thread(handoff, "dead", *arguments, "--config", config)


async def test_the_same_conversation_of_the_same_customer_is_somebody_elses_at_each_company(
    companies: Companies,
) -> None:
    tenants = (WELL, *IN_TROUBLE)
    for tenant in tenants:  # one after the other: an open ticket elsewhere is no reason to attach
        await companies.asks(tenant, "same")
        await eventually(tenant, partial(companies.served, tenant, "same"), SOON_SECONDS)

    def news() -> list[tuple[str, str]]:
        seen = companies.watcher.seen("same").notifications
        return sorted((each.tenant, each.kind) for each in seen if each.kind in {"opened", "attached"})

    async def all_read() -> bool:  # what the customers have read may reach the test's own consumer later
        return len(news()) == len(tenants) and all(companies.commands(tenant, "same") for tenant in tenants)

    await eventually("the topics' news", all_read, SOON_SECONDS)
    commands = [companies.commands(tenant, "same")[0] for tenant in tenants]
    assert len({command.escalation_id for command in commands}) == len(tenants)
    assert news() == sorted((tenant, "opened") for tenant in tenants)
    for tenant in tenants:
        (ticket,) = await companies.tickets(tenant, "same")
        assert ticket["requester"]["email"] == CUSTOMER["email"]
        assert str(ticket["id"]) in (await companies.told(tenant, "same"))[1]
        strangers = [other for other in COMPANIES if other != tenant]
        assert not [name for name in strangers if name in json.dumps(ticket).lower()]


async def test_a_secret_opens_the_door_of_its_own_company_alone(companies: Companies) -> None:
    body = session(PERSON_PLEASE, id="forged")
    own = [
        await companies.deliver(tenant, session("hi", id="own"), signed_by=tenant, number="own") for tenant in COMPANIES
    ]
    forged = [
        await companies.deliver(to, body, signed_by=by, number=f"forged-{by}-{to}")
        for to in COMPANIES
        for by in COMPANIES
        if to != by
    ]
    assert all(status < 300 for status in own), own
    assert set(forged) == {401}
    intercom = await companies.post(
        f"/_chat/intercom/{WELL}/215470000000900",
        {"customer": CUSTOMER, "say": {"author": "customer", "text": "hello"}},
    )
    with closing(companies.recorded()) as records:
        (webhook,) = (each for each in records.webhooks() if each["id"] in intercom["webhooks"])
    at_acme = await companies.raw(f"/v1/webhooks/intercom/{IN_TROUBLE[0]}", webhook["body"], webhook["headers"])
    at_home = await companies.raw(f"/v1/webhooks/intercom/{WELL}", webhook["body"], webhook["headers"])
    assert (at_acme, at_home) == (401, 200)
    await companies.asks(WELL, "afterwards")
    await eventually("served", partial(companies.served, WELL, "afterwards"), SOON_SECONDS)

    async def heard_at_home() -> bool:
        return {event.tenant for event in companies.watcher.seen("215470000000900").events} == {WELL}

    await eventually("what is well signed, and nothing else", heard_at_home, SOON_SECONDS)
    assert companies.watcher.seen("forged").events == []


async def test_a_body_that_names_another_companys_channel_is_heard_by_nobody_there(companies: Companies) -> None:
    await companies.post(f"/_chat/custom-llm/{WELL}/wanted", {"customer": CUSTOMER, "deliver": False})
    theirs = f"{companies.base_url}/llm/{WELL}/sessions/wanted"
    body = session(PERSON_PLEASE, id="wanted", reply_url=f"{theirs}/reply", close_url=f"{theirs}/close")
    thief = IN_TROUBLE[0]
    assert await companies.deliver(thief, body, signed_by=thief, number="thief") < 300

    async def refused() -> bool:
        ours = [each for each in requests(companies) if each["account"] == WELL and "wanted" in each["path"]]
        return bool(ours) and {each["status"] for each in ours} == {401}

    await eventually("the other company's application refuses what it has not signed", refused, SOON_SECONDS)
    assert await companies.told(WELL, "wanted") == []
    assert {ticket["account"] for ticket in await companies.tickets(thief, "wanted")} <= {thief}


async def test_a_dead_letter_is_sent_back_for_its_own_company_alone(companies: Companies) -> None:
    owners = (WELL, IN_TROUBLE[0])
    details = {"error": "RecordInvalid", "details": {"base": [{"description": "no"}]}}
    for tenant in owners:
        await companies.fault(tenant, "status", operation="zendesk.create_ticket", status=422, details=details)
        await companies.asks(tenant, "letter")

    async def letters(*arguments: str) -> set[str]:
        ran = await dead(companies, "list", "--json", "--topic", "escalation.commands", *arguments)
        assert ran.code == 0, ran.err
        return {line["tenant"] for line in ran.lines}

    async def both_died() -> bool:
        return await letters() == set(owners)

    await eventually("two dead letters", both_died, SOON_SECONDS)
    await companies.heal()
    assert await letters("--tenant", WELL) == {WELL}
    assert (await dead(companies, "redrive", "--tenant", WELL)).code == 0

    async def one_ticket() -> bool:
        return len(await companies.tickets(WELL, "letter")) == 1

    await eventually("a ticket for the letter that was sent back", one_ticket, SOON_SECONDS)
    assert await letters() == {owners[1]}
    assert (await dead(companies, "drop", "--tenant", WELL, "--yes")).code == 0
    assert await letters() == {owners[1]}
    assert await companies.tickets(owners[1], "letter") == []


async def test_brakes_are_each_companys_own(companies: Companies) -> None:
    for tenant in (BRAKED, WELL):
        names = on_one_partition(tenant, 2)
        for name in names:
            await companies.asks(tenant, name)
    for name in on_one_partition(WELL, 2):
        await eventually(name, partial(companies.served, WELL, name), SOON_SECONDS)
    first, second = on_one_partition(BRAKED, 2)

    async def braked() -> bool:
        kinds = [news.kind for name in (first, second) for news in companies.watcher.seen(name).notifications]
        return sorted(kinds) == ["accepted", "accepted", "delayed", "opened"]

    await eventually("one ticket, and one customer who is told that it takes longer", braked, SOON_SECONDS)
    flood = [
        companies.deliver(tenant, session("hi", id="flood"), signed_by=tenant, number=f"flood-{number}")
        for number in range(12)
        for tenant in (BRAKED, WELL)
    ]
    answers = await asyncio.gather(*flood)
    assert 429 in answers[::2]
    assert all(status < 300 for status in answers[1::2]), answers


async def test_a_company_in_trouble_delays_its_own_customers_alone(companies: Companies) -> None:
    down, throttled, hung = IN_TROUBLE
    await companies.fault(down, "status", operation="*", status=503)
    await companies.fault(throttled, "status", operation="*", status=429, retry_after_seconds=3)
    await companies.fault(hung, "slow", operation="*", seconds=60)
    names = side_by_side(BURST)
    for name in names:
        await asyncio.gather(*(companies.asks(tenant, name) for tenant in IN_TROUBLE))
    await eventually("the breaker of the company that is down", partial(breaker_open, companies, down), SOON_SECONDS)
    for name in names:
        await companies.asks(WELL, name)
    for name in names:
        await eventually(f"{name} at {WELL}", partial(companies.served, WELL, name), PROMPT_SECONDS)
    waiting = [await companies.served(tenant, name) for tenant in IN_TROUBLE for name in names]
    assert not any(waiting), "the trouble is no trouble"
    assert await breaker_open(companies, down)
    assert not await breaker_open(companies, WELL)
    await companies.heal()


async def test_when_the_trouble_is_over_everybody_is_served_once(companies: Companies) -> None:
    for name in side_by_side(BURST):
        for tenant in (*IN_TROUBLE, WELL):

            async def has_one(tenant: str = tenant, name: str = name) -> bool:
                tickets = await companies.tickets(tenant, name)
                return len({ticket["id"] for ticket in tickets}) == 1 and bool(await companies.told(tenant, name))

            await eventually(f"{tenant} {name}", has_one, END_SECONDS)


async def test_no_call_ever_went_to_another_company_with_success(companies: Companies) -> None:
    owner = {command.escalation_id: tenant for tenant in COMPANIES for command in companies.commands(tenant)}
    tickets = (await companies.get("/_state"))["tickets"]
    assert len(tickets) > len(COMPANIES)
    assert [ticket for ticket in tickets if owner[ticket["external_id"]] != ticket["account"]] == []
    refused = [each for each in requests(companies) if each["status"] in {401, 403} and "wanted" not in each["path"]]
    assert refused == []


async def test_neither_metrics_nor_logs_say_who_the_customers_are(companies: Companies) -> None:
    assert await companies.raw("/v1/events/nobody", b"{}", {}) == 404
    exposed = "\n".join([await companies.metrics(hop) for hop in HOPS])
    labels = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', exposed)
    assert {value for name, value in labels if name == "tenant"} == {*COMPANIES, "all", "unknown"}
    escalations = {command.escalation_id for tenant in COMPANIES for command in companies.commands(tenant)}
    conversations = set(companies.watcher.conversations)
    people = set(CUSTOMER.values())
    assert {value for _, value in labels} & (escalations | conversations | people) == set()
    logs = "\n".join(path.read_text() for path in (companies.folder / "logs").glob("*.log"))
    assert "process.started" in logs
    secrets = {
        secret
        for tenant in COMPANIES
        for made in [account(tenant, 0)]
        for secret in (
            made.llm.secret,
            made.intercom.token,
            made.zendesk.client_secret,
            made.intercom.subscriber.secret,
        )
    }
    unwanted = secrets | {CUSTOMER["email"], CUSTOMER["name"], PERSON_PLEASE}
    assert [word for word in unwanted if word in exposed or word in logs] == []
