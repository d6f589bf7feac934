"""Reading, answering, closing and assigning conversations. No idempotency key exists: sent twice is there twice."""

from typing import Any

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.chats import Chat, Session
from agents.demo.simulators.formats import text_of
from agents.demo.simulators.intercom import records
from agents.demo.simulators.intercom.access import refusal
from agents.demo.simulators.store import Json

_TOPICS = {"comment": "replied", "note": "noted", "close": "closed", "assignment": "assigned", "open": "opened"}
_LARGEST_PAGE = 150
_USUAL_PAGE = 20


def chat_of(call: Call) -> Chat:
    """The workspace's conversations."""
    return Chat(call.store, records.PLATFORM, call.account)


def found(call: Call) -> Session:
    """The conversation of the path, or 404."""
    session = chat_of(call).session(call.params["id"])
    if session is None:
        raise refusal(call, 404, "not_found", "Resource Not Found")
    return session


def show_conversation(call: Call) -> Reply:
    """`GET /conversations/{id}`, HTML unless `display_as=plaintext`."""
    return _shown(call, found(call))


def _shown(call: Call, session: Session) -> Reply:
    plain = call.query.get("display_as") == "plaintext"
    body = records.conversation(session, chat_of(call).messages(session.id), plain=plain)
    return Reply(200, body, target=f"conversation/{session.id}")


def reply(call: Call) -> Reply:
    """`POST /conversations/{id}/reply`: a comment for the customer, or a note; as a teammate or as the customer."""
    session, given = found(call), json_object(call)
    kind, body = given.get("message_type"), given.get("body")
    if kind not in {"comment", "note"}:
        raise refusal(call, 400, "parameter_invalid", "message_type is invalid")
    if not isinstance(body, str) or not body.strip():
        raise refusal(call, 400, "parameter_not_found", "body is required")
    if given.get("type") == "user":
        return _add(call, session, "comment", "customer", body, topic="conversation.user.replied")
    return _add(call, _without_fin(session, kind), kind, _admin(call, given), body)


def manage(call: Call) -> Reply:
    """`POST /conversations/{id}/parts`: close, open, snooze, or assign to a teammate or team (`0` unassigns)."""
    session, given = found(call), json_object(call)
    kind = given.get("message_type")
    if kind not in {"close", "open", "assignment", "snoozed"}:
        raise refusal(call, 400, "parameter_invalid", "message_type is invalid")
    admin_id, body = _admin(call, given), given.get("body")
    more: Json = {}
    if kind == "close":
        session = session.changed(status="closed", ai="ended", holder="nobody")
        more["state"] = "closed"
    elif kind == "open":
        session = session.changed(status="open")
    elif kind == "assignment":
        session, more["assigned_to"] = _assigned(call, session, given)
    return _add(call, session, kind, admin_id, body if isinstance(body, str) else None, **more)


def _assigned(call: Call, session: Session, given: Json) -> tuple[Session, Json | None]:
    account, assignee = call.settings.intercom, str(given.get("assignee_id", ""))
    kind = given.get("type")
    known = account.teams if kind == "team" else account.admins
    if assignee == "0":
        facts = {"admin_assignee_id": 0, "team_assignee_id": 0}
        return session.knowing(**facts).changed(holder="nobody"), None
    if kind not in {"admin", "team"} or assignee not in known:
        raise refusal(call, 404, "not_found", "Assignee not found")
    session = session.knowing(**{f"{kind}_assignee_id": int(assignee)})
    return session.changed(ai="paused", holder="human"), {"type": kind, "id": assignee}


def _without_fin(session: Session, kind: str) -> Session:
    """What a teammate writes to the customer stops Fin in that conversation."""
    return session.changed(ai="paused" if session.ai == "active" else session.ai) if kind == "comment" else session


def _admin(call: Call, given: Json) -> str:
    admin_id = str(given.get("admin_id", ""))
    if admin_id not in call.settings.intercom.admins:
        raise refusal(call, 404, "admin_not_found", "Admin not found")
    return admin_id


def _add(
    call: Call, session: Session, kind: str, speaker: str, markup: str | None, *, topic: str | None = None, **more: Any
) -> Reply:
    account, chat = call.settings.intercom, chat_of(call)
    number = chat.next_number()
    by = records.author(account, session, speaker)
    details = {"app_package_code": account.app_package_code} if speaker != "customer" else {}
    entry = records.part(number, kind, by, markup, call.at, **details, **more)
    session = chat.save(session, call.at)
    seq = chat.add_message(
        session.id,
        entry["id"],
        author="customer" if speaker == "customer" else "human",
        author_name=by["name"],
        text=text_of(markup or ""),
        at=call.at,
        shown=bool(markup) and kind != "note",
        doc=entry,
    )
    rows = chat.messages(session.id)
    event = topic or f"conversation.admin.{_TOPICS.get(kind, 'replied')}"
    webhooks = records.webhook(account, session, rows, event, seq, call.at) if account.subscriber.echoes else ()
    body = records.conversation(session, rows, plain=call.query.get("display_as") == "plaintext")
    return Reply(200, body, target=f"conversation/{session.id}", webhooks=webhooks)


def search(call: Call) -> Reply:
    """`POST /conversations/search`: `updated_at`, `state`, `ai_agent_participated` and the like; no parts."""
    given, chat = json_object(call), chat_of(call)
    pagination = given.get("pagination") or {}
    size = min(int(pagination.get("per_page", _USUAL_PAGE)), _LARGEST_PAGE)
    matching = []
    for session in chat.sessions():
        shown = records.summary(session, chat.messages(session.id))
        if _holds(call, shown, given.get("query") or {}):
            matching.append(shown)
    sort = given.get("sort") or {}
    field = sort.get("field", "updated_at")
    matching.sort(key=lambda shown: (shown.get(field) or 0, shown["id"]), reverse=sort.get("order") != "ascending")
    after = pagination.get("starting_after")
    ids = [shown["id"] for shown in matching]
    first = ids.index(after) + 1 if after in ids else 0
    page = matching[first : first + size]
    more = first + size < len(matching)
    pages: Json = {
        "type": "pages",
        "page": first // size + 1,
        "per_page": size,
        "total_pages": -(-len(matching) // size),
    }
    if more:
        pages["next"] = {"page": pages["page"] + 1, "starting_after": page[-1]["id"]}
    body = {"type": "conversation.list", "pages": pages, "total_count": len(matching), "conversations": page}
    return Reply(200, body)


def _holds(call: Call, shown: Json, query: Json) -> bool:
    operator, value = query.get("operator"), query.get("value")
    if operator in {"AND", "OR"} and isinstance(value, list):
        results = [_holds(call, shown, part) for part in value]
        return all(results) if operator == "AND" else any(results)
    found: Any = shown
    for step in str(query.get("field", "")).split("."):
        found = found.get(step) if isinstance(found, dict) else None
    if operator == "=":
        return bool(found == value)
    if operator == "!=":
        return bool(found != value)
    if operator in {">", "<"} and isinstance(found, int) and isinstance(value, int | str):
        return found > int(value) if operator == ">" else found < int(value)
    if operator in {"IN", "NIN"} and isinstance(value, list):
        return bool(found in value) is (operator == "IN")
    raise refusal(call, 400, "parameter_invalid", "The search query is invalid")


def json_object(call: Call) -> Json:
    """The body as an object."""
    try:
        body = call.json()
    except ValueError:
        raise refusal(call, 400, "bad_request", "bad 'Content-Type' header or malformed JSON") from None
    if not isinstance(body, dict):
        raise refusal(call, 400, "bad_request", "Request body must be an object")
    return body
