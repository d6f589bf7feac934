"""The simulators' memory, and how an independent checker reads it.

`Store` is the simulators' own connection: every change is committed before an answer leaves, so that a kill -9
loses nothing that was answered. `Records` is the read side, opened by another process while simulators run.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.demo.simulators.schema import SCHEMA

Json = dict[str, Any]
Row = sqlite3.Row

_BUSY_SECONDS = 10.0


class Store:
    """One writer. Write-ahead log, each transaction committed as it ends; used from one thread."""

    def __init__(self, path: Path | str) -> None:
        """Open or create the file at `path`."""
        self.path = str(path)
        self._connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing; a machine may
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; nothing is pending."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is committed together, or not at all. Nested, it is part of the outer."""
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def run(self, sql: str, *values: Any) -> int:
        """Execute one statement; the id of the row it inserted."""
        return self._connection.execute(sql, values).lastrowid or 0

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """All rows of a query."""
        return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        """The first row of a query."""
        found: Row | None = self._connection.execute(sql, values).fetchone()
        return found

    def next_id(self, name: str, first: int) -> int:
        """The next number of a counter that begins at `first`."""
        row = self.row(
            "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            name,
            first,
        )
        assert row is not None
        return int(row["value"])


@dataclass(frozen=True)
class TicketRecord:
    """A ticket with its comments, in the order in which they were written."""

    helpdesk: str
    account: str
    id: int
    external_id: str | None
    requester_id: int | None
    subject: str | None
    status: str
    priority: str | None
    group_id: int | None
    tags: tuple[str, ...]
    conversation_id: str | None
    created_at: float
    doc: Json
    comments: tuple[Json, ...]

    def carries(self, marker: str) -> bool:
        """Whether `marker` is the external id, a tag (or the end of one), or the value of a custom field."""
        fields = self.doc.get("custom_fields") or []
        values = fields.values() if isinstance(fields, dict) else [field.get("value") for field in fields]
        return (
            self.external_id == marker
            or any(tag == marker or tag.endswith((f"_{marker}", f"-{marker}")) for tag in self.tags)
            or any(value == marker for value in values)
        )


class Records:
    """A reader beside running simulators, or after they were killed. Every call sees what is committed now."""

    def __init__(self, path: Path | str) -> None:
        """Open the file at `path`, which must exist."""
        if not Path(path).exists():
            raise FileNotFoundError(str(path))
        # Not mode=ro: a log left behind by a killed writer could then not be read.
        self._connection = sqlite3.connect(str(path), timeout=_BUSY_SECONDS, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA query_only=ON")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def tickets(self, *, helpdesk: str | None = None, account: str | None = None) -> list[TicketRecord]:
        """All tickets, oldest first."""
        comments = self._comments_by_ticket()
        return [
            _ticket_record(row, comments.get((row["helpdesk"], row["account"], row["id"]), []))
            for row in self._rows("SELECT * FROM tickets ORDER BY created_at, id")
            if helpdesk in (None, row["helpdesk"]) and account in (None, row["account"])
        ]

    def tickets_by_escalation(self, *markers: str) -> list[TicketRecord]:
        """The tickets that carry one of these in a place a helpdesk can be searched by. More than one is a duplicate.

        `markers` are the escalation's id, and its tag where only a tag can reach the ticket.
        """
        return [ticket for ticket in self.tickets() if any(ticket.carries(marker) for marker in markers)]

    def comments_by_marker(self, marker: str) -> list[Json]:
        """Comments whose text, markup or metadata contain `marker`, in order of writing."""
        return [
            _comment(row)
            for row in self._rows("SELECT * FROM comments ORDER BY created_at, id")
            if marker in row["body"] or marker in row["html_body"] or marker in row["doc"]
        ]

    def conversation(self, platform: str, account: str, conversation_id: str) -> Json | None:
        """A chat with its messages as the customer sees them, in order of `seq`; None where it is unknown."""
        key = (platform, account, conversation_id)
        sessions = self._rows("SELECT * FROM sessions WHERE platform = ? AND account = ? AND id = ?", *key)
        if not sessions:
            return None
        messages = self._rows(
            "SELECT * FROM messages WHERE platform = ? AND account = ? AND session_id = ? ORDER BY seq", *key
        )
        return _with_doc(sessions[0]) | {"messages": [_with_doc(row) for row in messages]}

    def messages_by_marker(self, marker: str) -> list[Json]:
        """What the customer was told under this marker (a notification id), in any chat."""
        return [
            _with_doc(row)
            for row in self._rows("SELECT * FROM messages WHERE shown = 1 ORDER BY at, seq")
            if row["marker"] == marker or marker in row["doc"]
        ]

    def requests(self, operation: str | None = None) -> list[Json]:
        """Every request that came, in order; `status` None: never answered, `committed` 1: it had its effect."""
        rows = self._rows("SELECT * FROM requests ORDER BY id")
        return [dict(row) for row in rows if operation in (None, row["operation"])]

    def mails(self, via: str | None = None) -> list[Json]:
        """Every mail: `via` is `smtp` (sent by us) or `zendesk`, `freshdesk` (sent by a helpdesk's own trigger)."""
        rows = self._rows("SELECT * FROM mails ORDER BY id")
        return [dict(row) | {"recipients": json.loads(row["recipients"])} for row in rows if via in (None, row["via"])]

    def webhooks(self) -> list[Json]:
        """Every webhook the simulated platforms sent, in order."""
        return [
            dict(row) | {"headers": json.loads(row["headers"])}
            for row in self._rows("SELECT * FROM webhooks ORDER BY id")
        ]

    def _comments_by_ticket(self) -> dict[tuple[str, str, int], list[Json]]:
        grouped: dict[tuple[str, str, int], list[Json]] = {}
        for row in self._rows("SELECT * FROM comments ORDER BY ticket_id, seq"):
            grouped.setdefault((row["helpdesk"], row["account"], row["ticket_id"]), []).append(_comment(row))
        return grouped

    def _rows(self, sql: str, *values: Any) -> list[Row]:
        return self._connection.execute(sql, values).fetchall()


def _with_doc(row: Row) -> Json:
    return dict(row) | {"doc": json.loads(row["doc"])}


def _comment(row: Row) -> Json:
    return _with_doc(row) | {"public": bool(row["public"])}


def _ticket_record(row: Row, comments: list[Json]) -> TicketRecord:
    return TicketRecord(
        helpdesk=row["helpdesk"],
        account=row["account"],
        id=row["id"],
        external_id=row["external_id"],
        requester_id=row["requester_id"],
        subject=row["subject"],
        status=row["status"],
        priority=row["priority"],
        group_id=row["group_id"],
        tags=tuple(json.loads(row["tags"])),
        conversation_id=row["conversation_id"],
        created_at=row["created_at"],
        doc=json.loads(row["doc"]),
        comments=tuple(comments),
    )
