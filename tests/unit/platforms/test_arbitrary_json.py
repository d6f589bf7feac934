"""Whatever stands in a body of Zendesk's: events that fit the topic, a counted reason, or one clear refusal."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.platforms.port import BadBody, Normalized
from streams import codec
from streams.contracts.conversation_events import EVENT
from tests.support.damaged_json import any_json, damaged
from tests.support.deliveries import SAMPLES, normalized, sample
from tests.support.zendesk_bodies import (
    BOT,
    CUSTOM,
    WORKSPACE,
    conversation,
    converse,
    element,
    message,
    subscribed,
    switchboard,
    visitor,
    webhook,
)

PLATFORMS = ("zendesk-sunco", "zendesk-events", "zendesk-ai-agents-advanced")
_FULL_USER = visitor(
    authenticated=True,
    externalId="user_1",
    zendeskId=30045042291606,
    profile={"givenName": "Maya", "surname": "Okafor", "email": "maya@example.com", "locale": "en-GB"},
    identities=[{"type": "phone_number", "value": "+441632960961"}],
    metadata={"plan": "pro"},
)
_CAROUSEL = {"type": "carousel", "items": [{"title": "A", "description": "B", "actions": [{"text": "C"}]}]}
_LOCATION = {"type": "location", "coordinates": {"lat": 48.2, "long": 16.37}, "location": {"name": "Wien"}}
_MORE: dict[str, list[Any]] = {
    "zendesk-sunco": [
        webhook(message("hi", author=_FULL_USER, metadata={"order": "5521"}), message(_CAROUSEL, message_id="m2")),
        webhook(message(_LOCATION)),
        webhook(element("conversation:postback", {"conversation": conversation(), "postback": {"payload": "agent"}})),
        webhook(switchboard("passControl", CUSTOM, reason="ticketClosed", metadata={"a": 1})),
        webhook(switchboard("offerControl", BOT, metadata={"dataCapture.systemField.tags": "a,b"})),
        webhook(switchboard("acceptControl", WORKSPACE)),
        webhook(
            element(
                "user:merge",
                {
                    "mergedUsers": {"surviving": _FULL_USER["user"]},
                    "mergedConversations": {"surviving": {"id": "a"}, "discarded": {"id": "b"}},
                },
            )
        ),
    ],
    "zendesk-events": [
        subscribed("ticket.status_changed", {"current": "CLOSED"}, external_id="acme|c-1", tags=["handoff"]),
        subscribed("ticket.agent_assignment_changed", {"current": 7}, external_id="c-1"),
        subscribed(
            "ticket.comment_added",
            {"comment": {"body": "hi", "is_public": True, "author": {"id": 1, "is_staff": False}}},
            external_id="c-1",
        ),
        {**sample("zendesk-events/trigger_defined_body.example.json"), "conversation_id": "c-1", "event": "escalated"},
    ],
    "zendesk-ai-agents-advanced": [
        converse("widgetMessage", text="hello"),
        converse("sendMessage", type="carousel", carouselCards=[{"title": "A", "buttons": [{"text": "B"}]}]),
    ],
}
BODIES = {
    platform: [
        sample(f"{platform}/{path.name}")
        for path in sorted((SAMPLES / platform).glob("*.json"))
        if not path.name.startswith(("GET", "out."))
    ]
    + _MORE[platform]
    for platform in PLATFORMS
}


@st.composite
def _cases(draw: st.DrawFn) -> tuple[str, Any]:
    platform = draw(st.sampled_from(PLATFORMS))
    return platform, draw(damaged(draw(st.sampled_from(BODIES[platform]))))


def _told_or_refused(platform: str, body: Any) -> Normalized | str:
    try:
        return normalized(platform, body)
    except BadBody as refused:
        return refused.reason


def _stands_on_the_topic(told: Normalized) -> None:
    assert told.events or told.ignored
    for event in told.events:
        assert codec.decode(EVENT, codec.encode(event)).event_id == event.event_id
    ids = [(event.conversation_id, event.event_id) for event in told.events]
    assert len(set(ids)) == len(ids)


@given(_cases())
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_body_gives_events_that_fit_the_topic_a_reason_or_a_refusal(case: tuple[str, Any]) -> None:
    told = _told_or_refused(*case)
    if isinstance(told, str):
        assert told.replace("_", "").isalnum(), "a reason is a slug"
    else:
        _stands_on_the_topic(told)


@given(st.sampled_from(PLATFORMS), any_json)
@settings(max_examples=150, deadline=None)
def test_a_body_of_another_kind_is_refused_or_passed_over(platform: str, body: Any) -> None:
    told = _told_or_refused(platform, body)
    assert isinstance(told, str) or (told.ignored and not told.events)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_second_delivery_gives_the_same_ids(platform: str) -> None:
    for body in BODIES[platform]:
        first, second = normalized(platform, body), normalized(platform, body)
        assert [event.event_id for event in first.events] == [event.event_id for event in second.events]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_refusal_names_fields_and_never_what_stood_in_them(platform: str) -> None:
    for body in BODIES[platform]:
        spoilt = {**body, "events": ["my card is 4111 1111 1111 1111"], "data": {"eventType": "my secret"}, "type": 7}
        spoilt.pop("source", None)
        spoilt.pop("conversation_id", None)
        spoilt.pop("ticket_id", None)
        with pytest.raises(BadBody) as refused:
            normalized(platform, spoilt)
        assert "4111" not in str(refused.value)
        assert "my secret" not in str(refused.value)
