"""Answering, keeping the AI quiet and closing in Zendesk Messaging."""

import base64
from typing import Any

import pytest

from agents.outbound import Ambiguous, HttpRequest, HttpResponse
from agents.platforms.port import Address, CallFailed, Notice, Unsupported
from agents.platforms.zendesk_sunco import OUTBOUND
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection, normalized
from tests.support.http import FakeHttp, answer, sent_json
from tests.support.zendesk_bodies import BOT, CONVERSATION, WORKSPACE, conversation, element, webhook

APP = "5ebee0975ac5304b664a12fa"
PATH = f"/sc/v2/apps/{APP}/conversations/{CONVERSATION}"
NOTICE = Notice("Your ticket is #10432.", "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11", "e", ticket_id="10432")
KEYS = {"key_id": "app_key", "key_secret": "s3cret"}


def _address(tokens: dict[str, str] | None = None, app_id: str | None = APP, **options: Any) -> Address:
    held = connection(
        "zendesk-sunco", tokens=KEYS if tokens is None else tokens, options={"subdomain": "acme", **options}
    )
    return Address(held, CONVERSATION, "web", Customer(), Route(app_id=app_id))


def _posted(http: FakeHttp) -> list[Any]:
    return [sent_json(request) for request in http.requests if request.method == "POST"]


def _holding(holder: Any) -> FakeHttp:
    def handle(request: HttpRequest) -> HttpResponse:
        if request.method == "GET":
            held = {"activeSwitchboardIntegration": holder} if holder else {}
            return answer(200, {"conversation": {"id": CONVERSATION, **held}})
        return answer(200, {})

    return FakeHttp(handle)


