"""Parts of an Intercom conversation as turns: which are shown, who wrote them, what comes along."""

from typing import Any

import pytest

from agents.platforms.port import Normalized
from streams.contracts.conversation_events import HumanRequested, Message
from tests.support.deliveries import kinds, normalized
from tests.support.intercom import (
    CUSTOMER,
    FIN,
    OURSELVES,
    T0,
    TEAMMATE,
    WORKFLOW,
    conversation,
    notification,
    part,
)


def replied(*parts: dict[str, Any], topic: str = "conversation.user.replied", **settings: Any) -> Normalized:
    return normalized("intercom", notification(topic, conversation(*parts)), **settings)


def only(told: Normalized) -> Message:
    (message,) = told.events
    assert isinstance(message, Message)
    return message


def test_a_reply_brings_its_part_alone_and_not_the_first_message_again() -> None:
    told = replied(part("p1", CUSTOMER, "<p>Still <b>nothing</b>&nbsp;here</p>"))
    message = only(told)
    assert (message.event_id, message.author, message.text) == ("p1", "customer", "Still nothing here")
    assert message.original_format == "html"
    assert message.occurred_at.timestamp() == T0 + 60
    assert not message.repeats


def test_a_new_conversation_brings_the_source_and_whatever_parts_came_with_it() -> None:
    item = conversation(part("p1", FIN, "<p>Let me look.</p>", at=5))
    told = normalized("intercom", notification("conversation.user.created", item))
    assert [event.event_id for event in told.events] == ["910500", "p1"]
    assert kinds(told) == ["message/customer", "message/ai"]
    assert all(event.repeats for event in told.events)


def test_a_conversation_that_begins_with_fins_greeting_does_not_begin_with_the_customer() -> None:
    item = conversation(part("p1", CUSTOMER, "hello"))
    item["source"] = {**item["source"], "author": FIN, "body": "Hi, how can I help?"}
    told = normalized("intercom", notification("conversation.user.created", item))
    assert kinds(told) == ["message/ai", "message/customer"]
    assert told.events[0].customer is not None
    assert told.events[0].customer.email == "maya@example.com"


@pytest.mark.parametrize(
    ("delivered_as", "author"),
    [("admin_initiated", "human"), ("automated", "system"), ("campaigns_initiated", "system"), (None, "human")],
)
def test_an_outbound_message_in_a_teammates_name_is_a_persons_only_if_a_person_sent_it(
    delivered_as: str | None, author: str
) -> None:
    item = conversation(ai_agent_participated=False, ai_agent=None)
    item["source"] = {**item["source"], "author": TEAMMATE, "delivered_as": delivered_as}
    told = normalized("intercom", notification("conversation.admin.single.created", item))
    assert kinds(told) == [f"message/{author}"]


@pytest.mark.parametrize("kind", ["open", "assignment", "close", "assign_and_reopen", "something_new"])
def test_a_part_with_a_body_is_shown_whatever_its_type(kind: str) -> None:
    told = replied(part("p1", CUSTOMER, "it happened again", part_type=kind))
    assert told.events[0].event_id == "p1"
    assert isinstance(told.events[0], Message)
    assert told.events[0].author == "customer"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"part_type": "note", "body": "refund him, do not tell"}, "internal_note"),
        ({"part_type": "note_and_reopen", "body": "look again"}, "internal_note"),
        ({"part_type": "conversation_summary", "body": "customer is angry"}, "internal_note"),
        ({"redacted": True, "body": "my card is 4242"}, "redacted"),
        ({"part_type": "quick_reply", "body": None}, "no_text"),
        ({"part_type": "custom_action_started", "body": "  "}, "no_text"),
    ],
)
def test_what_the_customer_never_saw_is_counted_and_left_out(fields: dict[str, Any], reason: str) -> None:
    told = replied(part("p1", WORKFLOW, **fields), topic="conversation.operator.replied")
    assert told.events == ()
    assert told.ignored == (reason,)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ({"type": "user", "id": "1"}, "customer"),
        ({"type": "lead", "id": "1"}, "customer"),
        ({"type": "contact", "id": "1"}, "customer"),
        ({"type": "visitor", "id": "1"}, "customer"),
        ({"type": "bot", "id": "1"}, "ai"),
        ({"type": "admin", "id": "1", "from_ai_agent": True}, "ai"),
        ({"type": "admin", "id": "1", "email": "operator+x9@intercom.io"}, "ai"),
        ({"type": "admin", "id": "1"}, "human"),
        ({"type": "team", "id": "1"}, "human"),
        ({"type": "robot_dog", "id": "1"}, "system"),
        (None, "system"),
    ],
)
def test_who_wrote_a_part(author: dict[str, Any] | None, expected: str) -> None:
    told = replied(part("p1", author, "hello"), topic="conversation.admin.replied")  # type: ignore[arg-type]
    assert kinds(told)[0] == f"message/{expected}"


