"""Answering a customer of Zendesk AI agents Advanced, and ending the bot's session."""

from typing import Any

import pytest

from agents.outbound import Ambiguous
from agents.platforms.port import Address, CallFailed, Notice, Unsupported
from agents.platforms.zendesk_ai_agents import OUTBOUND
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection
from tests.support.http import FakeHttp, answer, scripted, sent_json

NOTICE = Notice("Your ticket is #10432.", "n", "e", ticket_id="10432", waiting_minutes=12)
WIDGET = "POST /ai-agents/api/agent/converse/send-message-to-widget"
CHAT = "POST /ai-agents/api/converse/chat"


def _address(tokens: dict[str, str] | None = None, **options: Any) -> Address:
    held = connection(
        "zendesk-ai-agents-advanced",
        tokens={"api_key": "key-1"} if tokens is None else tokens,
        options={"subdomain": "acme", **options},
    )
    return Address(held, "chat-20260711-0001", "chat", Customer(), Route())


def _http() -> FakeHttp:
    return FakeHttp(lambda _: answer(200))


async def test_the_widget_hears_the_wait_the_state_and_then_the_words() -> None:
    http = _http()
    await OUTBOUND.reply(http, _address(agent_name="Acme Support"), NOTICE)
    assert http.calls == [WIDGET] * 3
    assert [sent_json(request) for request in http.requests] == [
        {"platformConversationId": "chat-20260711-0001", "eventType": "escalationQueueUpdate", "waitingTime": "12"},
        {"platformConversationId": "chat-20260711-0001", "eventType": "escalationSuccess", "agent": "Acme Support"},
        {"platformConversationId": "chat-20260711-0001", "eventType": "message", "text": "Your ticket is #10432."},
    ]
    assert all(request.headers["authorization"] == "key-1" for request in http.requests)
    assert http.requests[0].url.startswith("https://acme.zendesk.com/")


async def test_an_unknown_wait_is_not_told() -> None:
    http = _http()
    await OUTBOUND.reply(http, _address(), Notice("On the way.", "n", "e"))
    assert [sent_json(request)["eventType"] for request in http.requests] == ["escalationSuccess", "message"]


async def test_words_that_may_have_been_shown_are_ambiguous() -> None:
    http = FakeHttp(scripted(answer(200), answer(200), answer(502)))
    with pytest.raises(Ambiguous):
        await OUTBOUND.reply(http, _address(), NOTICE)


async def test_a_failure_before_the_words_may_be_repeated() -> None:
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.reply(FakeHttp(scripted(answer(502))), _address(), NOTICE)
    assert failed.value.retryable


async def test_a_chat_of_the_companys_own_shows_its_messages_itself() -> None:
    http = _http()
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.reply(http, _address(widget=False), NOTICE)
    assert refused.value.reason == "own_chat_shows_messages"
    await OUTBOUND.quiet(http, _address(widget=False))
    assert http.calls == [CHAT]


async def test_closing_ends_the_bots_session() -> None:
    http = _http()
    await OUTBOUND.close(http, _address(base_url="https://bot.example.com/api/"))
    assert http.requests[0].url == "https://bot.example.com/api/converse/chat"
    assert sent_json(http.requests[0]) == {"platformConversationId": "chat-20260711-0001", "eventType": "endSession"}


async def test_in_the_widget_the_session_is_ended_early_only_on_request() -> None:
    http = _http()
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.quiet(http, _address())
    assert refused.value.reason == "bot_is_silent_once_it_escalates"
    await OUTBOUND.quiet(http, _address(quiet_ends_session=True))
    assert http.calls == [CHAT]


async def test_there_is_no_transcript_to_read() -> None:
    assert not OUTBOUND.can_find_own_messages
    for call in (OUTBOUND.transcript(_http(), _address(), max_turns=1), OUTBOUND.find_own(_http(), _address(), NOTICE)):
        with pytest.raises(Unsupported):
            await call


@pytest.mark.parametrize(
    ("address", "reason"), [(_address(tokens={}), "no_credentials"), (_address(subdomain=None), "no_base_url")]
)
async def test_what_is_not_configured_is_not_attempted(address: Address, reason: str) -> None:
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.close(_http(), address)
    assert refused.value.reason == reason
