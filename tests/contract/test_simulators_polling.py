"""What is asked of the simulated Intercom carries the ids of the webhooks it would have sent."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from agents.demo.simulators.settings import AccountSettings, IntercomAccount, SimulatorSettings, Subscriber
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from agents.platforms import registry
from agents.platforms.intercom.polling import IntercomPolling
from agents.platforms.port import CallFailed, Connection, Delivery
from streams.clock import SystemClock
from tests.support.deliveries import kinds
from tests.support.receiver import Receiver, receiving
from tests.support.simulators import Simulators, running

POLLING = IntercomPolling()
MAYA = {"id": "c-1", "name": "Maya Okafor", "email": "maya@example.com", "external_id": "user_1"}
ASKS = {"author": "customer", "text": "Can I talk to a real person please?"}
ANSWERS = {"author": "ai", "text": "Parcels take five days."}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def world(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Simulators]:
    to = Subscriber(url=f"{receiver.url}/intercom", secret="s")
    account = AccountSettings(intercom=IntercomAccount(subscriber=to))
    async with running(tmp_path, SimulatorSettings(default=account), SystemClock()) as simulators:
        yield simulators


@pytest.fixture
async def http() -> AsyncIterator[AiohttpClient]:
    client = AiohttpClient(HostRules(allow_loopback=True))
    yield client
    await client.close()


def connection(world: Simulators, token: str | None = None) -> Connection:
    account = IntercomAccount()
    return Connection(
        "acme",
        "intercom",
        own_ids=frozenset({account.admin_id}),
        tokens={"access_token": SecretStr(token or account.token)},
        options={"base_url": f"{world.url}/intercom/acme", "admin_id": account.admin_id},
    )


async def ids_changed(http: AiohttpClient, to: Connection) -> list[str]:
    now = datetime.now(UTC)
    since, until = now - timedelta(seconds=60), now + timedelta(seconds=5)
    return [found.conversation_id async for found in POLLING.changed_since(http, to, since, until)]


async def test_a_change_nobody_was_told_of_is_found(world: Simulators, http: AiohttpClient) -> None:
    await world.step("intercom", "215470000000001", say=ASKS, customer=MAYA, deliver=False)
    assert await ids_changed(http, connection(world)) == ["215470000000001"]


async def test_reading_adds_nothing_to_what_all_the_webhooks_told(
    world: Simulators, receiver: Receiver, http: AiohttpClient
) -> None:
    to, number = connection(world), "215470000000002"
    await world.step("intercom", number, say={"author": "customer", "text": "Where is my parcel?"}, customer=MAYA)
    await world.step("intercom", number, say=ANSWERS)
    await world.step("intercom", number, say=ASKS)
    await world.step("intercom", number, say={"author": "ai", "text": "One moment."}, verdict="escalated")
    await world.step("intercom", number, end="ai")
    await world.server.deliveries.settled()
    told = set()
    for came in receiver.deliveries:
        delivery = Delivery(came.body, came.headers, datetime.now(UTC))
        normalized = registry.inbound("intercom").normalize(delivery, json.loads(came.body), to)
        told |= {event.event_id for event in normalized.events}
    snapshot = await POLLING.read(http, to, number, datetime.now(UTC))
    read = {event.event_id for event in snapshot.events}
    assert read <= told
    assert len(read) == 6


@pytest.mark.parametrize("verdict", ["unresolved", "escalated"])
async def test_a_session_that_fin_closed_in_silence_tells_its_verdict_and_its_end(
    world: Simulators, http: AiohttpClient, verdict: str
) -> None:
    number = "215470000000003"
    await world.step("intercom", number, say=ASKS, customer=MAYA, deliver=False)
    await world.step("intercom", number, say=ANSWERS, deliver=False)
    await world.step("intercom", number, verdict=verdict, end="ai", deliver=False)
    told = kinds(await POLLING.read(http, connection(world), number, datetime.now(UTC)))
    assert told == ["message/customer", "message/ai", f"ai_outcome/{verdict}", "ended/ai"]


async def test_the_limit_stands_in_every_answer(world: Simulators, http: AiohttpClient) -> None:
    allowances = []

    class Listening:
        async def send(self, request):  # type: ignore[no-untyped-def] # the port's one method
            response = await http.send(request)
            allowances.append(POLLING.allowance(response.headers))
            return response

    now = datetime.now(UTC)
    _ = [one async for one in POLLING.changed_since(Listening(), connection(world), now - timedelta(60), now)]
    (allowance,) = allowances
    assert allowance is not None
    assert allowance.limit == IntercomAccount().requests_per_10_seconds
    assert allowance.resets_at is not None
    assert abs((allowance.resets_at - now).total_seconds()) < 15


async def test_a_wrong_token_is_refused_for_good(world: Simulators, http: AiohttpClient) -> None:
    with pytest.raises(CallFailed) as caught:
        await ids_changed(http, connection(world, token="wrong"))
    assert not caught.value.retryable
