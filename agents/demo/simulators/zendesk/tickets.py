"""Creating and changing tickets."""

import hashlib
import json

from agents.demo.simulators.calls import Call, Created, Rejected, Reply
from agents.demo.simulators.desks import Desk, recent_changes
from agents.demo.simulators.formats import iso_seconds
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors, records, ticket_input, triggers
from agents.demo.simulators.zendesk.ticket_input import CommentInput
from agents.demo.simulators.zendesk.uploads import attach
from agents.demo.simulators.zendesk.users import add_end_user

KEY_LIFETIME_SECONDS = 2 * 3600
"""How long an idempotency key is remembered."""
FIRST_TICKET_ID = 10_401
_LONGEST_COMMENT_CHARS = 65_536
_UPDATE_WINDOW_SECONDS = 600
_MOST_COMMENTS = 5_000


def desk_of(call: Call) -> Desk:
    """The account's records."""
    return Desk(call.store, "zendesk", call.account)


def create_ticket(call: Call) -> Reply:
    """`POST /api/v2/tickets`, once per `Idempotency-Key` for two hours; a refusal is not remembered."""
    key, digest = ticket_input.idempotency_key(call), hashlib.sha256(call.body).hexdigest()
    if key is not None and (earlier := _remembered(call, key, digest)) is not None:
        return earlier
    reply = _create(call)
    if key is None:
        return reply
    call.store.run(
        "INSERT OR REPLACE INTO idempotency_keys VALUES (?, ?, ?, ?, ?, ?, ?)",
        call.account,
        key,
        digest,
        reply.status,
        json.dumps(dict(reply.headers)),
        json.dumps(reply.body),
        call.at,
    )
    return reply.with_headers({"x-idempotency-lookup": "miss"})


def _remembered(call: Call, key: str, digest: str) -> Reply | None:
    row = call.store.row(
        "SELECT * FROM idempotency_keys WHERE account = ? AND key = ? AND created_at > ?",
        call.account,
        key,
        call.at - KEY_LIFETIME_SECONDS,
    )
    if row is None:
        return None
    if row["body_sha256"] != digest:
        raise ticket_input.mismatch()
    headers = json.loads(row["headers"]) | {"x-idempotency-lookup": "hit"}
    return Reply(row["status"], json.loads(row["body"]), headers)


def _create(call: Call) -> Reply:
    desk, given = desk_of(call), ticket_input.ticket_object(call)
    comment = ticket_input.comment_input(given)
    if comment is None:
        raise errors.invalid("base", "Description: cannot be blank", "BlankValue")
    agent_id = call.settings.zendesk.agent_id
    requester_id = ticket_input.requester_id(call, desk, given, agent_id, _create_requester)
    changes = ticket_input.changed_fields(call, given)
    ticket = records.new_ticket(
        call,
        desk.next_id("tickets", FIRST_TICKET_ID),
        channel="api",
        requester_id=requester_id,
        submitter_id=int(given.get("submitter_id") or agent_id),
    )
    ticket |= changes
    ticket["custom_fields"] = ticket_input.custom_fields(given, ticket["custom_fields"])
    ticket["is_public"] = comment.public is not False
    ticket["description"] = comment.text
    _follow_up(desk, given, ticket, call.at)
    desk.add_ticket(ticket, call.at)
    custom = ticket_input.custom_metadata(given)
    author_id = comment.author_id or ticket["submitter_id"]  # the submitter is the author of the first comment
    comment_id, audit = add_comment(call, desk, ticket, comment, custom, author_id=author_id)
    triggers.on_create(call, desk, ticket, comment)
    ticket_id = ticket["id"]
    return Reply(
        201,
        {"ticket": ticket, "audit": audit},
        {"Location": ticket["url"]} | ticket_input.unpermitted(given),
        target=f"ticket/{ticket_id}",
        created=(Created("tickets", "zendesk", ticket_id), Created("comments", "zendesk", comment_id)),
        id_paths=(("ticket", "id"),),
    )


def _create_requester(call: Call, name: str, email: str) -> Json:
    return add_end_user(call, name, email=email)


def _follow_up(desk: Desk, given: Json, ticket: Json, at: float) -> None:
    source_id = given.get("via_followup_source_id")
    if source_id is None:
        return
    source = desk.ticket(int(source_id))
    if source is None or source["status"] != "closed":
        raise errors.invalid("via_followup_source_id", "Followup source: ticket must be closed")
    origin = {"ticket_id": source["id"], "subject": source["subject"]}
    ticket["via"] = records.via("api", {"from": origin, "to": {}, "rel": "follow_up"})
    desk.save_ticket(source | {"followup_ids": [*source["followup_ids"], ticket["id"]]}, at)


