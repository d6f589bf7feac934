"""Tickets, comments and users of both simulated helpdesks, as rows with the vendor's own record beside them."""

import json
from collections.abc import Sequence
from typing import Any

from agents.demo.simulators.store import Json, Row, Store


class Desk:
    """The records of one account on one helpdesk."""

    def __init__(self, store: Store, helpdesk: str, account: str) -> None:
        """`helpdesk` is `zendesk` or `freshdesk`."""
        self.store = store
        self.helpdesk = helpdesk
        self.account = account

    def next_id(self, kind: str, first: int) -> int:
        """The next id of one kind of record in this account."""
        return self.store.next_id(f"{self.helpdesk}/{self.account}/{kind}", first)

    # Tickets
    def add_ticket(self, ticket: Json, at: float, conversation_id: str | None = None) -> None:
        """Keep a new ticket."""
        self.store.run(
            "INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.helpdesk,
            self.account,
            ticket["id"],
            *_ticket_columns(ticket),
            conversation_id,
            at,
            at,
            at,
            json.dumps(ticket),
        )

    def save_ticket(self, ticket: Json, at: float) -> None:
        """Keep what has changed about a ticket."""
        self.store.run(
            "UPDATE tickets SET external_id = ?, requester_id = ?, subject = ?, status = ?, priority = ?, "
            "group_id = ?, tags = ?, updated_at = ?, doc = ? WHERE helpdesk = ? AND account = ? AND id = ?",
            *_ticket_columns(ticket),
            at,
            json.dumps(ticket),
            self.helpdesk,
            self.account,
            ticket["id"],
        )

    def ticket(self, ticket_id: int) -> Json | None:
        """One ticket; what a look-up lag hides from lists is found here."""
        row = self.store.row(
            "SELECT doc FROM tickets WHERE helpdesk = ? AND account = ? AND id = ?",
            self.helpdesk,
            self.account,
            ticket_id,
        )
        return _doc(row) if row else None

    def listed_tickets(
        self, at: float, *, external_id: str | None = None, requester_id: int | None = None
    ) -> list[Row]:
        """The tickets a list shows at a time, by id. A search index shows what a list showed some time ago."""
        narrowing = {"external_id = ?": external_id, "requester_id = ?": requester_id}
        chosen = {clause: value for clause, value in narrowing.items() if value is not None}
        where = " AND ".join(["helpdesk = ?", "account = ?", "visible_at <= ?", *chosen])
        return self.store.rows(
            f"SELECT * FROM tickets WHERE {where} ORDER BY id",  # noqa: S608 - of the literals above
            self.helpdesk,
            self.account,
            at,
            *chosen.values(),
        )

    def ticket_of_conversation(self, conversation_id: str) -> Json | None:
        """The newest ticket a messaging conversation has."""
        row = self.store.row(
            "SELECT doc FROM tickets WHERE helpdesk = ? AND account = ? AND conversation_id = ? "
            "ORDER BY id DESC LIMIT 1",
            self.helpdesk,
            self.account,
            conversation_id,
        )
        return _doc(row) if row else None

    # Comments
    def add_comment(self, ticket_id: int, comment: Json, at: float, *, kind: str, html_body: str) -> None:
        """Keep a comment as the next of its ticket. `comment` has id, body, public or private, and its author."""
        row = self.store.row(
            "SELECT COALESCE(MAX(seq), 0) + 1 AS seq FROM comments "
            "WHERE helpdesk = ? AND account = ? AND ticket_id = ?",
            self.helpdesk,
            self.account,
            ticket_id,
        )
        assert row is not None
        public = comment["public"] if "public" in comment else not comment.get("private", False)
        self.store.run(
            "INSERT INTO comments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.helpdesk,
            self.account,
            comment["id"],
            ticket_id,
            row["seq"],
            kind,
            comment.get("author_id") or comment.get("user_id"),
            int(public),
            comment.get("plain_body") or comment.get("body_text") or "",
            html_body,
            at,
            at,
            json.dumps(comment),
        )

    def comments(self, ticket_id: int, at: float) -> list[Row]:
        """The comments of a ticket that are visible at a time, oldest first."""
        return self.store.rows(
            "SELECT * FROM comments WHERE helpdesk = ? AND account = ? AND ticket_id = ? AND visible_at <= ? "
            "ORDER BY seq",
            self.helpdesk,
            self.account,
            ticket_id,
            at,
        )

    # Users
    def add_user(self, user: Json, at: float, *, role: str) -> None:
        """Keep a new user or contact, with an identity per address."""
        self.store.run(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.helpdesk,
            self.account,
            user["id"],
            *_user_columns(user),
            role,
            at,
            at,
            json.dumps(user),
        )
        for kind, value in (("email", user.get("email")), ("phone_number", user.get("phone"))):
            if value:
                self.add_identity(user["id"], kind, value, at, primary=True)

    def save_user(self, user: Json, at: float) -> None:
        """Keep what has changed about a user."""
        self.store.run(
            "UPDATE users SET external_id = ?, name = ?, email = ?, phone = ?, updated_at = ?, doc = ? "
            "WHERE helpdesk = ? AND account = ? AND id = ?",
            *_user_columns(user),
            at,
            json.dumps(user),
            self.helpdesk,
            self.account,
            user["id"],
        )

    def user(self, user_id: int) -> Json | None:
        """One user."""
        row = self.store.row(
            "SELECT doc FROM users WHERE helpdesk = ? AND account = ? AND id = ?",
            self.helpdesk,
            self.account,
            user_id,
        )
        return _doc(row) if row else None

    def users(self) -> list[Json]:
        """All users, oldest first."""
        rows = self.store.rows(
            "SELECT doc FROM users WHERE helpdesk = ? AND account = ? ORDER BY id", self.helpdesk, self.account
        )
        return [_doc(row) for row in rows]

    def user_by_email(self, email: str) -> Json | None:
        """The user one of whose addresses this is, in any case of letters."""
        row = self.store.row(
            "SELECT user_id FROM identities WHERE helpdesk = ? AND account = ? AND type = 'email' "
            "AND lower(value) = lower(?) ORDER BY id LIMIT 1",
            self.helpdesk,
            self.account,
            email,
        )
        return self.user(row["user_id"]) if row else None

    def user_by_external_id(self, external_id: str) -> Json | None:
        """The user with this external id, in any case of letters."""
        row = self.store.row(
            "SELECT doc FROM users WHERE helpdesk = ? AND account = ? AND lower(external_id) = lower(?) LIMIT 1",
            self.helpdesk,
            self.account,
            external_id,
        )
        return _doc(row) if row else None

    def add_identity(self, user_id: int, kind: str, value: str, at: float, *, primary: bool = False) -> int:
        """Keep another address of a user; the identity's id."""
        identity_id = self.next_id("identities", 35_436_001)
        self.store.run(
            "INSERT INTO identities VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            self.helpdesk,
            self.account,
            identity_id,
            user_id,
            kind,
            value,
            int(primary),
            at,
        )
        return identity_id

    def identities(self, user_id: int) -> list[Row]:
        """A user's addresses."""
        return self.store.rows(
            "SELECT * FROM identities WHERE helpdesk = ? AND account = ? AND user_id = ? ORDER BY id",
            self.helpdesk,
            self.account,
            user_id,
        )

    # Mail the helpdesk sends by itself
    def mail(self, recipient: str, subject: str, text: str, at: float) -> None:
        """Keep a mail a trigger of the helpdesk has sent to a customer."""
        self.store.run(
            "INSERT INTO mails (via, sender, recipients, message_id, subject, raw, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            self.helpdesk,
            f"support@{self.account}.{self.helpdesk}.example",
            json.dumps([recipient]),
            None,
            subject,
            text.encode(),
            at,
        )


