"""Webhooks that a Zendesk trigger calls, with the body that Handoff ships for it."""

import json
import re
from typing import Any

import pytest

from agents.platforms.port import BadBody, Normalized
from agents.platforms.zendesk_events import TRIGGER_BODY
from streams.contracts.conversation_events import Message
from streams.contracts.people import Customer
from tests.support.deliveries import kinds, normalized, sample


def _body(**more: Any) -> dict[str, Any]:
    return {**sample("zendesk-events/trigger_defined_body.example.json"), "conversation_id": "c-1", "tags": "", **more}


def _told(**more: Any) -> Normalized:
    return normalized("zendesk-events", _body(**more))


def test_the_shipped_template_is_json_and_understood_once_filled_in() -> None:
    values = {
        "ticket.ticket_field_0": "acme|c-1",
        "ticket.status": "open",
        "ticket.via": "Mail",
        "ticket.tags": "billing vip",
        "ticket.updated_at_with_timestamp": "2026-07-11T10:00:00Z",
        "current_user.role": "End user",
        "ticket.latest_public_comment": "My invoice is wrong",
        "ticket.requester.name": "Maya",
        "ticket.requester.email": "maya@example.com",
        "ticket.requester.external_id": "",
        "ticket.requester.phone": "",
    }
    filled = re.sub(r"\{\{([\w.]+)\}\}", lambda found: values.get(found[1], "10432"), TRIGGER_BODY)
    (turn,) = normalized("zendesk-events", json.loads(filled)).events
    assert isinstance(turn, Message)
    assert (turn.conversation_id, turn.author, turn.text) == ("c-1", "customer", "My invoice is wrong")
    assert (turn.channel, turn.tags) == ("email", ("billing", "vip"))
    assert turn.customer == Customer(helpdesk_id="10432", name="Maya", email="maya@example.com")


def test_without_a_conversation_a_body_does_nothing() -> None:
    assert _told(conversation_id="").ignored == ("no_conversation",)


@pytest.mark.parametrize("body", [{}, {"hello": "world"}, [], None, {"type": "ticket"}])
def test_a_body_of_nobodys_is_refused(body: Any) -> None:
    with pytest.raises(BadBody):
        normalized("zendesk-events", body)


@pytest.mark.parametrize(
    ("role", "author"),
    [("end-user", "customer"), ("Agent", "human"), ("admin", "human"), ("ai", "ai"), ("system", "system")],
)
def test_the_role_says_who_wrote(role: str, author: str) -> None:
    assert kinds(_told(updated_by_role=role)) == [f"message/{author}"]


def test_a_role_in_another_language_is_the_requesters_by_their_id() -> None:
    assert kinds(_told(updated_by_role="Endbenutzer", updated_by_id=30045042291606)) == ["message/customer"]
    assert _told(updated_by_role="Mitarbeiter", updated_by_id="1").ignored == ("event_not_used",)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ("message", ["message/customer"]),
        ("human_requested", ["message/customer", "human_requested"]),
        ("escalated", ["message/customer", "ai_outcome/escalated"]),
        ("unresolved", ["message/customer", "ai_outcome/unresolved"]),
        ("resolved", ["message/customer", "ai_outcome/resolved"]),
        ("assigned", ["control_changed/human"]),
        ("closed", ["ended/human"]),
        ("something new", ["message/customer"]),
    ],
)
def test_the_event_says_what_the_trigger_is_about(event: str, expected: list[str]) -> None:
    told = _told(event=event)
    assert kinds(told) == expected
    assert len({one.event_id for one in told.events}) == len(expected)


def test_a_tag_may_be_the_ais_verdict() -> None:
    assert kinds(_told(tags="ai_escalated billing")) == ["message/customer", "ai_outcome/escalated"]
    mine = normalized("zendesk-events", _body(tags=["bot_gave_up"]), options={"escalated_tags": ["bot_gave_up"]})
    assert kinds(mine) == ["message/customer", "ai_outcome/escalated"]


def test_a_closed_ticket_ends_it_on_our_own_tickets_too() -> None:
    assert kinds(_told(status="closed", tags="handoff")) == ["ended/human"]
    assert _told(status="open", tags="handoff handoff_reason_silence").ignored == ("own_echo",)


def test_what_our_own_user_did_is_an_echo() -> None:
    told = normalized("zendesk-events", _body(updated_by_id="7"), own_ids=["7"])
    assert told.ignored == ("own_echo",)


def test_an_automatic_mail_is_suspected() -> None:
    (turn,) = _told(channel="Mail", latest_comment="Automatic reply: I am away until Monday").events
    assert isinstance(turn, Message)
    assert turn.automatic


def test_a_body_without_an_id_has_one_of_its_own() -> None:
    assert _told().events[0].event_id == _told().events[0].event_id
    assert _told().events[0].event_id != _told(latest_comment="more").events[0].event_id
    assert _told(event_id="e-1").events[0].event_id == "e-1"
