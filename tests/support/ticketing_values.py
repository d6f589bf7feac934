"""Commands, entries and records for ticketing's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from streams import ids
from streams.contracts.escalation_commands import AppendToTicket, OpenTicket, Routing
from streams.contracts.escalation_ledger import Intent, Outcome, PreparedRequest
from streams.contracts.people import Customer, Turn

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ESCALATION = ids.escalation_id("acme", "c1", "e0")
OPEN = ids.action_id(ESCALATION, "open")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def shared(**changes: Any) -> dict[str, Any]:
    return {
        "tenant": "acme",
        "conversation_id": "c1",
        "platform": "direct",
        "escalation_id": ESCALATION,
        "episode": "e0",
        "mode": "live",
        "decided_at": NOW,
        "customer": Customer(id="u1", name="Ann"),
    } | changes


def turn(event_id: str = "e0", text: str = "a person, please", seconds: float = 0.0, **changes: Any) -> Turn:
    return Turn(event_id=event_id, occurred_at=later(seconds), author="customer", text=text, **changes)


def opening(**changes: Any) -> OpenTicket:
    fields = {
        "action_id": OPEN,
        "reason": "human_requested",
        "evidence": (),
        "policy": "p",
        "routing": Routing(rule="default"),
        "turns": (turn(),),
    }
    return OpenTicket(**shared(**(fields | changes)))


def appending(event_id: str = "e1", **changes: Any) -> AppendToTicket:
    action_id = ids.action_id(ESCALATION, f"append:{event_id}")
    return AppendToTicket(**shared(**({"action_id": action_id, "turn": turn(event_id, "more", 1.0)} | changes)))


def entry_fields(action: str = "open", escalation_id: str = ESCALATION) -> dict[str, Any]:
    return {
        "tenant": "acme",
        "conversation_id": "c1",
        "escalation_id": escalation_id,
        "action_id": ids.action_id(escalation_id, action),
        "action": action,
        "helpdesk": "zendesk",
    }


def intent(action: str = "open", *, at: float = 0.0, key: str | None = "k", **changes: Any) -> Intent:
    fields = entry_fields(action) | {
        "request": PreparedRequest(method="POST", path="/t", body="{}", idempotency_key=key),
        "written_at": later(at),
        "first_attempt_at": later(at),
        "deadline_at": later(at + 18),
    }
    return Intent(**(fields | changes))


def outcome(ticket_id: str = "1", action: str = "open", *, at: float = 0.0, **changes: Any) -> Outcome:
    fields = entry_fields(action) | {"ticket_id": ticket_id, "result": "created", "recorded_at": later(at)}
    return Outcome(**(fields | changes))
