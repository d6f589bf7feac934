"""The private note that lets anybody check why a ticket exists: signals, limits, policy, ids. Pure."""

from agents.helpdesks.markup import Section
from agents.helpdesks.port import Draft
from agents.helpdesks.reasons import MAX_SPAN_CHARS, measure
from agents.helpdesks.safe_text import one_line, shorten
from streams.contracts.escalation_commands import Evidence, OpenTicket

MAX_SIGNALS = 20
_FACTS = frozenset({"intent"})
"""Evidence that is no signal: it says what the conversation is about, and how that is known."""

MAX_EVENTS = 5
MAX_SIGNALS_CHARS = 4000


def evidence(draft: Draft, *, group_missing: bool) -> tuple[Section, ...]:
    """What fired and what did not, what the policy made of it, and the ids to look it up by."""
    command = draft.command
    signals = shorten("\n".join(_signal(item) for item in command.evidence[:MAX_SIGNALS]), MAX_SIGNALS_CHARS)
    return (
        Section("Signals", signals or "None were recorded."),
        Section("Decision", "\n".join(_decision(command, group_missing=group_missing))),
        Section("Ids", "\n".join(_ids(command))),
    )


def _signal(item: Evidence) -> str:
    span = one_line(item.span or "", MAX_SPAN_CHARS)
    events = ", ".join(one_line(event, 100) for event in item.event_ids[:MAX_EVENTS])
    more = len(item.event_ids) - MAX_EVENTS
    told = (
        "" if item.signal in _FACTS else "fired" if item.fired else "did not fire",
        f"“{one_line(item.value, 80)}”" if isinstance(item.value, str) else "",
        f"looking for “{one_line(item.threshold, 80)}”" if isinstance(item.threshold, str) else "",
        measure(item),
        f"words “{span}”" if span else "",
        f"events {events}{f' and {more} more' if more > 0 else ''}" if events else "",
    )
    return f"{one_line(item.signal, 60)}: {'; '.join(part for part in told if part)}"


def _decision(command: OpenTicket, *, group_missing: bool) -> list[str]:
    routing = command.routing
    group = one_line(routing.group or "the helpdesk's default", 80)
    unknown = " (not among the account's groups: the ticket stands in the default group)" if group_missing else ""
    lines = [
        f"Reason: {one_line(command.reason, 60)}",
        f"Decided by the event of {command.decided_at.isoformat(timespec='seconds')}",
        f"Routing rule: {one_line(routing.rule, 80)}",
        f"Group: {group}{unknown}",
        f"Priority: {routing.priority}",
    ]
    if command.intent:
        lines.append(
            f"Intent: {one_line(command.intent, 100)} (from {one_line(command.intent_source or 'the platform', 40)})"
        )
    if routing.response is not None:
        calendar = one_line(routing.response.calendar or "round the clock", 60)
        lines.append(f"Promised answer: within {routing.response.within_minutes} min, {calendar}")
    return lines


def _ids(command: OpenTicket) -> list[str]:
    return [
        f"Escalation: {command.escalation_id}",
        f"Conversation: {one_line(command.conversation_id, 200)} on {one_line(command.platform, 60)}",
        f"Episode: {one_line(command.episode, 200)}",
        f"Policy: sha256 {one_line(command.policy, 80)}",
    ]
