"""What the doctor says of a Zendesk account."""

from typing import Any

import pytest
from pydantic import SecretStr

from agents.helpdesks.finding import Finding
from agents.helpdesks.port import Account
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.helpdesks.zendesk.triggers import mails_on_create
from agents.outbound import HttpResponse, NotSent
from streams.clock import SystemClock
from tests.support.drafts import zendesk_account
from tests.support.http import FakeHttp, answer, routed

PROACTIVE: dict[str, Any] = {
    "id": 1,
    "title": "Notify requester of new proactive ticket",
    "active": True,
    "conditions": {
        "all": [
            {"field": "update_type", "operator": "is", "value": "Create"},
            {"field": "ticket_is_public", "operator": "is", "value": "public"},
            {"field": "role", "operator": "is", "value": "agent"},
        ],
        "any": [],
    },
    "actions": [{"field": "notification_user", "value": ["requester_and_ccs", "[{{ticket.title}}]", "body"]}],
}
HEALTHY: dict[str, HttpResponse] = {
    "POST /oauth/tokens": answer(200, {"access_token": "t", "expires_in": 1800}),
    "GET /api/v2/users/me": answer(200, {"user": {"id": 1, "role": "agent"}}),
    "GET /api/v2/oauth/tokens/current": answer(200, {"token": {"scopes": ["read", "write"]}}),
    "GET /api/v2/groups": answer(200, {"groups": [{"id": 360001, "name": "Billing"}, {"id": 5, "name": "Tier 2"}]}),
    "GET /api/v2/account/settings": answer(200, {"settings": {"tickets": {"comments_public_by_default": True}}}),
    "GET /api/v2/triggers/active": answer(200, {"triggers": []}),
}


async def found(
    routes: dict[str, Any] | None = None, *, account: Account | None = None, groups: tuple[str, ...] = ("billing",)
) -> list[Finding]:
    http = FakeHttp(routed(HEALTHY | (routes or {})))
    return await Zendesk(SystemClock()).probe(http, account or zendesk_account(), groups)


def level(findings: list[Finding], subject: str) -> str:
    return next(finding.level for finding in findings if finding.subject == subject)


async def test_a_healthy_account_is_all_ok() -> None:
    findings = await found()
    assert [finding.level for finding in findings] == ["ok"] * len(findings)
    assert {finding.subject for finding in findings} == {"credentials", "scopes", "group billing", "triggers"}


@pytest.mark.parametrize(
    "routes",
    [
        {"GET /api/v2/users/me": answer(401)},
        {"GET /api/v2/users/me": answer(200, "<html>")},
        {"GET /api/v2/users/me": NotSent("dns")},
        {"POST /oauth/tokens": answer(401, {"error": "invalid_client"})},
        {"GET /api/v2/users/me": answer(200, {"user": {"id": None, "role": "end-user"}})},
    ],
)
async def test_credentials_that_do_not_work_are_an_error_with_a_remedy(routes: dict[str, Any]) -> None:
    findings = await found(routes)
    assert findings[0].level == "error"
    assert findings[0].remedy


async def test_an_api_token_is_warned_about() -> None:
    legacy = zendesk_account(tokens={"email": SecretStr("b@acme.example"), "api_token": SecretStr("k")})
    findings = await found(account=legacy)
    assert any("2027-04-30" in finding.remedy for finding in findings)


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        (["read", "write"], "ok"),
        (["tickets:write", "users:write", "tickets:read"], "ok"),
        (["read"], "error"),
        (["write"], "error"),
        (["tickets:write", "read"], "error"),
        ([], "warn"),
    ],
)
async def test_scopes_are_judged(scopes: list[str], expected: str) -> None:
    token = answer(200, {"token": {"scopes": scopes}})
    assert level(await found({"GET /api/v2/oauth/tokens/current": token}), "scopes") == expected


async def test_a_group_that_leads_nowhere_is_an_error_with_its_id() -> None:
    findings = await found(groups=("billing", "tier_2"))
    lost = next(finding for finding in findings if finding.subject == "group tier_2")
    assert (lost.level, lost.remedy) == ("error", "set groups: {tier_2: 5}")
    wrong = await found(account=zendesk_account(groups={"billing": 9}))
    assert level(wrong, "group billing") == "error"


async def test_a_trigger_that_would_mail_is_named() -> None:
    findings = await found({"GET /api/v2/triggers/active": answer(200, {"triggers": [PROACTIVE]})})
    trigger = next(finding for finding in findings if finding.subject == "triggers")
    assert trigger.level == "warn"
    assert "proactive" in trigger.text
    assert "handoff" in trigger.remedy


@pytest.mark.parametrize("path", ["groups", "triggers/active"])
async def test_what_cannot_be_read_is_a_warning(path: str) -> None:
    findings = await found({f"GET /api/v2/{path}": answer(403)})
    assert level(findings, path.split("/", maxsplit=1)[0]) == "warn"


async def test_settings_that_turn_answers_or_transcripts_round_are_found() -> None:
    settings = {"comments_public_by_default": False, "is_first_comment_private_enabled": False}
    routes = {"GET /api/v2/account/settings": answer(200, {"settings": {"tickets": settings}})}
    assert level(await found(routes), "agents' replies") == "warn"
    assert level(await found(routes, account=zendesk_account(first_comment="private")), "first comment") == "error"


def changed(**conditions: Any) -> dict[str, Any]:
    extra = [{"field": field, **rest} for field, rest in conditions.items()]
    return PROACTIVE | {"conditions": {"all": [*PROACTIVE["conditions"]["all"], *extra], "any": []}}


@pytest.mark.parametrize(
    ("trigger", "public", "mails"),
    [
        (PROACTIVE, True, True),
        (PROACTIVE, False, False),
        (PROACTIVE | {"active": False}, True, False),
        (PROACTIVE | {"actions": [{"field": "group_id", "value": "5"}]}, True, False),
        (PROACTIVE | {"actions": [{"field": "notification_user", "value": ["assignee_id", "s", "b"]}]}, True, False),
        (changed(current_tags={"operator": "not_includes", "value": "vip handoff"}), True, False),
        (changed(current_tags={"operator": "not_includes", "value": "vip"}), True, True),
        (changed(update_type={"operator": "is", "value": "Change"}), True, False),
        (changed(role={"operator": "is", "value": "end_user"}), True, False),
        (changed(something_new={"operator": "is", "value": "x"}), True, True),
        (PROACTIVE | {"conditions": {"all": [], "any": [{"field": "update_type", "value": "Change"}]}}, True, False),
        (PROACTIVE | {"conditions": None}, True, True),
        ({}, True, False),
    ],
)
def test_a_trigger_mails_when_its_conditions_may_hold(trigger: dict[str, Any], public: bool, mails: bool) -> None:
    assert mails_on_create(trigger, public=public) is mails
