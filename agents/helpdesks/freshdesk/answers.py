"""What Freshdesk's answers to writes mean. Pure.

Shapes (https://developers.freshdesk.com/api/#error): 400 `{description, errors: [{field, message, code}]}`,
others `{code, message}`; a 404 has an empty body, a 429 none that is JSON. Tickets come bare, without envelope.
"""

from collections.abc import Mapping
from typing import Any

from agents.helpdesks.port import Answer, TicketRef
from agents.helpdesks.verdicts import by_status, is_page
from agents.helpdesks.wire import as_dict, as_id, as_list, as_moment, as_text
from agents.outbound import HttpResponse

STATUS = {2: "open", 3: "pending", 4: "resolved", 5: "closed"}
CLOSED = frozenset({4, 5})

_OPTIONAL_FIELDS = frozenset(
    {
        "group_id",
        "product_id",
        "email_config_id",
        "type",
        "custom_fields",
        "responder_id",
        "company_id",
        "internal_group_id",
        "tags",
    }
)
_REQUESTER_FIELDS = frozenset(
    {"requester_id", "requester", "email", "phone", "mobile", "unique_external_id", "name", "contact"}
)


def read_write(response: HttpResponse) -> Answer:
    """See `port.Helpdesk.read_write`."""
    body = as_dict(response.json())
    if response.status in {200, 201}:
        ref = _written(body)
        return Answer("done", f"http_{response.status}", ref) if ref else by_status(response)
    if response.status == 400:
        return _invalid(body)
    if response.status == 404:
        return Answer("unavailable", "not_the_api") if is_page(response) else Answer("refused", "not_found")
    return by_status(response)


def ticket_ref(
    ticket: Mapping[str, Any], base_url: str | None = None, *, escalation_id: str | None = None
) -> TicketRef | None:
    """A ticket object as a reference; None where it has no id. The link is the one an agent opens."""
    ticket_id = as_id(ticket.get("id"))
    if ticket_id is None:
        return None
    status = ticket.get("status")
    known = status if isinstance(status, int) else 0
    return TicketRef(
        id=ticket_id,
        url=f"{base_url}/a/tickets/{ticket_id}" if base_url else None,
        status=STATUS.get(known, str(known) if known else None),
        created_at=as_moment(ticket.get("created_at")),
        escalation_id=escalation_id,
        closed=known in CLOSED or ticket.get("deleted") is True or ticket.get("spam") is True,
    )


def _written(body: Mapping[str, Any]) -> TicketRef | None:
    """The ticket written to: the answer to a note has an id of its own and names the ticket beside it."""
    if "ticket_id" in body:
        ticket_id = as_id(body["ticket_id"])
        return TicketRef(ticket_id) if ticket_id else None
    return ticket_ref(body)


def _invalid(body: Mapping[str, Any]) -> Answer:
    """Refused because of what a ticket can do without, because of its requester, or for good."""
    fields = {(as_text(as_dict(item).get("field")) or "").lower() for item in as_list(body.get("errors"))}
    if any(field in _OPTIONAL_FIELDS or field.startswith(("cf_", "custom_fields")) for field in fields):
        return Answer("degradable", "rejected_field")
    if fields & _REQUESTER_FIELDS:
        return Answer("degradable", "rejected_requester")
    return Answer("refused", "http_400")