def test_our_own_part_is_an_echo_by_admin_id_by_app_and_by_the_configured_teammate() -> None:
    said = part("p1", OURSELVES, "Your ticket is 10432.", app_package_code="acme-handoff")
    topic = "conversation.admin.replied"
    for settings in (
        {"own_ids": ["8120055"]},
        {"own_ids": ["acme-handoff"]},
        {"options": {"admin_id": "8120055"}},
    ):
        told = replied(said, topic=topic, **settings)
        assert (told.events, told.ignored) == ((), ("own_echo",))
    assert kinds(replied(said, topic=topic)) == ["message/human", "control_changed/human"]


def test_a_customer_is_never_our_echo_even_under_an_id_of_ours() -> None:
    assert kinds(replied(part("p1", CUSTOMER, "hi"), own_ids=["c1"])) == ["message/customer"]


def test_files_and_inline_images_are_attachments_even_without_a_word() -> None:
    upload = {"type": "upload", "name": "a.png", "url": "https://d.intercomcdn.com/a.png", "filesize": 12}
    image = '<div><img src="https://d.intercomcdn.com/b.png"></div>'
    message = only(replied(part("p1", CUSTOMER, image, attachments=[upload, {"url": 3}, "x"])))
    assert [file.url for file in message.attachments] == [
        "https://d.intercomcdn.com/a.png",
        "https://d.intercomcdn.com/b.png",
    ]
    assert message.attachments[0].size_bytes == 12
    assert message.text == ""


@pytest.mark.parametrize("key", ["quick_reply_uuid", "quick_reply_option_uuid"])
def test_a_click_on_a_button_that_asks_for_a_person_is_a_request(key: str) -> None:
    told = replied(part("p1", CUSTOMER, "<p>Talk to a person</p>", metadata={key: "u1"}))
    message, request = told.events
    assert isinstance(message, Message)
    assert isinstance(request, HumanRequested)
    assert (request.event_id, request.how) == ("p1:human_requested", "button")


def test_a_configured_button_asks_for_a_person_whatever_its_label() -> None:
    click = part("p1", CUSTOMER, "Other", metadata={"quick_reply_uuid": "u9"})
    assert kinds(replied(click)) == ["message/customer"]
    options = {"human_button_uuids": ["u9"]}
    assert kinds(replied(click, options=options)) == ["message/customer", "human_requested"]


def test_the_same_words_typed_are_left_to_the_policy() -> None:
    assert kinds(replied(part("p1", CUSTOMER, "Talk to a person"))) == ["message/customer"]


def test_several_parts_come_in_the_order_of_their_times() -> None:
    told = replied(part("p2", FIN, "yes", at=30), part("p1", CUSTOMER, "there?", at=20))
    assert [event.event_id for event in told.events] == ["p1", "p2"]


def test_a_conversation_about_its_customer() -> None:
    message = only(replied(part("p1", CUSTOMER, "hi")))
    assert message.customer is not None
    assert message.customer.model_dump(exclude_none=True) == {
        "id": "c1",
        "external_id": "auth0|77",
        "name": "Maya Okafor",
        "email": "maya@example.com",
        "anonymous": False,
    }
    assert message.route is not None
    assert message.route.app_id == "x9k2m1ab"
    assert message.route.conversation_url is not None
    assert message.route.conversation_url.endswith("/x9k2m1ab/inbox/shared/all/conversation/215470000000500")
    assert message.attributes == {"page_url": "https://app.acme.example/billing"}, "a query may carry a session"
    assert message.channel == "web"


def test_a_lead_without_address_and_a_visitor_with_a_made_up_id_are_anonymous() -> None:
    for kind in ("lead", "visitor"):
        writer = {"type": kind, "id": "c1", "name": None, "email": None}
        item = conversation(part("p1", writer, "hi"))
        item["source"] = {**item["source"], "author": writer}
        item["contacts"]["contacts"][0]["external_id"] = "made-up" if kind == "visitor" else None
        message = only(normalized("intercom", notification("conversation.user.replied", item)))
        assert message.customer is not None
        assert message.customer.anonymous
        assert message.customer.external_id is None


