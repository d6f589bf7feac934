"""Conversations and their messages (Sunshine Conversations v2, below the account's own host)."""

import json

from agents.demo.simulators.calls import Call, Rejected, Reply
from agents.demo.simulators.chats import Chat, Session, marker_in
from agents.demo.simulators.formats import hex_id, iso_milliseconds, markup_of_markdown, text_of
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import sunshine_records as records

_PAGE = 100
_LONGEST_TEXT_CHARS = 4_096
_LARGEST_METADATA_BYTES = 4_096
_LARGEST_BODY_BYTES = 100 * 1024


def chat_of(call: Call) -> Chat:
    """The account's conversations."""
    return Chat(call.store, records.PLATFORM, call.account)


def found(call: Call) -> Session:
    """The conversation of the path, or 404."""
    session = chat_of(call).session(call.params["conversation"])
    if session is None or session.doc.get("app_id", call.params["app"]) != call.params["app"]:
        raise refusal(404, "conversation_not_found", "Conversation not found")
    return session


def refusal(status: int, code: str, title: str) -> Rejected:
    """An error in Sunshine's shape."""
    return Rejected(Reply(status, {"errors": [{"code": code, "title": title}]}))


def show_conversation(call: Call) -> Reply:
    """`GET /conversations/{id}`."""
    return Reply(200, {"conversation": records.conversation(found(call))})


def list_messages(call: Call) -> Reply:
    """`GET /conversations/{id}/messages`: the newest page first, 100 a page, backwards with `page[before]`."""
    session = found(call)
    messages = [records.message(row) for row in chat_of(call).messages(session.id)]
    before, after = call.query.get("page[before]"), call.query.get("page[after]")
    if before and after:
        raise refusal(400, "bad_request", "Only one of page[before] and page[after] may be provided")
    ids = [message["id"] for message in messages]
    if after:
        messages = messages[_position(ids, after) + 1 :]
        page, more = messages[:_PAGE], len(messages) > _PAGE
    else:
        messages = messages[: _position(ids, before)] if before else messages
        page, more = messages[-_PAGE:], len(messages) > _PAGE
    body: Json = {"messages": page, "meta": {"hasMore": more}}
    if page:
        body["meta"] |= {"beforeCursor": page[0]["id"], "afterCursor": page[-1]["id"]}
        prev = f"{call.base_url}{call.path.split(f'/{call.account}', 1)[1]}?page[before]={page[0]['id']}"
        body["links"] = {"prev": prev} if more and not after else {}
    return Reply(200, body)


def _position(ids: list[str], cursor: str) -> int:
    if cursor not in ids:
        raise refusal(400, "bad_request", "Invalid cursor")
    return ids.index(cursor)


def post_message(call: Call) -> Reply:
    """`POST /conversations/{id}/messages`: 201 with the message; the customer sees it at once."""
    session, given = found(call), json_object(call)
    author, content = given.get("author"), given.get("content")
    if not isinstance(author, dict) or author.get("type") not in {"business", "user"}:
        raise refusal(400, "bad_request", "author.type must be one of business, user")
    if not isinstance(content, dict) or content.get("type") != "text":
        raise refusal(400, "bad_request", "content.type is not supported")
    shown = _text_content(content)
    metadata = flat_metadata(given.get("metadata"))
    number, chat = chat_of(call).next_number(), chat_of(call)
    message: Json = {
        "id": hex_id(number, "5f74c7d8"),
        "received": iso_milliseconds(call.at),
        "author": {
            key: author[key] for key in ("type", "userId", "displayName", "avatarUrl", "subtypes") if key in author
        },
        "content": shown,
        "source": {"type": "api:conversations"},
    } | ({"metadata": metadata} if metadata else {})
    chat.add_message(
        session.id,
        message["id"],
        author="human" if author["type"] == "business" else "customer",
        author_name=author.get("displayName"),
        text=shown["text"],
        at=call.at,
        marker=marker_in(metadata),
        doc=message,
    )
    account, echo = call.settings.zendesk, {"message": records.webhook_message(message, session)}
    webhooks = (
        records.webhook(account, session, number, "conversation:message", echo, call.at)
        if account.sunshine.echoes
        else ()
    )
    return Reply(201, {"messages": [message]}, target=f"conversation/{session.id}", webhooks=webhooks)


def _text_content(content: Json) -> Json:
    given = [name for name in ("text", "htmlText", "markdownText") if isinstance(content.get(name), str)]
    if not given:
        raise refusal(400, "bad_request", "content.text is required")
    if any(len(content[name]) > _LONGEST_TEXT_CHARS for name in given):
        raise refusal(400, "bad_request", "content.text must not exceed 4096 characters")
    if "markdownText" in given:
        markup = markup_of_markdown(content["markdownText"])
    elif "htmlText" in given:
        markup = content["htmlText"]
    else:
        return {"type": "text", "text": content["text"]}
    return {"type": "text", "text": content.get("text") or text_of(markup), "htmlText": markup}


def json_object(call: Call) -> Json:
    """The body as an object, at most 100 kB."""
    if len(call.body) > _LARGEST_BODY_BYTES:
        raise refusal(413, "payload_too_large", "Request entity too large")
    try:
        body = json.loads(call.body or b"{}")
    except ValueError:
        raise refusal(400, "bad_request", "Invalid JSON in request body") from None
    if not isinstance(body, dict):
        raise refusal(400, "bad_request", "Request body must be an object")
    return body


def flat_metadata(value: object) -> Json:
    """Metadata: one level of strings, numbers and booleans, at most 4 KB."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(v, str | int | float | bool) for v in value.values()):
        raise refusal(400, "bad_request", "metadata must be a flat object of strings, numbers and booleans")
    if len(json.dumps(value).encode()) > _LARGEST_METADATA_BYTES:
        raise refusal(413, "payload_too_large", "metadata must not exceed 4KB")
    return value
