"""How the demo speaks to a person: one line per thing that happens, and a closing table. Pure."""

from collections.abc import Iterable
from typing import Any

from agents.demo.judging import Found
from agents.demo.scenarios import Row
from streams.topology import (
    CONVERSATION_EVENTS,
    CONVERSATION_OUTCOMES,
    ESCALATION_COMMANDS,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
    Topic,
)

LABEL_CHARS = 28
_STYLES = {
    "event": "37",
    "decision": "1;33",
    "ticket": "1;34",
    "customer": "1;32",
    "session": "36",
    "outcome": "35",
    "act": "1;31",
    "good": "32",
    "bad": "1;31",
    "head": "1",
}


class Paint:
    """Colours on a terminal, plain text elsewhere."""

    def __init__(self, *, colours: bool) -> None:
        """`colours`: whether a terminal reads along."""
        self._colours = colours

    def __call__(self, style: str, text: str) -> str:
        """`text` in a style."""
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if self._colours else text


def line(paint: Paint, label: str, style: str, what: str) -> str:
    """One line of progress."""
    return f"  {label[:LABEL_CHARS]:{LABEL_CHARS}} {paint(style, f'{style:9}')} {what}"


def told(paint: Paint, label: str, topic: Topic, value: Any) -> str | None:
    """The line for a record, or None where it is not worth one."""
    teller = {
        CONVERSATION_EVENTS.name: _event,
        ESCALATION_COMMANDS.name: _command,
        NOTIFICATION_EVENTS.name: _news,
        NOTIFICATION_LEDGER.name: _step,
        CONVERSATION_OUTCOMES.name: _outcome,
    }[topic.name]
    made = teller(value)
    return None if made is None else line(paint, label, *made)


def _short(text: str, limit: int = 74) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _event(value: Any) -> tuple[str, str] | None:
    if value.kind == "message":
        automatic = " (automatic)" if value.automatic else ""
        return "event", f"{value.author}{automatic}: “{_short(value.text)}”"
    if value.kind == "ai_outcome":
        return "event", f"the platform says: {value.outcome}"
    if value.kind == "human_requested":
        return "event", f"a person is asked for ({value.how})"
    if value.kind == "control_changed":
        return "event", f"{value.holder} holds the conversation now"
    if value.kind == "ended":
        return "event", f"session ended by {value.by}"
    if value.kind == "tick":
        return "event", "time has passed and nobody wrote"
    return None


def _command(value: Any) -> tuple[str, str]:
    if value.kind == "append_to_ticket":
        return "decision", f"append to the ticket: “{_short(value.turn.text, 50)}”"
    fired = [evidence for evidence in value.evidence if evidence.fired]
    because = ", ".join(_because(evidence) for evidence in fired)
    observed = " (observed only)" if value.mode == "observe" else ""
    place = f" → {value.routing.group}, {value.routing.priority}" if value.routing.group else ""
    return "decision", f"{value.reason}{observed}: {because}{place}"


def _because(evidence: Any) -> str:
    if evidence.span:
        return f"“{_short(evidence.span, 40)}”"
    if evidence.detail and evidence.signal == "silence":
        return str(evidence.detail)
    if evidence.value is not None and evidence.threshold is not None:
        return f"{evidence.signal} {evidence.value} (limit {evidence.threshold})"
    return str(evidence.detail or evidence.signal)


def _news(value: Any) -> tuple[str, str] | None:
    if value.kind in {"opened", "attached"}:
        return "ticket", f"#{value.ticket.id} {value.kind} at {value.ticket.helpdesk}"
    if value.kind in {"delayed", "failed"}:
        return "ticket", f"{value.kind}: {value.cause}"
    return None


def _step(value: Any) -> tuple[str, str] | None:
    if value.kind != "outcome":
        return None
    style = "session" if value.step in {"pause", "close"} else "customer"
    what = {"reply": "told", "email": "mailed", "pause": "AI quiet", "close": "AI session closed or handed over"}
    if value.cause == "ticketing_hands_over":
        return style, "AI quiet: people hold the chat, handed over with the ticket"
    extra = "" if value.result in {"done", "found"} else f": {value.result} {value.cause or ''}".rstrip()
    return style, what[value.step] + extra


def _outcome(value: Any) -> tuple[str, str]:
    return "outcome", f"{value.outcome}, {value.customer_turns} customer and {value.ai_turns} AI turns"


def table(paint: Paint, rows: Iterable[tuple[Row, Found, list[str]]]) -> str:
    """The closing table, one row per conversation."""
    head = f"  {'conversation':28} {'platform':27} {'decided':18} {'ticket':8} {'group':14} {'told':4} {'AI':7}"
    lines = [paint("head", head)]
    for row, found, wrong in rows:
        tickets = ", ".join(f"#{ticket}" for ticket in found.tickets) or "–"
        verdict = paint("good", "✓") if not wrong else paint("bad", "✗ " + "; ".join(wrong))
        quiet = "quiet" if found.quiet else "active"
        lines.append(
            f"  {row.label[:28]:28} {row.platform:27} {found.reason or found.outcome or '–':18} {tickets:8} "
            f"{(found.group or '–')[:14]:14} {found.told:<4} {quiet:7} {verdict}"
        )
    return "\n".join(lines)
