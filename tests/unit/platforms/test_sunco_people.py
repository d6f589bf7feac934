"""Who the customer of a Sunshine conversation is, and what forms and metadata tell."""

from typing import Any

from streams.contracts.conversation_events import AnyEvent, Identified
from streams.contracts.people import Customer
from tests.support.deliveries import normalized
from tests.support.zendesk_bodies import BOT, business, conversation, element, message, switchboard, visitor, webhook

FULL_USER = visitor(
    authenticated=True,
    externalId="auth0|48213",
    zendeskId="30045042291606",
    profile={"givenName": "Maya", "surname": "Okafor", "email": "maya@example.com", "locale": "en-GB"},
    identities=[{"type": "phone_number", "value": "+44 1632 960961"}],
    metadata={"plan": "pro"},
)


def _one(*elements: Any, **settings: Any) -> AnyEvent:
    (event,) = normalized("zendesk-sunco", webhook(*elements), **settings).events
    return event


def _form(*fields: Any) -> Any:
    return message({"type": "formResponse", "fields": [*fields], "textFallback": "Name: Maya"})


def test_an_anonymous_visitor_has_an_id_and_no_made_up_name() -> None:
    assert _one(message("hi")).customer == Customer(id="u-1", anonymous=True)


def test_a_chosen_display_name_is_kept() -> None:
    assert _one(message("hi", author=visitor() | {"displayName": "Maya"})).customer == Customer(
        id="u-1", name="Maya", anonymous=True
    )


def test_a_full_user_is_known_by_every_id() -> None:
    event = _one(message("hi", author=FULL_USER))
    assert event.customer == Customer(
        id="u-1",
        external_id="auth0|48213",
        helpdesk_id="30045042291606",
        name="Maya Okafor",
        email="maya@example.com",
        phone="+44 1632 960961",
    )
    assert event.locale == "en-GB"
    assert event.attributes == {"plan": "pro"}
    assert event.route is not None
    assert (event.route.app_id, event.route.user_id) == ("5ebee0975ac5304b664a12fa", "u-1")


def test_an_unauthenticated_user_with_an_external_id_is_not_anonymous() -> None:
    event = _one(message("hi", author=visitor(externalId="user_1")))
    assert event.customer is not None
    assert not event.customer.anonymous


def test_the_companys_own_messages_say_nothing_about_the_customer() -> None:
    said = message("hi", author=business(), source="ultimate", metadata={"plan": "enterprise"})
    event = _one(said)
    assert event.customer is None
    assert event.attributes == {}


def test_a_form_identifies_and_is_no_turn() -> None:
    event = _one(
        _form(
            {"type": "text", "name": "dataCapture.systemField.requester.name", "label": "Name", "text": "Maya Okafor"},
            {"type": "email", "name": "contact", "label": "Email", "email": "maya@example.com"},
            {"type": "text", "name": "phone", "label": "Phone", "text": "+44 1632 960961"},
            {"type": "text", "name": "order_number", "label": "Order", "text": "5521"},
            {
                "type": "select",
                "name": "dataCapture.ticketField.442",
                "label": "Topic",
                "select": [{"name": "billing", "label": "Billing"}],
            },
        )
    )
    assert isinstance(event, Identified)
    assert event.customer == Customer(id="u-1", name="Maya Okafor", email="maya@example.com", phone="+44 1632 960961")
    assert event.attributes == {"order_number": "5521", "ticketField.442": "billing", "Topic": "Billing"}


def test_a_visitor_who_leaves_a_name_alone_stays_anonymous() -> None:
    event = _one(_form({"type": "text", "name": "name", "text": "Maya"}))
    assert event.customer == Customer(id="u-1", name="Maya", anonymous=True)


def test_a_card_number_in_a_form_or_in_metadata_is_masked() -> None:
    form = _one(_form({"type": "text", "name": "note", "text": "4111 1111 1111 1111"}))
    said = _one(message("hi", metadata={"note": "card 4111 1111 1111 1111"}))
    for event in (form, said):
        assert "4111 1111 1111 1111" not in str(event.attributes)
        assert set(event.attributes) == {"note"}


def test_metadata_of_the_conversation_gives_fields_and_tags() -> None:
    said = message("hi", metadata={"orderId": 5521, "handoff_part": 1, "__zendesk_msg.id": "x"})
    said["payload"]["conversation"]["metadata"] = {
        "dataCapture.systemField.tags": "vip, promo",
        "dataCapture.ticketField.442": "billing",
        "zen:ticket_field:7": "internal",
    }
    event = _one(said)
    assert event.tags == ("vip", "promo")
    assert event.attributes == {"ticketField.442": "billing", "orderId": 5521}


def test_hand_over_metadata_may_name_the_requester() -> None:
    metadata = {"dataCapture.systemField.requester.email": "maya@example.com"}
    event = _one(switchboard("acceptControl", BOT, metadata=metadata))
    assert event.customer == Customer(email="maya@example.com")


def test_merged_users_merge_their_conversations() -> None:
    payload = {
        "mergedUsers": {"surviving": FULL_USER["user"], "discarded": visitor()["user"]},
        "mergedConversations": {"surviving": conversation(None) | {"id": "kept"}, "discarded": {"id": "gone"}},
        "reason": "sdkLogin",
    }
    event = _one(element("user:merge", payload))
    assert isinstance(event, Identified)
    assert (event.conversation_id, event.merged_conversation_id) == ("kept", "gone")
    assert event.customer is not None
    assert event.customer.email == "maya@example.com"


def test_several_merged_conversations_are_told_apart() -> None:
    pairs = [{"surviving": {"id": f"kept-{n}"}, "discarded": {"id": f"gone-{n}"}} for n in range(2)]
    told = normalized("zendesk-sunco", webhook(element("user:merge", {"mergedConversations": pairs})))
    assert [event.conversation_id for event in told.events] == ["kept-0", "kept-1"]


def test_an_updated_user_counts_where_the_conversation_is_named() -> None:
    payload = {"user": FULL_USER["user"], "reason": "authentication", "conversation": conversation()}
    event = _one(element("user:update", payload))
    assert isinstance(event, Identified)
    assert event.customer is not None
    assert event.customer.external_id == "auth0|48213"
