"""Turns of Zendesk Messaging: who wrote them, what they say, and clicks that ask for a person."""

from typing import Any

import pytest

from streams.contracts.conversation_events import AnyEvent, HumanRequested, Message
from tests.support.deliveries import kinds, normalized
from tests.support.zendesk_bodies import (
    ADVANCED_BOT,
    BOT,
    CUSTOM,
    WORKSPACE,
    business,
    conversation,
    element,
    message,
    visitor,
    webhook,
)

NOTIFICATION = "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11"


def _events(*elements: Any, **settings: Any) -> tuple[AnyEvent, ...]:
    return normalized("zendesk-sunco", webhook(*elements), **settings).events


def _turn(*elements: Any, **settings: Any) -> Message:
    (turn,) = _events(*elements, **settings)
    assert isinstance(turn, Message)
    return turn


def _agent(**metadata: Any) -> dict[str, Any]:
    return {"metadata": {"__zendesk_msg.agent.id": "30045042299999", **metadata}}


@pytest.mark.parametrize(
    ("said", "author"),
    [
        (message("hi"), "customer"),
        (message("hi", source="whatsapp", active=WORKSPACE), "customer"),
        (message("hi", author=business(), source="zd:answerBot"), "ai"),
        (message("hi", author=business(), source="ultimate"), "ai"),
        (message("hi", author=business("Acme", "AI"), source="api:conversations"), "ai"),
        (message("hi", author=business("Acme", "bot"), source="zd:agentWorkspace"), "ai"),
        (message("hi", author=business(), source="zd:agentWorkspace"), "human"),
        (message("hi", author=business("Priya", "agent"), source="api:conversations", active=CUSTOM), "human"),
        (message("hi", author=business(), source="api:conversations", active=CUSTOM, **_agent()), "human"),
        (message("hi", author=business(), source="api:conversations", active=CUSTOM), "ai"),
        (message("hi", author=business(), source="api:conversations", active=BOT), "ai"),
        (message("hi", author=business(), source="api:conversations", active=None), "ai"),
        (message("hi", author=business(), source="api:conversations", active=WORKSPACE), "human"),
        (message("hi", author=business(), source="zd:surveys", active=WORKSPACE), "system"),
        (message("hi", author=business(), source="zd:agentCopilot", active=WORKSPACE), "system"),
        (
            message(
                "hi", author=business(), source="zd:agentWorkspace", metadata={"__zendesk_msg.agent.id": "__trigger"}
            ),
            "system",
        ),
        (message("hi", author={"type": "robot"}), "system"),
    ],
)
def test_the_author_is_told_by_source_subtype_and_who_is_in_control(said: Any, author: str) -> None:
    assert _turn(said).author == author


@pytest.mark.parametrize(
    "said",
    [
        message("Your ticket is #7", author=business(), source="api", metadata={"handoff": NOTIFICATION}),
        message("Your ticket is #7", author=business(), source="api", metadata={"orchestrator": "acme-deflection"}),
        message("Your ticket is #7", author=business(), source="api", metadata={"handoff_escalation_id": NOTIFICATION}),
    ],
)
def test_what_we_wrote_ourselves_is_an_echo(said: Any) -> None:
    told = normalized("zendesk-sunco", webhook(said))
    assert not told.events
    assert told.ignored == ("own_echo",)


def test_a_message_of_an_integration_of_ours_is_an_echo() -> None:
    said = message("hi", author=business(), source="api")
    assert normalized("zendesk-sunco", webhook(said), own_ids=["i1"]).ignored == ("own_echo",)


def test_a_bots_own_word_for_a_handoff_is_no_mark_of_ours() -> None:
    assert _turn(message("One moment", author=business(), source="api", metadata={"handoff": True})).author == "ai"


def test_a_customer_cannot_hide_behind_our_mark() -> None:
    assert _turn(message("help", metadata={"handoff": NOTIFICATION, "orchestrator": "x"})).author == "customer"


def test_an_image_is_a_turn_with_a_private_attachment() -> None:
    url = "https://acme.zendesk.com/sc/attachments/v2/5ebee/receipt%20one.png"
    turn = _turn(message({"type": "image", "mediaUrl": url, "mediaType": "image/png", "mediaSize": 48213}))
    (attachment,) = turn.attachments
    assert attachment.model_dump() == {
        "url": url,
        "name": "receipt one.png",
        "media_type": "image/png",
        "size_bytes": 48213,
        "private": True,
    }


