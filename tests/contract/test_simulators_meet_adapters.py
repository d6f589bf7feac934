"""The product's own adapters and the simulators understand each other over real HTTP.

The simulators follow the vendors, not the adapters: where one of these fails, look up who is right.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from agents.demo.simulators.settings import (
    AccountSettings,
    IntercomAccount,
    LlmAccount,
    SimulatorSettings,
    Subscriber,
    ZendeskAccount,
)
from agents.helpdesks import tags
from agents.helpdesks.port import Account, Helpdesk, Requester, TicketFile, TicketKey
from agents.helpdesks.registry import helpdesks
from agents.outbound import Ambiguous, HttpRequest, HttpResponse
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from agents.platforms import registry
from agents.platforms.port import Address, Connection, Delivery, Notice
from agents.platforms.zendesk_sunco.handover import TicketFields, hand_over, pass_control_metadata, who_is_active
from streams import ids
from streams.clock import SystemClock
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer, Route
from tests.support import drafts
from tests.support.deliveries import kinds
from tests.support.receiver import Receiver, receiving
from tests.support.simulators import Simulators, running

MAYA = {"id": "c-1", "name": "Maya Okafor", "email": "maya@example.com", "external_id": "user_1", "locale": "en"}
SECRETS = {
    "custom-llm": LlmAccount().secret,
    "intercom": "s",
    "fin-agent-api": "s",
    "zendesk-sunco": "s",
    "zendesk-ai-agents-advanced": "s",
    "zendesk-events": "s",
}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def world(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Simulators]:
    def to(platform: str) -> Subscriber:
        return Subscriber(url=f"{receiver.url}/{platform}", secret="s")

    account = AccountSettings(
        zendesk=ZendeskAccount(
            sunshine=to("zendesk-sunco"),
            events=to("zendesk-events"),
            ai_agents=to("zendesk-ai-agents-advanced"),
        ),
        intercom=IntercomAccount(subscriber=to("intercom"), fin=to("fin-agent-api")),
        llm=LlmAccount(subscriber=to("custom-llm")),
    )
    async with running(tmp_path, SimulatorSettings(default=account), SystemClock()) as simulators:
        yield simulators


@pytest.fixture
async def http() -> AsyncIterator[AiohttpClient]:
    client = AiohttpClient(HostRules(allow_loopback=True))
    yield client
    await client.close()


def connection(world: Simulators, platform: str) -> Connection:
    tokens = {
        "access_token": IntercomAccount().token,
        "key_id": ZendeskAccount().sunshine_key_id,
        "key_secret": ZendeskAccount().sunshine_secret,
        "api_key": ZendeskAccount().ai_agents_key,
        "reply_secret": LlmAccount().secret,
    }
    options: dict[str, dict[str, Any]] = {
        "custom-llm": {"allowed_hosts": ("127.0.0.1",)},
        "intercom": {"base_url": f"{world.url}/intercom/acme", "admin_id": "8120055"},
        "fin-agent-api": {
            "base_url": f"{world.url}/intercom/acme",
            "reply_url": f"{world.url}/llm/acme/sessions/{{conversation_id}}/reply",
        },
        "zendesk-sunco": {"base_url": f"{world.url}/zendesk/acme/sc", "app_id": "5ebee0975ac5304b664a12fa"},
        "zendesk-ai-agents-advanced": {"base_url": f"{world.url}/zendesk/acme/ai-agents/api"},
    }
    if platform in {"intercom", "fin-agent-api", "zendesk-sunco", "zendesk-ai-agents-advanced"}:
        tokens.pop("access_token" if platform in {"zendesk-sunco", "zendesk-ai-agents-advanced"} else "key_id")
    return Connection(
        "acme",
        platform,
        secrets=(SecretStr(SECRETS[platform]),),
        own_ids=frozenset({"8120055"}),
        tokens={name: SecretStr(value) for name, value in tokens.items()},
        options=options.get(platform, {}),
    )


async def told(world: Simulators, receiver: Receiver, platform: str) -> list[list[str]]:
    """What the adapter makes of each webhook, signature checked."""
    await world.server.deliveries.settled()
    inbound, found = registry.inbound(platform), connection(world, platform)
    normalized = []
    for received in receiver.deliveries:
        delivery = Delivery(received.body, received.headers, world.clock.now())
        inbound.verify(delivery, found.secrets)
        result = inbound.normalize(delivery, json.loads(received.body), found)
        normalized.append([*kinds(result), *result.ignored])
    return normalized


@pytest.mark.parametrize("platform", list(SECRETS))
async def test_what_the_ai_says_is_verified_and_read(world: Simulators, receiver: Receiver, platform: str) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "refund?"})
    await world.step(platform, "c-1", say={"author": "ai", "text": "Refunds take days.", "confidence": 0.4})
    (only,) = await told(world, receiver, platform)
    assert "message/ai" in only


@pytest.mark.parametrize("platform", ["custom-llm", "intercom", "zendesk-sunco", "zendesk-events"])
async def test_what_the_customer_says_is_verified_and_read(
    world: Simulators, receiver: Receiver, platform: str
) -> None:
    await world.step(platform, "c-1", customer=MAYA, say={"author": "customer", "text": "refund?"})
    (only,) = await told(world, receiver, platform)
    assert "message/customer" in only


@pytest.mark.parametrize(
    "platform", ["intercom", "fin-agent-api", "zendesk-sunco", "zendesk-ai-agents-advanced", "custom-llm"]
)
async def test_the_platforms_verdict_is_read(world: Simulators, receiver: Receiver, platform: str) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "refund?"})
    say = {"author": "ai", "text": "Passing you on."}
    await world.step(platform, "c-1", deliver=False, say=say)
    await world.step(platform, "c-1", verdict="escalated", end="ai" if platform == "custom-llm" else None)
    found = [kind for normalized in await told(world, receiver, platform) for kind in normalized]
    assert "ai_outcome/escalated" in found


@pytest.mark.parametrize("platform", ["custom-llm", "fin-agent-api"])
async def test_a_request_for_a_person_is_read(world: Simulators, receiver: Receiver, platform: str) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "hi"})
    await world.step(platform, "c-1", asks_for_person=True)
    found = [kind for normalized in await told(world, receiver, platform) for kind in normalized]
    assert "human_requested" in found


def address(world: Simulators, platform: str) -> Address:
    base = f"{world.url}/llm/acme/sessions/c-1"
    route = Route(reply_url=f"{base}/reply", close_url=f"{base}/close") if platform == "custom-llm" else Route()
    return Address(connection(world, platform), "c-1", "web", Customer(id="c-1"), route)


NOTICE = Notice(
    "Your ticket is #7.\nYou will hear from us today.",
    ids.notification_id(drafts.ESCALATION, "opened"),
    drafts.ESCALATION,
    ticket_id="7",
    waiting_minutes=90,
)


@pytest.mark.parametrize(
    "platform", ["custom-llm", "intercom", "fin-agent-api", "zendesk-sunco", "zendesk-ai-agents-advanced"]
)
async def test_the_customer_sees_what_the_adapter_says(world: Simulators, http: AiohttpClient, platform: str) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "hi"})
    await registry.outbound(platform).reply(http, address(world, platform), NOTICE)
    shown = world.records.conversation(platform, "acme", "c-1")
    assert shown is not None
    last = shown["messages"][-1]
    assert last["text"].split() == NOTICE.text.split()
    assert last["shown"] == 1


@pytest.mark.parametrize("platform", ["intercom", "zendesk-sunco"])
async def test_a_reply_is_found_again_and_its_echo_is_recognised(
    world: Simulators, receiver: Receiver, http: AiohttpClient, platform: str
) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "hi"})
    outbound, where = registry.outbound(platform), address(world, platform)
    assert not await outbound.find_own(http, where, NOTICE)
    await world.fault("commit_then_reset", "sunshine.post_message" if "sunco" in platform else "intercom.reply")
    with pytest.raises(Ambiguous):
        await outbound.reply(http, where, NOTICE)
    assert await outbound.find_own(http, where, NOTICE)
    (echo,) = await told(world, receiver, platform)
    assert not any(kind.startswith("message") for kind in echo), echo


@pytest.mark.parametrize("platform", ["intercom", "zendesk-sunco"])
async def test_the_transcript_is_what_was_said(world: Simulators, http: AiohttpClient, platform: str) -> None:
    said = [("customer", "refund?"), ("ai", "In days."), ("customer", "no")]
    for author, text in said:
        await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": author, "text": text})
    transcript = await registry.outbound(platform).transcript(http, address(world, platform), max_turns=2)
    assert [(turn.author, turn.text) for turn in transcript.turns] == said[1:]
    assert transcript.truncated


@pytest.mark.parametrize(("platform", "state"), [("intercom", "closed"), ("custom-llm", "open")])
async def test_the_session_is_closed(world: Simulators, http: AiohttpClient, platform: str, state: str) -> None:
    await world.step(platform, "c-1", customer=MAYA, deliver=False, say={"author": "customer", "text": "hi"})
    await registry.outbound(platform).close(http, address(world, platform))
    shown = world.records.conversation(platform, "acme", "c-1")
    assert shown is not None
    assert (shown["status"], shown["ai"]) == (state, "ended")


def desk_account(world: Simulators, name: str) -> Account:
    base = f"{world.url}/{name}/acme"
    if name == "freshdesk":
        return drafts.freshdesk_account(
            base_url=base, tokens={"api_key": SecretStr("demo-freshdesk-key")}, groups={"billing": 43_002}
        )
    secrets = {"client_id": SecretStr("handoff"), "client_secret": SecretStr("demo-zendesk-client-secret")}
    return drafts.zendesk_account(base_url=base, tokens=secrets, groups={"billing": 360_002})


async def carried_out(http: AiohttpClient, desk: Helpdesk, account: Account, request: PreparedRequest) -> HttpResponse:
    headers = {**await desk.authorize(http, account), "content-type": request.content_type}
    if request.idempotency_key is not None:
        headers["idempotency-key"] = request.idempotency_key
    url, raw = account.base_url + request.path, request.body.encode()
    return await http.send(HttpRequest(request.method, url, headers=headers, body=raw))


@pytest.mark.parametrize("name", ["zendesk", "freshdesk"])
async def test_a_ticket_is_opened_found_and_added_to(world: Simulators, http: AiohttpClient, name: str) -> None:
    desk, account = helpdesks(SystemClock())[name], desk_account(world, name)
    customer = Customer(id="u-1", external_id="cust-99", name="Ana", email="ana@example.com")
    assert await desk.find_requester(http, account, customer) is None
    requester = await desk.create_requester(http, account, customer, derived_external_id="derived-1")
    found = await desk.find_requester(http, account, customer)
    assert found is not None
    assert found.id == requester.id
    draft = drafts.draft(requester=Requester(requester.id, "Ana", "ana@example.com"))
    opened = desk.read_write(await carried_out(http, desk, account, desk.render_open(account, draft)))
    assert opened.verdict == "done"
    assert opened.ticket is not None
    since = world.clock.now() - timedelta(hours=1)
    key = TicketKey(drafts.ESCALATION, requester, since)
    assert [ticket.id for ticket in await desk.find_ticket(http, account, key)] == [opened.ticket.id]
    assert [ticket.id for ticket in await desk.recent_tickets(http, account, since=since)] == [opened.ticket.id]
    for note in desk.render_notes(account, draft, opened.ticket.id):
        assert not await desk.has_comment(http, account, opened.ticket.id, note.action_id)
        assert desk.read_write(await carried_out(http, desk, account, note.request)).verdict == "done"
        assert await desk.has_comment(http, account, opened.ticket.id, note.action_id)
    assert [ticket.id for ticket in await desk.open_tickets(http, account, requester)] == [opened.ticket.id]
    (kept,) = world.records.tickets(helpdesk=name)
    assert [comment["public"] for comment in kept.comments][1:] == [False] * (len(kept.comments) - 1)


@pytest.mark.parametrize("name", ["zendesk", "freshdesk"])
async def test_a_file_is_attached_and_an_address_learnt(world: Simulators, http: AiohttpClient, name: str) -> None:
    desk, account = helpdesks(SystemClock())[name], desk_account(world, name)
    visitor = Customer(id="v-1", name="Chat visitor", anonymous=True)
    requester = await desk.create_requester(http, account, visitor, derived_external_id="derived-1")
    assert await desk.update_requester_email(http, account, requester, "ana@example.com")
    known = await desk.find_requester(http, account, Customer(email="ana@example.com"))
    assert known is not None
    assert known.id == requester.id
    draft = drafts.draft(requester=requester)
    opened = desk.read_write(await carried_out(http, desk, account, desk.render_open(account, draft))).ticket
    assert opened is not None
    action, file = ids.action_id(drafts.ESCALATION, "file1"), TicketFile("receipt.png", "image/png", b"PNG")
    attached = await desk.attach_file(http, account, opened.id, file, action_id=action)
    assert attached.verdict == "done"
    assert await desk.has_comment(http, account, opened.id, action)
    (kept,) = world.records.tickets()
    (shown,) = kept.comments[-1]["doc"]["attachments"]
    assert (shown.get("name") or shown.get("file_name"), shown["size"]) == ("receipt.png", 3)


@pytest.mark.parametrize("name", ["zendesk", "freshdesk"])
async def test_a_group_that_is_gone_leads_to_the_minimal_ticket(
    world: Simulators, http: AiohttpClient, name: str
) -> None:
    desk = helpdesks(SystemClock())[name]
    account = replace(desk_account(world, name), groups={"billing": 99})
    draft = drafts.draft()
    refused = desk.read_write(await carried_out(http, desk, account, desk.render_open(account, draft)))
    assert refused.verdict == "degradable"
    minimal = desk.read_write(await carried_out(http, desk, account, desk.render_minimal(account, draft)))
    assert minimal.verdict == "done"
    assert len(world.records.tickets()) == 1


@pytest.mark.parametrize("name", ["zendesk", "freshdesk"])
@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ({"kind": "status", "status": 429, "retry_after_seconds": 3}, "rate_limited"),
        ({"kind": "status", "status": 502, "body": "html"}, "ambiguous"),
        ({"kind": "html_200"}, "ambiguous"),
        ({"kind": "empty"}, "ambiguous"),
    ],
)
async def test_a_bad_answer_is_told_for_what_it_is(
    world: Simulators, http: AiohttpClient, name: str, fault: dict[str, Any], verdict: str
) -> None:
    desk, account = helpdesks(SystemClock())[name], desk_account(world, name)
    await world.fault(operation=f"{name}.create_ticket", **fault)
    answer = desk.read_write(await carried_out(http, desk, account, desk.render_open(account, drafts.draft())))
    assert answer.verdict == verdict


async def test_handing_over_opens_the_ticket_that_is_then_found_by_its_tag(
    world: Simulators, receiver: Receiver, http: AiohttpClient
) -> None:
    say = {"author": "customer", "text": "hi"}
    await world.step("zendesk-sunco", "c-1", customer=MAYA, deliver=False, say=say)
    where = address(world, "zendesk-sunco")
    fields = TicketFields(drafts.ESCALATION, tags=("handoff", tags.marker(drafts.ESCALATION)), group_id=360_002)
    assert await who_is_active(http, where) == "bot"
    await hand_over(http, where, pass_control_metadata(fields))
    assert await who_is_active(http, where) == "agent_workspace"
    (ticket,) = world.records.tickets_by_escalation(drafts.ESCALATION, tags.marker(drafts.ESCALATION))
    desk = helpdesks(SystemClock())["zendesk"]
    key = TicketKey(drafts.ESCALATION, None, world.clock.now() - timedelta(hours=1))
    assert await desk.find_ticket(http, desk_account(world, "zendesk"), key) == []
    recent = await desk.recent_tickets(http, desk_account(world, "zendesk"), since=key.since)
    assert [found.id for found in recent] == [str(ticket.id)]
    (echo,) = await told(world, receiver, "zendesk-sunco")
    assert not any(kind.startswith("ai_outcome") for kind in echo), echo
