"""Contacts at Zendesk: the chain of look-ups, and contacts made without harm to others."""

from typing import Any

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import HelpdeskUnavailable, Requester
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.outbound import HttpRequest, HttpResponse
from streams.clock import SystemClock
from streams.contracts.people import Customer
from tests.support.drafts import zendesk_account
from tests.support.http import FakeHttp, answer, called, query, routed, sent_json

ACCOUNT = zendesk_account(tokens={"email": SecretStr("bot@acme.example"), "api_token": SecretStr("k")})
SEARCH = "GET /api/v2/users/search"
NOBODY = answer(200, {"users": [], "count": 0})
ANA = Customer(helpdesk_id="900", external_id="Cust-9", email="Ana@Example.com", phone="+49 171 123456", name="Ana")


def desk() -> Zendesk:
    return Zendesk(SystemClock())


def user(user_id: int, **more: Any) -> dict[str, Any]:
    return {"id": user_id, "name": "Ana", "role": "end-user", "active": True, "suspended": False} | more


def searched(**by: dict[str, Any]) -> Any:
    """A search that answers per kind of question: external_id, email, phone."""

    def handle(request: HttpRequest) -> HttpResponse:
        if called(request) == "GET /api/v2/users/900":
            return answer(404, {"error": "RecordNotFound"})
        asked = query(request)
        kind = "external_id" if "external_id" in asked else asked["query"].split(":")[0]
        return answer(200, {"users": [by[kind]] if kind in by else []})

    return handle


async def test_the_known_id_comes_first() -> None:
    http = FakeHttp(routed({"GET /api/v2/users/900": answer(200, {"user": user(900)})}))
    assert await desk().find_requester(http, ACCOUNT, ANA) == Requester("900", "Ana")
    assert len(http.requests) == 1


@pytest.mark.parametrize(
    ("found", "calls"),
    [
        ({"external_id": user(1, external_id="cust-9")}, 2),
        ({"email": user(1, email="ana@example.com")}, 3),
        ({"phone": user(1, phone="+49171123456")}, 4),
    ],
)
async def test_the_chain_goes_on_until_somebody_is_found(found: dict[str, Any], calls: int) -> None:
    http = FakeHttp(searched(**found))
    requester = await desk().find_requester(http, ACCOUNT, ANA)
    assert requester is not None
    assert requester.id == "1"
    assert len(http.requests) == calls


@pytest.mark.parametrize(
    "found",
    [
        {"external_id": user(1, external_id="cust-99")},
        {"email": user(1, email="ana@example.com.evil.example")},
        {"phone": user(1, phone="+4917112345678")},
        {"email": user(1, email="ana@example.com", active=False)},
        {"email": user(1, email="ana@example.com", suspended=True)},
        {"email": {"id": None, "email": "ana@example.com"}},
    ],
)
async def test_a_fuzzy_hit_is_nobody(found: dict[str, Any]) -> None:
    assert await desk().find_requester(FakeHttp(searched(**found)), ACCOUNT, ANA) is None


async def test_an_agents_account_is_known_as_one() -> None:
    http = FakeHttp(searched(email=user(1, email="ana@example.com", role="admin")))
    found = await desk().find_requester(http, ACCOUNT, Customer(email="ana@example.com"))
    assert found is not None
    assert not found.end_user


async def test_nobody_is_asked_about_with_what_is_no_address() -> None:
    http = FakeHttp(lambda _request: answer(500))
    nobody = Customer(email='x" OR role:admin', phone="none", helpdesk_id="me")
    assert await desk().find_requester(http, ACCOUNT, nobody) is None
    assert http.requests == []


async def test_a_failed_look_up_is_no_absence() -> None:
    with pytest.raises(HelpdeskUnavailable):
        await desk().find_requester(FakeHttp(lambda _r: answer(503)), ACCOUNT, Customer(email="a@b.example"))


async def test_an_anonymous_visitor_gets_a_contact_that_a_repeat_finds() -> None:
    made = user(7, external_id="handoff-1", email=None)
    http = FakeHttp(routed({"POST /api/v2/users": answer(201, {"user": made})}))
    visitor = Customer(id="v", anonymous=True)
    requester = await desk().create_requester(http, ACCOUNT, visitor, derived_external_id="handoff-1")
    assert (requester.id, requester.made) == ("7", True)
    assert sent_json(http.requests[-1]) == {
        "user": {"name": "Chat visitor", "role": "end-user", "skip_verify_email": True, "external_id": "handoff-1"}
    }
    taken = {"error": "RecordInvalid", "details": {"base": [{"description": "External has already been taken"}]}}
    again = FakeHttp(routed({SEARCH: answer(200, {"users": [made]}), "POST /api/v2/users": answer(422, taken)}))
    found = await desk().create_requester(again, ACCOUNT, visitor, derived_external_id="handoff-1")
    assert (found.id, found.made) == ("7", False)


async def test_a_contact_with_an_address_gets_no_external_id_of_ours() -> None:
    http = FakeHttp(routed({"POST /api/v2/users": answer(201, {"user": user(7)})}))
    await desk().create_requester(http, ACCOUNT, Customer(email="a@b.example", name="A"), derived_external_id="h")
    assert sent_json(http.requests[0])["user"] == {
        "name": "A",
        "role": "end-user",
        "skip_verify_email": True,
        "email": "a@b.example",
    }


async def test_a_contact_that_was_there_already_is_taken() -> None:
    taken = answer(422, {"error": "RecordInvalid", "details": {"email": [{"description": "is already being used"}]}})
    found = answer(200, {"users": [user(5, email="a@b.example")]})
    http = FakeHttp(routed({SEARCH: found, "POST /api/v2/users": taken}))
    got = await desk().create_requester(http, ACCOUNT, Customer(email="a@b.example"), derived_external_id="h")
    assert got.id == "5"


@pytest.mark.parametrize("status", [422, 403, 429, 500, 200])
async def test_a_contact_that_could_not_be_made_is_an_error_and_not_somebody_else(status: int) -> None:
    http = FakeHttp(routed({SEARCH: NOBODY, "POST /api/v2/users": answer(status, {})}))
    with pytest.raises(HelpdeskUnavailable):
        await desk().create_requester(http, ACCOUNT, Customer(email="a@b.example"), derived_external_id="h")


IDENTITIES = "/api/v2/users/7/identities"


@pytest.mark.parametrize(("status", "changed"), [(201, True), (422, False), (409, False)])
async def test_an_address_is_added_unless_it_is_somebody_elses(status: int, changed: bool) -> None:
    known = answer(200, {"identities": [{"type": "phone_number", "value": "ana@example.com"}]})
    http = FakeHttp(routed({f"GET {IDENTITIES}": known, f"POST {IDENTITIES}": answer(status, {})}))
    assert await desk().update_requester_email(http, ACCOUNT, Requester("7"), "ana@example.com") is changed
    assert sent_json(http.requests[-1])["identity"]["value"] == "ana@example.com"


async def test_an_address_that_is_there_is_not_added_again() -> None:
    known = answer(200, {"identities": [{"type": "email", "value": "ANA@example.com"}]})
    http = FakeHttp(routed({f"GET {IDENTITIES}": known}))
    assert await desk().update_requester_email(http, ACCOUNT, Requester("7"), "ana@example.com")


async def test_what_is_no_address_changes_nothing() -> None:
    http = FakeHttp(lambda _request: answer(500))
    assert not await desk().update_requester_email(http, ACCOUNT, Requester("7"), "my mail is secret")
    assert http.requests == []
