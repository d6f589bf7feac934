"""Everything the simulators know, as one JSON document: for the page, and for a test's eye."""

import json

from agents.demo.simulators.settings import AccountSettings, SimulatorSettings
from agents.demo.simulators.store import Json, Row, Store

_FRESHDESK_STATUS = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
_FRESHDESK_PRIORITY = {"1": "low", "2": "medium", "3": "high", "4": "urgent"}


def state_of(store: Store, settings: SimulatorSettings) -> Json:
    """Conversations as customers see them, tickets as agents read them, mails, and counts."""
    return {
        "conversations": _conversations(store),
        "tickets": _tickets(store, settings),
        "mails": [_mail(row) for row in store.rows("SELECT * FROM mails ORDER BY id")],
        "requests": _count(store, "requests"),
        "webhooks": _count(store, "webhooks"),
    }


def _conversations(store: Store) -> list[Json]:
    messages: dict[tuple[str, str, str], list[Json]] = {}
    for row in store.rows("SELECT * FROM messages WHERE shown = 1 ORDER BY seq"):
        key = (row["platform"], row["account"], row["session_id"])
        messages.setdefault(key, []).append(_message(row))
    return [
        {
            **{name: row[name] for name in ("platform", "account", "id", "status", "ai", "holder")},
            **{name: row[name] for name in ("created_at", "updated_at")},
            "customer": json.loads(row["doc"]).get("customer") or {},
            "messages": messages.get((row["platform"], row["account"], row["id"]), []),
        }
        for row in store.rows("SELECT * FROM sessions ORDER BY created_at, id")
    ]


def _message(row: Row) -> Json:
    return {name: row[name] for name in ("id", "seq", "author", "author_name", "text", "at", "marker")}


def _tickets(store: Store, settings: SimulatorSettings) -> list[Json]:
    comments: dict[tuple[str, str, int], list[Row]] = {}
    for row in store.rows("SELECT * FROM comments ORDER BY seq"):
        comments.setdefault((row["helpdesk"], row["account"], row["ticket_id"]), []).append(row)
    users = {
        (row["helpdesk"], row["account"], row["id"]): row
        for row in store.rows("SELECT helpdesk, account, id, name, email, phone FROM users")
    }
    shown = []
    for row in store.rows("SELECT * FROM tickets ORDER BY created_at, id"):
        key = (row["helpdesk"], row["account"])
        account = settings.account(row["account"])
        people = {number: user for (*owner, number), user in users.items() if tuple(owner) == key}
        entries = [_comment(entry, people) for entry in comments.get((*key, row["id"]), [])]
        shown.append(_ticket(row, account, people) | {"comments": entries})
    return shown


def _ticket(row: Row, account: AccountSettings, people: dict[int, Row]) -> Json:
    zendesk = row["helpdesk"] == "zendesk"
    groups = account.zendesk.groups if zendesk else account.freshdesk.groups
    requester = people.get(row["requester_id"])
    doc = json.loads(row["doc"])
    return {
        **{name: row[name] for name in ("helpdesk", "account", "id", "external_id", "subject", "conversation_id")},
        "status": row["status"] if zendesk else _FRESHDESK_STATUS.get(row["status"], row["status"]),
        "priority": row["priority"] if zendesk else _FRESHDESK_PRIORITY.get(row["priority"], row["priority"]),
        "group": next((name for name, number in groups.items() if number == row["group_id"]), None),
        "tags": json.loads(row["tags"]),
        "custom_fields": doc.get("custom_fields"),
        "requester": {name: requester[name] for name in ("name", "email", "phone")} if requester else None,
        "channel": (doc.get("via") or {}).get("channel"),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _comment(row: Row, people: dict[int, Row]) -> Json:
    author = people.get(row["author_id"])
    return {
        **{name: row[name] for name in ("id", "seq", "kind", "html_body", "created_at")},
        "text": row["body"],
        "public": bool(row["public"]),
        "author": author["name"] if author else "Handoff",
        "by_customer": author is not None,
    }


def _mail(row: Row) -> Json:
    return {
        **{name: row[name] for name in ("id", "via", "sender", "message_id", "subject", "at")},
        "recipients": json.loads(row["recipients"]),
        "raw": row["raw"].decode("utf-8", "replace"),
    }


def _count(store: Store, table: str) -> int:
    row = store.row(f"SELECT COUNT(*) AS n FROM {table}")  # noqa: S608 - a literal of this file
    assert row is not None
    return int(row["n"])
