"""Which webhooks the vendors' APIs say are there, and that what is pasted is what the adapters understand."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from agents.commands.examining.setups import INTERCOM_TOPICS, SETUPS, SUNSHINE_TRIGGERS, ZENDESK_EVENTS
from agents.commands.examining.webhooks import Looked, look
from agents.outbound import HttpResponse
from agents.platforms.intercom import normalise as intercom
from agents.platforms.registry import NAMES
from agents.platforms.zendesk_sunco import inbound as sunco
from agents.settings import TenantSettings
from streams.clock import ManualClock
from tests.support.deliveries import normalized
from tests.support.gateway import START
from tests.support.http import FakeHttp, Handler, answer, routed

SECRET = "the-signing-secret-of-the-webhook"


def tenant(**changes: Any) -> TenantSettings:
    keys = {"key_id": "a", "key_secret": "b"}
    sunshine = {"secrets": [SECRET], "tokens": keys, "options": {"subdomain": "acme", "app_id": "app1"}}
    return TenantSettings.model_validate(
        {
            "platforms": {
                "zendesk-sunco": sunshine,
                "zendesk-events": {"secrets": [SECRET], "own_ids": [77]},
                "intercom": {},
            },
            "helpdesk": {
                "name": "zendesk",
                "base_url": "https://acme.zendesk.com",
                "tokens": {"email": "a@acme.example", "api_token": "t"},
            },
        }
        | changes
    )


async def looked(name: str, handler: Handler, settings: TenantSettings | None = None) -> Looked:
    return await look(name, "acme", settings or tenant(), FakeHttp(handler), ManualClock(START))


def hook(hook_id: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": hook_id,
        "endpoint": "https://hooks.acme.example/v1/webhooks/zendesk-events/acme",
        "status": "active",
        "subscriptions": list(ZENDESK_EVENTS),
    } | changes


def zendesk(hooks: list[dict[str, Any]], triggers: list[dict[str, Any]], secret: str = SECRET) -> Handler:
    routes: dict[str, Any] = {
        "GET /api/v2/users/me": answer(200, {"user": {"id": 77, "role": "admin"}}),
        "GET /api/v2/webhooks": answer(200, {"webhooks": hooks, "meta": {"has_more": False}}),
        "GET /api/v2/triggers/active": answer(200, {"triggers": triggers, "meta": {"has_more": False}}),
    }
    for one in hooks:
        signing = {"signing_secret": {"algorithm": "SHA256", "secret": secret}}
        routes[f"GET /api/v2/webhooks/{one['id']}/signing_secret"] = answer(200, signing)
    return routed(routes)


def calling(webhook_id: str) -> dict[str, Any]:
    return {"id": 1, "active": True, "actions": [{"field": "notification_webhook", "value": [webhook_id, "{}"]}]}


BOTH = [hook("w1"), hook("w2", subscriptions=["conditional_ticket_events"])]


async def test_at_zendesk_everything_is_there() -> None:
    found = await looked("zendesk-events", zendesk(BOTH, [calling("w2")]))
    assert found.paste == ()
    assert {finding.level for finding in found.findings} == {"ok"}


async def test_at_zendesk_nothing_is_there() -> None:
    foreign = hook("w9", endpoint="https://hooks.acme.example/v1/webhooks/zendesk-events/birch")
    found = await looked("zendesk-events", zendesk([foreign], [calling("w9")]))
    assert [finding.subject for finding in found.findings] == ["own_ids"]
    assert found.paste == SETUPS["zendesk-events"]


async def test_the_user_whom_we_act_as_has_to_be_known_or_our_words_look_like_a_person_s() -> None:
    settings = tenant()
    bare = settings.platforms["zendesk-events"].model_copy(update={"own_ids": frozenset()})
    platforms = dict(settings.platforms) | {"zendesk-events": bare}
    found = await looked("zendesk-events", zendesk(BOTH, []), settings.model_copy(update={"platforms": platforms}))
    assert [(one.level, one.remedy) for one in found.findings if one.subject == "own_ids"] == [
        ("warn", "add 77 to own_ids")
    ]


async def test_a_webhook_whose_trigger_is_missing_is_pasted_with_its_body() -> None:
    found = await looked("zendesk-events", zendesk(BOTH, [calling("another")]))
    assert [setup.body is not None for setup in found.paste] == [True]


@pytest.mark.parametrize(
    ("hooks", "secret", "said"),
    [
        (
            [hook("w1", subscriptions=list(ZENDESK_EVENTS[:2]))],
            SECRET,
            "the webhook lacks events: zen:event-type:ticket",
        ),
        ([hook("w1", status="inactive")], SECRET, "is there and not active"),
        ([hook("w1")], "another secret", "its secret is not among ours"),
    ],
)
async def test_a_webhook_that_would_not_work_is_an_error(hooks: list[dict[str, Any]], secret: str, said: str) -> None:
    found = await looked("zendesk-events", zendesk(hooks, [], secret))
    wrong = [finding for finding in found.findings if finding.level == "error"]
    assert len(wrong) == 1
    assert wrong[0].text.startswith(said)
    assert "secret of the webhook" not in str(found)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
async def test_what_zendesk_does_not_show_counts_as_not_there(status: int) -> None:
    found = await looked("zendesk-events", lambda _request: answer(status, {"error": "x"}))
    assert [finding.level for finding in found.findings] == ["warn"]
    assert found.paste == SETUPS["zendesk-events"]


def sunshine(webhooks: list[dict[str, Any]]) -> Handler:
    return routed(
        {
            "GET /sc/v2/apps/app1/integrations": answer(200, {"integrations": [{"id": "i1", "type": "custom"}]}),
            "GET /sc/v2/apps/app1/integrations/i1/webhooks": answer(200, {"webhooks": webhooks}),
        }
    )


def target(**changes: Any) -> dict[str, Any]:
    return {
        "id": "h1",
        "target": "https://hooks.acme.example/v1/webhooks/zendesk-sunco/acme",
        "triggers": list(SUNSHINE_TRIGGERS),
        "secret": SECRET,
        "includeFullUser": True,
    } | changes


async def test_at_sunshine_the_webhook_is_there_or_is_to_be_pasted() -> None:
    there = await looked("zendesk-sunco", sunshine([target()]))
    assert there.paste == ()
    assert {finding.level for finding in there.findings} == {"ok"}
    nowhere = await looked("zendesk-sunco", sunshine([target(target="https://elsewhere.example/")]))
    assert nowhere == Looked((), SETUPS["zendesk-sunco"])


@pytest.mark.parametrize(
    ("change", "level", "said"),
    [
        ({"triggers": ["conversation:message"]}, "error", "the webhook lacks triggers: conversation:postback"),
        ({"includeFullUser": False}, "warn", "includeFullUser is off"),
        ({"secret": "another"}, "error", "its secret is not among ours"),
    ],
)
async def test_a_sunshine_webhook_that_would_not_do_is_told(change: Mapping[str, Any], level: str, said: str) -> None:
    found = await looked("zendesk-sunco", sunshine([target(**change)]))
    assert [(one.level, one.text[: len(said)]) for one in found.findings if one.level != "ok"] == [(level, said)]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"integrations": 7}', b'{"integrations": [7, {"id": {}}]}'])
async def test_answers_of_another_shape_are_no_exception(body: bytes) -> None:
    found = await looked("zendesk-sunco", lambda _request: HttpResponse(200, {}, body))
    assert found.paste == SETUPS["zendesk-sunco"]


async def test_without_an_api_to_ask_everything_is_to_be_pasted() -> None:
    assert await looked("intercom", routed({})) == Looked((), SETUPS["intercom"])
    no_helpdesk = tenant(helpdesk=None)
    assert await looked("zendesk-events", routed({}), no_helpdesk) == Looked((), SETUPS["zendesk-events"])


def test_every_platform_has_its_setup() -> None:
    assert set(SETUPS) == set(NAMES)


def test_the_topics_to_subscribe_are_those_the_adapters_understand() -> None:
    understood = (intercom._TALK | set(intercom._HANDLERS)) - {
        "procedure.hitl_notification.created",  # preview only
        "conversation.company.updated",  # of no use to a ticket
    }
    assert set(INTERCOM_TOPICS) == understood
    assert set(SUNSHINE_TRIGGERS) == set(sunco._HANDLERS)


@pytest.mark.parametrize("kind", ZENDESK_EVENTS)
def test_each_zendesk_event_to_subscribe_is_understood(kind: str) -> None:
    body = {
        "type": kind,
        "id": "e1",
        "time": "2026-07-11T10:00:00Z",
        "subject": "zen:ticket:1",
        "detail": {"id": "1", "status": "closed", "conversation_id": "c1"},
        "event": {
            "conversation_id": "c1",
            "actor": {"id": "u1", "type": "end_user"},
            "message": {"id": "m1", "body": "hello"},
            "comment": {"body": "hello", "is_public": True, "author": {"id": "u1", "is_staff": False}},
            "current": "closed" if kind.endswith("status_changed") else "77",
        },
    }
    assert normalized("zendesk-events", body).events


def test_the_trigger_s_body_is_json_the_adapter_understands() -> None:
    body = next(setup.body for setup in SETUPS["zendesk-events"] if setup.body is not None)
    filled = json.loads(body) | {"conversation_id": "c1", "event": "human_requested", "updated_by_role": "end-user"}
    assert normalized("zendesk-events", filled).events
