"""The simulated Zendesk: credentials, limits, users, catalogue, uploads."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.settings import AccountSettings, SimulatorSettings, ZendeskAccount
from tests.support.simulators import SUNSHINE_AUTH, ZENDESK_AUTH, Answer, Simulators, basic, running

API = "/zendesk/acme/api/v2"
CLIENT = {
    "grant_type": "client_credentials",
    "client_id": "handoff",
    "client_secret": "demo-zendesk-client-secret",
    "scope": "read write",
}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path) as simulators:
        yield simulators


async def token(desk: Simulators, **changes: Any) -> Answer:
    return await desk.call("POST", "/zendesk/acme/oauth/tokens", CLIENT | changes)


async def groups(desk: Simulators, bearer: str) -> Answer:
    return await desk.call("GET", f"{API}/groups", auth={"Authorization": f"Bearer {bearer}"})


async def test_client_credentials_give_a_token_that_works_until_it_expires(desk: Simulators) -> None:
    issued = await token(desk)
    assert issued.status == 200
    assert (issued.json["token_type"], issued.json["expires_in"]) == ("bearer", 1_800)
    assert "refresh_token" not in issued.json
    assert (await groups(desk, issued.json["access_token"])).status == 200
    desk.advance(1_801)
    late = await groups(desk, issued.json["access_token"])
    assert (late.status, late.json["error"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"expires_in": 300}, 400, "invalid_request"),
        ({"expires_in": 172_800}, 400, "invalid_request"),
    ],
)
async def test_a_token_request_can_be_refused(
    desk: Simulators, changes: dict[str, Any], status: int, error: str
) -> None:
    answer = await token(desk, **changes)
    assert (answer.status, answer.json["error"]) == (status, error)


async def test_a_token_of_too_small_a_scope_is_issued_and_forbidden_later(desk: Simulators) -> None:
    bearer = (await token(desk, scope="read")).json["access_token"]
    assert (await groups(desk, bearer)).status == 200
    body = {"ticket": {"comment": {"body": "x"}}}
    answer = await desk.call("POST", f"{API}/tickets", body, auth={"Authorization": f"Bearer {bearer}"})
    assert (answer.status, answer.json["error"]["title"]) == (403, "Forbidden")
    current = await desk.call("GET", f"{API}/oauth/tokens/current", auth={"Authorization": f"Bearer {bearer}"})
    assert current.json["token"]["scopes"] == ["read"]


async def test_resource_scopes_are_enough(desk: Simulators) -> None:
    bearer = (await token(desk, scope="tickets:write")).json["access_token"]
    body = {"ticket": {"comment": {"body": "x"}}}
    answer = await desk.call("POST", f"{API}/tickets", body, auth={"Authorization": f"Bearer {bearer}"})
    assert answer.status == 201
    assert (await groups(desk, bearer)).status == 403


@pytest.mark.parametrize("auth", [{}, basic("handoff@acme.example/token", "wrong"), basic("handoff@acme.example", "x")])
async def test_wrong_or_missing_credentials_are_401(desk: Simulators, auth: dict[str, str]) -> None:
    answer = await desk.call("GET", f"{API}/groups", auth=auth)
    assert (answer.status, answer.json) == (401, {"error": "Couldn't authenticate you"})


async def test_an_account_without_api_tokens_takes_none(tmp_path: Path) -> None:
    settings = SimulatorSettings(default=AccountSettings(zendesk=ZendeskAccount(api_token=None)))
    async with running(tmp_path, settings) as desk:
        answer = await desk.call("GET", f"{API}/groups", auth=basic("handoff@acme.example/token", "None"))
        assert answer.status == 401


async def test_answers_say_what_is_left_and_past_the_limit_comes_429_with_retry_after(tmp_path: Path) -> None:
    settings = SimulatorSettings(default=AccountSettings(zendesk=ZendeskAccount(requests_per_minute=3)))
    async with running(tmp_path, settings) as desk:
        answers = [await desk.call("GET", f"{API}/groups", auth=ZENDESK_AUTH) for _ in range(4)]
        assert [answer.headers["X-Rate-Limit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        assert answers[0].headers["ratelimit-limit"] == "3"
        assert answers[3].status == 429
        assert answers[3].raw == b"Number of allowed API requests per minute exceeded\n"
        assert answers[3].headers["Content-Type"].startswith("text/plain")
        desk.advance(int(answers[3].headers["Retry-After"]))
        assert (await desk.call("GET", f"{API}/groups", auth=ZENDESK_AUTH)).status == 200


async def test_accounts_share_nothing(desk: Simulators) -> None:
    body = {"ticket": {"external_id": "e", "comment": {"body": "x"}}}
    await desk.call("POST", f"{API}/tickets", body, auth=ZENDESK_AUTH)
    other = await desk.call("GET", "/zendesk/globex/api/v2/tickets?external_id=e", auth=ZENDESK_AUTH)
    assert other.json["count"] == 0


async def user(desk: Simulators, path: str = "users", method: str = "POST", **fields: Any) -> Answer:
    return await desk.call(method, f"{API}/{path}", {"user": fields}, auth=ZENDESK_AUTH)


async def test_a_user_needs_a_name_and_nothing_else(desk: Simulators) -> None:
    made = await user(desk, name="Visitor", phone="+15550100")
    assert made.status == 201
    assert made.json["user"]["email"] is None
    assert made.headers["Location"].endswith(f"/users/{made.json['user']['id']}.json")
    nameless = await user(desk, email="a@b.test")
    assert (nameless.status, "name" in nameless.json["details"]) == (422, True)


async def test_an_address_or_external_id_belongs_to_one_user(desk: Simulators) -> None:
    await user(desk, name="A", email="a@b.test", external_id="X-1")
    for fields in ({"email": "A@B.test"}, {"external_id": "x-1"}):
        answer = await user(desk, name="B", **fields)
        (problem,) = next(iter(answer.json["details"].values()))
        assert (answer.status, problem["error"]) == (422, "DuplicateValue")


async def test_create_or_update_finds_by_external_id_in_any_case_or_by_mail(desk: Simulators) -> None:
    made = await user(desk, "users/create_or_update", name="A", external_id="Abc")
    again = await user(desk, "users/create_or_update", name="B", external_id="aBC")
    assert (made.status, again.status) == (201, 200)
    assert again.json["user"]["id"] == made.json["user"]["id"]
    assert (again.json["user"]["name"], again.json["user"]["external_id"]) == ("B", "aBC")


async def test_one_user_takes_five_updates_a_minute(desk: Simulators) -> None:
    made = (await user(desk, name="A")).json["user"]
    statuses = [(await user(desk, f"users/{made['id']}", "PUT", name=f"A{n}")).status for n in range(6)]
    assert statuses == [200] * 5 + [429]


async def test_users_are_found_by_external_id_mail_and_phone(desk: Simulators) -> None:
    made = (await user(desk, name="Maya", email="maya@b.test", external_id="u-1", phone="+4930123")).json["user"]
    queries = ("external_id=U-1", "query=email:maya@b.test", "query=maya@b.test", "query=phone:%2B4930123")
    for query in queries:
        found = await desk.call("GET", f"{API}/users/search?{query}", auth=ZENDESK_AUTH)
        assert [entry["id"] for entry in found.json["users"]] == [made["id"]], query
    assert (await desk.call("GET", f"{API}/users/search", auth=ZENDESK_AUTH)).status == 400


async def test_an_update_with_a_mail_adds_an_identity(desk: Simulators) -> None:
    made = (await user(desk, name="A", email="a@b.test")).json["user"]
    await user(desk, f"users/{made['id']}", "PUT", email="second@b.test")
    body = {"identity": {"type": "email", "value": "third@b.test"}}
    added = await desk.call("POST", f"{API}/users/{made['id']}/identities", body, auth=ZENDESK_AUTH)
    assert added.status == 201
    listed = await desk.call("GET", f"{API}/users/{made['id']}/identities", auth=ZENDESK_AUTH)
    assert [entry["value"] for entry in listed.json["identities"]] == ["a@b.test", "second@b.test", "third@b.test"]
    assert [entry["primary"] for entry in listed.json["identities"]] == [True, False, False]
    again = await desk.call("POST", f"{API}/users/{made['id']}/identities", body, auth=ZENDESK_AUTH)
    assert again.status == 422


async def test_a_users_tickets_are_listed(desk: Simulators) -> None:
    made = (await user(desk, name="A")).json["user"]
    body = {"ticket": {"requester_id": made["id"], "comment": {"body": "x"}}}
    ticket = (await desk.call("POST", f"{API}/tickets", body, auth=ZENDESK_AUTH)).json["ticket"]
    listed = await desk.call("GET", f"{API}/users/{made['id']}/tickets/requested", auth=ZENDESK_AUTH)
    assert [entry["id"] for entry in listed.json["tickets"]] == [ticket["id"]]
    unknown = await desk.call("GET", f"{API}/users/1/tickets/requested", auth=ZENDESK_AUTH)
    assert unknown.status == 404


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("groups", "groups"),
        ("brands", "brands"),
        ("ticket_forms", "ticket_forms"),
        ("ticket_fields", "ticket_fields"),
        ("triggers", "triggers"),
    ],
)
async def test_the_account_can_be_looked_at(desk: Simulators, path: str, name: str) -> None:
    listed = await desk.call("GET", f"{API}/{path}", auth=ZENDESK_AUTH)
    assert all(entry["id"] for entry in listed.json[name])
    assert listed.json["count"] == len(listed.json[name]) > 0


async def test_an_upload_is_json_declared_as_text_and_its_token_attaches_the_file(desk: Simulators) -> None:
    headers = ZENDESK_AUTH | {"Content-Type": "image/png"}
    path = f"{API}/uploads?filename=receipt.png"
    made = await desk.call("POST", path, b"PNG", auth=headers)
    assert made.status == 201
    assert made.headers["Content-Type"].startswith("text/plain")
    upload = made.json["upload"]
    assert (upload["attachment"]["file_name"], upload["attachment"]["size"]) == ("receipt.png", 3)
    assert upload["expires_at"] == "2026-07-14T10:00:00Z"
    body = {"ticket": {"comment": {"body": "x", "uploads": [upload["token"]]}}}
    ticket = (await desk.call("POST", f"{API}/tickets", body, auth=ZENDESK_AUTH)).json["ticket"]
    comments = await desk.call("GET", f"{API}/tickets/{ticket['id']}/comments", auth=ZENDESK_AUTH)
    assert comments.json["comments"][0]["attachments"][0]["file_name"] == "receipt.png"
    desk.advance(72 * 3600)
    assert (await desk.call("POST", f"{API}/tickets", body, auth=ZENDESK_AUTH)).status == 422


def _jwt(secret: str, key_id: str, scope: str = "app") -> str:
    def part(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': key_id})}.{part({'scope': scope})}"
    digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


async def test_sunshine_takes_a_key_or_a_signed_token_and_nothing_else(desk: Simulators) -> None:
    await desk.step("zendesk-sunco", "c-1", say={"author": "customer", "text": "hi"})
    path, key = "/zendesk/acme/sc/v2/apps/app/conversations/c-1", ZendeskAccount().sunshine_key_id
    good = {"Authorization": f"Bearer {_jwt('demo-sunshine-secret', key)}"}
    bad = {"Authorization": f"Bearer {_jwt('other', key)}"}
    assert (await desk.call("GET", path, auth=SUNSHINE_AUTH)).status == 200
    assert (await desk.call("GET", path, auth=good)).status == 200
    for auth in (bad, ZENDESK_AUTH, {}):
        refused = await desk.call("GET", path, auth=auth)
        assert (refused.status, refused.json["errors"][0]["code"]) == (401, "unauthorized")
