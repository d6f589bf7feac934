"""Drafts as Zendesk requests."""

import json
from typing import Any

import pytest

from agents.helpdesks.port import Requester, TicketRef
from agents.helpdesks.zendesk import render
from streams import ids
from streams.contracts.escalation_commands import Routing
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer
from tests.support.drafts import ACTION, ESCALATION, VISITOR, draft, turn, zendesk_account

KNOWN = Requester(id="900", name="Ana")
OPTIONS = {
    "brand_id": 11,
    "ticket_form_id": 12,
    "fields": {"escalation_id": 21, "conversation": 22, "reason": 23, "attributes": {"order_number": 24, "none": 25}},
}


def ticket(request: PreparedRequest) -> dict[str, Any]:
    found = json.loads(request.body)
    assert list(found) == ["ticket"]
    return dict(found["ticket"])


def test_the_ticket_is_created_under_its_action_as_key() -> None:
    request = render.render_open(zendesk_account(), draft(requester=KNOWN))
    assert (request.method, request.path, request.content_type) == ("POST", "/api/v2/tickets", "application/json")
    assert request.idempotency_key == ACTION
    body = ticket(request)
    assert body["external_id"] == ESCALATION
    assert (body["priority"], body["status"], body["group_id"]) == ("high", "new", 360001)
    assert (body["requester_id"], body["submitter_id"]) == (900, 900)
    assert body["metadata"]["custom"]["handoff_action_id"] == ACTION


def test_the_first_comment_is_public_and_holds_the_customers_words_alone() -> None:
    comment = ticket(render.render_open(zendesk_account(), draft()))["comment"]
    assert comment == {
        "html_body": "<p>I was charged twice for my July invoice. Order #5521 &amp; #5522</p>",
        "public": True,
    }


def test_a_private_first_comment_holds_everything() -> None:
    account = zendesk_account(first_comment="private")
    body = ticket(render.render_open(account, draft(requester=KNOWN)))
    assert body["comment"]["public"] is False
    assert "What the AI answered last" in body["comment"]["html_body"]
    assert "Transcript" in body["comment"]["html_body"]
    assert "submitter_id" not in body
    assert [note.action for note in render.render_notes(account, draft(), "7", after="open")] == ["note"]


def test_where_nothing_was_written_the_public_comment_is_the_tenants_line() -> None:
    account = zendesk_account(options={"public_line": "From our chat {{ticket.id}}"})
    comment = ticket(render.render_open(account, draft(())))["comment"]
    assert comment["html_body"] == "<p>From our chat { {ticket.id} }</p>"


def test_an_agent_is_never_made_the_author_of_what_a_customer_wrote() -> None:
    body = ticket(render.render_open(zendesk_account(), draft(requester=Requester(id="5", end_user=False))))
    assert body["requester_id"] == 5
    assert "submitter_id" not in body


def test_an_unknown_contact_is_named_by_address_and_never_by_name_alone() -> None:
    account = zendesk_account()
    assert ticket(render.render_open(account, draft()))["requester"] == {
        "name": "Ana Pérez",
        "email": "ana@example.com",
    }
    for nobody in (VISITOR, Customer(name="Eve", email="not an address"), Customer(email="a@b.example\nBcc: x")):
        assert "requester" not in ticket(render.render_open(account, draft(customer=nobody)))


def test_brand_form_and_fields_come_from_the_options() -> None:
    body = ticket(render.render_open(zendesk_account(options=OPTIONS), draft()))
    assert (body["brand_id"], body["ticket_form_id"]) == (11, 12)
    assert body["custom_fields"] == [
        {"id": 21, "value": ESCALATION},
        {"id": 22, "value": "acme|conv-4711"},
        {"id": 23, "value": "human_requested"},
        {"id": 24, "value": "5521"},
    ]


def test_values_that_json_cannot_hold_are_left_out() -> None:
    account = zendesk_account(options={"fields": {"attributes": {"score": 24}}})
    assert "custom_fields" not in ticket(render.render_open(account, draft(attributes={"score": float("inf")})))


