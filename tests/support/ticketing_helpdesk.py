"""A helpdesk in memory for the simulation: tickets, comments, idempotency keys, lag. Deterministic.

Requests are small texts instead of JSON: the path says what is done, the body holds `|`-separated words.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.helpdesks.port import Account, Answer, Draft, Note, TicketFile, TicketRef
from streams import ids
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Turn

KEY_LIFE = timedelta(hours=2)


@dataclass
class Comment:
    action_id: str
    says: str
    at: datetime


@dataclass
class Ticket:
    id: str
    escalation_id: str
    holds: str
    at: datetime
    closed: bool = False
    follows: str | None = None
    comments: list[Comment] = field(default_factory=list)


@dataclass
class Database:
    """What the helpdesk has stored. What was stored shows in look-ups after `lag`."""

    keyed: bool
    lag: timedelta = timedelta(0)
    degrade: bool = False
    refuse: bool = False
    people_hold: bool = False
    closes_after: timedelta | None = None
    tickets: dict[str, Ticket] = field(default_factory=dict)
    keys: dict[str, tuple[str, str, datetime]] = field(default_factory=dict)
    effects: list[tuple[str, str]] = field(default_factory=list)

    def apply(self, request: PreparedRequest, now: datetime) -> Answer:
        """Carry a write out, or refuse it."""
        self._age(now)
        verb, _, subject = request.path.partition(":")
        if verb == "comment":
            return self._comment(request, subject, now)
        if verb == "pass_control":
            return self._pass_control(request, now)
        if verb == "close":
            self.tickets[subject].closed = True
            return Answer("done", "http_200", TicketRef(subject))
        return self._create(request, verb, subject, now)

    def _create(self, request: PreparedRequest, verb: str, subject: str, now: datetime) -> Answer:
        key = request.idempotency_key if self.keyed else None
        used = self.keys.get(key) if key is not None else None
        if key is not None and used is not None and now < used[2] + KEY_LIFE:
            if used[0] != request.body:
                return Answer("key_reused", "idempotency_key_reused")
            return Answer("done", "replayed", TicketRef(used[1]))
        if self.refuse:
            return Answer("refused", "record_invalid")
        if self.degrade and verb == "open":
            return Answer("degradable", "rejected_field")
        escalation_id, holds, *_ = request.body.split("|")
        ticket = Ticket(str(len(self.tickets) + 1), escalation_id, holds, now, follows=subject or None)
        self.tickets[ticket.id] = ticket
        if key is not None:
            self.keys[key] = (request.body, ticket.id, now)
        self.effects.append(("ticket", escalation_id))
        return Answer("done", "http_201", TicketRef(ticket.id))

    def _pass_control(self, request: PreparedRequest, now: datetime) -> Answer:
        """Passing control to who has it changes nothing and opens no second ticket."""
        if not self.people_hold:
            self.people_hold = True
            escalation_id, holds = request.body.split("|")
            ticket = Ticket(str(len(self.tickets) + 1), escalation_id, holds, now)
            self.tickets[ticket.id] = ticket
            self.effects.append(("ticket", escalation_id))
        return Answer("done", "http_200")

    def _comment(self, request: PreparedRequest, ticket_id: str, now: datetime) -> Answer:
        ticket = self.tickets.get(ticket_id)
        if ticket is None:
            return Answer("refused", "not_found")
        if ticket.closed:
            return Answer("refused", "ticket_closed")
        action_id, says = request.body.split("|")
        ticket.comments.append(Comment(action_id, says, now))
        self.effects.append(("comment", action_id))
        return Answer("done", "http_200", TicketRef(ticket.id))

    def _age(self, now: datetime) -> None:
        for ticket in self.tickets.values():
            if self.closes_after is not None and ticket.follows is None and now > ticket.at + self.closes_after:
                ticket.closed = True

    def find(self, escalation_id: str, now: datetime) -> list[TicketRef]:
        """Look up by our id."""
        return [
            TicketRef(ticket.id, created_at=ticket.at, escalation_id=escalation_id)
            for ticket in self.tickets.values()
            if ticket.escalation_id == escalation_id and ticket.at + self.lag <= now
        ]

    def recent(self, now: datetime) -> list[TicketRef]:
        """All tickets that show."""
        return [
            TicketRef(
                ticket.id,
                status="solved" if ticket.closed else "open",
                created_at=ticket.at,
                escalation_id=ticket.escalation_id,
                closed=ticket.closed,
            )
            for ticket in self.tickets.values()
            if ticket.at + self.lag <= now
        ]

    def has_comment(self, ticket_id: str, action_id: str, now: datetime) -> bool:
        """Look up a comment by its action."""
        ticket = self.tickets.get(ticket_id)
        comments = ticket.comments if ticket is not None else []
        return any(comment.action_id == action_id and comment.at + self.lag <= now for comment in comments)

    def get(self, ticket_id: str, now: datetime) -> TicketRef | None:
        """One ticket, never lagging."""
        self._age(now)
        ticket = self.tickets.get(ticket_id)
        return TicketRef(ticket.id, closed=ticket.closed) if ticket is not None else None


class SimAdapter:
    """The pure half of `port.Helpdesk`. A ticket's bytes depend on the transcript, as real ones do."""

    name = "simulated"

    def __init__(self, *, keyed: bool) -> None:
        self.idempotency_window_seconds = KEY_LIFE.total_seconds() if keyed else None

    def render_open(self, account: Account, draft: Draft) -> PreparedRequest:
        return _create("open", draft, draft.command.action_id)

    def render_minimal(self, account: Account, draft: Draft) -> PreparedRequest:
        return _create("minimal", draft, ids.action_id(draft.command.escalation_id, "minimal"))

    def render_follow_up(self, account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
        return _create(f"follow_up:{closed.id}", draft, ids.action_id(draft.command.escalation_id, "follow_up"))

    def render_attach(self, account: Account, draft: Draft, ticket_id: str, *, action_id: str) -> PreparedRequest:
        return _comment(ticket_id, action_id, f"attach-{draft.command.escalation_id}")

    def render_notes(self, account: Account, draft: Draft, ticket_id: str, *, after: str = "open") -> tuple[Note, ...]:
        action = "note" if after in {"open", "minimal"} else f"{after}:note"
        action_id = ids.action_id(draft.command.escalation_id, action)
        return (Note(action, action_id, _comment(ticket_id, action_id, "note")),)

    def render_append(
        self, account: Account, ticket_id: str, turn: Turn, *, action_id: str, reopen: bool = False
    ) -> PreparedRequest:
        return _comment(ticket_id, action_id, turn.event_id)

    def render_note(self, account: Account, ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
        return _comment(ticket_id, action_id, "duplicate" if "second ticket" in text else "not_copied")

    def render_close(self, account: Account, ticket_id: str) -> PreparedRequest:
        return PreparedRequest(method="PUT", path=f"close:{ticket_id}", body="")

    def rest(self, account: Account, draft: Draft) -> TicketFile | None:
        return None


def _create(path: str, draft: Draft, key: str) -> PreparedRequest:
    turns = draft.turns
    body = f"{draft.command.escalation_id}|{turns[-1].event_id}|{len(turns)}|{turns[0].text}"
    return PreparedRequest(method="POST", path=path, body=body, idempotency_key=key)


def _comment(ticket_id: str, action_id: str, says: str) -> PreparedRequest:
    return PreparedRequest(method="PUT", path=f"comment:{ticket_id}", body=f"{action_id}|{says}")
