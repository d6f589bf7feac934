"""Zendesk AI agents (Advanced): messages to the widget's visitor, and the bot's own converse endpoint.

Sources: developer.zendesk.com, "Widget escalation"; ultimateai/custom-crm-automation-template.
A `message` reaches the visitor only after `escalationSuccess`; answers are asynchronous, so it is 200 either way.
"""

from agents.demo.simulators.calls import Call, Rejected, Reply
from agents.demo.simulators.chats import Chat, Session, marker_in
from agents.demo.simulators.store import Json

PLATFORM = "zendesk-ai-agents-advanced"
_WIDGET_EVENTS = ("escalationQueueUpdate", "escalationSuccess", "message", "escalationFailed", "agentDisconnect")


def send_to_widget(call: Call) -> Reply:
    """`POST /ai-agents/api/agent/converse/send-message-to-widget`."""
    given = _object(call)
    event, chat = given.get("eventType"), Chat(call.store, PLATFORM, call.account)
    if event not in _WIDGET_EVENTS:
        raise _bad("eventType is not supported")
    session = chat.session(str(given.get("platformConversationId") or ""))
    if session is None:
        return Reply(200, {})
    text, shown = _seen(given, session)
    if event == "escalationSuccess":
        session = session.knowing(escalated=True).changed(holder="human", ai="paused")
    elif event in {"escalationFailed", "agentDisconnect"}:
        session = session.knowing(escalated=False).changed(holder="ai" if event == "escalationFailed" else "nobody")
    chat.save(session, call.at)
    if text:
        chat.add_message(
            session.id,
            f"w-{chat.next_number()}",
            author="human" if event == "message" else "system",
            author_name=given.get("agent") or "Acme Support",
            text=text,
            at=call.at,
            shown=shown,
            marker=marker_in(given),
            doc=given,
        )
    return Reply(200, {}, target=f"conversation/{session.id}")


def _seen(given: Json, session: Session) -> tuple[str, bool]:
    """What the visitor reads, and whether they get to see it."""
    event, text = given["eventType"], given.get("text")
    if event == "message":
        if not isinstance(text, str) or not text.strip():
            raise _bad("text is required")
        return text, bool(session.doc.get("escalated"))
    if event == "escalationQueueUpdate":
        parts = [
            f"You are number {given['queuePosition']} in the queue." if given.get("queuePosition") else "",
            f"Expected waiting time: {given['waitingTime']} minutes." if given.get("waitingTime") else "",
        ]
        return " ".join(part for part in parts if part), True
    return text if isinstance(text, str) else "", True


def converse(call: Call) -> Reply:
    """`POST /converse/chat`: sessions of the bot; `endSession` ends its part, and may be sent again."""
    given = _object(call)
    chat, conversation_id = Chat(call.store, PLATFORM, call.account), str(given.get("platformConversationId") or "")
    if not conversation_id:
        raise _bad("platformConversationId is required")
    if given.get("eventType") not in {"startSession", "message", "endSession", "metadata"}:
        raise _bad("eventType is not supported")
    session = chat.session(conversation_id)
    if session is None:
        raise Rejected(Reply(404, {"error": "Conversation not found"}))
    if given["eventType"] == "endSession":
        chat.save(session.changed(ai="ended"), call.at)
    return Reply(200, {}, target=f"conversation/{session.id}")


def _object(call: Call) -> Json:
    try:
        given = call.json()
    except ValueError:
        raise _bad("Invalid JSON") from None
    if not isinstance(given, dict):
        raise _bad("Invalid JSON")
    return given


def _bad(message: str) -> Rejected:
    return Rejected(Reply(400, {"error": message}))
