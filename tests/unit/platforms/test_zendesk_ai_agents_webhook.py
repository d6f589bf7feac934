"""The converse webhook of Zendesk AI agents Advanced."""

import base64
from typing import Any

import pytest

from agents.platforms import registry
from agents.platforms.port import BadBody, Normalized, Unauthorized
from streams.contracts.conversation_events import AiOutcome, Message
from tests.support.deliveries import connection, delivery, kinds, normalized
from tests.support.zendesk_bodies import converse

INBOUND = registry.inbound("zendesk-ai-agents-advanced")


def _told(body: dict[str, Any], **settings: Any) -> Normalized:
    return normalized("zendesk-ai-agents-advanced", body, **settings)


def _verify(headers: dict[str, str], *secrets: str) -> None:
    INBOUND.verify(delivery({}, headers), connection("zendesk-ai-agents-advanced", secrets=secrets).secrets)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer s3cret"},
        {"authorization": "bearer  s3cret"},
        {"authorization": "s3cret"},
        {"x-api-key": "s3cret"},
        {"api-key": " s3cret "},
        {"authorization": "Basic cHJveHk6cGFzcw==", "x-api-key": "s3cret"},
    ],
)
def test_the_secret_may_come_in_any_of_the_usual_headers(headers: dict[str, str]) -> None:
    _verify(headers, "old", "s3cret")


def test_basic_credentials_are_the_secret_as_a_whole() -> None:
    _verify({"authorization": "Basic " + base64.b64encode(b"handoff:pass").decode()}, "handoff:pass")
    with pytest.raises(Unauthorized):
        _verify({"authorization": "Basic " + base64.b64encode(b"handoff:pass").decode()}, "pass")


@pytest.mark.parametrize(
    ("headers", "secrets", "reason"),
    [
        ({}, ("s3cret",), "missing_signature"),
        ({"authorization": " "}, ("s3cret",), "missing_signature"),
        ({"x-api-key": "S3CRET"}, ("s3cret",), "bad_signature"),
        ({"authorization": "Bearer wrong", "api-key": "wrong too"}, ("s3cret",), "bad_signature"),
        ({"authorization": "Basic !!!"}, ("s3cret",), "bad_signature"),
        ({"authorization": "Bearer "}, ("",), "bad_signature"),
        ({"x-api-key": "s3cret"}, (), "bad_signature"),
    ],
)
def test_anything_else_is_refused(headers: dict[str, str], secrets: tuple[str, ...], reason: str) -> None:
    with pytest.raises(Unauthorized) as refused:
        _verify(headers, *secrets)
    assert refused.value.reason == reason


def test_a_bot_message_carries_its_confidence_and_its_id() -> None:
    (turn,) = _told(converse("sendMessage", type="text", text="Did that help?", confidence=0.83, messageId="m1")).events
    assert isinstance(turn, Message)
    assert (turn.author, turn.text, turn.confidence, turn.event_id) == ("ai", "Did that help?", 0.83, "m1")
    assert turn.occurred_at == delivery({}).received_at


@pytest.mark.parametrize("confidence", [None, "high", -1, 1.5, True, {"value": 1}])
def test_a_confidence_that_is_none_says_nothing(confidence: Any) -> None:
    (turn,) = _told(converse("sendMessage", text="hi", confidence=confidence)).events
    assert isinstance(turn, Message)
    assert turn.confidence is None


def test_a_message_without_words_shows_its_cards_or_its_buttons() -> None:
    cards = [{"title": "Plan A", "description": "cheap"}, {"title": "Plan B", "buttons": [{"text": "Buy"}]}]
    (carousel,) = _told(converse("sendMessage", type="carousel", carouselCards=cards)).events
    (buttons,) = _told(converse("sendMessage", text=None, buttons=[{"text": "Yes"}, {"text": "No"}, 7])).events
    assert isinstance(carousel, Message)
    assert isinstance(buttons, Message)
    assert carousel.text.splitlines() == ["Plan A - cheap", "Plan B"]
    assert buttons.text.splitlines() == ["Yes", "No"]
    assert _told(converse("sendMessage")).ignored == ("empty_message",)


@pytest.mark.parametrize("kind", ["escalate", "widgetEscalate"])
def test_an_escalation_is_the_ais_verdict_with_its_target(kind: str) -> None:
    (verdict,) = _told(converse(kind, escalateTo="billing-team")).events
    assert isinstance(verdict, AiOutcome)
    assert (verdict.outcome, verdict.reason) == ("escalated", kind)
    assert verdict.attributes == {"escalate_to": "billing-team"}


def test_what_the_customer_writes_to_people_is_a_turn() -> None:
    (turn,) = _told(converse("widgetMessage", text="<b>hello</b>")).events
    assert isinstance(turn, Message)
    assert (turn.author, turn.text) == ("customer", "<b>hello</b>")
    assert _told(converse("widgetMessage")).ignored == ("empty_message",)


def test_the_customer_ends_the_session() -> None:
    assert kinds(_told(converse("widgetEndSession"))) == ["ended/customer"]


@pytest.mark.parametrize(
    ("options", "team", "online"),
    [
        ({}, "billing", True),
        ({}, None, True),
        ({"team_online": False}, "billing", False),
        ({"online_teams": ["billing"]}, "billing", True),
        ({"online_teams": ["billing"]}, "sales", False),
        ({"online_teams": ["billing"]}, None, True),
        ({"online_teams": []}, None, False),
        ({"online_teams": ["billing"], "team_online": False}, "billing", False),
    ],
)
def test_whether_the_team_is_there_is_answered_at_once(options: dict[str, Any], team: str | None, online: bool) -> None:
    told = _told(converse("isTeamOnline", teamId=team), options=options)
    assert told.answer == {"isOnline": online}
    assert told.ignored == ("team_status_asked",)
    assert not told.events


def test_the_question_is_answered_without_a_conversation_too() -> None:
    assert _told({"botId": "b", "data": {"eventType": "isTeamOnline"}}).answer == {"isOnline": True}


def test_a_delivery_within_the_same_minute_is_the_same_event() -> None:
    first, second = _told(converse("escalate")), _told(converse("escalate"))
    assert first.events[0].event_id == second.events[0].event_id
    assert first.events[0].event_id != _told(converse("widgetEscalate")).events[0].event_id


@pytest.mark.parametrize("kind", ["somethingNew", None, 7])
def test_an_unknown_event_is_counted(kind: Any) -> None:
    assert _told(converse(kind)).ignored == ("unknown_event",)


@pytest.mark.parametrize(
    "body", [None, [], {}, {"data": None}, {"data": {"eventType": "escalate"}}, converse("escalate") | {"data": "x"}]
)
def test_a_body_without_data_or_conversation_is_refused(body: Any) -> None:
    with pytest.raises(BadBody):
        _told(body)