def test_a_public_file_needs_no_credentials_and_keeps_its_caption() -> None:
    url = "https://cdn.example.com/invoice.pdf"
    turn = _turn(message({"type": "file", "mediaUrl": url, "text": "my invoice", "altText": "invoice"}))
    assert (turn.text, turn.attachments[0].private, turn.attachments[0].name) == ("my invoice", False, "invoice")


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"type": "image", "mediaUrl": "javascript:alert(1)"}, "[image]"),
        ({"type": "text", "text": " ", "htmlText": "<p>Hello <b>you</b></p>"}, "Hello you"),
        ({"type": "carousel", "items": [{"title": "Plan A", "description": "cheap"}, {"title": "Plan B"}]}, "Plan A"),
        ({"type": "list", "items": [{"title": "One", "actions": [{"text": "Buy"}]}]}, "Buy"),
        ({"type": "location", "coordinates": {"lat": 48.2082, "long": 16.3738}}, "48.20820, 16.37380"),
        ({"type": "form", "fields": [{"label": "Your e-mail"}]}, "Your e-mail"),
        ({"type": "hologram", "textFallback": "a picture of a cat"}, "a picture of a cat"),
        ({"type": "template"}, "template"),
        ({"type": "text", "actions": [{"type": "reply", "text": "Yes"}]}, "Yes"),
        (None, "message"),
    ],
)
def test_no_kind_of_content_loses_the_turn(content: Any, text: str) -> None:
    assert text in _turn(message(content, author=business(), source="ultimate")).text


def test_markup_that_a_customer_typed_stays_what_they_typed() -> None:
    turn = _turn(message("<b>why</b> does 1 < 2 & not work"))
    assert turn.text == "<b>why</b> does 1 < 2 & not work"
    assert turn.original_format == "plain"


def test_a_deleted_message_is_no_turn() -> None:
    assert normalized("zendesk-sunco", webhook(message("x", deleted=True))).ignored == ("message_deleted",)


def test_the_turn_is_known_by_its_message_id_whatever_delivered_it() -> None:
    first = message("hi")
    again = {**message("hi"), "id": "another-delivery"}
    assert _turn(first).event_id == _turn(again).event_id == "m1"


def test_a_bots_confidence_and_intent_are_read_from_its_metadata() -> None:
    said = message("hi", author=business(), source="ultimate", metadata={"confidence": 0.31, "intent": "refund"})
    turn = _turn(said)
    assert (turn.confidence, turn.intent) == (0.31, "refund")
    assert _turn(message("hi", metadata={"confidence": 0.31})).confidence is None


@pytest.mark.parametrize("payload", ["agent", "human", "talk_to_person", "TalkToAgent", "HANDOFF", "cmd:live_chat"])
def test_a_reply_button_that_asks_for_a_person_is_a_request(payload: str) -> None:
    turn, request = _events(message({"type": "text", "text": "Go on", "payload": payload}))
    assert isinstance(turn, Message)
    assert isinstance(request, HumanRequested)
    assert (request.event_id, request.how) == ("m1:human_requested", "button")


@pytest.mark.parametrize(
    "text",
    ["Talk to a person", "Mit einem Menschen sprechen", "Hablar con un agente", "Parler à un conseiller", "转人工客服"],
)
def test_the_words_on_a_button_ask_in_many_languages(text: str) -> None:
    assert len(_events(message({"type": "text", "text": text, "payload": "FLOW_17"}))) == 2


@pytest.mark.parametrize("text", ["No human needed", "Agent fees", "Track my order", "Yes"])
def test_other_buttons_are_turns_and_nothing_more(text: str) -> None:
    assert len(_events(message({"type": "text", "text": text, "payload": "FLOW_17"}))) == 1


def test_typed_words_are_no_click() -> None:
    assert kinds(normalized("zendesk-sunco", webhook(message("Talk to a person")))) == ["message/customer"]


def test_a_tenant_names_payloads_of_its_own() -> None:
    said = message({"type": "text", "text": "Weiter", "payload": "FLOW_17"})
    assert len(_events(said, options={"human_payloads": ["flow-17"]})) == 2


def test_a_postback_is_a_turn_and_may_be_a_request() -> None:
    payload = {
        "conversation": conversation(),
        "postback": {"payload": "agent", "metadata": {"page": "checkout"}},
        "user": visitor()["user"],
        "source": {"type": "ios"},
    }
    turn, request = _events(element("conversation:postback", payload))
    assert isinstance(turn, Message)
    assert (turn.text, turn.author, turn.channel, turn.attributes) == ("agent", "customer", "ios", {"page": "checkout"})
    assert request.event_id == f"{turn.event_id}:human_requested"


def test_an_autoresponder_is_suspected_where_machines_can_write() -> None:
    words = "Automatic reply: I am out of the office until Monday."
    assert _turn(message(words, source="mailgun")).automatic
    assert _turn(message(words, source="mailgun")).channel == "email"
    assert not _turn(message(words, source="web")).automatic
    assert not _turn(message(words, author=business(), source="ultimate")).automatic


@pytest.mark.parametrize(
    ("activity", "by"),
    [("conversation:endedByUser", "customer"), ("ticket:closed", "human"), ("ticket:transfer:email", "human")],
)
def test_an_activity_that_ends_the_conversation_ends_it(activity: str, by: str) -> None:
    said = message("closed", author=business("", "activity"), active=ADVANCED_BOT, activity={"type": activity})
    assert kinds(normalized("zendesk-sunco", webhook(said))) == [f"ended/{by}"]


def test_other_activities_are_counted() -> None:
    said = message("Priya joined", author=business("", "activity"), source="zd:agentWorkspace")
    assert normalized("zendesk-sunco", webhook(said)).ignored == ("activity",)