def recent_requests(store: Store, simulator: str, account: str, since: float) -> int:
    """How many requests an account has had since a time, this one included."""
    row = store.row(
        "SELECT COUNT(*) AS n FROM requests WHERE simulator = ? AND account = ? AND at > ?", simulator, account, since
    )
    assert row is not None
    return int(row["n"])


def recent_changes(store: Store, account: str, operations: Sequence[str], target: str, since: float) -> int:
    """How many carried-out requests of these operations have changed one record since a time."""
    marks = ", ".join("?" for _ in operations)
    row = store.row(
        f"SELECT COUNT(*) AS n FROM requests WHERE account = ? AND operation IN ({marks}) AND target = ? "  # noqa: S608 - question marks
        "AND committed = 1 AND at > ?",
        account,
        *operations,
        target,
        since,
    )
    assert row is not None
    return int(row["n"])


def _ticket_columns(ticket: Json) -> tuple[Any, ...]:
    return (
        ticket.get("external_id"),
        ticket["requester_id"],
        ticket["subject"],
        str(ticket["status"]),
        None if ticket["priority"] is None else str(ticket["priority"]),
        ticket["group_id"],
        json.dumps(ticket["tags"]),
    )


def _user_columns(user: Json) -> tuple[Any, ...]:
    external_id = user.get("external_id") or user.get("unique_external_id")
    return (external_id, user.get("name"), user.get("email"), user.get("phone"))


def _doc(row: Row) -> Json:
    found: Json = json.loads(row["doc"])
    return found
