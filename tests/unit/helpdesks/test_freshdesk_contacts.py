"""Contacts at Freshdesk, and what the doctor says of an account."""

from typing import Any

import pytest

from agents.helpdesks.freshdesk.adapter import Freshdesk
from agents.helpdesks.port import HelpdeskUnavailable, Requester
from agents.outbound import HttpRequest, HttpResponse
from streams.clock import SystemClock
from streams.contracts.people import Customer
from tests.support.drafts import freshdesk_account
from tests.support.http import FakeHttp, answer, called, query, routed, sent_json

ACCOUNT = freshdesk_account()
CONTACTS = "/api/v2/contacts"
ANA = Customer(helpdesk_id="900", external_id="Cust-9", email="Ana@Example.com", phone="+49 171 123456")


def desk() -> Freshdesk:
    return Freshdesk(SystemClock())


def asked(**by: Any) -> Any:
    """A contact list that answers per filter."""

    def handle(request: HttpRequest) -> HttpResponse:
        if called(request) == f"GET {CONTACTS}/900":
            return answer(404)
        name = next(iter(query(request)))
        found = by.get(name, [])
        return found if isinstance(found, HttpResponse) else answer(200, found)

    return handle


async def test_the_known_id_comes_first() -> None:
    http = FakeHttp(routed({f"GET {CONTACTS}/900": answer(200, {"id": 900, "name": "Ana"})}))
    assert await desk().find_requester(http, ACCOUNT, ANA) == Requester("900", "Ana")


@pytest.mark.parametrize(
    ("found", "calls"),
    [
        ({"unique_external_id": [{"id": 1, "unique_external_id": "Cust-9"}]}, 2),
        ({"email": [{"id": 1, "email": "ana@example.com"}]}, 3),
        ({"mobile": [{"id": 1, "mobile": "+49171123456"}]}, 4),
        ({"phone": [{"id": 1, "phone": "+49 171 123456"}]}, 5),
    ],
)
async def test_the_chain_goes_on_until_somebody_is_found(found: dict[str, Any], calls: int) -> None:
    http = FakeHttp(asked(**found))
    requester = await desk().find_requester(http, ACCOUNT, ANA)
    assert requester is not None
    assert len(http.requests) == calls


async def test_a_filter_that_is_ignored_finds_nobody() -> None:
    everybody = [{"id": 1, "email": "x@y.example"}, {"id": 2, "email": None, "unique_external_id": None}]
    http = FakeHttp(asked(unique_external_id=everybody, email=everybody, mobile=everybody, phone=everybody))
    assert await desk().find_requester(http, ACCOUNT, ANA) is None


async def test_a_filter_that_is_not_known_is_passed_over() -> None:
    http = FakeHttp(
        asked(unique_external_id=answer(400, {"errors": []}), email=[{"id": 3, "email": "ana@example.com"}])
    )
    found = await desk().find_requester(http, ACCOUNT, ANA)
    assert found is not None
    assert found.id == "3"


async def test_a_failed_look_up_is_no_absence() -> None:
    with pytest.raises(HelpdeskUnavailable):
        await desk().find_requester(FakeHttp(lambda _request: answer(500)), ACCOUNT, Customer(email="a@b.example"))


async def test_an_anonymous_visitor_gets_a_contact_that_a_repeat_finds() -> None:
    made = {"id": 7, "name": "Chat visitor", "unique_external_id": "handoff-1"}
    http = FakeHttp(routed({f"GET {CONTACTS}": answer(200, []), f"POST {CONTACTS}": answer(201, made)}))
    visitor = Customer(id="v", anonymous=True)
    assert (await desk().create_requester(http, ACCOUNT, visitor, derived_external_id="handoff-1")).id == "7"
    assert sent_json(http.requests[-1]) == {"name": "Chat visitor", "unique_external_id": "handoff-1"}
    again = FakeHttp(routed({f"GET {CONTACTS}": answer(200, [made])}))
    assert (await desk().create_requester(again, ACCOUNT, visitor, derived_external_id="handoff-1")).id == "7"


