"""Intercom's records and webhook bodies, by its OpenAPI (version 2.16).

A conversation's first message is its `source`, everything later a part. REST shows at most the newest 500 parts, a
webhook only the part it is about.
"""

import hashlib
import hmac
import json
import uuid

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chats import Session
from agents.demo.simulators.formats import text_of
from agents.demo.simulators.settings import IntercomAccount
from agents.demo.simulators.store import Json, Row

PLATFORM = "intercom"
_MOST_PARTS = 500


def author(account: IntercomAccount, session: Session, speaker: str, name: str | None = None) -> Json:
    """Who wrote something: `customer`, `ai`, `system` (Operator), or the id of an admin."""
    customer = session.customer
    if speaker == "customer":
        kind = "lead" if customer.get("anonymous") else "user"
        return {"type": kind, "id": customer.get("id"), "name": customer.get("name"), "email": customer.get("email")}
    if speaker in {"ai", "system"}:
        return {
            "type": "bot",
            "id": "7301184",
            "name": name or ("Fin" if speaker == "ai" else "Operator"),
            "email": f"operator+{account.app_id}@intercom.io",
            "from_ai_agent": speaker == "ai",
            "is_ai_answer": speaker == "ai",
        }
    shown = name or account.admins.get(speaker, "Teammate")
    return {"type": "admin", "id": speaker, "name": shown, "email": f"admin+{speaker}@acme.example"}


def source(number: int, by: Json, markup: str, session: Session) -> Json:
    """The first message."""
    return {
        "type": session.doc.get("source_type", "conversation"),
        "id": f"{910_000 + number}",
        "delivered_as": "customer_initiated",
        "subject": session.doc.get("subject", ""),
        "body": markup,
        "author": by,
        "attachments": [],
        "url": session.doc.get("url"),
        "redacted": False,
    }


def part(number: int, kind: str, by: Json, markup: str | None, at: float, **more: object) -> Json:
    """A later message, or something that happened."""
    moment = int(at)
    return {
        "type": "conversation_part",
        "id": f"{45_763_800_000 + number}",
        "part_type": kind,
        "body": markup,
        "created_at": moment,
        "updated_at": moment,
        "notified_at": moment,
        "assigned_to": None,
        "author": by,
        "attachments": [],
        "external_id": None,
        "redacted": False,
        "metadata": {},
        "email_message_metadata": None,
        "state": "open",
        "tags": [],
        "event_details": {},
        "app_package_code": None,
        **more,
    }


def conversation(session: Session, rows: list[Row], *, plain: bool, only: int | None = None) -> Json:
    """A conversation with its parts; `only` keeps the part of that `seq`, as a webhook does."""
    docs = [(row["seq"], json.loads(row["doc"])) for row in rows]
    parts = [doc for seq, doc in docs[1:] if only in (None, seq)]
    shown: Json = {
        "type": "conversation",
        "id": session.id,
        "title": None,
        "created_at": int(session.created_at),
        "updated_at": int(session.updated_at),
        "waiting_since": int(session.created_at),
        "snoozed_until": None,
        "open": session.status == "open",
        "state": session.status,
        "read": False,
        "priority": "none",
        "admin_assignee_id": session.doc.get("admin_assignee_id", 0),
        "team_assignee_id": session.doc.get("team_assignee_id", 0),
        "tags": {"type": "tag.list", "tags": []},
        "conversation_rating": None,
        "source": docs[0][1] if docs else None,
        "contacts": _contacts(session),
        "teammates": None,
        "custom_attributes": session.doc.get("custom_attributes") or {},
        "first_contact_reply": {"created_at": int(session.created_at), "type": "conversation", "url": None},
        "sla_applied": None,
        "statistics": None,
        "conversation_parts": {
            "type": "conversation_part.list",
            "conversation_parts": parts[-_MOST_PARTS:],
            "total_count": len(docs) - 1 if only is None else len(parts),
        },
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent_participated": bool(session.doc.get("ai_participated", True)),
        "ai_agent": _ai_agent(session),
    }
    return _in_plain_text(shown) if plain else shown


def summary(session: Session, rows: list[Row]) -> Json:
    """A conversation as a search shows it: without parts."""
    whole = conversation(session, rows, plain=False)
    return {name: value for name, value in whole.items() if name != "conversation_parts"}


def contact(session: Session) -> Json:
    """The customer as `GET /contacts/{id}` shows them."""
    customer = session.customer
    return {
        "type": "contact",
        "id": customer.get("id"),
        "external_id": customer.get("external_id"),
        "role": "lead" if customer.get("anonymous") else "user",
        "email": customer.get("email"),
        "phone": customer.get("phone"),
        "name": customer.get("name"),
        "created_at": int(session.created_at),
        "updated_at": int(session.updated_at),
        "language_override": customer.get("locale"),
        "custom_attributes": session.doc.get("contact_attributes") or {},
    }


def webhook(
    account: IntercomAccount, session: Session, rows: list[Row], topic: str, seq: int, at: float
) -> tuple[Webhook, ...]:
    """A notification about one part, signed with the app's client secret; none without a URL."""
    subscriber = account.subscriber
    if subscriber.url is None:
        return ()
    notification = uuid.uuid5(uuid.NAMESPACE_URL, f"{account.app_id}/{session.id}/{topic}/{seq}")
    moment = int(at)
    body = {
        "type": "notification_event",
        "app_id": account.app_id,
        "id": f"notif_{notification}",
        "topic": topic,
        "delivery_status": "pending",
        "delivery_attempts": 1,
        "delivered_at": 0,
        "first_sent_at": moment,
        "created_at": moment,
        "self": None,
        "links": {},
        "data": {
            "type": "notification_event_data",
            "item": conversation(session, rows, plain=account.plain_text_webhooks, only=seq),
        },
    }
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    digest = hmac.new(subscriber.secret.encode(), raw, hashlib.sha1).hexdigest()
    headers = {
        "X-Hub-Signature": f"sha1={digest}",
        "Content-Type": "application/json",
        "User-Agent": "intercom-parrot-service-client/1.0",
    }
    return (Webhook(PLATFORM, session.id, topic, subscriber.url, raw, headers),)


def _contacts(session: Session) -> Json:
    customer = session.customer
    entry = {"type": "contact", "id": customer.get("id"), "external_id": customer.get("external_id")}
    return {"type": "contact.list", "contacts": [entry]}


def _ai_agent(session: Session) -> Json | None:
    if not session.doc.get("ai_participated", True):
        return None
    return {
        "source_type": "workflow",
        "source_title": "Support workflow",
        "last_answer_type": "ai_answer",
        "resolution_state": session.doc.get("resolution_state"),
        "rating": None,
        "rating_remark": None,
        "created_at": None,
        "updated_at": None,
        "content_sources": {"type": "content_source.list", "total_count": 0, "content_sources": []},
    }


def _in_plain_text(shown: Json) -> Json:
    first = shown["source"]
    if first is not None:
        shown["source"] = first | {"body": text_of(first["body"] or ""), "subject": text_of(first["subject"] or "")}
    listed = shown["conversation_parts"]
    parts = [p | {"body": None if p["body"] is None else text_of(p["body"])} for p in listed["conversation_parts"]]
    shown["conversation_parts"] = listed | {"conversation_parts": parts}
    return shown