class Chat:
    """Keeps what is posted and gives it back as the conversation's messages."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            number = len(self.messages)
            self.messages.append(
                {"id": f"m{number}", "received": f"2026-07-11T10:00:{number:02}Z", **sent_json(request)}
            )
            return answer(201, {"messages": self.messages[-1:]})
        return answer(200, {"messages": self.messages, "meta": {"hasMore": False}})


async def test_a_reply_is_one_marked_message() -> None:
    http = FakeHttp(Chat())
    await OUTBOUND.reply(http, _address(display_name="Acme Support"), NOTICE)
    (request,) = http.requests
    assert request.url == f"https://acme.zendesk.com{PATH}/messages"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"app_key:s3cret").decode()
    assert sent_json(request) == {
        "author": {"type": "business", "displayName": "Acme Support"},
        "content": {"type": "text", "text": "Your ticket is #10432."},
        "metadata": {"handoff": NOTICE.notification_id, "handoff_part": 1, "handoff_ticket": "10432"},
    }


async def test_the_echo_of_a_reply_is_recognised() -> None:
    chat = Chat()
    await OUTBOUND.reply(FakeHttp(chat), _address(), NOTICE)
    echo = chat.messages[0] | {"source": {"type": "api:conversations"}}
    body = webhook(element("conversation:message", {"conversation": conversation(BOT), "message": echo}))
    assert normalized("zendesk-sunco", body).ignored == ("own_echo",)


async def test_a_reply_is_found_again_by_its_marker_alone() -> None:
    chat = Chat()
    http = FakeHttp(chat)
    assert not await OUTBOUND.find_own(http, _address(), NOTICE)
    await OUTBOUND.reply(http, _address(), NOTICE)
    assert await OUTBOUND.find_own(http, _address(), NOTICE)
    other = Notice(NOTICE.text, "5b1f6d7e-7a43-5d27-8e0b-7e3a7c1f9a10", "e")
    assert not await OUTBOUND.find_own(http, _address(), other)


async def test_a_long_reply_goes_in_parts_and_goes_on_where_it_broke_off() -> None:
    notice = Notice("\n\n".join(f"{number} " + "word " * 500 for number in range(4)), NOTICE.notification_id, "e")
    chat = Chat()
    http = FakeHttp(chat)
    await OUTBOUND.reply(http, _address(), notice)
    whole = [item["content"]["text"] for item in chat.messages]
    assert len(whole) > 1
    assert max(map(len, whole)) <= 4096
    del chat.messages[1:]
    assert not await OUTBOUND.find_own(http, _address(), notice)
    await OUTBOUND.reply(http, _address(), notice)
    assert [item["content"]["text"] for item in chat.messages] == whole
    assert await OUTBOUND.find_own(http, _address(), notice)


@pytest.mark.parametrize(
    ("response", "retryable"),
    [(answer(400), False), (answer(401), False), (answer(404), False), (answer(423), False), (answer(429), True)],
)
async def test_a_refused_reply_says_whether_to_try_again(response: HttpResponse, retryable: bool) -> None:
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.reply(FakeHttp(lambda _: response), _address(), NOTICE)
    assert failed.value.retryable is retryable


@pytest.mark.parametrize("response", [answer(500), answer(502), answer(504), answer(200, "<html>"), answer(201)])
async def test_an_answer_that_proves_nothing_is_ambiguous(response: HttpResponse) -> None:
    with pytest.raises(Ambiguous):
        await OUTBOUND.reply(FakeHttp(lambda _: response), _address(), NOTICE)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (_address(tokens={}), "no_credentials"),
        (_address(tokens={"key_id": "x"}), "no_credentials"),
        (_address(app_id=None), "no_app_id"),
        (_address(subdomain=None), "no_base_url"),
    ],
)
async def test_what_is_not_configured_is_not_attempted(address: Address, reason: str) -> None:
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.reply(FakeHttp(Chat()), address, NOTICE)
    assert refused.value.reason == reason


async def test_a_bearer_token_and_a_base_url_of_ones_own_are_used() -> None:
    http = FakeHttp(Chat())
    await OUTBOUND.reply(http, _address({"access_token": "tok"}, base_url="http://127.0.0.1:9/sc/"), NOTICE)
    assert http.requests[0].url.startswith("http://127.0.0.1:9/sc/v2/apps/")
    assert http.requests[0].headers["authorization"] == "Bearer tok"


async def test_ids_in_a_path_cannot_leave_it() -> None:
    http = FakeHttp(Chat())
    held = _address().connection
    await OUTBOUND.reply(http, Address(held, "../../x?y#z", None, Customer(), Route(app_id="a/b")), NOTICE)
    assert http.requests[0].url.endswith("/v2/apps/a%2Fb/conversations/..%2F..%2Fx%3Fy%23z/messages")


async def test_where_ticketing_hands_over_the_notifier_never_touches_control() -> None:
    http = _holding(BOT)
    for call in (OUTBOUND.quiet, OUTBOUND.close):
        with pytest.raises(Unsupported) as refused:
            await call(http, _address(own_integration="acme-handoff"))
        assert refused.value.reason == "ticketing_hands_over"
    assert http.requests == []


@pytest.mark.parametrize("holder", [BOT, None])
async def test_with_tickets_elsewhere_we_take_control_ourselves(holder: Any) -> None:
    http = _holding(holder)
    await OUTBOUND.quiet(http, _address(handover="none", own_integration="acme-handoff"))
    assert http.calls == [f"GET {PATH}", f"POST {PATH}/passControl"]
    assert _posted(http) == [{"switchboardIntegration": "acme-handoff", "metadata": {"handoff": "quiet"}}]


@pytest.mark.parametrize("close", ["hold", "release"])
async def test_what_people_hold_is_left_alone(close: str) -> None:
    http = _holding(WORKSPACE)
    address = _address(handover="none", own_integration="acme-handoff", close=close)
    await OUTBOUND.quiet(http, address)
    await OUTBOUND.close(http, address)
    assert _posted(http) == []


async def test_closing_may_release_control() -> None:
    http = _holding(BOT)
    await OUTBOUND.close(http, _address(handover="none", own_integration="acme-handoff", close="release"))
    assert http.calls[-1] == f"POST {PATH}/releaseControl"


async def test_without_an_integration_of_our_own_nothing_keeps_the_ai_quiet() -> None:
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.quiet(_holding(BOT), _address(handover="none"))
    assert refused.value.reason == "no_own_integration"
