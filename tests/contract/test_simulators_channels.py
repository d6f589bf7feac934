"""The company's own chat, the webhooks all platforms send, and the mail server."""

import asyncio
import base64
import hashlib
import hmac
import json
import smtplib
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.settings import (
    AccountSettings,
    LlmAccount,
    SimulatorSettings,
    Subscriber,
    ZendeskAccount,
)
from agents.demo.simulators.smtp import MailSink
from agents.demo.simulators.store import Records, Store
from streams.clock import SystemClock
from tests.support.receiver import Receiver, receiving
from tests.support.simulators import START, SUNSHINE_AUTH, Answer, Simulators, running

SECRET = LlmAccount().secret
CUSTOMER = {"id": "c-1", "name": "Maya", "email": "maya@example.com"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


def all_to(url: str, **llm: Any) -> SimulatorSettings:
    def to(path: str) -> Subscriber:
        return Subscriber(url=f"{url}/{path}", secret=f"{path}-secret")

    zendesk = ZendeskAccount(sunshine=to("sunco"), events=to("events"), ai_agents=to("bot"))
    account = AccountSettings(llm=LlmAccount(subscriber=to("llm"), **llm), zendesk=zendesk)
    return SimulatorSettings(default=account, webhook_retry_seconds=(0.0, 0.0))


@pytest.fixture
async def chat(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Simulators]:
    async with running(tmp_path, all_to(receiver.url)) as simulators:
        yield simulators


async def sent(chat: Simulators, receiver: Receiver) -> list[Any]:
    await chat.server.deliveries.settled()
    return [json.loads(delivery.body) for delivery in receiver.deliveries]


async def signed(chat: Simulators, action: str, body: dict[str, Any], webhook_id: str = "n-1", at: int = 0) -> Answer:
    raw, moment = json.dumps(body).encode(), str(at or int(START.timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{moment}.".encode() + raw, hashlib.sha256).digest()
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,AAAA v1,{base64.b64encode(digest).decode()}",
    }
    return await chat.call("POST", f"/llm/acme/sessions/s-1/{action}", raw, auth=headers)


async def shown(chat: Simulators, platform: str, conversation: str) -> list[str]:
    found = chat.records.conversation(platform, "acme", conversation)
    assert found is not None
    return [message["text"] for message in found["messages"] if message["shown"]]


async def test_the_app_shows_a_signed_message_once_and_pauses_and_closes(chat: Simulators) -> None:
    await chat.step("custom-llm", "s-1", customer=CUSTOMER, say={"author": "customer", "text": "human please"})
    created = {"event": "ticket.created", "session_id": "s-1", "ticket_id": "7", "message": "Ticket #7"}
    assert (await signed(chat, "reply", created)).status == 200
    assert (await signed(chat, "reply", created)).json["duplicate"] is True
    assert (await signed(chat, "reply", {"event": "ai.pause", "session_id": "s-1"}, "n-2")).status == 200
    assert (await signed(chat, "reply", {"event": "something.new", "session_id": "s-1"}, "n-3")).status == 200
    assert await shown(chat, "custom-llm", "s-1") == ["human please", "Ticket #7"]
    found = chat.records.conversation("custom-llm", "acme", "s-1")
    assert found is not None
    assert found["ai"] == "paused"
    assert (await signed(chat, "close", {"event": "session.close", "session_id": "s-1"}, "n-4")).status == 200
    closed = chat.records.conversation("custom-llm", "acme", "s-1")
    assert closed is not None
    assert closed["ai"] == "ended"


async def test_an_app_that_forgets_shows_twice(tmp_path: Path, receiver: Receiver) -> None:
    async with running(tmp_path, all_to(receiver.url, dedupes=False)) as chat:
        await chat.step("custom-llm", "s-1", say={"author": "customer", "text": "hi"})
        for _ in range(2):
            await signed(chat, "reply", {"session_id": "s-1", "message": "Ticket #7"})
        assert await shown(chat, "custom-llm", "s-1") == ["hi", "Ticket #7", "Ticket #7"]


async def test_a_wrong_signature_an_old_time_or_another_session_is_refused(chat: Simulators) -> None:
    await chat.step("custom-llm", "s-1", say={"author": "customer", "text": "hi"})
    body = {"session_id": "s-1", "message": "x"}
    unsigned = await chat.call("POST", "/llm/acme/sessions/s-1/reply", body)
    stale = await signed(chat, "reply", body, at=int(START.timestamp()) - 301)
    other = await signed(chat, "reply", {"session_id": "s-2", "message": "x"})
    forged = {"webhook-id": "n", "webhook-timestamp": str(int(START.timestamp())), "webhook-signature": "v1,AAAA"}
    wrong = await chat.call("POST", "/llm/acme/sessions/s-1/reply", body, auth=forged)
    assert [answer.status for answer in (unsigned, stale, other, wrong)] == [401, 401, 400, 401]
    assert await shown(chat, "custom-llm", "s-1") == ["hi"]


async def test_the_app_sends_the_whole_session_signed(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("custom-llm", "s-1", customer=CUSTOMER, say={"author": "customer", "text": "refund?"})
    await chat.step("custom-llm", "s-1", say={"author": "ai", "text": "Not sure.", "confidence": 0.3})
    await chat.step("custom-llm", "s-1", asks_for_person=True, say={"author": "customer", "text": "human"})
    await chat.step("custom-llm", "s-1", verdict="unresolved", end="ai")
    bodies = await sent(chat, receiver)
    assert [body["event_type"] for body in bodies] == [
        "session.turn",
        "session.turn",
        "session.human_requested",
        "session.ended",
    ]
    assert [message["role"] for message in bodies[-1]["messages"]] == ["user", "assistant", "user"]
    assert bodies[1]["assessment"]["confidence"] == 0.3
    assert bodies[2]["assessment"]["human_requested"] is True
    assert bodies[3]["assessment"]["resolution"] == "unresolved"
    assert bodies[0]["session"]["reply_url"] == f"{chat.url}/llm/acme/sessions/s-1/reply"
    assert len({body["event_id"] for body in bodies}) == 4
    delivery = receiver.deliveries[0]
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed_bytes = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode()
    digest = hmac.new(key, signed_bytes + delivery.body, hashlib.sha256).digest()
    assert delivery.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def test_messaging_sends_messages_and_echoes_with_the_shared_secret(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("zendesk-sunco", "c-1", customer=CUSTOMER, say={"author": "customer", "text": "hi"})
    path = "/zendesk/acme/sc/v2/apps/app/conversations/c-1"
    body = {"author": {"type": "business"}, "content": {"type": "text", "text": "x"}, "metadata": {"handoff": "n"}}
    await chat.call("POST", f"{path}/messages", body, auth=SUNSHINE_AUTH)
    passed = {"switchboardIntegration": "zd:agentWorkspace", "metadata": {"dataCapture.systemField.tags": "a"}}
    for _ in range(2):  # to who has it already: nothing changes, nobody is told
        await chat.call("POST", f"{path}/passControl", passed, auth=SUNSHINE_AUTH)
    events = [event for sent_body in await sent(chat, receiver) for event in sent_body["events"]]
    types = ["conversation:message", "conversation:message", "switchboard:passControl"]
    assert [event["type"] for event in events] == types
    assert events[0]["payload"]["message"]["author"]["user"]["identities"][0]["value"] == "maya@example.com"
    assert events[1]["payload"]["message"]["metadata"] == {"handoff": "n"}
    assert events[1]["payload"]["message"]["source"]["type"] == "api:conversations"
    active = events[2]["payload"]["conversation"]["activeSwitchboardIntegration"]
    assert active["integrationType"] == "zd:agentWorkspace"
    assert all(delivery.headers["x-api-key"] == "sunco-secret" for delivery in receiver.deliveries)


async def test_a_closed_messaging_ticket_gives_the_conversation_back(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("zendesk-sunco", "c-1", customer=CUSTOMER, control="human")
    (ticket,) = chat.records.tickets()
    await chat.call("POST", f"/_agent/zendesk/acme/{ticket.id}", {"comment": "Done.", "status": "closed"})
    event = (await sent(chat, receiver))[-1]["events"][0]
    assert (event["type"], event["payload"]["reason"]) == ("switchboard:releaseControl", "ticketClosed")


async def test_the_bot_tells_what_it_says_with_its_confidence(chat: Simulators, receiver: Receiver) -> None:
    platform = "zendesk-ai-agents-advanced"
    await chat.step(platform, "w-1", say={"author": "customer", "text": "unseen"})
    await chat.step(platform, "w-1", say={"author": "ai", "text": "Hm", "confidence": 0.2})
    await chat.step(platform, "w-1", asks_for_person=True)
    await chat.step(platform, "w-1", say={"author": "customer", "text": "hello?"})
    await chat.step(platform, "w-1", end="customer")
    data = [body["data"] for body in await sent(chat, receiver)]
    kinds = ["sendMessage", "widgetEscalate", "widgetMessage", "widgetEndSession"]
    assert [entry["eventType"] for entry in data] == kinds
    assert data[0]["confidence"] == 0.2


async def test_zendesk_events_are_signed_over_time_and_body(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("zendesk-events", "c-1", facts={"ticket_id": 141}, say={"author": "ai", "text": "Hi"})
    (body,) = await sent(chat, receiver)
    assert body["type"] == "zen:event-type:messaging_ticket.message_added"
    assert body["event"]["actor"]["id"] == "zd:answerBot"
    headers = receiver.deliveries[0].headers
    signed_bytes = headers["x-zendesk-webhook-signature-timestamp"].encode() + receiver.deliveries[0].body
    digest = hmac.new(b"events-secret", signed_bytes, hashlib.sha256).digest()
    assert headers["x-zendesk-webhook-signature"] == base64.b64encode(digest).decode()


async def test_a_delivery_is_repeated_until_taken_and_can_be_repeated_by_hand(
    chat: Simulators, receiver: Receiver
) -> None:
    receiver.answers = [503, 200]
    (webhook_id,) = await chat.step("custom-llm", "s-1", say={"author": "customer", "text": "hi"})
    await chat.server.deliveries.settled()
    assert [(hook["attempts"], hook["status"]) for hook in chat.records.webhooks()] == [(2, 200)]
    await chat.call("POST", f"/_webhooks/{webhook_id}/again")
    await chat.call("GET", "/_webhooks/settled")
    assert len({delivery.body for delivery in receiver.deliveries}) == 1
    assert len(receiver.deliveries) == 3


async def test_a_step_can_stay_undelivered(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("custom-llm", "s-1", deliver=False, say={"author": "customer", "text": "hi"})
    assert await sent(chat, receiver) == []
    assert await shown(chat, "custom-llm", "s-1") == ["hi"]


def _send(port: int, message: EmailMessage) -> dict[str, Any]:
    with smtplib.SMTP("127.0.0.1", port, timeout=3) as server:
        return server.send_message(message, from_addr="", to_addrs=["maya@example.com"])


async def test_mails_are_kept_before_they_are_acknowledged(tmp_path: Path) -> None:
    store = Store(tmp_path / "mail.db")
    sink = MailSink(store, SystemClock())
    port = await sink.start()
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "support@acme.example", "maya@example.com", "Grüße"
    message["Message-ID"] = "<n-1@handoff.example>"
    message.set_content("One line\n.leading dot\n")
    assert await asyncio.to_thread(_send, port, message) == {}
    records = Records(store.path)
    (kept,) = records.mails("smtp")
    records.close()
    assert (kept["sender"], kept["recipients"]) == ("", ["maya@example.com"])
    assert (kept["message_id"], kept["subject"]) == ("<n-1@handoff.example>", "Grüße")
    assert b"\r\n.leading dot\r\n" in kept["raw"]
    await sink.close()
    store.close()


async def test_mail_can_be_refused_or_taken_and_then_cut_off(tmp_path: Path) -> None:
    async with running(tmp_path, clock=SystemClock()) as simulators:
        sink = MailSink(simulators.store, SystemClock())
        port = await sink.start()
        message = EmailMessage()
        message["Subject"] = "x"
        await simulators.fault("status", "smtp.data", status=451)
        await simulators.fault("commit_then_reset", "smtp.data")
        with pytest.raises(smtplib.SMTPDataError, match="451"):
            await asyncio.to_thread(_send, port, message)
        with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
            await asyncio.to_thread(_send, port, message)
        assert len(simulators.records.mails("smtp")) == 1
        await sink.close()
