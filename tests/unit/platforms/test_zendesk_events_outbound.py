"""Answering a messaging ticket that was told of by Zendesk's events."""

from typing import Any

import pytest

from agents.platforms.port import Address, Notice, Unsupported
from agents.platforms.zendesk_events import OUTBOUND
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection
from tests.support.http import FakeHttp, answer

NOTICE = Notice("Your ticket is #1.", "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11", "e")
SUNSHINE = {"subdomain": "acme", "app_id": "app-1"}


def _address(**options: Any) -> Address:
    held = connection("zendesk-events", tokens={"key_id": "k", "key_secret": "s"}, options=options)
    return Address(held, "c-1", None, Customer(), Route())


async def test_it_is_answered_through_the_conversations_app() -> None:
    http = FakeHttp(lambda _: answer(200, {"messages": [], "meta": {}}))
    address = _address(sunshine=SUNSHINE, escalated_tags=["x"])
    await OUTBOUND.reply(http, address, NOTICE)
    assert not await OUTBOUND.find_own(http, address, NOTICE)
    assert (await OUTBOUND.transcript(http, address, max_turns=10)).turns == ()
    assert http.calls[0] == "POST /sc/v2/apps/app-1/conversations/c-1/messages"


async def test_without_an_app_nothing_is_answered() -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    for call in (
        OUTBOUND.reply(http, _address(), NOTICE),
        OUTBOUND.find_own(http, _address(), NOTICE),
        OUTBOUND.transcript(http, _address(), max_turns=1),
        OUTBOUND.quiet(http, _address()),
        OUTBOUND.close(http, _address()),
    ):
        with pytest.raises(Unsupported) as refused:
            await call
        assert refused.value.reason == "no_sunshine_app"
    assert http.requests == []


async def test_handing_over_stays_ticketings() -> None:
    with pytest.raises(Unsupported) as refused:
        await OUTBOUND.close(FakeHttp(lambda _: answer(200, {})), _address(sunshine=SUNSHINE))
    assert refused.value.reason == "ticketing_hands_over"
