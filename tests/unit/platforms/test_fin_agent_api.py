"""Fin Agent API webhooks: statuses, replies, and the odd requests around them."""

import hashlib
import hmac
from typing import Any

import pytest
from pydantic import SecretStr

from agents.platforms.fin_agent_api import INBOUND
from agents.platforms.port import BadBody, Normalized, Unauthorized
from streams.contracts.conversation_events import AiOutcome, HumanRequested, Message
from tests.support.deliveries import delivery, kinds, normalized

AT = "2026-07-11T10:00:00.123Z"


def status(value: Any, settings: dict[str, Any] | None = None, **fields: Any) -> Normalized:
    body = {
        "event_name": "fin_status_updated",
        "conversation_id": "ext-1",
        "user_id": "user_1",
        "status": value,
        "created_at_ms": AT,
        **fields,
    }
    return normalized("fin-agent-api", body, **(settings or {}))


def reply(settings: dict[str, Any] | None = None, **message: Any) -> Normalized:
    message = {"id": "98765", "author": "fin", "body": "<p>Hello</p>", "timestamp_ms": AT, **message}
    body = {
        "event_name": "fin_replied",
        "conversation_id": "ext-1",
        "user_id": "user_1",
        "message": message,
        "status": "awaiting_user_reply",
        "created_at_ms": "2026-07-11T10:00:00.789Z",
    }
    return normalized("fin-agent-api", body, **(settings or {}))


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Escalation requested by user", ["human_requested", "ai_outcome/escalated"]),
        ("Escalation rule: Refund over $500", ["ai_outcome/escalated"]),
        ("Escalation rule matched", ["ai_outcome/escalated"]),
        ("Routed to team", ["ai_outcome/escalated"]),
        ("Conversation finished without resolution", ["ai_outcome/unresolved"]),
        ("Escalation requested via API", ["ai_outcome/escalated"]),
        ("Escalated by the moon", ["ai_outcome/escalated"]),
        (None, ["ai_outcome/escalated"]),
        (42, ["ai_outcome/escalated"]),
    ],
)
def test_every_reason_of_an_escalation_and_none_at_all(reason: Any, expected: list[str]) -> None:
    told = status("escalated", reason=reason)
    assert kinds(told) == expected
    verdict = told.events[-1]
    assert isinstance(verdict, AiOutcome)
    assert verdict.reason == (reason if isinstance(reason, str) else None)


def test_a_request_by_the_user_names_the_reason_code_as_its_source() -> None:
    request = status("escalated", reason="Escalation requested by user").events[0]
    assert isinstance(request, HumanRequested)
    assert request.how == "reason_code"


def test_an_escalation_by_api_is_our_echo_only_where_we_make_that_call() -> None:
    settings = {"options": {"close_with": "escalate"}}
    told = status("escalated", settings, reason="Escalation requested via API")
    assert (told.events, told.ignored) == ((), ("own_echo",))


@pytest.mark.parametrize(("value", "expected"), [("resolved", ["ai_outcome/resolved"]), ("complete", ["ended/ai"])])
def test_the_end_of_fins_work(value: str, expected: list[str]) -> None:
    assert kinds(status(value)) == expected
    assert kinds(status(value.upper())) == expected


@pytest.mark.parametrize("value", ["thinking", "replying", "awaiting_user_reply"])
def test_a_status_in_between_is_no_event(value: str) -> None:
    assert status(value).ignored == (value,)


def test_a_status_new_to_us_is_no_event() -> None:
    assert status("daydreaming").ignored == ("unknown_status",)


