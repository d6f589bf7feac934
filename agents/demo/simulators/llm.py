"""A company's own chat on a language model: the application behind `reply_url` and `close_url`.

It checks the Standard Webhooks signature, shows what it is told, pauses its model, and drops a `webhook-id` it has
seen. It is also the company's own channel for Fin Agent API and AI-agents conversations, which have no other.
Source of the signature: github.com/standard-webhooks/standard-webhooks, spec v1.
"""

import base64
import hashlib
import hmac
import json

from agents.demo.simulators.calls import Call, Operation, Rejected, Reply, Simulator, Webhook
from agents.demo.simulators.chats import Chat, Session
from agents.demo.simulators.formats import iso_milliseconds
from agents.demo.simulators.settings import LlmAccount
from agents.demo.simulators.store import Json, Row

PLATFORM = "custom-llm"
_CHANNEL_OF = (PLATFORM, "fin-agent-api", "zendesk-ai-agents-advanced")
_ROLES = {"customer": "user", "ai": "assistant", "human": "assistant", "system": "system"}


def guard(call: Call) -> None:
    """The signature over id, time and raw body; a time too far off is refused."""
    account = call.settings.llm
    message_id, sent_at = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    if not message_id or not sent_at.isdecimal():
        raise _refusal(401, "missing signature")
    if abs(call.at - int(sent_at)) > account.tolerance_seconds:
        raise _refusal(401, "timestamp out of tolerance")
    expected = signature(account, message_id, int(sent_at), call.body)
    given = call.headers.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
        raise _refusal(401, "wrong signature")


def signature(account: LlmAccount, message_id: str, sent_at: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC-SHA256."""
    key = base64.b64decode(account.secret.removeprefix("whsec_"))
    signed = f"{message_id}.{sent_at}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def receive_reply(call: Call) -> Reply:
    """`reply_url`: a `message` is shown to the customer, `ai.pause` keeps the model quiet, the rest is passed over."""
    chat, session, given = _found(call)
    if _seen_before(call):
        return Reply(200, {"ok": True, "duplicate": True})
    if given.get("event") == "ai.pause":
        chat.save(session.changed(ai="paused"), call.at)
    text = given.get("message")
    if isinstance(text, str) and text.strip():
        chat.add_message(
            session.id,
            f"m-{chat.next_number()}",
            author="human",
            author_name="Acme Support",
            text=text,
            at=call.at,
            marker=given.get("notification_id") or call.headers["webhook-id"],
            doc=given,
        )
    return Reply(200, {"ok": True}, target=f"conversation/{session.id}")


def receive_close(call: Call) -> Reply:
    """`close_url`: the model's session is over; what the customer writes from now on a person reads."""
    chat, session, _ = _found(call)
    chat.save(session.changed(ai="ended", holder="human"), call.at)
    return Reply(200, {"ok": True}, target=f"conversation/{session.id}")


def _found(call: Call) -> tuple[Chat, Session, Json]:
    try:
        given = call.json()
    except ValueError:
        raise _refusal(400, "not JSON") from None
    if not isinstance(given, dict) or given.get("session_id") not in (None, call.params["id"]):
        raise _refusal(400, "not about this session")
    for platform in _CHANNEL_OF:
        chat = Chat(call.store, platform, call.account)
        session = chat.session(call.params["id"])
        if session is not None:
            return chat, session, given
    raise _refusal(404, "unknown session")


def _seen_before(call: Call) -> bool:
    """Whether this `webhook-id` has had its effect already: the request log knows."""
    row = call.store.row(
        "SELECT COUNT(*) AS n FROM requests WHERE account = ? AND operation = ? AND path = ? "
        "AND idempotency_key = ? AND committed = 1",
        call.account,
        call.operation,
        call.path,
        call.headers["webhook-id"],
    )
    return call.settings.llm.dedupes and row is not None and row["n"] > 0


def session_body(session: Session, rows: list[Row], event_type: str, event_id: str, urls: Json, **more: object) -> Json:
    """The whole session as such an application sends it, in the generic form."""
    messages = []
    for row in rows:
        entry: Json = {"id": row["id"], "role": _ROLES[row["author"]], "content": row["text"]}
        entry["created_at"] = iso_milliseconds(row["at"])
        extra = json.loads(row["doc"])
        entry |= {name: extra[name] for name in ("confidence", "intent", "name") if name in extra}
        messages.append(entry)
    customer = {name: value for name, value in session.customer.items() if value is not None and name != "locale"}
    shown = {
        "id": session.id,
        "channel": session.doc.get("channel", "web"),
        "locale": session.customer.get("locale"),
        "started_at": iso_milliseconds(session.created_at),
        **urls,
    }
    return {
        "event_id": event_id,
        "event_type": event_type,
        "session": {name: value for name, value in shown.items() if value is not None},
        "customer": customer,
        "messages": messages,
        **more,
    }


def webhook(account: LlmAccount, session: Session, body: Json, at: float) -> tuple[Webhook, ...]:
    """A delivery to the gateway, signed; none without a URL."""
    if account.subscriber.url is None:
        return ()
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "webhook-id": body["event_id"],
        "webhook-timestamp": str(int(at)),
        "webhook-signature": signature(account, body["event_id"], int(at), raw),
        "Content-Type": "application/json",
    }
    return (Webhook(PLATFORM, session.id, body["event_type"], account.subscriber.url, raw, headers),)


def _refusal(status: int, message: str) -> Rejected:
    return Rejected(Reply(status, {"error": message}))


def _unknown(path: str) -> Reply:
    del path
    return Reply(404, {"error": "not found"})


LLM = Simulator(
    name="llm",
    operations=(
        Operation("llm.reply", "POST", "/sessions/{id}/reply", receive_reply),
        Operation("llm.close", "POST", "/sessions/{id}/close", receive_close),
    ),
    guard=guard,
    dress=lambda _, reply: reply,
    unknown=_unknown,
)