def add_comment(
    call: Call, desk: Desk, ticket: Json, given: CommentInput, custom: Json, *, author_id: int | None = None
) -> tuple[int, Json]:
    """Keep a comment and its audit; the comment's id and the audit."""
    if len(given.html_body) > _LONGEST_COMMENT_CHARS:
        raise errors.invalid("comment", "Comment: is too long (maximum is 65536 characters)", "ValueTooLong")
    author = author_id or given.author_id or call.settings.zendesk.agent_id
    if author != call.settings.zendesk.agent_id and desk.user(author) is None:
        raise errors.invalid("author", "Author: is invalid")
    audit_id, comment_id = desk.next_id("audits", 9_100_000_001), desk.next_id("comments", 9_300_000_001)
    public = ticket["is_public"] if given.public is None else given.public
    comment = records.new_comment(
        comment_id=comment_id,
        audit_id=audit_id,
        author_id=author,
        html_body=given.html_body,
        text=given.text,
        public=public,
        at=call.at,
        custom=custom,
    )
    comment["attachments"] = attach(call, ticket["id"], given.uploads)
    desk.add_comment(ticket["id"], comment, call.at, kind="comment", html_body=comment["html_body"])
    event = {
        key: comment[key] for key in ("type", "author_id", "body", "html_body", "plain_body", "public", "attachments")
    }
    audit = records.audit(audit_id * 100, ticket["id"], author, call.at, custom, [event])
    keep_audit(call, audit)
    return comment_id, audit


def keep_audit(call: Call, audit: Json) -> None:
    """Keep what a request changed."""
    call.store.run(
        "INSERT INTO audits VALUES ('zendesk', ?, ?, ?, ?, ?)",
        call.account,
        audit["id"],
        audit["ticket_id"],
        call.at,
        json.dumps(audit),
    )


def update_ticket(call: Call) -> Reply:
    """`PUT /api/v2/tickets/{id}`. Not idempotent: a comment sent twice stands there twice."""
    desk, ticket = desk_of(call), found(call)
    given, target = ticket_input.ticket_object(call), f"ticket/{ticket['id']}"
    if ticket["status"] == "closed":
        raise errors.invalid("status", "Status: closed prevents ticket update")
    _check_update_limit(call, target)
    if given.get("safe_update") and given.get("updated_stamp") not in (None, ticket["updated_at"]):
        raise _stale()
    ticket |= ticket_input.changed_fields(call, given)
    ticket["tags"] = sorted(set(ticket["tags"]) | set(ticket_input.tags(given.get("additional_tags"))))
    ticket["tags"] = [tag for tag in ticket["tags"] if tag not in ticket_input.tags(given.get("remove_tags"))]
    ticket["custom_fields"] = ticket_input.custom_fields(given, ticket["custom_fields"])
    ticket["requester_id"] = ticket_input.requester_id(call, desk, given, ticket["requester_id"], _create_requester)
    ticket["updated_at"] = iso_seconds(call.at)
    comment, custom = ticket_input.comment_input(given), ticket_input.custom_metadata(given)
    created: tuple[Created, ...] = ()
    if comment is not None:
        if len(desk.comments(ticket["id"], call.at)) >= _MOST_COMMENTS:
            raise errors.invalid("base", "Ticket: has reached the limit of 5000 comments")
        comment_id, audit = add_comment(call, desk, ticket, comment, custom)
        created = (Created("comments", "zendesk", comment_id),)
        triggers.on_comment(call, desk, ticket, comment)
    else:
        number = desk.next_id("audits", 9_100_000_001) * 100
        audit = records.audit(number, ticket["id"], call.settings.zendesk.agent_id, call.at, custom, [])
        keep_audit(call, audit)
    desk.save_ticket(ticket, call.at)
    return Reply(
        200,
        {"ticket": ticket, "audit": audit},
        ticket_input.unpermitted(given),
        target=target,
        created=created,
        id_paths=(("ticket", "id"),),
    )


def _check_update_limit(call: Call, target: str) -> None:
    window = call.at - _UPDATE_WINDOW_SECONDS
    made = recent_changes(call.store, call.account, ("zendesk.update_ticket",), target, window)
    if made >= call.settings.zendesk.ticket_updates_per_10_minutes:
        raise errors.too_many(_UPDATE_WINDOW_SECONDS)


def _stale() -> Rejected:
    text = "Safe Update prevented the update due to outdated ticket data"
    return Rejected(Reply(409, {"error": "UpdateConflict", "description": text}))


def found(call: Call) -> Json:
    """The ticket of the path, or 404."""
    ticket = desk_of(call).ticket(int(call.params["id"]))
    if ticket is None:
        raise errors.not_found()
    return ticket