def test_the_same_status_delivered_twice_has_one_id_and_a_later_one_another() -> None:
    first, again = status("escalated"), status("escalated")
    later = status("escalated", created_at_ms="2026-07-11T10:05:00.000Z")
    other = status("resolved")
    ids = [told.events[0].event_id for told in (first, again, later, other)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3
    assert status("complete", created_at_ms=None).events, "a missing time costs nothing but its precision"


def test_a_reply_of_fins_is_plain_text_with_its_images_beside() -> None:
    told = reply(body='<p>Hi&#39;<br>there</p><img src="https://d.example/a.png"><ul><li>one</li></ul>')
    (message,) = told.events
    assert isinstance(message, Message)
    assert (message.author, message.event_id) == ("ai", "98765")
    assert message.text.startswith("Hi'\nthere")
    assert "one" in message.text
    assert message.attachments[0].url == "https://d.example/a.png"
    assert message.occurred_at.isoformat() == "2026-07-11T10:00:00.123000+00:00"


def test_a_reply_without_an_id_gets_a_stable_one() -> None:
    first, again, other = reply(id=None), reply(id=None), reply(id=None, body="<p>Other</p>")
    ids = [told.events[0].event_id for told in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    ("author", "expected"), [("fin", "ai"), ("agent", "human"), ("user", "customer"), (None, "ai")]
)
def test_who_wrote_a_reply(author: Any, expected: str) -> None:
    assert kinds(reply(author=author)) == [f"message/{expected}"]


def test_an_empty_reply_is_no_event() -> None:
    assert reply(body="<p> </p>").ignored == ("no_text",)
    assert reply(body=None).ignored == ("no_text",)


def test_the_user_is_the_companys_own_and_never_anonymous() -> None:
    (event,) = status("resolved").events
    assert event.customer is not None
    assert (event.customer.external_id, event.customer.anonymous) == ("user_1", False)
    (event,) = status("resolved", user_id=None).events
    assert event.customer is not None
    assert event.customer.anonymous


def test_the_channel_is_the_configured_one() -> None:
    assert status("resolved").events[0].channel is None
    assert status("resolved", {"options": {"channel": "whatsapp"}}).events[0].channel == "whatsapp"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"event_name": "csat_requested", "conversation_id": "ext-1"}, "csat_requested"),
        ({"event_name": "fin_reply_chunk", "conversation_id": "ext-1"}, "partial_reply"),
        ({"event_name": "fin_learned_to_fly", "conversation_id": "ext-1"}, "unknown_event"),
        ({}, "test_post"),
        ({"type": "notification_event", "topic": "ping"}, "test_post"),
    ],
)
def test_what_is_no_event_is_counted(body: dict[str, Any], reason: str) -> None:
    assert normalized("fin-agent-api", body).ignored == (reason,)


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ([], "wrong_type", "body"),
        ({"conversation_id": "ext-1"}, "missing_field", "event_name"),
        ({"event_name": 5}, "wrong_type", "event_name"),
        ({"event_name": "fin_status_updated", "status": "resolved"}, "missing_field", "conversation_id"),
        ({"event_name": "fin_status_updated", "conversation_id": "e"}, "missing_field", "status"),
        ({"event_name": "fin_status_updated", "conversation_id": "e", "status": []}, "wrong_type", "status"),
        ({"event_name": "fin_status_updated", "conversation_id": [], "status": "x"}, "wrong_type", "conversation_id"),
        ({"event_name": "fin_replied", "conversation_id": "e"}, "missing_field", "message"),
        ({"event_name": "fin_replied", "conversation_id": "e", "message": "hi"}, "wrong_type", "message"),
        ({"event_name": "fin_replied", "conversation_id": "e", "message": {"body": 1}}, "wrong_type", "message.body"),
    ],
)
def test_a_body_with_a_part_that_matters_missing_is_refused(body: Any, reason: str, detail: str) -> None:
    with pytest.raises(BadBody) as refused:
        normalized("fin-agent-api", body)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def hub(body: bytes, secret: str) -> dict[str, str]:
    return {"x-hub-signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


def test_the_settings_page_may_post_its_test_under_the_client_secret_but_no_event() -> None:
    secrets = [SecretStr("signing"), SecretStr("client")]
    test_post = b'{"topic": "ping"}'
    INBOUND.verify(delivery(test_post, hub(test_post, "client")), secrets)
    for body in (b'{"event_name": "fin_replied"}', b'{"event\\u005fname": "x"}', b"[]", b"not json"):
        with pytest.raises(Unauthorized):
            INBOUND.verify(delivery(body, hub(body, "client")), secrets)
    with pytest.raises(Unauthorized):
        INBOUND.verify(delivery(test_post, hub(test_post, "a guess")), secrets)


def test_the_address_may_be_probed() -> None:
    assert INBOUND.probes_with_head
