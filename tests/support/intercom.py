"""Intercom notifications and conversations, as small as a test wants them."""

from typing import Any

APP_ID = "x9k2m1ab"
CONVERSATION_ID = "215470000000500"
T0 = 1783764000  # 2026-07-11T10:00:00Z

CUSTOMER = {"type": "user", "id": "c1", "name": "Maya Okafor", "email": "maya@example.com"}
FIN = {"type": "bot", "id": "7301184", "name": "Fin", "from_ai_agent": True, "is_ai_answer": True}
WORKFLOW = {"type": "bot", "id": "7301185", "name": "Acme Bot", "from_ai_agent": False}
TEAMMATE = {"type": "admin", "id": "8120077", "name": "Priya N", "email": "priya@acme.example"}
OURSELVES = {"type": "admin", "id": "8120055", "name": "Escalation Assistant"}


def part(
    part_id: str, author: dict[str, Any], body: str | None = None, *, at: int = 60, **fields: Any
) -> dict[str, Any]:
    """A part `at` seconds after the conversation began."""
    return {
        "type": "conversation_part",
        "id": part_id,
        "part_type": "comment",
        "body": body,
        "created_at": T0 + at,
        "author": author,
        "attachments": [],
        "redacted": False,
        **fields,
    }


def assignment(part_id: str, author: dict[str, Any], to: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return part(part_id, author, part_type="assignment", assigned_to=to, **fields)


def conversation(*parts: dict[str, Any], state: str | None = None, **fields: Any) -> dict[str, Any]:
    """A conversation in which Fin took part and made `state` of it; `ai_agent` replaces all Fin knows."""
    fields.setdefault("ai_agent_participated", True)
    fields.setdefault("ai_agent", {"last_answer_type": "ai_answer" if state else None, "resolution_state": state})
    return {
        "type": "conversation",
        "id": CONVERSATION_ID,
        "created_at": T0,
        "updated_at": T0 + 60,
        "open": True,
        "state": "open",
        "source": {
            "type": "conversation",
            "id": "910500",
            "delivered_as": "customer_initiated",
            "subject": "",
            "body": "<p>Where is my refund?</p>",
            "author": CUSTOMER,
            "attachments": [],
            "url": "https://app.acme.example/billing?session=secret#top",
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c1", "external_id": "auth0|77"}]},
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": list(parts),
            "total_count": len(parts),
        },
        **fields,
    }


def notification(topic: str, item: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "type": "notification_event",
        "app_id": APP_ID,
        "id": "notif_1",
        "topic": topic,
        "delivery_attempts": 1,
        "first_sent_at": T0 + 61,
        "created_at": T0 + 61,
        "data": {"type": "notification_event_data", "item": item},
        **fields,
    }
