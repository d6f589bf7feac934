"""Tickets, notes and replies. No idempotency of any kind: what is sent twice is there twice."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from agents.demo.simulators.calls import Call, Created, Reply
from agents.demo.simulators.formats import helpdesk_markup, iso_seconds, text_of
from agents.demo.simulators.freshdesk import errors
from agents.demo.simulators.freshdesk.bodies import body_object
from agents.demo.simulators.freshdesk.contacts import add_contact, desk_of
from agents.demo.simulators.freshdesk.paging import paged, searched
from agents.demo.simulators.freshdesk.ticket_input import checked, fields_of
from agents.demo.simulators.store import Json

_LIST_DAYS = 30
_DESCRIPTION = {"description", "description_text"}
_MERGED = "Merged into ticket"


def create_ticket(call: Call) -> Reply:
    """`POST /tickets`: 201, bare, with Location."""
    desk, given = desk_of(call), checked(call, body_object(call), creating=True)
    requester = _requester(call, given)
    ticket = _new_ticket(call, given, requester, helpdesk_markup(str(given["description"])))
    desk.add_ticket(ticket, call.at)
    description = keep(call, ticket["id"], "description", ticket["description"], user_id=requester["id"], private=False)
    if call.settings.freshdesk.mails_requester and requester.get("email"):
        subject = f"Ticket Received - [#{ticket['id']}] {ticket['subject']}"
        desk.mail(
            requester["email"], subject, f"We have received your request.\n\n{ticket['description_text']}", call.at
        )
    return Reply(
        201,
        ticket,
        {"Location": f"{call.base_url}/api/v2/tickets/{ticket['id']}"},
        target=f"ticket/{ticket['id']}",
        created=(Created("tickets", "freshdesk", ticket["id"]), Created("comments", "freshdesk", description["id"])),
        id_paths=(("id",),),
    )


def _new_ticket(call: Call, given: Json, requester: Json, markup: str) -> Json:
    now = iso_seconds(call.at)
    return {
        "cc_emails": given.get("cc_emails") or [],
        "fwd_emails": [],
        "reply_cc_emails": [],
        "ticket_cc_emails": [],
        "fr_escalated": False,
        "spam": False,
        "email_config_id": given.get("email_config_id"),
        "group_id": given.get("group_id"),
        "priority": given.get("priority", 1),
        "requester_id": requester["id"],
        "responder_id": given.get("responder_id"),
        "source": given.get("source", 2),
        "company_id": None,
        "status": given.get("status", 2),
        "subject": given["subject"],
        "association_type": None,
        "support_email": None,
        "to_emails": None,
        "product_id": given.get("product_id"),
        "id": desk_of(call).next_id("tickets", 1),
        "type": given.get("type"),
        "due_by": iso_seconds(call.at + 72 * 3600),
        "fr_due_by": iso_seconds(call.at + 24 * 3600),
        "is_escalated": False,
        "description": f"<div>{markup}</div>",
        "description_text": text_of(markup),
        "custom_fields": given.get("custom_fields") or {},
        "created_at": now,
        "updated_at": now,
        "tags": list(given.get("tags") or []),
        "attachments": _files(call, given),
    }


def _requester(call: Call, given: Json) -> Json:
    desk = desk_of(call)
    if given.get("requester_id") is not None:
        contact = desk.user(int(given["requester_id"]))
        if contact is None:
            message = "There is no contact matching the given requester_id"
            raise errors.validation(errors.problem("requester_id", message, "invalid_value"))
        return contact
    email, external_id, phone = given.get("email"), given.get("unique_external_id"), given.get("phone")
    known = (
        (desk.user_by_email(email) if email else None)
        or (desk.user_by_external_id(external_id) if external_id else None)
        or next((c for c in desk.users() if phone and phone in {c["phone"], c["mobile"]}), None)
    )
    return known or add_contact(
        call, {"email": email, "unique_external_id": external_id, "phone": phone, "name": given.get("name")}
    )


def update_ticket(call: Call) -> Reply:
    """`PUT /tickets/{id}`: any ticket, a closed one too."""
    ticket = found(call)
    ticket |= fields_of(checked(call, body_object(call), creating=False))
    ticket["updated_at"] = iso_seconds(call.at)
    desk_of(call).save_ticket(ticket, call.at)
    return Reply(200, ticket, target=f"ticket/{ticket['id']}", id_paths=(("id",),))


def show_ticket(call: Call) -> Reply:
    """`GET /tickets/{id}`, with `include=conversations` the first ten of them."""
    ticket = found(call)
    if "conversations" in call.query.get("include", "").split(","):
        ticket["conversations"] = _conversations(call, ticket["id"])[:10]
    return Reply(200, ticket)


def list_tickets(call: Call) -> Reply:
    """`GET /tickets` by `email`, `requester_id` or `updated_since`; the last 30 days unless `updated_since`."""
    desk = desk_of(call)
    requester_id = _id(call.query.get("requester_id"))
    if "email" in call.query:
        owner = desk.user_by_email(call.query["email"])
        requester_id = owner["id"] if owner else 0
    rows = desk.listed_tickets(call.at, requester_id=requester_id)
    since = call.query.get("updated_since")
    after = _moment(since) if since else call.at - _LIST_DAYS * 86_400
    field = "updated_at" if since else "created_at"
    tickets = [json.loads(row["doc"]) for row in rows if row[field] >= after]
    order = call.query.get("order_by", "created_at")
    tickets.sort(
        key=lambda ticket: (ticket.get(order) or "", ticket["id"]), reverse=call.query.get("order_type") != "asc"
    )
    left_out = set() if "description" in call.query.get("include", "").split(",") else _DESCRIPTION
    left_out |= set() if call.settings.freshdesk.lists_show_tags else {"tags"}
    return paged(call, [{name: ticket[name] for name in ticket if name not in left_out} for ticket in tickets])


def search_tickets(call: Call) -> Reply:
    """`GET /search/tickets?query="…"`, whose index lags by minutes."""
    lag = call.settings.freshdesk.search_lag_seconds
    rows = desk_of(call).listed_tickets(call.at - lag)
    return searched(call, [json.loads(row["doc"]) for row in rows])


def merge_tickets(call: Call) -> Reply:
    """`PUT /tickets/merge`: the others are closed, each with a private note; 204."""
    given, desk = body_object(call), desk_of(call)
    primary = desk.ticket(int(given.get("primary_id") or 0))
    others = [desk.ticket(int(number)) for number in given.get("ticket_ids") or []]
    if primary is None or not others or None in others:
        raise errors.validation(errors.problem("ticket_ids", "It should be valid ticket ids", "invalid_value"))
    for ticket in (other for other in others if other is not None):
        desk.save_ticket(ticket | {"status": 5, "updated_at": iso_seconds(call.at)}, call.at)
        agent = call.settings.freshdesk.agent_id
        keep(call, ticket["id"], "note", f"<div>{_MERGED} {primary['id']}</div>", user_id=agent, private=True)
    return Reply(204, target=f"ticket/{primary['id']}")


def add_note(call: Call) -> Reply:
    """`POST /tickets/{id}/notes`: private unless said otherwise."""
    ticket, given = found(call), _with_body(call)
    private = given.get("private", True)
    user_id = _id(given.get("user_id")) or call.settings.freshdesk.agent_id
    note = keep(
        call,
        ticket["id"],
        "note",
        helpdesk_markup(str(given["body"])),
        user_id=user_id,
        private=bool(private),
        incoming=bool(given.get("incoming", False)),
        attachments=_files(call, given),
    )
    return _kept(call, ticket, note)


def add_reply(call: Call) -> Reply:
    """`POST /tickets/{id}/reply`: public, and mailed to the requester."""
    ticket, given = found(call), _with_body(call)
    agent = call.settings.freshdesk.agent_id
    markup = helpdesk_markup(str(given["body"]))
    files = _files(call, given)
    reply = keep(call, ticket["id"], "reply", markup, user_id=agent, private=False, attachments=files)
    requester = desk_of(call).user(ticket["requester_id"])
    if requester is not None and requester.get("email"):
        desk_of(call).mail(
            requester["email"], f"Re: [#{ticket['id']}] {ticket['subject']}", reply["body_text"], call.at
        )
    return _kept(call, ticket, reply)


def list_conversations(call: Call) -> Reply:
    """`GET /tickets/{id}/conversations`: notes and replies, oldest first; the description is not among them."""
    return paged(call, _conversations(call, found(call)["id"]))


def _conversations(call: Call, ticket_id: int) -> list[Json]:
    rows = desk_of(call).comments(ticket_id, call.at)
    return [json.loads(row["doc"]) for row in rows if row["kind"] != "description"]


def _kept(call: Call, ticket: Json, entry: Json) -> Reply:
    ticket["updated_at"] = iso_seconds(call.at)
    desk_of(call).save_ticket(ticket, call.at)
    created = (Created("comments", "freshdesk", entry["id"]),)
    return Reply(201, entry, target=f"ticket/{ticket['id']}", created=created, id_paths=(("id",),))


def keep(
    call: Call,
    ticket_id: int,
    kind: str,
    markup: str,
    *,
    user_id: int,
    private: bool,
    incoming: bool = False,
    attachments: Sequence[Json] = (),
) -> Json:
    """Keep a description, note or reply as the next entry of a ticket."""
    now, desk = iso_seconds(call.at), desk_of(call)
    entry: Json = {
        "id": desk.next_id("comments", 43_500_000_001),
        "body": markup if markup.startswith("<div>") else f"<div>{markup}</div>",
        "body_text": text_of(markup),
        "incoming": incoming,
        "private": private,
        "user_id": user_id,
        "support_email": None,
        "source": 2 if kind == "note" else 0,
        "category": 2,
        "to_emails": [],
        "from_email": None,
        "cc_emails": [],
        "bcc_emails": [],
        "ticket_id": ticket_id,
        "created_at": now,
        "updated_at": now,
        "attachments": list(attachments),
    }
    desk.add_comment(ticket_id, entry, call.at, kind=kind, html_body=entry["body"])
    return entry


def _files(call: Call, given: Json) -> list[Json]:
    files = []
    for file in given.get("attachments") or []:
        number = desk_of(call).next_id("attachments", 43_600_000_001)
        address = f"{call.base_url}/helpdesk/attachments/{number}"
        files.append({"id": number, **file, "created_at": iso_seconds(call.at), "attachment_url": address})
    return files


def _with_body(call: Call) -> Json:
    given = body_object(call)
    if not isinstance(given.get("body"), str) or not given["body"].strip():
        raise errors.validation(errors.problem("body", "It should be a/an String", "missing_field"))
    return given


def found(call: Call) -> Json:
    """The ticket of the path, or an empty 404."""
    ticket = desk_of(call).ticket(int(call.params["id"]))
    if ticket is None:
        raise errors.not_found()
    return ticket


def _id(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else None


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = "It should be in the 'combined date and time ISO8601' format"
        raise errors.validation(errors.problem("updated_since", message, "invalid_date")) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