def test_what_is_known_of_a_conversation_travels_as_attributes_and_tags() -> None:
    item = conversation(
        part("p1", CUSTOMER, "hi", tags=[{"type": "tag", "name": "vip"}]),
        title="Refund",
        priority="high",
        tags={"type": "tag.list", "tags": [{"name": "billing"}, {"name": "vip"}, {"name": None}]},
        topics={"type": "topic.list", "topics": [{"name": "Refunds"}]},
        custom_attributes={"Order": "A-17", "Amount": 49.5, "Fin AI Agent resolution state": None, "List": [1, 2]},
        company={"type": "company", "name": "Acme BV"},
        external_references=[{"type": "zendesk_ticket", "id": "991"}],
    )
    message = only(normalized("intercom", notification("conversation.user.replied", item)))
    assert message.tags == ("billing", "vip", "Refunds")
    assert message.attributes == {
        "title": "Refund",
        "priority": "high",
        "company": "Acme BV",
        "page_url": "https://app.acme.example/billing",
        "zendesk_ticket": "991",
        "Order": "A-17",
        "Amount": 49.5,
        "List.0": 1,
        "List.1": 2,
    }


def test_a_card_number_is_masked_wherever_it_stands() -> None:
    item = conversation(part("p1", CUSTOMER, "my card is 4242 4242 4242 4242"))
    item["custom_attributes"] = {"card": "4242424242424242"}
    told = normalized("intercom", notification("conversation.user.replied", item))
    assert "4242 4242 4242" not in told.events[0].model_dump_json()
    assert "42424242424242" not in told.events[0].model_dump_json()


@pytest.mark.parametrize(
    ("fields", "channel"),
    [
        ({"channel": {"initial": "messenger", "current": "email"}}, "email"),
        ({"channel": {"initial": "messenger", "current": None}}, "web"),
        ({"channel": {"initial": "zendesk_sunshine", "current": "zendesk_sunshine"}}, "zendesk_sunshine"),
        ({}, "web"),
    ],
)
def test_the_channel_is_the_one_the_customer_writes_in_now(fields: dict[str, Any], channel: str) -> None:
    item = conversation(part("p1", CUSTOMER, "hi"), **fields)
    assert only(normalized("intercom", notification("conversation.user.replied", item))).channel == channel


def test_a_mail_that_looks_automatic_is_marked_in_a_mail_conversation_and_in_a_mailed_part() -> None:
    away = "Automatic reply: I am out of the office."
    mailed = part("p1", CUSTOMER, away, email_message_metadata={"subject": "Automatic reply: Re: refund"})
    message = only(replied(mailed))
    assert message.automatic
    assert message.automatic_reason
    assert message.route is not None
    assert message.route.email_subject == "Automatic reply: Re: refund"
    assert not only(replied(part("p1", CUSTOMER, "is anyone out of the office?"))).automatic
    bounce = {**CUSTOMER, "email": "MAILER-DAEMON@mx.example.com"}
    assert only(replied(part("p1", bounce, "Undelivered"))).automatic_reason == "bounce"


def test_a_previewed_conversation_touches_nobody() -> None:
    item = conversation(part("p1", CUSTOMER, "hi"), ai_agent={"source_type": "fin_preview"})
    assert only(normalized("intercom", notification("conversation.user.replied", item))).test


def test_the_objects_of_old_api_versions_are_understood() -> None:
    item = conversation(part("p1", CUSTOMER, "hi", created_at="2026-07-11T10:00:05.000+00:00"))
    item["contacts"] = [{"type": "user", "id": "c1", "external_id": "77"}]
    item["conversation_message"] = item.pop("source")
    message = only(normalized("intercom", notification("conversation.user.replied", item)))
    assert message.occurred_at.timestamp() == T0 + 5
    assert message.customer is not None
    assert message.customer.external_id == "77"


def test_a_declared_body_format_is_kept_to() -> None:
    typed = part("p1", CUSTOMER, "is <b> the same as <strong>?")
    message = only(replied(typed, options={"body_format": "plain"}))
    assert message.original_format == "plain"
    assert "<strong>" in message.text
