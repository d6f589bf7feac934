"""The simulated Zendesk Messaging: messages, control, and the ticket that opens by itself."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.simulators import SUNSHINE_AUTH, WIDGET_AUTH, ZENDESK_AUTH, Answer, Simulators, running

CONVERSATION = "/zendesk/acme/sc/v2/apps/5ebee0975ac5304b664a12fa/conversations/c-1"
SYSTEM = "dataCapture.systemField."


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path) as simulators:
        customer = {"id": "26508c10541a4b0ff472e5e2", "anonymous": True}
        say = {"author": "customer", "text": "my parcel never arrived"}
        await simulators.step("zendesk-sunco", "c-1", customer=customer, say=say)
        await simulators.step("zendesk-sunco", "c-1", say={"author": "ai", "text": "Refunds take days."})
        yield simulators


async def post(chat: Simulators, action: str, body: dict[str, Any]) -> Answer:
    return await chat.call("POST", f"{CONVERSATION}/{action}", body, auth=SUNSHINE_AUTH)


async def active(chat: Simulators) -> str | None:
    shown = (await chat.call("GET", CONVERSATION, auth=SUNSHINE_AUTH)).json["conversation"]
    found = shown.get("activeSwitchboardIntegration")
    return found["name"] if found else None


async def test_messages_come_newest_page_first_and_backwards(chat: Simulators) -> None:
    for number in range(148):
        await chat.step("zendesk-sunco", "c-1", say={"author": "customer", "text": f"n{number}"})
    first = (await chat.call("GET", f"{CONVERSATION}/messages", auth=SUNSHINE_AUTH)).json
    assert [message["content"]["text"] for message in first["messages"]][-1] == "n147"
    assert (len(first["messages"]), first["meta"]["hasMore"]) == (100, True)
    path = f"{CONVERSATION}/messages?page[before]={first['meta']['beforeCursor']}"
    assert first["links"]["prev"].removeprefix(chat.url) == path
    second = (await chat.call("GET", path, auth=SUNSHINE_AUTH)).json
    assert second["messages"][0]["content"]["text"] == "my parcel never arrived"
    assert (len(second["messages"]), second["meta"]["hasMore"]) == (50, False)


async def test_authors_are_told_apart_by_type_and_source(chat: Simulators) -> None:
    await chat.step("zendesk-sunco", "c-1", say={"author": "human", "text": "Priya here"})
    messages = (await chat.call("GET", f"{CONVERSATION}/messages", auth=SUNSHINE_AUTH)).json["messages"]
    told = [(message["author"]["type"], message["source"]["type"]) for message in messages]
    assert told == [("user", "web"), ("business", "ultimate"), ("business", "zd:agentWorkspace")]


async def test_a_posted_message_is_201_and_the_customer_sees_it(chat: Simulators) -> None:
    body = {
        "author": {"type": "business", "displayName": "Acme Support"},
        "content": {"type": "text", "markdownText": "Your ticket is **#1**."},
        "metadata": {"handoff": "n-1"},
    }
    answer = await post(chat, "messages", body)
    (message,) = answer.json["messages"]
    assert answer.status == 201
    assert message["source"] == {"type": "api:conversations"}
    assert message["metadata"] == {"handoff": "n-1"}
    assert message["content"]["text"] == "Your ticket is #1."
    assert "<strong>#1</strong>" in message["content"]["htmlText"]
    assert "markdownText" not in message["content"]
    (seen,) = chat.records.messages_by_marker("n-1")
    assert (seen["seq"], seen["text"], seen["author"]) == (3, "Your ticket is #1.", "human")


@pytest.mark.parametrize(
    "body",
    [
        {"author": {"type": "business"}, "content": {"type": "text", "text": "x" * 4_097}},
        {"author": {"type": "robot"}, "content": {"type": "text", "text": "x"}},
        {"author": {"type": "business"}, "content": {"type": "text"}},
        {"author": {"type": "business"}, "content": {"type": "text", "text": "x"}, "metadata": {"a": {"b": 1}}},
    ],
)
async def test_what_a_message_may_not_be_is_400(chat: Simulators, body: dict[str, Any]) -> None:
    answer = await post(chat, "messages", body)
    assert (answer.status, answer.json["errors"][0]["code"]) == (400, "bad_request")


async def test_passing_control_to_people_opens_the_messaging_ticket(chat: Simulators) -> None:
    metadata = {
        f"{SYSTEM}tags": "Handoff,handoff_esc-1",
        f"{SYSTEM}priority": "high",
        f"{SYSTEM}group_id": "360002",
        "dataCapture.ticketField.330001": "esc-1",
        "dataCapture.ticketField.999": "no such field",
        "handoff_escalation": "esc-1",
    }
    answer = await post(chat, "passControl", {"switchboardIntegration": "zd:agentWorkspace", "metadata": metadata})
    assert (answer.status, answer.json) == (200, {})
    assert await active(chat) == "zd-agentWorkspace"
    (ticket,) = chat.records.tickets()
    assert ticket.doc["via"]["channel"] == "native_messaging"
    assert ticket.doc["from_messaging_channel"] is True
    assert (ticket.tags, ticket.priority, ticket.group_id) == (("handoff", "handoff_esc-1"), "high", 360_002)
    assert [field["value"] for field in ticket.doc["custom_fields"]] == [None, "esc-1", None]
    assert ticket.external_id is None
    assert [found.id for found in chat.records.tickets_by_escalation("esc-1")] == [ticket.id]
    assert ticket.subject == "Conversation with Web User 26508c"
    assert "my parcel never arrived" in ticket.comments[0]["body"]


async def test_the_ticket_is_found_through_its_requesters_list(chat: Simulators) -> None:
    await post(chat, "passControl", {"switchboardIntegration": "zd-agentWorkspace"})
    await chat.step("zendesk-sunco", "c-1", say={"author": "customer", "text": "still here"})
    messages = (await chat.call("GET", f"{CONVERSATION}/messages", auth=SUNSHINE_AUTH)).json["messages"]
    zendesk_id = messages[-1]["author"]["user"]["zendeskId"]
    path = f"/zendesk/acme/api/v2/users/{zendesk_id}/tickets/requested"
    listed = (await chat.call("GET", path, auth=ZENDESK_AUTH)).json["tickets"]
    assert [ticket["via"]["channel"] for ticket in listed] == ["native_messaging"]


async def test_passing_control_twice_opens_one_ticket_and_after_its_end_another(chat: Simulators) -> None:
    for _ in range(2):
        assert (await post(chat, "passControl", {"switchboardIntegration": "next"})).status == 200
        assert await active(chat) == "zd-agentWorkspace"
        body = {"switchboardIntegration": "zd:agentWorkspace"}
        assert (await post(chat, "passControl", body)).status == 200
        (ticket, *_) = chat.records.tickets()[::-1]
        await chat.call("POST", f"/_agent/zendesk/acme/{ticket.id}", {"status": "closed"})
        assert await active(chat) is None
        await chat.step("zendesk-sunco", "c-1", control="ai")
    assert len(chat.records.tickets()) == 2


async def test_only_the_last_ten_messages_reach_the_ticket_unless_told_otherwise(chat: Simulators) -> None:
    for number in range(12):
        await chat.step("zendesk-sunco", "c-1", say={"author": "customer", "text": f"n{number:02d}"})
    messages = (await chat.call("GET", f"{CONVERSATION}/messages", auth=SUNSHINE_AUTH)).json["messages"]
    metadata = {"first_message_id": messages[0]["id"]}
    await post(chat, "passControl", {"switchboardIntegration": "zd:agentWorkspace", "metadata": metadata})
    assert "my parcel" in chat.records.tickets()[0].comments[0]["body"]
    say = {"author": "customer", "text": "m"}
    for _ in range(11):
        await chat.step("zendesk-sunco", "c-2", customer={"id": "abc"}, say=say)
    other = CONVERSATION.replace("c-1", "c-2")
    await chat.call("POST", f"{other}/passControl", {"switchboardIntegration": "zd:agentWorkspace"}, auth=SUNSHINE_AUTH)
    assert len(chat.records.tickets()[1].comments[0]["body"].splitlines()) == 10


async def test_control_can_be_released_offered_and_accepted(chat: Simulators) -> None:
    assert (await post(chat, "offerControl", {"switchboardIntegration": "ultimate"})).status == 400
    assert (await post(chat, "offerControl", {"switchboardIntegration": "zd-agentWorkspace"})).status == 200
    shown = (await chat.call("GET", CONVERSATION, auth=SUNSHINE_AUTH)).json["conversation"]
    assert shown["pendingSwitchboardIntegration"]["integrationType"] == "zd:agentWorkspace"
    assert (await post(chat, "acceptControl", {})).status == 200
    assert await active(chat) == "zd-agentWorkspace"
    assert (await post(chat, "releaseControl", {})).status == 200
    assert await active(chat) is None


async def test_an_unknown_conversation_or_integration_is_404(chat: Simulators) -> None:
    missing = await chat.call("GET", CONVERSATION.replace("c-1", "c-9"), auth=SUNSHINE_AUTH)
    assert (missing.status, missing.json["errors"][0]["code"]) == (404, "conversation_not_found")
    answer = await post(chat, "passControl", {"switchboardIntegration": "nobody"})
    assert (answer.status, len(chat.records.tickets())) == (404, 0)


async def widget(chat: Simulators, event: str, **fields: str) -> Answer:
    path = "/zendesk/acme/ai-agents/api/agent/converse/send-message-to-widget"
    body = {"platformConversationId": "w-1", "eventType": event, **fields}
    return await chat.call("POST", path, body, auth=WIDGET_AUTH)


async def test_a_widget_shows_messages_only_after_the_escalation_succeeded(chat: Simulators) -> None:
    await chat.step("zendesk-ai-agents-advanced", "w-1", say={"author": "ai", "text": "Did that help?"})
    assert (await widget(chat, "message", text="too early")).status == 200
    assert (await widget(chat, "escalationSuccess")).status == 200
    assert (await widget(chat, "message", text="A person is coming.")).status == 200
    assert (await widget(chat, "escalationQueueUpdate", queuePosition="3", waitingTime="12")).status == 200
    shown = chat.records.conversation("zendesk-ai-agents-advanced", "acme", "w-1")
    assert shown is not None
    assert [message["text"] for message in shown["messages"] if message["shown"]] == [
        "Did that help?",
        "A person is coming.",
        "You are number 3 in the queue. Expected waiting time: 12 minutes.",
    ]


async def test_the_bots_part_ends_and_may_end_again(chat: Simulators) -> None:
    await chat.step("zendesk-ai-agents-advanced", "w-1", say={"author": "ai", "text": "Hello"})
    body = {"platformConversationId": "w-1", "eventType": "endSession"}
    for _ in range(2):
        assert (await chat.call("POST", "/widget/acme/converse/chat", body, auth=WIDGET_AUTH)).status == 200
    assert (await chat.call("POST", "/widget/acme/converse/chat", body)).status == 401
    shown = chat.records.conversation("zendesk-ai-agents-advanced", "acme", "w-1")
    assert shown is not None
    assert shown["ai"] == "ended"
