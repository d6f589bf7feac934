"""The envelope of an Intercom notification: topics, refusals, and what is none of our business."""

from typing import Any

import pytest
from pydantic import SecretStr

from agents.platforms.intercom import INBOUND
from agents.platforms.port import BadBody, Unauthorized
from streams.contracts.conversation_events import Ended, Identified, Rated
from tests.support.deliveries import delivery, kinds, normalized
from tests.support.intercom import CONVERSATION_ID, CUSTOMER, FIN, T0, TEAMMATE, conversation, notification, part


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        ("ping", "ping"),
        ("conversation.admin.noted", "internal_note"),
        ("conversation.read", "read"),
        ("conversation.priority.updated", "priority"),
        ("conversation.contact.detached", "contact_detached"),
        ("conversation_part.redacted", "redacted"),
        ("ticket.created", "ticket_topic"),
        ("ticket.closed", "ticket_topic"),
        ("contact.merged", "unknown_topic"),
        ("conversation.admin.replied.translated", "unknown_topic"),
        ("data_connector.execution.completed", "unknown_topic"),
        ("something.new", "unknown_topic"),
    ],
)
def test_a_topic_that_is_no_event_is_counted_under_its_reason(topic: str, reason: str) -> None:
    body = notification(topic, conversation(part("p1", CUSTOMER, "hi"), part("p2", TEAMMATE, "x", part_type="note")))
    told = normalized("intercom", body)
    assert (told.events, told.ignored) == ((), (reason,))


def test_a_ping_needs_no_id_and_no_known_item() -> None:
    assert normalized("intercom", {"topic": "ping", "id": None}).ignored == ("ping",)
    body = notification("webhook.test", {"type": "ping"})
    assert normalized("intercom", body).ignored == ("ping",)


def test_a_snooze_is_no_event_unless_it_says_something() -> None:
    silent = part("p1", TEAMMATE, None, part_type="snoozed")
    told = normalized("intercom", notification("conversation.admin.snoozed", conversation(silent)))
    assert (told.events, told.ignored) == ((), ("no_text",))


def test_another_workspace_of_the_same_app_is_passed_over() -> None:
    body = notification("conversation.user.replied", conversation(part("p1", CUSTOMER, "hi")))
    assert normalized("intercom", body, options={"app_id": "x9k2m1ab"}).events
    assert normalized("intercom", body, options={"app_id": "another"}).ignored == ("other_workspace",)


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ([], "wrong_type", "body"),
        ("ping", "wrong_type", "body"),
        (None, "wrong_type", "body"),
        ({}, "missing_field", "topic"),
        ({"topic": 7}, "wrong_type", "topic"),
        ({"topic": "conversation.user.replied"}, "missing_field", "data.item"),
        ({"topic": "conversation.user.replied", "data": {"item": []}}, "wrong_type", "data.item"),
        ({"topic": "conversation.user.replied", "data": {"item": {}}}, "missing_field", "data.item.id"),
        ({"topic": "conversation.user.replied", "data": {"item": {"id": "a|b"}}}, "unusable_id", "data.item.id"),
        ({"topic": "conversation.user.replied", "data": {"item": {"id": {}}}}, "wrong_type", "data.item.id"),
        ({"topic": "conversation.rating.added", "data": {"item": {}}}, "missing_field", "data.item.id"),
    ],
)
def test_what_is_no_notification_is_refused_by_the_field_at_fault(body: Any, reason: str, detail: str) -> None:
    with pytest.raises(BadBody) as refused:
        normalized("intercom", body)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def test_an_unusable_id_is_named_and_not_shown() -> None:
    body = notification("conversation.user.replied", {"type": "conversation", "id": "maya@example.com|1"})
    with pytest.raises(BadBody) as refused:
        normalized("intercom", body)
    assert "maya" not in str(refused.value)


def rated(**fields: Any) -> Any:
    return normalized("intercom", notification("conversation.rating.added", conversation(**fields)))


def test_a_rating_is_told_with_its_remark_once_whoever_reads_it() -> None:
    given = {"rating": 2, "remark": "<p>too slow</p>", "created_at": T0 + 100, "updated_at": T0 + 120}
    (event,) = rated(conversation_rating=given).events
    assert isinstance(event, Rated)
    assert (event.rating, event.remark) == (2, "too slow")
    assert event.event_id == f"{CONVERSATION_ID}:rated:{T0 + 120}:2"


def test_the_rating_of_fins_answers_counts_where_the_conversation_has_none() -> None:
    fin = {"rating": 5, "rating_remark": "great", "updated_at": T0 + 130}
    (event,) = rated(conversation_rating={"rating": None}, ai_agent=fin).events
    assert (event.rating, event.remark) == (5, "great")


