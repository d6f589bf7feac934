"""The ticket Zendesk Messaging opens by itself when a conversation reaches the agent workspace."""

from agents.demo.simulators.calls import Call
from agents.demo.simulators.chats import Chat, Session
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.formats import markup_of
from agents.demo.simulators.store import Json, Row
from agents.demo.simulators.zendesk import records, sunshine_records, ticket_input
from agents.demo.simulators.zendesk.ticket_input import CommentInput
from agents.demo.simulators.zendesk.tickets import FIRST_TICKET_ID, add_comment
from agents.demo.simulators.zendesk.users import add_end_user

_SYSTEM_FIELD = "dataCapture.systemField."
_TICKET_FIELD = "dataCapture.ticketField."
_HISTORY = 10
"""How many of the last messages reach the ticket, unless `first_message_id` says more."""


def open_for(call: Call, desk: Desk, session: Session, metadata: Json) -> tuple[int, int]:
    """Open the ticket of a conversation with the fields its `passControl` carried; the ticket's and requester's ids.

    Of the metadata only the `dataCapture.*` keys reach the ticket, and values that do not fit are left out.
    """
    requester = _requester(call, desk, session, metadata)
    ticket = records.new_ticket(
        call,
        desk.next_id("tickets", FIRST_TICKET_ID),
        channel="native_messaging",
        requester_id=requester["id"],
        submitter_id=requester["id"],
    )
    ticket["subject"] = ticket["raw_subject"] = f"Conversation with {requester['name']}"
    ticket |= _system_fields(call, metadata)
    ticket["custom_fields"] = ticket_input.custom_fields(
        {"custom_fields": _ticket_fields(metadata)}, ticket["custom_fields"]
    )
    history = _history(call, session, metadata)
    ticket["description"] = history or ticket["subject"]
    desk.add_ticket(ticket, call.at, conversation_id=session.id)
    comment = CommentInput(markup_of(ticket["description"]), ticket["description"], True, None, ())
    add_comment(call, desk, ticket, comment, {}, author_id=requester["id"])
    return ticket["id"], requester["id"]


def _requester(call: Call, desk: Desk, session: Session, metadata: Json) -> Json:
    customer = session.customer
    email = metadata.get(f"{_SYSTEM_FIELD}requester.email") or customer.get("email")
    name = metadata.get(f"{_SYSTEM_FIELD}requester.name") or customer.get("name")
    external_id = customer.get("external_id")
    for known in (
        desk.user(int(session.doc["zendesk_id"])) if session.doc.get("zendesk_id") else None,
        desk.user_by_external_id(external_id) if external_id else None,
        desk.user_by_email(str(email)) if email else None,
    ):
        if known is not None:
            return known
    visitor = f"Web User {str(customer.get('id') or session.id)[:6]}"
    return add_end_user(
        call, str(name or visitor), email=str(email) if email else None, external_id=external_id, phone=None
    )


def _system_fields(call: Call, metadata: Json) -> Json:
    account = call.settings.zendesk
    fields: Json = {}
    given = {key.removeprefix(_SYSTEM_FIELD): value for key, value in metadata.items() if key.startswith(_SYSTEM_FIELD)}
    if "tags" in given:
        fields["tags"] = ticket_input.tags(str(given["tags"]).split(","))
    if given.get("priority") in ticket_input.PRIORITIES:
        fields["priority"] = given["priority"]
    for name, known in (("group_id", account.groups), ("brand_id", account.brands)):
        if str(given.get(name)) in {str(number) for number in known.values()}:
            fields[name] = int(given[name])
    return fields


def _ticket_fields(metadata: Json) -> list[Json]:
    return [
        {"id": key.removeprefix(_TICKET_FIELD), "value": value}
        for key, value in metadata.items()
        if key.startswith(_TICKET_FIELD)
    ]


def _history(call: Call, session: Session, metadata: Json) -> str:
    rows = Chat(call.store, sunshine_records.PLATFORM, call.account).messages(session.id)
    ids = [row["id"] for row in rows]
    first = metadata.get("first_message_id")
    start = ids.index(first) if first in ids else max(0, len(rows) - _HISTORY)
    return "\n".join(_line(row) for row in rows[start:])


def _line(row: Row) -> str:
    return f"{row['author_name'] or row['author'].capitalize()}: {row['text']}"
