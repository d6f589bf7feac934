"""What Zendesk's answers to writes mean. Pure.

Shapes: https://developer.zendesk.com/api-reference/introduction/requests/ (errors), 400
`IdempotentRequestError` for a key that was used with another body, 404 `RecordNotFound`, 422 `RecordInvalid`
with `details: {field: [{description, error}]}`; bodies may be text or HTML at any status.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from agents.helpdesks import tags
from agents.helpdesks.port import Answer, TicketRef
from agents.helpdesks.verdicts import by_status, is_page
from agents.helpdesks.wire import as_dict, as_id, as_list, as_moment, as_text
from agents.outbound import HttpResponse

CLOSED = frozenset({"closed", "deleted"})
UNSOLVED = frozenset({"new", "open", "pending", "hold"})

_OPTIONAL_FIELDS = frozenset(
    {"group", "group_id", "ticket_form", "ticket_form_id", "form", "brand", "brand_id", "custom_fields", "fields"}
)
_REQUESTER_FIELDS = frozenset(
    {"requester", "requester_id", "submitter", "submitter_id", "author", "author_id", "email"}
)
_OPTIONAL_WORDS = re.compile(r"\b(?:group|brand|ticket form|form|custom field|field)s?\b", re.IGNORECASE)
_REQUESTER_WORDS = re.compile(r"\b(?:requester|submitter|author)\b", re.IGNORECASE)


def read_write(response: HttpResponse) -> Answer:
    """See `port.Helpdesk.read_write`."""
    body = as_dict(response.json())
    if response.status in {200, 201}:
        return _done(response, body)
    error = as_text(body.get("error")) or ""
    if response.status == 400 and error == "IdempotentRequestError":
        return Answer("key_reused", "idempotency_key_reused")
    if response.status == 422 or (response.status == 400 and error == "RecordInvalid"):
        return _invalid(body)
    if response.status == 404:
        return Answer("unavailable", "not_the_api") if is_page(response) else Answer("refused", "not_found")
    return by_status(response)


def ticket_ref(ticket: Mapping[str, Any], base_url: str | None = None) -> TicketRef | None:
    """A ticket object as a reference; None where it has no id. The link is the one an agent opens."""
    ticket_id = as_id(ticket.get("id"))
    if ticket_id is None:
        return None
    status = as_text(ticket.get("status"))
    return TicketRef(
        id=ticket_id,
        url=f"{base_url}/agent/tickets/{ticket_id}" if base_url else None,
        status=status,
        created_at=as_moment(ticket.get("created_at")),
        escalation_id=as_text(ticket.get("external_id")) or _marked(ticket),
        closed=status in CLOSED,
    )


def _marked(ticket: Mapping[str, Any]) -> str | None:
    """The escalation in a ticket's marker tag: one that Zendesk Messaging made has no external id of ours."""
    return next((found for tag in as_list(ticket.get("tags")) if (found := tags.escalation_of(tag))), None)


def _done(response: HttpResponse, body: Mapping[str, Any]) -> Answer:
    ref = ticket_ref(as_dict(body.get("ticket")), _origin(body))
    if ref is None:
        return by_status(response)
    told = response.headers.get("x-zendesk-api-warn", "")
    return Answer("done", f"http_{response.status}", ref, warnings=(told[:500],) if told else ())


def _origin(body: Mapping[str, Any]) -> str | None:
    """The account's address as the ticket's own API link shows it."""
    url = as_text(as_dict(body.get("ticket")).get("url")) or ""
    match = re.fullmatch(r"(https?://[A-Za-z0-9._:/-]{1,200})/api/v2/tickets/\d+(?:\.json)?", url)
    return match[1] if match else None


def _invalid(body: Mapping[str, Any]) -> Answer:
    """Refused because of what a ticket can do without, because of its requester, or for good."""
    faults = list(_faults(body))
    if any(field == "status" and "closed" in text.lower() for field, text, _ in faults):
        return Answer("refused", "ticket_closed")
    if any(_optional(field, text, item) for field, text, item in faults):
        return Answer("degradable", "rejected_field")
    if any(field in _REQUESTER_FIELDS or _REQUESTER_WORDS.search(text) for field, text, _ in faults):
        return Answer("degradable", "rejected_requester")
    return Answer("refused", "record_invalid")


def _optional(field: str, text: str, item: Mapping[str, Any]) -> bool:
    named = field in _OPTIONAL_FIELDS or field.isdecimal() or field.startswith(("custom_field", "field_"))
    return named or "ticket_field_id" in item or "field_key" in item or bool(_OPTIONAL_WORDS.search(text))


def _faults(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(field, text, item) of each fault; without details the description stands alone."""
    details = as_dict(body.get("details"))
    for field, items in details.items():
        for item in as_list(items) or [items]:
            fault = as_dict(item)
            yield str(field).lower(), as_text(fault.get("description")) or as_text(item) or "", fault
    if not details:
        yield "", as_text(body.get("description")) or as_text(body.get("message")) or "", {}