def test_a_minimal_ticket_has_nothing_an_account_could_refuse() -> None:
    request = render.render_minimal(zendesk_account(options=OPTIONS), draft(requester=KNOWN))
    body = ticket(request)
    assert not {"group_id", "brand_id", "ticket_form_id", "custom_fields"} & body.keys()
    assert "handoff_degraded" in body["tags"]
    assert request.idempotency_key == ids.action_id(ESCALATION, "minimal") != ACTION
    assert body["external_id"] == ESCALATION
    assert "requester_id" not in ticket(
        render.render_minimal(zendesk_account(), draft(requester=KNOWN, requester_refused=True))
    )


def test_a_group_the_account_does_not_know_leaves_the_ticket_in_the_default_group() -> None:
    body = ticket(render.render_open(zendesk_account(), draft(routing=Routing(rule="r", group="tier-9"))))
    assert "group_id" not in body
    assert "handoff_group_missing" in body["tags"]


def test_notes_are_private_and_carry_their_own_action() -> None:
    notes = render.render_notes(zendesk_account(), draft(), "7", after="open")
    assert [note.action for note in notes] == ["note", "note2"]
    for note in notes:
        assert note.action_id == ids.action_id(ESCALATION, note.action)
        assert (note.request.method, note.request.path) == ("PUT", "/api/v2/tickets/7")
        body = ticket(note.request)
        assert body["comment"]["public"] is False
        assert body["metadata"]["custom"]["handoff_action_id"] == note.action_id
        assert body["comment"]["html_body"].endswith(f"<p><em>Handoff reference: {note.action_id}</em></p>")
    assert "Transcript" in ticket(notes[0].request)["comment"]["html_body"]
    assert "Signals" in ticket(notes[1].request)["comment"]["html_body"]


def test_the_notes_of_a_follow_up_are_other_actions() -> None:
    first = render.render_notes(zendesk_account(), draft(), "7", after="open")
    assert first == render.render_notes(zendesk_account(), draft(), "7", after="minimal")
    later = render.render_notes(zendesk_account(), draft(), "8", after="follow_up")
    assert not {note.action_id for note in first} & {note.action_id for note in later}


def test_a_follow_up_names_the_closed_ticket() -> None:
    request = render.render_follow_up(zendesk_account(), TicketRef("7", closed=True), draft())
    body = ticket(request)
    assert body["via_followup_source_id"] == 7
    assert body["subject"].startswith("Follow-up: Billing")
    assert "handoff_follow_up" in body["tags"]
    assert request.idempotency_key not in {None, ACTION}


def test_a_later_message_is_private_and_wakes_a_ticket_that_waits() -> None:
    later = turn("customer", "one more thing <b>", 99)
    quiet = ticket(render.render_append("7", later, action_id="a-1", reopen=False))
    assert quiet["comment"]["public"] is False
    assert "one more thing &lt;b&gt;" in quiet["comment"]["html_body"]
    assert "status" not in quiet
    assert ticket(render.render_append("7", later, action_id="a-1", reopen=True))["status"] == "open"


def test_an_attached_escalation_is_one_whole_private_comment() -> None:
    body = ticket(render.render_attach(zendesk_account(), draft(), "7", action_id="a-2"))
    html = body["comment"]["html_body"]
    assert body["status"] == "open"
    assert body["comment"]["public"] is False
    assert all(heading in html for heading in ("What the customer wants", "Signals", "Transcript", "a-2"))


def test_a_duplicate_is_closed_without_a_word() -> None:
    assert ticket(render.render_close("7")) == {"status": "closed", "additional_tags": ["handoff_duplicate"]}


@pytest.mark.parametrize("ticket_id", ["", "../users", "1?x=1", "１", "-1"])
def test_a_ticket_id_that_is_no_number_never_becomes_a_path(ticket_id: str) -> None:
    with pytest.raises(ValueError, match="number"):
        render.render_note(ticket_id, "x", action_id="a")