@pytest.mark.parametrize("given", [None, {"rating": None}, {"rating": 9}, {"rating": "great"}, []])
def test_no_rating_is_no_event(given: Any) -> None:
    assert rated(conversation_rating=given).ignored == ("no_rating",)


@pytest.mark.parametrize(
    "item",
    [
        {"type": "conversation", "conversation_id": CONVERSATION_ID},
        {"type": "conversation", "id": CONVERSATION_ID, "deleted": True},
    ],
)
def test_a_deleted_conversation_is_over_and_says_nothing_of_its_customer(item: dict[str, Any]) -> None:
    (event,) = normalized("intercom", notification("conversation.deleted", item)).events
    assert isinstance(event, Ended)
    assert (event.conversation_id, event.by, event.reason) == (CONVERSATION_ID, "human", "deleted")
    assert event.customer is None


@pytest.mark.parametrize("topic", ["conversation_part.tag.created", "conversation.company.updated"])
def test_tags_and_companies_are_learnt(topic: str) -> None:
    item = conversation(
        part("p1", CUSTOMER, "hi"), tags_added={"tags": [{"name": "billing"}]}, company={"name": "Acme BV"}
    )
    (event,) = normalized("intercom", notification(topic, item)).events
    assert isinstance(event, Identified)
    assert event.event_id == "notif_1:identified"
    assert event.tags == ("billing",)
    assert event.attributes["company"] == "Acme BV"


def test_a_tag_on_a_bare_part_that_names_no_conversation_is_passed_over() -> None:
    bare = {"type": "conversation_part", "id": "p1", "tags": [{"name": "billing"}]}
    assert normalized("intercom", notification("conversation_part.tag.created", bare)).ignored == ("no_conversation",)
    (event,) = normalized(
        "intercom", notification("conversation_part.tag.created", {**bare, "conversation_id": 7})
    ).events
    assert event.conversation_id == "7"


def test_an_attached_contact_is_the_customer_only_where_the_conversation_is_held_with_them() -> None:
    contact = {"type": "contact", "id": "c9", "external_id": "99", "email": "lee@example.com", "name": "Lee"}
    for model in ({"id": 1886}, {"id": 1886, "user_id": "c9"}):
        item = {"conversation": {"model": model, "parts": []}, "contact": contact}
        (event,) = normalized("intercom", notification("conversation.contact.attached", item)).events
        assert isinstance(event, Identified)
        assert event.conversation_id == "1886"
        assert event.customer is not None
        assert (event.customer.email, event.customer.external_id) == ("lee@example.com", "99")
    item = {"conversation": {"model": {"id": 1886, "user_id": "c1"}}, "contact": contact}
    told = normalized("intercom", notification("conversation.contact.attached", item))
    assert told.ignored == ("other_participant",)


def test_a_question_to_a_teammate_inside_a_procedure_hands_nothing_over() -> None:
    item = {
        "type": "procedure.hitl_notification",
        "conversation_id": CONVERSATION_ID,
        "hitl_question": "Should we approve the refund?",
        "recent_messages": [part("p1", CUSTOMER, "refund please"), part("p2", FIN, "One moment.")],
    }
    told = normalized("intercom", notification("procedure.hitl_notification.created", item))
    assert kinds(told) == ["message/customer", "message/ai"]
    assert told.ignored == ("hitl_step",)


def test_a_notification_without_times_goes_by_its_arrival_and_without_id_by_its_bytes() -> None:
    item = conversation(tags_added={"tags": [{"name": "billing"}]})
    body = notification("conversation.company.updated", item, id=None, created_at=None)
    (event,) = normalized("intercom", body).events
    assert event.occurred_at.isoformat() == "2026-07-11T10:00:30+00:00"
    assert event.event_id == normalized("intercom", body).events[0].event_id


def test_it_is_never_answered_with_410_or_429() -> None:
    codes = INBOUND.codes
    answers = {codes.accepted, codes.retry_later, codes.malformed, codes.unauthorized, codes.too_many}
    assert answers.isdisjoint({410, 429})


def test_an_unsigned_request_and_one_signed_with_another_secret_are_refused() -> None:
    for headers, reason in (
        ({}, "missing_signature"),
        ({"x-hub-signature": "sha1=" + "0" * 40}, "bad_signature"),
        ({"x-hub-signature": "sha256=" + "0" * 64}, "bad_signature"),
    ):
        with pytest.raises(Unauthorized) as refused:
            INBOUND.verify(delivery(b"{}", headers), [SecretStr("secret")])
        assert refused.value.reason == reason
