"""What a request may say about a ticket, and Zendesk's refusals of what it may not.

Sources: developer.zendesk.com, "Tickets", "Ticket comments"; the official OpenAPI for enums.
"""

from dataclasses import dataclass
from typing import Any

from agents.demo.simulators.calls import Call, Rejected, Reply, object_of
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.formats import helpdesk_markup, markup_of_markdown, text_of
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors

PRIORITIES = ("urgent", "high", "normal", "low")
STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
TYPES = ("problem", "incident", "question", "task")
_KNOWN = {
    *("subject", "raw_subject", "comment", "requester", "requester_id", "submitter_id", "external_id", "tags"),
    *("additional_tags", "remove_tags", "priority", "status", "type", "group_id", "assignee_id", "brand_id"),
    *("ticket_form_id", "custom_fields", "fields", "recipient", "email_ccs", "followers", "collaborators"),
    *("metadata", "via", "via_followup_source_id", "due_at", "problem_id", "organization_id", "description"),
    *("safe_update", "updated_stamp", "custom_status_id", "assignee_email", "via_id", "sharing_agreement_ids"),
}
_MOST_CCS = 48
_LONGEST_KEY = 255


@dataclass(frozen=True)
class CommentInput:
    """A comment as it will be kept."""

    html_body: str
    text: str
    public: bool | None
    author_id: int | None
    uploads: tuple[str, ...]


def ticket_object(call: Call) -> Json:
    """The `ticket` of the body."""
    try:
        body = call.json()
    except ValueError:
        raise errors.malformed() from None
    ticket = object_of(body, "ticket")
    if ticket is None:
        raise errors.bad_request("Invalid attribute", "You passed an invalid value for the ticket attribute.")
    return ticket


def unpermitted(ticket: Json) -> dict[str, str]:
    """The header that names keys Zendesk does not know."""
    unknown = sorted(set(ticket) - _KNOWN)
    return {"X-Zendesk-API-Warn": f"Removed restricted keys {unknown} from parameters"} if unknown else {}


def idempotency_key(call: Call) -> str | None:
    """The key, refused where it is too long."""
    key = call.headers.get("idempotency-key")
    if key is not None and len(key) > _LONGEST_KEY:
        raise errors.bad_request("Invalid header", "Idempotency-Key is longer than 255 characters")
    return key


def comment_input(ticket: Json) -> CommentInput | None:
    """The comment, or None where there is none. `html_body` wins over `body`; `body` is read as Markdown."""
    comment = ticket.get("comment")
    if isinstance(comment, str):
        comment = {"body": comment}
    if not isinstance(comment, dict):
        return None
    html_body, body = comment.get("html_body"), comment.get("body")
    if isinstance(html_body, str) and html_body.strip():
        markup = helpdesk_markup(html_body)
    elif isinstance(body, str) and body.strip():
        markup = markup_of_markdown(body)
    else:
        return None
    uploads = comment.get("uploads") or []
    return CommentInput(
        html_body=markup,
        text=text_of(markup),
        public=comment["public"] if isinstance(comment.get("public"), bool) else None,
        author_id=comment.get("author_id") if isinstance(comment.get("author_id"), int) else None,
        uploads=tuple(str(token) for token in (uploads if isinstance(uploads, list) else [uploads])),
    )


def custom_metadata(ticket: Json) -> Json:
    """`metadata.custom`: kept with the audit and the comment."""
    return object_of(ticket.get("metadata"), "custom") or {}


def changed_fields(call: Call, ticket: Json) -> Json:
    """The fields a request sets, each checked, without comment and requester."""
    account = call.settings.zendesk
    changes: Json = {}
    for name in ("external_id", "recipient", "due_at", "assignee_id", "organization_id", "problem_id"):
        if name in ticket:
            changes[name] = ticket[name] if name.endswith("_id") and name != "external_id" else _text(ticket[name])
    if "subject" in ticket:
        changes["subject"] = changes["raw_subject"] = _text(ticket["subject"])
    for name, label, allowed in (
        ("priority", "Priority", PRIORITIES),
        ("status", "Status", STATUSES),
        ("type", "Type", TYPES),
    ):
        if ticket.get(name) is not None:
            _check(name, label, ticket[name] in allowed, f"{ticket[name]} is not included in the list")
            changes[name] = ticket[name]
    references = (
        ("group_id", "group", "Group", account.groups),
        ("brand_id", "brand", "Brand", account.brands),
        ("ticket_form_id", "ticket_form_id", "Ticket form", account.forms),
    )
    for name, field, label, known in references:
        if ticket.get(name) is not None:
            _check(field, label, ticket[name] in known.values(), "is invalid")
            changes[name] = ticket[name]
    if len(ticket.get("email_ccs") or []) > _MOST_CCS:
        raise errors.bad_request("Invalid attribute", "email_ccs has more than 48 entries")
    if "tags" in ticket:
        changes["tags"] = tags(ticket["tags"])
    return changes


def custom_fields(ticket: Json, present: list[Json]) -> list[Json]:
    """The custom fields after a request; ids that do not exist are dropped without a word."""
    given = ticket.get("custom_fields") or ticket.get("fields") or []
    if isinstance(given, dict):
        given = [{"id": field, "value": value} for field, value in given.items()]
    values = {str(entry.get("id")): entry.get("value") for entry in given if isinstance(entry, dict)}
    return [{"id": field["id"], "value": values.get(str(field["id"]), field["value"])} for field in present]


def tags(value: Any) -> list[str]:
    """Tags as Zendesk keeps them: split at spaces, lower case, each once, in alphabetical order."""
    given = value if isinstance(value, list) else str(value or "").split(",")
    return sorted({part.lower() for tag in given for part in str(tag).split()})


def requester_id(call: Call, desk: Desk, ticket: Json, usual: int, create: Any) -> int:
    """Who the ticket is for: an id, or an object with an e-mail, created where unknown.

    An inline requester without an e-mail is refused: that it would work is documented nowhere.
    """
    given = ticket.get("requester_id", ticket.get("requester"))
    if given is None:
        return usual
    if isinstance(given, int) or (isinstance(given, str) and given.isdecimal()):
        _check("requester", "Requester", desk.user(int(given)) is not None, "is invalid")
        return int(given)
    requester = {"email": given} if isinstance(given, str) else given
    email = requester.get("email") if isinstance(requester, dict) else None
    if not isinstance(email, str) or "@" not in email:
        raise errors.invalid("requester", "Requester: Email: cannot be blank", "BlankValue")
    known = desk.user_by_email(email)
    if known is not None:
        return int(known["id"])
    name = requester.get("name")
    if not isinstance(name, str) or not name.strip():
        raise errors.invalid("requester", "Requester: Name: is too short (minimum one character)", "ValueTooShort")
    created = create(call, name, email)
    return int(created["id"])


def mismatch() -> Rejected:
    """400 for a key that was used with another body."""
    text = "Request parameters don't match the given idempotency key"
    return Rejected(Reply(400, {"error": "IdempotentRequestError", "description": text}))


def _check(field: str, label: str, passes: bool, complaint: str) -> None:
    if not passes:
        raise errors.invalid(field, f"{label}: {complaint}")


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
