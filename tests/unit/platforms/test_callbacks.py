"""The signed calls to a company's own application, of `custom-llm` and `fin-agent-api`."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from agents.outbound import Ambiguous
from agents.platforms.callback import allowed
from agents.platforms.custom_llm import CustomLlmOutbound
from agents.platforms.fin_agent_api import FinOutbound
from agents.platforms.port import Address, CallFailed, Delivery, Notice, Unsupported
from agents.platforms.signatures import check_standard
from streams.clock import ManualClock
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection
from tests.support.http import FakeHttp, answer, scripted, sent_json

NOW = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)
LLM = CustomLlmOutbound(ManualClock(NOW))
FIN = FinOutbound(ManualClock(NOW))
HOSTS = {"allowed_hosts": ["bot.acme.example", "*.hooks.example"]}
NOTICE = Notice("A person takes over.", "n-1", "e-1")
OPENED = Notice("Your ticket is #7.", "n-2", "e-1", ticket_id="7", waiting_minutes=240)


def address(platform: str = "custom-llm", route: Route | None = None, **settings: Any) -> Address:
    settings.setdefault("options", HOSTS)
    settings.setdefault("secrets", ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
    here = route or Route(reply_url="https://bot.acme.example/r", close_url="https://bot.acme.example/c")
    return Address(connection(platform, **settings), "s-1", "web", Customer(), here)


@pytest.mark.parametrize(("outbound", "platform"), [(LLM, "custom-llm"), (FIN, "fin-agent-api")])
async def test_a_reply_is_signed_so_that_the_receiver_can_prove_it_and_drop_a_repeat(
    outbound: CustomLlmOutbound | FinOutbound, platform: str
) -> None:
    http = FakeHttp(lambda _: answer(204))
    for _ in range(2):
        await outbound.reply(http, address(platform), NOTICE)
    first, second = http.requests
    assert first.url == "https://bot.acme.example/r"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "n-1"
    assert first.body is not None
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    check_standard(Delivery(first.body, first.headers, NOW), [secret])
    assert sent_json(first) == {
        "event": "handoff.accepted",
        "session_id": "s-1",
        "notification_id": "n-1",
        "escalation_id": "e-1",
        "message": "A person takes over.",
    }


async def test_with_a_ticket_the_application_hears_its_number_and_the_expected_time() -> None:
    http = FakeHttp(lambda _: answer(200))
    await LLM.reply(http, address(), OPENED)
    sent = sent_json(http.requests[0])
    assert (sent["event"], sent["ticket_id"], sent["expected_response"]) == ("ticket.created", "7", {"seconds": 14400})


async def test_a_reply_secret_of_its_own_signs_where_there_is_one() -> None:
    http = FakeHttp(lambda _: answer(200))
    await LLM.reply(http, address(tokens={"reply_secret": "another"}), NOTICE)
    request = http.requests[0]
    check_standard(Delivery(request.body or b"", request.headers, NOW), [SecretStr("another")])


async def test_pausing_and_closing_have_one_id_per_escalation() -> None:
    http = FakeHttp(lambda _: answer(200))
    for _ in range(2):
        await LLM.quiet(http, address())
        await LLM.close(http, address())
    assert [(json.loads(request.body or b"")["event"], request.url) for request in http.requests[:2]] == [
        ("ai.pause", "https://bot.acme.example/r"),
        ("session.close", "https://bot.acme.example/c"),
    ]
    assert len({request.headers["webhook-id"] for request in http.requests}) == 2


@pytest.mark.parametrize(("outbound", "platform"), [(LLM, "custom-llm"), (FIN, "fin-agent-api")])
async def test_a_later_escalation_of_the_session_is_no_repeat_to_a_receiver_that_drops_those(
    outbound: CustomLlmOutbound | FinOutbound, platform: str
) -> None:
    http = FakeHttp(lambda _: answer(200))
    for escalation_id in ("e-1", "e-2", "e-2"):
        await outbound.quiet(http, replace(address(platform), escalation_id=escalation_id))
    first, later, again = (request.headers["webhook-id"] for request in http.requests)
    assert first != later == again


async def test_a_repeat_is_always_safe_so_nothing_of_ours_is_ever_claimed_to_be_there() -> None:
    assert LLM.can_find_own_messages
    assert not await LLM.find_own(FakeHttp(scripted()), address(), NOTICE)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bot.acme.example/r", True),
        ("https://BOT.acme.example:8443/r", True),
        ("https://a.hooks.example/r", True),
        ("https://hooks.example/r", False),
        ("https://evilhooks.example/r", False),
        ("http://bot.acme.example/r", False),
        ("https://bot.acme.example@evil.example/r", False),
        ("https://evil.example/bot.acme.example", False),
        ("https://evil.example\\@bot.acme.example/r", False),
        ("https://bot.acme.example.evil.example/r", False),
        ("https://user:pw@bot.acme.example/r", False),
        ("https://[::1/r", False),
        ("https://bot.acme.example:port/r", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_listed_hosts_are_called_and_only_over_https(url: str, expected: bool) -> None:
    assert allowed(url, HOSTS["allowed_hosts"]) is expected


def test_a_listed_loopback_host_may_be_called_in_the_clear() -> None:
    assert allowed("http://127.0.0.1:8099/r", ["127.0.0.1"])
    assert not allowed("http://127.0.0.1:8099/r", [])


async def test_an_address_that_is_not_listed_is_never_called() -> None:
    http = FakeHttp(scripted())
    route = Route(reply_url="https://evil.example/r", close_url="https://evil.example/c")
    for call in (LLM.reply(http, address(route=route), NOTICE), LLM.close(http, address(route=route))):
        with pytest.raises(Unsupported) as refused:
            await call
        assert refused.value.reason == "host_not_allowed"


async def test_without_an_address_or_a_secret_there_is_no_call_and_a_reason() -> None:
    http = FakeHttp(scripted())
    for call, reason in (
        (LLM.reply(http, address(route=Route()), NOTICE), "no_reply_url"),
        (LLM.close(http, address(route=Route())), "no_close_url"),
        (FIN.reply(http, address("fin-agent-api", route=Route()), NOTICE), "no_reply_url"),
        (LLM.reply(http, address(secrets=[]), NOTICE), "no_signing_secret"),
        (LLM.transcript(http, address(), max_turns=9), "no_transcript"),
        (FIN.transcript(http, address("fin-agent-api"), max_turns=9), "no_transcript"),
        (FIN.close(http, address("fin-agent-api")), "no_close_call"),
    ):
        with pytest.raises(Unsupported) as refused:
            await call
        assert refused.value.reason == reason


async def test_the_configured_address_serves_where_the_body_names_none() -> None:
    http = FakeHttp(lambda _: answer(200))
    options = {"reply_url": "https://hooks.acme.example/fin"}
    await FIN.reply(http, address("fin-agent-api", route=Route(), options=options), NOTICE)
    await FIN.quiet(http, address("fin-agent-api", route=Route(), options=options))
    assert [request.url for request in http.requests] == ["https://hooks.acme.example/fin"] * 2


@pytest.mark.parametrize(("status", "retryable"), [(400, False), (404, False), (302, False), (429, True), (500, True)])
async def test_a_refused_call_says_whether_it_may_be_tried_again(status: int, retryable: bool) -> None:
    http = FakeHttp(scripted(answer(status, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})))
    with pytest.raises(CallFailed) as failed:
        await LLM.reply(http, address(), NOTICE)
    assert (failed.value.retryable, failed.value.retry_after_seconds) == (retryable, None)


async def test_ending_fins_session_is_a_call_of_the_preview_version_and_may_stay_in_doubt() -> None:
    settings: dict[str, Any] = {"options": {"close_with": "escalate", "region": "eu"}, "tokens": {"access_token": "t"}}
    http = FakeHttp(scripted(answer(200, {"status": "escalated"}), answer(500)))
    await FIN.close(http, address("fin-agent-api", **settings))
    (request,) = http.requests
    assert request.url == "https://api.eu.intercom.io/fin/escalate"
    assert (request.headers["intercom-version"], sent_json(request)) == ("Preview", {"conversation_id": "s-1"})
    with pytest.raises(Ambiguous):
        await FIN.close(http, address("fin-agent-api", **settings))
