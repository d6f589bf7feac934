"""The chat side's records: conversations, who holds them, and what the customer sees."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from agents.demo.simulators.store import Json, Row, Store

Author = Literal["customer", "ai", "human", "system"]


@dataclass(frozen=True)
class Session:
    """A conversation. `doc` holds what the platform knows besides: the customer, its own ids, verdicts."""

    id: str
    status: Literal["open", "closed"] = "open"
    ai: Literal["active", "paused", "ended"] = "active"
    holder: Literal["ai", "human", "nobody"] = "ai"
    created_at: float = 0.0
    updated_at: float = 0.0
    doc: Json = field(default_factory=dict)

    @property
    def customer(self) -> Json:
        """What the platform knows of the customer: id, name, email, external_id, phone, anonymous, locale."""
        found: Json = self.doc.get("customer") or {}
        return found

    def changed(self, **changes: Any) -> "Session":
        """The same conversation with other columns."""
        return replace(self, **changes)

    def knowing(self, **facts: Any) -> "Session":
        """The same conversation with more in its `doc`."""
        return replace(self, doc=self.doc | facts)


class Chat:
    """The records of one account on one chat platform."""

    def __init__(self, store: Store, platform: str, account: str) -> None:
        """`platform` is named as in the webhook's path, such as `custom-llm`."""
        self.store = store
        self.platform = platform
        self.account = account

    def session(self, session_id: str) -> Session | None:
        """One conversation."""
        row = self.store.row(
            "SELECT * FROM sessions WHERE platform = ? AND account = ? AND id = ?",
            self.platform,
            self.account,
            session_id,
        )
        return _session(row) if row else None

    def sessions(self) -> list[Session]:
        """All conversations, oldest first."""
        rows = self.store.rows(
            "SELECT * FROM sessions WHERE platform = ? AND account = ? ORDER BY created_at, id",
            self.platform,
            self.account,
        )
        return [_session(row) for row in rows]

    def open(self, session: Session, at: float) -> Session:
        """Keep a new conversation, which begins now."""
        opened = session.changed(created_at=at, updated_at=at)
        self.store.run(
            "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.platform,
            self.account,
            opened.id,
            opened.status,
            opened.ai,
            opened.holder,
            at,
            at,
            json.dumps(opened.doc),
        )
        return opened

    def save(self, session: Session, at: float) -> Session:
        """Keep what has changed about a conversation."""
        self.store.run(
            "UPDATE sessions SET status = ?, ai = ?, holder = ?, updated_at = ?, doc = ? "
            "WHERE platform = ? AND account = ? AND id = ?",
            session.status,
            session.ai,
            session.holder,
            at,
            json.dumps(session.doc),
            self.platform,
            self.account,
            session.id,
        )
        return session.changed(updated_at=at)

    def next_number(self) -> int:
        """A number for the next message's id."""
        return self.store.next_id(f"{self.platform}/{self.account}/messages", 1)

    def add_message(
        self,
        session_id: str,
        message_id: str,
        *,
        author: Author,
        text: str,
        at: float,
        author_name: str | None = None,
        shown: bool = True,
        marker: str | None = None,
        doc: Json | None = None,
    ) -> int:
        """Keep a message as the next of its conversation; its `seq`. `shown`: the customer sees it."""
        row = self.store.row(
            "INSERT INTO messages SELECT ?, ?, ?, ?, COALESCE(MAX(seq), 0) + 1, ?, ?, ?, ?, ?, ?, ? FROM messages "
            "WHERE platform = ? AND account = ? AND session_id = ? RETURNING seq",
            self.platform,
            self.account,
            session_id,
            message_id,
            author,
            author_name,
            text,
            int(shown),
            marker,
            at,
            json.dumps(doc or {}),
            self.platform,
            self.account,
            session_id,
        )
        assert row is not None
        self.store.run(
            "UPDATE sessions SET updated_at = ? WHERE platform = ? AND account = ? AND id = ?",
            at,
            self.platform,
            self.account,
            session_id,
        )
        return int(row["seq"])

    def messages(self, session_id: str) -> list[Row]:
        """The messages of a conversation, oldest first."""
        return self.store.rows(
            "SELECT * FROM messages WHERE platform = ? AND account = ? AND session_id = ? ORDER BY seq",
            self.platform,
            self.account,
            session_id,
        )


def marker_in(value: Any) -> str | None:
    """Our marker in a platform's metadata: the first value under a key that speaks of handoff or notification."""
    if not isinstance(value, dict):
        return None
    for key, found in value.items():
        if isinstance(found, str) and any(word in str(key) for word in ("handoff", "notification")):
            return found
    return None


def _session(row: Row) -> Session:
    return Session(
        id=row["id"],
        status=row["status"],
        ai=row["ai"],
        holder=row["holder"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        doc=json.loads(row["doc"]),
    )
