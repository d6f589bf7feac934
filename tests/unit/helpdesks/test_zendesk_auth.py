"""Zendesk tokens are minted once, kept, renewed in time, and after a 401 once."""

import asyncio
from base64 import b64decode
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.registry import helpdesks
from agents.helpdesks.zendesk.auth import Credentials
from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent
from streams.clock import ManualClock, SystemClock
from tests.support.drafts import zendesk_account
from tests.support.http import FakeHttp, answer, called, sent_json


def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 22, tzinfo=UTC))


def minting(**more: object) -> FakeHttp:
    count = iter(range(1, 100))
    return FakeHttp(lambda _request: answer(200, {"access_token": f"t{next(count)}", "token_type": "bearer"} | more))


async def test_a_token_is_minted_once_and_kept() -> None:
    http, kept = minting(expires_in=1800), Credentials(clock())
    for _ in range(3):
        assert await kept.headers(http, zendesk_account()) == {"authorization": "Bearer t1"}
    assert http.calls == ["POST /oauth/tokens"]
    assert sent_json(http.requests[0]) == {
        "grant_type": "client_credentials",
        "client_id": "handoff",
        "client_secret": "s3cret",
        "scope": "read write",
        "expires_in": 3600,
    }


async def test_a_token_is_renewed_before_it_ends() -> None:
    time = clock()
    http, kept = minting(expires_in=1800), Credentials(time)
    await kept.headers(http, zendesk_account())
    time.advance(1700)
    assert (await kept.headers(http, zendesk_account()))["authorization"] == "Bearer t1"
    time.advance(50)
    assert (await kept.headers(http, zendesk_account()))["authorization"] == "Bearer t2"


@pytest.mark.parametrize("lives", [None, "soon", -1, 0, True, 10**400, 1e300])
async def test_a_token_without_a_life_lives_half_an_hour(lives: object) -> None:
    time = clock()
    http, kept = minting(expires_in=lives), Credentials(time)
    await kept.headers(http, zendesk_account())
    time.advance(1700)
    assert (await kept.headers(http, zendesk_account()))["authorization"] == "Bearer t1"


async def test_a_rejected_token_is_not_handed_out_again() -> None:
    http, kept = minting(expires_in=1800), Credentials(clock())
    first = await kept.headers(http, zendesk_account())
    assert await kept.headers(http, zendesk_account(), rejected=first) == {"authorization": "Bearer t2"}
    assert await kept.headers(http, zendesk_account(), rejected=first) == {"authorization": "Bearer t2"}
    assert len(http.requests) == 2


async def test_many_at_once_mint_one_token() -> None:
    http, kept = minting(expires_in=1800), Credentials(clock())
    await asyncio.gather(*(kept.headers(http, zendesk_account()) for _ in range(20)))
    assert len(http.requests) == 1


async def test_a_rotated_secret_gets_a_token_of_its_own() -> None:
    http, kept = minting(expires_in=1800), Credentials(clock())
    await kept.headers(http, zendesk_account())
    rotated = zendesk_account(tokens={"client_id": SecretStr("handoff"), "client_secret": SecretStr("new")})
    assert (await kept.headers(http, rotated))["authorization"] == "Bearer t2"


async def test_an_api_token_needs_no_minting() -> None:
    http = FakeHttp(lambda _request: answer(500))
    legacy = zendesk_account(tokens={"email": SecretStr("bot@acme.example"), "api_token": SecretStr("k")})
    headers = await Credentials(clock()).headers(http, legacy)
    assert b64decode(headers["authorization"].removeprefix("Basic ")) == b"bot@acme.example/token:k"
    assert http.requests == []


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (answer(401, {"error": "invalid_client"}), "token_http_401"),
        (answer(200, "<html>"), "token_unusable_answer"),
        (answer(200, {"access_token": ""}), "token_unusable_answer"),
        (answer(200, {"access_token": 5}), "token_unusable_answer"),
        (answer(200, {"access_token": "t\r\nx-evil: y"}), "token_unusable_answer"),
        (answer(200, {"access_token": "t\u00fc"}), "token_unusable_answer"),
        (answer(429, None, {"retry-after": "9"}), "token_http_429"),
        (Ambiguous("timeout"), "token_timeout"),
        (NotSent("dns"), "token_dns"),
    ],
)
async def test_no_token_is_no_ambiguous_write(result: HttpResponse | Exception, reason: str) -> None:
    with pytest.raises(HelpdeskUnavailable) as error:
        await Credentials(clock()).headers(FakeHttp(lambda _request: result), zendesk_account())
    assert error.value.reason == reason


async def test_missing_credentials_are_named() -> None:
    with pytest.raises(HelpdeskUnavailable, match="token_missing_client_id"):
        await Credentials(clock()).headers(minting(), zendesk_account(tokens={}))


async def test_a_look_up_renews_its_token_once() -> None:
    seen: list[str] = []

    def handle(request: HttpRequest) -> HttpResponse:
        if called(request) == "POST /oauth/tokens":
            return answer(200, {"access_token": f"t{len(seen)}", "expires_in": 1800})
        seen.append(request.headers["authorization"])
        return answer(401) if len(seen) == 1 else answer(200, {"ticket": {"id": 7}})

    found = await helpdesks(SystemClock())["zendesk"].get_ticket(FakeHttp(handle), zendesk_account(), "7")
    assert found is not None
    assert seen == ["Bearer t0", "Bearer t1"]


async def test_a_look_up_that_stays_unauthorized_says_so() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        token = {"access_token": "same", "expires_in": 1800}
        return answer(200, token) if called(request) == "POST /oauth/tokens" else answer(401)

    http = FakeHttp(handle)
    with pytest.raises(HelpdeskUnavailable) as error:
        await helpdesks(SystemClock())["zendesk"].get_ticket(http, zendesk_account(), "7")
    assert error.value.reason == "unauthorized"
    assert http.calls.count("GET /api/v2/tickets/7") == 1


def test_secrets_are_in_no_representation() -> None:
    account: Account = zendesk_account()
    assert "s3cret" not in repr(account)