@pytest.mark.parametrize(
    "taken", [answer(409), answer(400, {"errors": [{"field": "email", "code": "duplicate_value"}]})]
)
async def test_a_contact_that_was_there_already_is_taken(taken: HttpResponse) -> None:
    found = answer(200, [{"id": 5, "email": "a@b.example"}])
    http = FakeHttp(routed({f"GET {CONTACTS}": found, f"POST {CONTACTS}": taken}))
    got = await desk().create_requester(http, ACCOUNT, Customer(email="a@b.example"), derived_external_id="h")
    assert got.id == "5"


@pytest.mark.parametrize("status", [409, 400, 403, 429, 500, 200])
async def test_a_contact_that_could_not_be_made_is_an_error(status: int) -> None:
    http = FakeHttp(routed({f"GET {CONTACTS}": answer(200, []), f"POST {CONTACTS}": answer(status, {})}))
    with pytest.raises(HelpdeskUnavailable):
        await desk().create_requester(http, ACCOUNT, Customer(email="a@b.example"), derived_external_id="h")


@pytest.mark.parametrize(
    ("contact", "status", "changed", "sent"),
    [
        ({"id": 7, "email": None}, 200, True, {"email": "new@x.example"}),
        ({"id": 7, "email": "old@x.example"}, 200, True, {"other_emails": ["new@x.example"]}),
        ({"id": 7, "email": None}, 409, False, {"email": "new@x.example"}),
        ({"id": 7, "email": "NEW@x.example"}, 500, True, None),
        ({"id": 7, "email": "old@x.example", "other_emails": ["new@x.example"]}, 500, True, None),
    ],
)
async def test_an_address_is_set_unless_it_is_known_or_somebody_elses(
    contact: dict[str, Any], status: int, changed: bool, sent: dict[str, Any] | None
) -> None:
    path = f"{CONTACTS}/7"
    http = FakeHttp(routed({f"GET {path}": answer(200, contact), f"PUT {path}": answer(status, {})}))
    assert await desk().update_requester_email(http, ACCOUNT, Requester("7"), "new@x.example") is changed
    assert [sent_json(request) for request in http.requests[1:]] == ([sent] if sent else [])


HEALTHY: dict[str, HttpResponse] = {
    "GET /api/v2/agents/me": answer(200, {"id": 1, "type": "support_agent"}),
    "GET /api/v2/groups": answer(200, [{"id": 43, "name": "Billing"}]),
    "GET /api/v2/ticket_fields": answer(200, [{"name": "cf_handoff"}]),
}
WITH_FIELD = freshdesk_account(options={"fields": {"escalation_id": "cf_handoff"}})


async def test_a_healthy_account_leaves_only_the_mails_to_look_at() -> None:
    findings = await desk().probe(FakeHttp(routed(HEALTHY)), WITH_FIELD, ["billing"])
    assert [(finding.level, finding.subject) for finding in findings] == [
        ("ok", "credentials"),
        ("ok", "group billing"),
        ("ok", "field cf_handoff"),
        ("warn", "mails"),
    ]


async def test_what_is_wrong_is_an_error_with_a_remedy() -> None:
    wrong = HEALTHY | {"GET /api/v2/ticket_fields": answer(200, []), "GET /api/v2/groups": answer(200, [])}
    findings = await desk().probe(FakeHttp(routed(wrong)), WITH_FIELD, ["billing"])
    errors = [finding for finding in findings if finding.level == "error"]
    assert [finding.subject for finding in errors] == ["group billing", "field cf_handoff"]
    assert all(finding.remedy for finding in errors)
    for rejected in (answer(401, {"code": "invalid_credentials"}), answer(404), answer(200, "<html>")):
        findings = await desk().probe(FakeHttp(routed(wrong | {"GET /api/v2/agents/me": rejected})), ACCOUNT)
        assert findings[0].level == "error"


async def test_without_a_field_for_our_id_a_tag_per_ticket_is_warned_about() -> None:
    findings = await desk().probe(FakeHttp(routed(HEALTHY)), ACCOUNT)
    assert any(finding.subject == "fields" and finding.level == "warn" for finding in findings)
