"""Drafts as Freshdesk requests."""

import json
from typing import Any

import pytest

from agents.helpdesks import tags
from agents.helpdesks.freshdesk import render
from agents.helpdesks.identity import derived_external_id
from agents.helpdesks.port import Requester, TicketRef
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer
from tests.support.drafts import ESCALATION, VISITOR, draft, freshdesk_account, turn

OPTIONS = {
    "product_id": 3,
    "email_config_id": 4,
    "ticket_type": "Question",
    "fields": {"escalation_id": "cf_handoff_escalation_id", "attributes": {"order_number": "cf_order"}},
}


def body_of(request: PreparedRequest) -> dict[str, Any]:
    return dict(json.loads(request.body))


def test_the_ticket_is_a_chat_that_is_open() -> None:
    request = render.render_open(freshdesk_account(), draft(requester=Requester(id="51")))
    body = body_of(request)
    assert (request.method, request.path, request.idempotency_key) == ("POST", "/api/v2/tickets", None)
    assert (body["source"], body["status"], body["priority"], body["group_id"]) == (7, 2, 3, 43)
    assert body["requester_id"] == 51
    assert body["description"] == "<p>I was charged twice for my July invoice. Order #5521 &amp; #5522</p>"


@pytest.mark.parametrize("first_comment", [None, "public", "private"])
def test_the_transcript_never_stands_where_the_customer_sees_it(first_comment: str | None) -> None:
    account = freshdesk_account(first_comment=first_comment)
    body = body_of(render.render_open(account, draft()))
    assert "invoices under Settings" not in body["description"]
    notes = render.render_notes(account, draft(), "7", after="open")
    assert [note.action for note in notes] == ["note", "note2"]
    assert "invoices under Settings" in body_of(notes[0].request)["body"]
    assert all(body_of(note.request)["private"] is True for note in notes)
    assert all(note.request.path == "/api/v2/tickets/7/notes" for note in notes)


def test_a_private_tenant_shows_one_neutral_line() -> None:
    body = body_of(render.render_open(freshdesk_account(first_comment="private"), draft()))
    assert body["description"] == "<p>A conversation from our chat.</p>"


def test_somebody_without_an_address_is_named_by_external_id() -> None:
    known = body_of(render.render_open(freshdesk_account(), draft(customer=Customer(external_id="cust-9"))))
    assert (known["unique_external_id"], known["name"]) == ("cust-9", "Chat visitor")
    visitor = draft(customer=VISITOR)
    body = body_of(render.render_open(freshdesk_account(), visitor))
    assert body["unique_external_id"] == derived_external_id(visitor.command, VISITOR)
    assert "email" not in body


def test_an_address_is_enough() -> None:
    body = body_of(render.render_open(freshdesk_account(), draft()))
    assert (body["email"], body["name"]) == ("ana@example.com", "Ana Pérez")
    assert "unique_external_id" not in body


def test_a_refused_requester_is_replaced_by_one_of_our_own() -> None:
    body = body_of(render.render_minimal(freshdesk_account(), draft(requester_refused=True)))
    assert body["unique_external_id"].startswith("handoff-")
    assert "email" not in body


def test_the_escalation_is_found_by_field_or_else_by_tag() -> None:
    by_field = body_of(render.render_open(freshdesk_account(options=OPTIONS), draft()))
    assert by_field["custom_fields"] == {"cf_handoff_escalation_id": ESCALATION, "cf_order": "5521"}
    assert tags.marker(ESCALATION) not in by_field["tags"]
    assert (by_field["product_id"], by_field["email_config_id"], by_field["type"]) == (3, 4, "Question")
    assert tags.marker(ESCALATION) in body_of(render.render_open(freshdesk_account(), draft()))["tags"]


def test_a_minimal_ticket_is_found_by_tag_whatever_is_configured() -> None:
    body = body_of(render.render_minimal(freshdesk_account(options=OPTIONS), draft()))
    assert not {"group_id", "product_id", "email_config_id", "type", "custom_fields"} & body.keys()
    assert {"handoff_degraded", tags.marker(ESCALATION)} <= set(body["tags"])


def test_tags_fit_into_32_characters() -> None:
    body = body_of(render.render_open(freshdesk_account(), draft(reason="platform_escalated", intent="i" * 200)))
    assert max(len(tag) for tag in body["tags"]) <= 32


def test_a_follow_up_names_the_closed_ticket() -> None:
    body = body_of(render.render_follow_up(freshdesk_account(), TicketRef("7", closed=True), draft()))
    assert body["subject"].startswith("Follow-up of #7: Billing")
    assert "handoff_follow_up" in body["tags"]


def test_later_messages_and_attached_escalations_are_private_notes() -> None:
    later = body_of(render.render_append("7", turn("customer", "one more"), action_id="a-1"))
    assert later["private"] is True
    assert "one more" in later["body"]
    assert "a-1" in later["body"]
    attached = body_of(render.render_attach(freshdesk_account(), draft(), "7", action_id="a-2"))
    assert attached["private"] is True
    assert "Transcript" in attached["body"]


def test_a_duplicate_is_closed_and_loses_its_marker() -> None:
    request = render.render_close("7")
    assert (request.method, request.path) == ("PUT", "/api/v2/tickets/7")
    assert body_of(request) == {"status": 5, "tags": ["handoff", "handoff_duplicate"]}


@pytest.mark.parametrize("ticket_id", ["", "../contacts", "1?x=1"])
def test_a_ticket_id_that_is_no_number_never_becomes_a_path(ticket_id: str) -> None:
    with pytest.raises(ValueError, match="number"):
        render.render_note(ticket_id, "x", action_id="a")
