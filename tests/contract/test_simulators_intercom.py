"""The simulated Intercom answers as its OpenAPI (2.16) says, and sends notifications as its guide says."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.settings import AccountSettings, IntercomAccount, SimulatorSettings, Subscriber
from tests.support.receiver import Receiver, receiving
from tests.support.simulators import INTERCOM_AUTH, Answer, Simulators, running

SAMPLE = Path(__file__).parents[1] / "samples" / "intercom"
CUSTOMER = {"id": "c-1", "name": "Maya", "email": "maya@example.com", "external_id": "user_1"}


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


@pytest.fixture
async def chat(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Simulators]:
    subscriber = Subscriber(url=f"{receiver.url}/hook", secret="client-secret")
    fin = Subscriber(url=f"{receiver.url}/fin", secret="fin-secret")
    account = AccountSettings(intercom=IntercomAccount(subscriber=subscriber, fin=fin))
    async with running(tmp_path, SimulatorSettings(default=account)) as simulators:
        await simulators.step("intercom", "21", customer=CUSTOMER, say={"author": "customer", "text": "Hi <b>"})
        await simulators.step("intercom", "21", say={"author": "ai", "text": "Hello"})
        await simulators.server.deliveries.settled()
        yield simulators


async def api(chat: Simulators, path: str, body: Any = None) -> Answer:
    return await chat.call("POST" if body is not None else "GET", f"/intercom/acme{path}", body, auth=INTERCOM_AUTH)


def keys(value: Any, skipped: tuple[str, ...] = ()) -> set[str]:
    return set(value) - set(skipped)


async def test_a_conversation_has_the_documented_fields_in_order(chat: Simulators) -> None:
    sample = json.loads((SAMPLE / "GET_conversation.full_transcript.html.json").read_bytes())
    shown = (await api(chat, "/conversations/21")).json
    assert keys(shown) >= keys(sample, ("channel", "external_references"))
    assert keys(shown["source"]) >= keys(sample["source"])
    part = shown["conversation_parts"]["conversation_parts"][0]
    assert keys(part) >= keys(sample["conversation_parts"]["conversation_parts"][0])
    assert shown["source"]["body"] == "<p>Hi &lt;b&gt;</p>"
    assert (part["author"]["type"], part["author"]["from_ai_agent"]) == ("bot", True)
    assert shown["contacts"]["contacts"] == [{"type": "contact", "id": "c-1", "external_id": "user_1"}]
    plain = (await api(chat, "/conversations/21?display_as=plaintext")).json
    assert plain["source"]["body"] == "Hi <b>"


async def test_a_reply_is_a_part_the_customer_sees_and_it_stops_fin(chat: Simulators, receiver: Receiver) -> None:
    body = {"message_type": "comment", "type": "admin", "admin_id": "8120055", "body": "<p>A person is coming.</p>"}
    answer = await api(chat, "/conversations/21/reply", body)
    part = answer.json["conversation_parts"]["conversation_parts"][-1]
    assert answer.status == 200
    assert (part["part_type"], part["author"]["id"], part["app_package_code"]) == ("comment", "8120055", "handoff-demo")
    await chat.server.deliveries.settled()
    echo = json.loads(receiver.deliveries[-1].body)
    assert echo["topic"] == "conversation.admin.replied"
    (only,) = echo["data"]["item"]["conversation_parts"]["conversation_parts"]
    assert (only["id"], only["body"]) == (part["id"], "A person is coming.")
    seen = chat.records.conversation("intercom", "acme", "21")
    assert seen is not None
    assert [message["text"] for message in seen["messages"]] == ["Hi <b>", "Hello", "A person is coming."]
    assert seen["ai"] == "paused"


async def test_a_reply_sent_twice_is_there_twice(chat: Simulators) -> None:
    body = {"message_type": "comment", "type": "admin", "admin_id": "8120055", "body": "x"}
    for _ in range(2):
        await api(chat, "/conversations/21/reply", body)
    shown = (await api(chat, "/conversations/21")).json
    assert shown["conversation_parts"]["total_count"] == 3


async def test_a_note_is_not_shown(chat: Simulators) -> None:
    body = {"message_type": "note", "type": "admin", "admin_id": "8120055", "body": "internal"}
    await api(chat, "/conversations/21/reply", body)
    seen = chat.records.conversation("intercom", "acme", "21")
    assert seen is not None
    assert [message["shown"] for message in seen["messages"]] == [1, 1, 0]
    assert seen["ai"] == "active"


async def test_closing_and_assigning_change_the_conversation(chat: Simulators) -> None:
    assign = json.loads((SAMPLE / "out.assign_to_team.request.json").read_bytes())
    assigned = (await api(chat, "/conversations/21/parts", assign)).json
    assert assigned["team_assignee_id"] == 5_017_691
    assert assigned["conversation_parts"]["conversation_parts"][-1]["assigned_to"] == {"type": "team", "id": "5017691"}
    close = json.loads((SAMPLE / "out.close.request.json").read_bytes())
    closed = (await api(chat, "/conversations/21/parts", close)).json
    assert (closed["state"], closed["open"]) == ("closed", False)
    assert closed["conversation_parts"]["conversation_parts"][-1]["part_type"] == "close"


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/conversations/99", None, 404, "not_found"),
        ("/conversations/99/reply", {}, 404, "not_found"),
        ("/conversations/21/reply", {"message_type": "comment", "admin_id": "1", "body": "x"}, 404, "admin_not_found"),
        ("/conversations/21/reply", {"message_type": "comment", "admin_id": "8120055"}, 400, "parameter_not_found"),
        ("/conversations/21/parts", {"message_type": "explode", "admin_id": "8120055"}, 400, "parameter_invalid"),
        ("/contacts/nobody", None, 404, "not_found"),
        ("/nothing", None, 404, "not_found"),
    ],
)
async def test_errors_are_error_lists(chat: Simulators, path: str, body: Any, status: int, code: str) -> None:
    answer = await api(chat, path, body)
    assert (answer.status, answer.json["type"], answer.json["errors"][0]["code"]) == (status, "error.list", code)


async def test_the_token_is_checked_and_the_window_counted(tmp_path: Path) -> None:
    account = AccountSettings(intercom=IntercomAccount(requests_per_10_seconds=2))
    async with running(tmp_path, SimulatorSettings(default=account)) as chat:
        wrong = await chat.call("GET", "/intercom/acme/me", auth={"Authorization": "Bearer x"})
        assert (wrong.status, wrong.json["errors"][0]["code"]) == (401, "unauthorized")
        allowed = await api(chat, "/me")
        assert (allowed.json["id"], allowed.headers["X-RateLimit-Remaining"]) == ("8120055", "0")
        assert (await api(chat, "/me")).status == 429
        chat.advance(10)
        assert (await api(chat, "/me")).status == 200


async def test_search_finds_what_changed_and_shows_no_parts(chat: Simulators) -> None:
    chat.advance(60)
    for number in range(3):
        await chat.step("intercom", f"3{number}", customer=CUSTOMER, say={"author": "customer", "text": "hi"})
    query = {
        "operator": "AND",
        "value": [
            {"field": "updated_at", "operator": ">", "value": int(chat.clock.now().timestamp()) - 30},
            {"field": "ai_agent_participated", "operator": "=", "value": True},
        ],
    }
    body = {"query": query, "sort": {"field": "updated_at", "order": "ascending"}, "pagination": {"per_page": 2}}
    page = (await api(chat, "/conversations/search", body)).json
    assert [found["id"] for found in page["conversations"]] == ["30", "31"]
    assert "conversation_parts" not in page["conversations"][0]
    body["pagination"] = {"per_page": 2, "starting_after": page["pages"]["next"]["starting_after"]}
    rest = (await api(chat, "/conversations/search", body)).json
    assert [found["id"] for found in rest["conversations"]] == ["32"]
    assert "next" not in rest["pages"]


async def test_notifications_are_signed_over_the_raw_body(chat: Simulators, receiver: Receiver) -> None:
    first, second = receiver.deliveries
    for delivery in (first, second):
        digest = hmac.new(b"client-secret", delivery.body, hashlib.sha1).hexdigest()
        assert delivery.headers["x-hub-signature"] == f"sha1={digest}"
    topics = [json.loads(delivery.body)["topic"] for delivery in receiver.deliveries]
    assert topics == ["conversation.user.created", "conversation.operator.replied"]
    sample = json.loads((SAMPLE / "conversation.operator.replied.escalated.plain.v2_15plus.json").read_bytes())
    assert set(json.loads(second.body)) == set(sample)


async def test_a_verdict_travels_with_what_fin_says(chat: Simulators, receiver: Receiver) -> None:
    await chat.step("intercom", "21", verdict="escalated", say={"author": "ai", "text": "Passing you on."})
    await chat.server.deliveries.settled()
    item = json.loads(receiver.deliveries[-1].body)["data"]["item"]
    assert item["ai_agent"]["resolution_state"] == "escalated"
    assert item["custom_attributes"]["Fin AI Agent resolution state"] == "Escalated"


async def test_a_contact_is_shown_with_its_role(chat: Simulators) -> None:
    shown = (await api(chat, "/contacts/c-1")).json
    assert (shown["role"], shown["email"], shown["external_id"]) == ("user", "maya@example.com", "user_1")


async def test_fin_starts_replies_and_hands_over_once(chat: Simulators, receiver: Receiver) -> None:
    start = json.loads((SAMPLE.parent / "fin-agent-api" / "fin_start.request.json").read_bytes())
    for path in ("/fin/start", "/fin/reply"):
        answer = await api(chat, path, start)
        assert (answer.status, answer.json["status"]) == (200, "thinking")
    for _ in range(2):
        assert (await api(chat, "/fin/escalate", {"conversation_id": "ext-7741"})).status == 200
    await chat.server.deliveries.settled()
    fin = [delivery for delivery in receiver.deliveries if delivery.path == "/fin"]
    bodies = [json.loads(delivery.body) for delivery in fin]
    assert [(body["status"], body.get("reason")) for body in bodies] == [
        ("escalated", "Escalation requested via API"),
        ("complete", None),
    ]
    digest = hmac.new(b"fin-secret", fin[0].body, hashlib.sha256).hexdigest()
    assert fin[0].headers["x-fin-agent-api-webhook-signature"] == f"sha256={digest}"
    seen = chat.records.conversation("fin-agent-api", "acme", "ext-7741")
    assert seen is not None
    assert len(seen["messages"]) == 1, "Fin drops what it has seen, by timestamp"
