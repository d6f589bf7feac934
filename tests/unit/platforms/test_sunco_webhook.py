"""Proof of origin, batches, and what is no event, of Sunshine Conversations webhooks."""

from typing import Any

import pytest

from agents.platforms import registry
from agents.platforms.port import BadBody, Unauthorized
from streams.contracts.conversation_events import Message
from tests.support.deliveries import SAMPLES, connection, delivery, kinds, normalized, sample
from tests.support.zendesk_bodies import WORKSPACE, conversation, element, message, switchboard, webhook

SECRET = "8564b3e6a8b20a4bdb68b05ce9bc5936"
INBOUND = registry.inbound("zendesk-sunco")


def _verify(headers: dict[str, str], *secrets: str) -> None:
    INBOUND.verify(delivery({}, headers), connection("zendesk-sunco", secrets=secrets).secrets)


def test_the_published_vector_is_accepted() -> None:
    vector = next(one for one in sample("signature_vectors.json") if one["scheme"] == "sunco")
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    raw = (SAMPLES / vector["file"]).read_bytes()
    INBOUND.verify(delivery(raw, headers), connection("zendesk-sunco", secrets=[vector["secret"]]).secrets)


def test_while_a_secret_is_rotated_the_old_and_the_new_one_are_good() -> None:
    for given in ("old", "new"):
        _verify({"x-api-key": given}, "old", "new")


@pytest.mark.parametrize(
    ("headers", "secrets", "reason"),
    [
        ({}, (SECRET,), "missing_signature"),
        ({"x-api-key": "  "}, (SECRET,), "missing_signature"),
        ({"x-api-key": SECRET[:-1]}, (SECRET,), "bad_signature"),
        ({"x-api-key": SECRET.upper()}, (SECRET,), "bad_signature"),
        ({"x-api-key": SECRET}, (), "bad_signature"),
        ({"x-api-key": "\udcff"}, (SECRET,), "bad_signature"),
        ({"authorization": SECRET}, (SECRET,), "missing_signature"),
    ],
)
def test_anything_but_the_secret_is_refused(headers: dict[str, str], secrets: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        _verify(headers, *secrets)
    assert refused.value.reason == reason


def test_a_fault_of_ours_is_answered_with_a_code_that_sunshine_retries() -> None:
    never_retried = {400, 401, 403, 404, 406}
    assert INBOUND.codes.retry_later not in never_retried
    assert INBOUND.codes.too_many not in never_retried


def test_every_element_is_keyed_by_its_own_conversation() -> None:
    other = message("second", message_id="m2")
    other["payload"]["conversation"]["id"] = "another"
    told = normalized("zendesk-sunco", webhook(message("first"), other))
    assert [event.conversation_id for event in told.events] == ["f52b01137aa6c250bc7251fa", "another"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "text",
        {},
        {"id": "e", "type": "conversation:message"},
        {"id": "e", "type": "conversation:message", "payload": {"conversation": {"id": "a|b"}, "message": {}}},
        element("conversation:message", {"conversation": {}, "message": {"id": "m"}}),
        element("conversation:message", {"conversation": conversation(), "message": "text"}),
        element("conversation:message", {"conversation": conversation(), "message": {}}, event_id="x" * 500),
    ],
)
def test_a_broken_element_loses_none_of_the_others(broken: Any) -> None:
    told = normalized("zendesk-sunco", webhook(message("before"), broken, message("after", message_id="m2")))
    assert [event.text for event in told.events if isinstance(event, Message)] == ["before", "after"]
    assert told.ignored == ("bad_element",)


@pytest.mark.parametrize(
    "body", [None, [], "x", {}, {"events": None}, {"events": {}}, webhook(None), webhook({}, {"id": "e"}, 7)]
)
def test_a_body_of_which_nothing_can_be_read_is_refused(body: Any) -> None:
    with pytest.raises(BadBody):
        normalized("zendesk-sunco", body)


def test_a_body_without_events_is_counted_and_not_refused() -> None:
    assert normalized("zendesk-sunco", webhook()).ignored == ("no_events",)


def test_a_message_that_stands_twice_in_one_body_is_told_once() -> None:
    told = normalized("zendesk-sunco", webhook(message("hi"), message("hi")))
    assert kinds(told) == ["message/customer"]
    assert told.ignored == ("duplicate",)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("conversation:typing", "typing"),
        ("conversation:read", "read_receipt"),
        ("conversation:create", "conversation_created"),
        ("conversation:remove", "conversation_removed"),
        ("conversation:join", "participant_changed"),
        ("conversation:leave", "participant_changed"),
        ("conversation:referral", "referral"),
        ("conversation:message:delivery:channel", "delivery_receipt"),
        ("conversation:message:delivery:user", "delivery_receipt"),
        ("conversation:message:delivery:failure", "notice_failed"),
        ("switchboard:passControl:failure", "handover_failed"),
        ("switchboard:offerControl:failure", "handover_failed"),
        ("switchboard:acceptControl:failure", "handover_failed"),
        ("client:add", "client_changed"),
        ("client:update", "client_changed"),
        ("client:remove", "client_changed"),
        ("passthrough:messaging", "passthrough"),
        ("user:remove", "user_removed"),
        ("user:merge", "no_conversation"),
        ("conversation:messageReaction", "unknown_event"),
    ],
)
def test_triggers_that_say_nothing_of_the_conversation_are_counted(kind: str, reason: str) -> None:
    told = normalized("zendesk-sunco", webhook(element(kind, {"conversation": conversation()})))
    assert not told.events
    assert told.ignored == (reason,)


def test_a_user_without_a_conversation_belongs_to_no_record() -> None:
    assert normalized("zendesk-sunco", webhook(element("user:update", {"user": {}}))).ignored == ("no_conversation",)


def test_an_element_without_a_time_happened_when_it_came() -> None:
    said = message("hi")
    del said["createdAt"]
    said["payload"]["message"]["received"] = "yesterday"
    (event,) = normalized("zendesk-sunco", webhook(said)).events
    assert event.occurred_at == delivery({}).received_at


def test_one_body_mixes_turns_verdicts_and_noise_in_its_order() -> None:
    body = webhook(
        element("conversation:typing", {"conversation": conversation()}),
        message("I give up"),
        switchboard("passControl", WORKSPACE),
    )
    assert kinds(normalized("zendesk-sunco", body)) == [
        "message/customer",
        "ai_outcome/escalated",
        "control_changed/human",
    ]
