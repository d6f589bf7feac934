"""Reading a conversation back from Zendesk Messaging, page by page."""

from typing import Any

import pytest

from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent
from agents.platforms.port import Address, CallFailed
from agents.platforms.zendesk_sunco import OUTBOUND
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection, sample
from tests.support.http import FakeHttp, answer, query
from tests.support.zendesk_bodies import BOT, CONVERSATION, WORKSPACE, business, visitor

APP = "5ebee0975ac5304b664a12fa"
PATH = f"/sc/v2/apps/{APP}/conversations/{CONVERSATION}"
NOTIFICATION = "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11"


def _address(**options: Any) -> Address:
    held = connection(
        "zendesk-sunco",
        tokens={"key_id": "app_key", "key_secret": "s3cret"},
        options={"subdomain": "acme", "app_id": APP, **options},
    )
    return Address(held, CONVERSATION, "web", Customer(), Route())


def _message(number: int, **more: Any) -> dict[str, Any]:
    received = f"2026-07-11T10:{number // 60:02}:{number % 60:02}.000Z"
    return {
        "id": f"m{number}",
        "received": received,
        "author": visitor(),
        "content": {"type": "text", "text": f"words {number}"},
        "source": {"type": "web"},
        **more,
    }


class Sunshine:
    """A conversation of so many messages, answered in pages of 100, and who holds it."""

    def __init__(self, messages: list[dict[str, Any]], holder: Any = BOT) -> None:
        self.messages = messages
        self.holder: HttpResponse | Exception | dict[str, Any] | None = holder

    def __call__(self, request: HttpRequest) -> HttpResponse | Exception:
        if not request.url.split("?")[0].endswith("/messages"):
            if isinstance(self.holder, HttpResponse | Exception):
                return self.holder
            held = {"activeSwitchboardIntegration": self.holder} if self.holder else {}
            return answer(200, {"conversation": {"id": CONVERSATION, **held}})
        before = query(request).get("page[before]")
        end = len(self.messages) if before is None else int(before)
        start = max(0, end - 100)
        meta: dict[str, Any] = {"hasMore": start > 0}
        if start > 0:
            meta["beforeCursor"] = str(start)
        return answer(200, {"messages": self.messages[start:end], "meta": meta})


async def test_the_sample_page_gives_its_turns() -> None:
    page = sample("zendesk-sunco/GET_messages.response.json") | {"meta": {"hasMore": False}}
    http = FakeHttp(lambda request: answer(200, page if request.url.endswith("/messages") else {"conversation": {}}))
    told = await OUTBOUND.transcript(http, _address(), max_turns=50)
    assert [(turn.author, turn.text) for turn in told.turns] == [
        ("customer", "my parcel never arrived"),
        ("ai", "Refunds take 3-5 business days."),
        ("customer", "Talk to a person"),
    ]
    assert told.turns[0].event_id == "5f74c7d84a146f3abd72a001"
    assert not told.truncated
    assert told.customer is not None
    assert told.customer.id == "26508c10541a4b0ff472e5e2"


async def test_pages_are_read_backwards_until_enough_turns_are_there() -> None:
    http = FakeHttp(Sunshine([_message(number) for number in range(350)]))
    told = await OUTBOUND.transcript(http, _address(), max_turns=150)
    assert [turn.text for turn in told.turns] == [f"words {number}" for number in range(200, 350)]
    assert told.truncated
    assert http.calls == [f"GET {PATH}/messages", f"GET {PATH}/messages", f"GET {PATH}"]


async def test_a_whole_conversation_is_not_truncated() -> None:
    told = await OUTBOUND.transcript(
        FakeHttp(Sunshine([_message(number) for number in range(120)])), _address(), max_turns=500
    )
    assert len(told.turns) == 120
    assert not told.truncated


async def test_a_cursor_that_leads_nowhere_new_ends_the_reading() -> None:
    page = {"messages": [_message(1)], "meta": {"hasMore": True, "beforeCursor": "again"}}
    http = FakeHttp(lambda request: answer(200, page if "/messages" in request.url else {"conversation": {}}))
    told = await OUTBOUND.transcript(http, _address(), max_turns=500)
    assert told.truncated
    assert len(http.requests) == 3


async def test_what_nobody_reads_is_left_out_and_our_notices_are_the_systems() -> None:
    messages = [
        _message(1),
        _message(2, deleted=True),
        _message(3, author=business("", "activity")),
        _message(4, author=business(), source={"type": "api"}, metadata={"handoff": NOTIFICATION}),
        _message(5, author=business("Priya"), source={"type": "zd:agentWorkspace"}),
    ]
    told = await OUTBOUND.transcript(FakeHttp(Sunshine(messages)), _address(), max_turns=50)
    assert [(turn.event_id, turn.author) for turn in told.turns] == [
        ("m1", "customer"),
        ("m4", "system"),
        ("m5", "human"),
    ]


async def test_turns_are_in_the_order_of_their_time_and_untimed_ones_say_so() -> None:
    messages = [_message(7), _message(3), _message(5, received="soon")]
    told = await OUTBOUND.transcript(FakeHttp(Sunshine(messages)), _address(), max_turns=50)
    assert [turn.event_id for turn in told.turns] == ["m3", "m5", "m7"]
    assert [turn.untimed for turn in told.turns] == [False, True, False]


@pytest.mark.parametrize(("holder", "held"), [(WORKSPACE, True), (BOT, False), (None, False)])
async def test_the_switchboard_says_whether_people_hold_it(holder: Any, held: bool) -> None:
    told = await OUTBOUND.transcript(FakeHttp(Sunshine([_message(1)], holder)), _address(), max_turns=50)
    assert told.human_holds is held


@pytest.mark.parametrize("failure", [answer(403), answer(502), NotSent("dns"), Ambiguous("timeout")])
async def test_without_the_switchboard_the_newest_words_hint_at_who_holds_it(failure: Any) -> None:
    agents = [_message(1), _message(2, author=business("Priya"), source={"type": "zd:agentWorkspace"})]
    bots = [_message(1), _message(2, author=business(), source={"type": "ultimate"})]
    for messages, held in ((agents, True), (bots, False)):
        told = await OUTBOUND.transcript(FakeHttp(Sunshine(messages, failure)), _address(), max_turns=50)
        assert told.human_holds is held


async def test_a_closing_activity_at_the_end_closes_it() -> None:
    messages = [_message(1), _message(2, author=business("", "activity"), activity={"type": "ticket:closed"})]
    assert (await OUTBOUND.transcript(FakeHttp(Sunshine(messages)), _address(), max_turns=50)).closed


async def test_a_page_that_is_no_json_is_a_failure_to_try_again() -> None:
    http = FakeHttp(lambda _: answer(200, "<html>maintenance</html>"))
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.transcript(http, _address(), max_turns=50)
    assert failed.value.retryable


async def test_a_card_number_and_an_address_are_masked_as_the_tenant_wants() -> None:
    content = {"type": "text", "text": "4111 1111 1111 1111 is my card"}
    told = await OUTBOUND.transcript(FakeHttp(Sunshine([_message(1, content=content)])), _address(), max_turns=50)
    assert "4111 1111 1111 1111" not in told.turns[0].text
