"""Bodies of Zendesk's webhooks, as short to write as they are to read."""

from typing import Any

CONVERSATION = "f52b01137aa6c250bc7251fa"
BOT = {"id": "b1", "name": "zd-answerBot", "integrationId": "b2", "integrationType": "zd:answerBot"}
ADVANCED_BOT = {"id": "u1", "name": "ultimate", "integrationId": "u2", "integrationType": "ultimate"}
WORKSPACE = {"id": "w1", "name": "zd-agentWorkspace", "integrationId": "w2", "integrationType": "zd:agentWorkspace"}
CUSTOM = {"id": "c1", "name": "acme-bot", "integrationId": "c2", "integrationType": "custom"}

_ELEMENT_ID = "5f74a0d52b5315fc007e70aa"
_AT = "2026-07-11T10:00:00.834Z"


def webhook(*elements: Any) -> dict[str, Any]:
    """A Sunshine Conversations body."""
    return {"app": {"id": "5ebee0975ac5304b664a12fa"}, "webhook": {"id": "w", "version": "v2"}, "events": [*elements]}


def element(kind: str, payload: Any, *, event_id: Any = _ELEMENT_ID) -> dict[str, Any]:
    """One of its events."""
    return {"id": event_id, "createdAt": _AT, "type": kind, "payload": payload}


def conversation(active: Any = ADVANCED_BOT, **more: Any) -> dict[str, Any]:
    """The truncated conversation; `active` None: nobody is in control."""
    held = {} if active is None else {"activeSwitchboardIntegration": active}
    return {"id": CONVERSATION, "type": "personal", **held, **more}


def message(
    content: Any,
    *,
    author: Any = None,
    source: str = "web",
    active: Any = ADVANCED_BOT,
    message_id: Any = "m1",
    **more: Any,
) -> dict[str, Any]:
    """A `conversation:message` element; text stands for a text message, and the author is a visitor."""
    said = {"type": "text", "text": content} if isinstance(content, str) else content
    told = {
        "id": message_id,
        "received": "2026-07-11T10:00:00.820Z",
        "author": author or visitor(),
        "content": said,
        "source": {"type": source, "integrationId": "i1"},
        **more,
    }
    return element("conversation:message", {"conversation": conversation(active), "message": told})


def visitor(**user: Any) -> dict[str, Any]:
    """The author of an anonymous visitor's message; `user` adds to the user object."""
    known = {"id": "u-1", "authenticated": False, **user}
    return {"type": "user", "userId": "u-1", "displayName": "Web User 26508c", "user": known}


def business(name: str = "Acme", *subtypes: str) -> dict[str, Any]:
    """The author of a message from the company's side."""
    author: dict[str, Any] = {"type": "business", "displayName": name}
    return author | ({"subtypes": list(subtypes)} if subtypes else {})


def switchboard(kind: str, active: Any, **payload: Any) -> dict[str, Any]:
    """A `switchboard:*` element."""
    return element(f"switchboard:{kind}", {"conversation": conversation(active), **payload})


def subscribed(kind: str, event: Any, **detail: Any) -> dict[str, Any]:
    """A body of a Zendesk event subscription."""
    return {
        "account_id": 21825834,
        "id": "01K0AAAAAAAAAAAAAAAAAAAA77",
        "type": f"zen:event-type:{kind}",
        "time": "2026-07-11T10:00:00.254571515Z",
        "zendesk_event_version": "2022-11-06",
        "subject": "zen:ticket:10432",
        "detail": {"id": "10432", **detail},
        "event": event,
    }


def converse(event_type: str, **data: Any) -> dict[str, Any]:
    """A body of the AI agents' converse webhook."""
    return {
        "botId": "63f5",
        "channel": "chat",
        "data": {"platformConversationId": "chat-1", "eventType": event_type, **data},
    }
