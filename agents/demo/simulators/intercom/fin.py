"""Fin Agent API: Fin without Intercom's messenger. Every answer is asynchronous, by webhook.

Source: Intercom's OpenAPI, tag "Fin Agent"; `/fin/escalate` gives `escalated`, then `complete`.
"""

import hashlib
import hmac
import json

from agents.demo.simulators.calls import Call, Reply, Webhook
from agents.demo.simulators.chats import Chat, Session
from agents.demo.simulators.formats import iso_milliseconds, text_of
from agents.demo.simulators.intercom.access import refusal
from agents.demo.simulators.intercom.conversations import json_object
from agents.demo.simulators.settings import IntercomAccount
from agents.demo.simulators.store import Json

PLATFORM = "fin-agent-api"


def start(call: Call) -> Reply:
    """`POST /fin/start`: a new conversation under the caller's own id."""
    given = json_object(call)
    conversation_id, user = str(given.get("conversation_id") or ""), given.get("user")
    if not conversation_id or not isinstance(user, dict) or not user.get("id"):
        raise refusal(call, 400, "parameter_not_found", "conversation_id and user.id are required")
    chat = Chat(call.store, PLATFORM, call.account)
    session = chat.session(conversation_id) or chat.open(Session(conversation_id), call.at)
    customer = {name: user.get(name) for name in ("id", "name", "email")} | {"external_id": user["id"]}
    session = chat.save(session.knowing(customer=customer), call.at)
    _say(call, chat, session, given)
    body = _thinking(session, call.at) | {"intercom_conversation_id": f"{215_470_000_000_000 + chat.next_number()}"}
    return Reply(200, body, target=f"conversation/{session.id}")


def reply(call: Call) -> Reply:
    """`POST /fin/reply`: the customer goes on."""
    given = json_object(call)
    chat, session = _found(call, given)
    _say(call, chat, session, given)
    return Reply(200, _thinking(session, call.at), target=f"conversation/{session.id}")


def escalate(call: Call) -> Reply:
    """`POST /fin/escalate`: Fin hands over and is done; safe to repeat."""
    given = json_object(call)
    chat, session = _found(call, given)
    repeated = session.ai == "ended"
    session = chat.save(session.changed(ai="ended", holder="human"), call.at)
    webhooks = (
        ()
        if repeated or not call.settings.intercom.fin.echoes
        else tuple(
            webhook
            for status, reason in (("escalated", "Escalation requested via API"), ("complete", None))
            for webhook in status_webhook(call.settings.intercom, session, status, reason, call.at)
        )
    )
    body = {"conversation_id": session.id, "user_id": session.customer.get("id"), "status": "escalated"}
    return Reply(200, body, target=f"conversation/{session.id}", webhooks=webhooks)


def status_webhook(
    account: IntercomAccount, session: Session, status: str, reason: str | None, at: float
) -> tuple[Webhook, ...]:
    """`fin_status_updated`."""
    body = {
        "event_name": "fin_status_updated",
        "conversation_id": session.id,
        "user_id": session.customer.get("id"),
        "status": status,
    }
    if reason is not None:
        body["reason"] = reason
    return signed(account, session, body | {"created_at_ms": iso_milliseconds(at)})


def replied_webhook(
    account: IntercomAccount, session: Session, message_id: str, markup: str, at: float
) -> tuple[Webhook, ...]:
    """`fin_replied`."""
    body = {
        "event_name": "fin_replied",
        "conversation_id": session.id,
        "user_id": session.customer.get("id"),
        "message": {"id": message_id, "author": "fin", "body": markup, "timestamp_ms": iso_milliseconds(at)},
        "status": "awaiting_user_reply",
        "created_at_ms": iso_milliseconds(at),
    }
    return signed(account, session, body)


def signed(account: IntercomAccount, session: Session, body: Json) -> tuple[Webhook, ...]:
    """A webhook with Fin's signature; none without a URL."""
    if account.fin.url is None:
        return ()
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hmac.new(account.fin.secret.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Fin-Agent-API-Webhook-Signature": f"sha256={digest}", "Content-Type": "application/json"}
    return (Webhook(PLATFORM, session.id, body["event_name"], account.fin.url, raw, headers),)


def _say(call: Call, chat: Chat, session: Session, given: Json) -> None:
    message = given.get("message")
    if not isinstance(message, dict) or not isinstance(message.get("body"), str):
        raise refusal(call, 400, "parameter_not_found", "message.body is required")
    timestamp = message.get("timestamp")
    if any(timestamp and json.loads(row["doc"]).get("timestamp") == timestamp for row in chat.messages(session.id)):
        return  # Fin drops what it has seen, by timestamp
    chat.add_message(
        session.id,
        f"fin-{chat.next_number()}",
        author="customer",
        author_name=session.customer.get("name"),
        text=text_of(message["body"]),
        at=call.at,
        doc=message,
    )


def _found(call: Call, given: Json) -> tuple[Chat, Session]:
    chat = Chat(call.store, PLATFORM, call.account)
    session = chat.session(str(given.get("conversation_id") or ""))
    if session is None:
        raise refusal(call, 404, "not_found", "Conversation not found")
    return chat, session


def _thinking(session: Session, at: float) -> Json:
    return {
        "conversation_id": session.id,
        "user_id": session.customer.get("id"),
        "status": "thinking",
        "created_at_ms": iso_milliseconds(at),
    }
