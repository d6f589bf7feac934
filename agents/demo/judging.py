"""Whether a conversation of the demo ended as it had to: pure, from what the topics and the simulators say."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.demo.scenarios import Row
from agents.demo.watching import Seen

State = Mapping[str, Any]
"""What `GET /_state` of the simulators answers."""


@dataclass(frozen=True)
class Found:
    """How a conversation stands."""

    tickets: tuple[str, ...]
    reason: str | None
    group: str | None
    appended: int
    told: int
    quiet: bool
    outcome: str | None
    response: str


def tickets_of(state: State, row: Row, escalation_ids: set[str]) -> list[Mapping[str, Any]]:
    """The tickets at the helpdesk that belong to a conversation: by our id, or by the conversation itself."""
    found = []
    for ticket in state["tickets"]:
        if ticket["account"] != row.account:
            continue
        fields = ticket["custom_fields"]
        ours = fields.get("cf_handoff_escalation_id") if isinstance(fields, dict) else None
        if {ticket["external_id"], ours} & escalation_ids or ticket["conversation_id"] == row.conversation_id:
            found.append(ticket)
    return found


def chat_of(state: State, row: Row) -> Mapping[str, Any] | None:
    """The conversation as its platform has it."""
    for chat in state["conversations"]:
        where = (row.shown_on or row.platform, row.account, row.conversation_id)
        if (chat["platform"], chat["account"], chat["id"]) == where:
            return dict(chat)
    return None


def find(row: Row, seen: Seen, state: State) -> Found:
    """How `row` stands now."""
    opened = [command for command in seen.commands if command.kind == "open_ticket"]
    live = {command.escalation_id for command in opened}
    tickets = tickets_of(state, row, live)
    chat = chat_of(state, row)
    ours = [message for message in chat["messages"] if message["author"] == "human"] if chat else []
    appends = {command.action_id for command in seen.commands if command.kind == "append_to_ticket"}
    written = sum(_comments_after_the_first(ticket) for ticket in tickets)
    return Found(
        tickets=tuple(str(ticket["id"]) for ticket in tickets),
        reason=opened[0].reason if opened else None,
        group=str(tickets[0]["group"]) if tickets else None,
        appended=min(len(appends), written),
        told=len(ours),
        quiet=chat is not None and (chat["ai"] != "active" or chat["holder"] == "human" or chat["status"] == "closed"),
        outcome=seen.outcomes[-1].outcome if seen.outcomes else None,
        response=str(ours[-1]["text"]) if ours else "",
    )


def _comments_after_the_first(ticket: Mapping[str, Any]) -> int:
    return max(0, len(ticket["comments"]) - 1)


def misses(row: Row, found: Found) -> list[str]:
    """What is not as it has to be; empty when all is well."""
    wanted = row.ending
    wrong = []
    if len(found.tickets) != wanted.tickets:
        wrong.append(f"{len(found.tickets)} tickets, not {wanted.tickets}")
    if wanted.reason != found.reason:
        wrong.append(f"reason {found.reason}, not {wanted.reason}")
    if wanted.group is not None and wanted.group != found.group:
        wrong.append(f"group {found.group}, not {wanted.group}")
    if found.appended < wanted.appended:
        wrong.append(f"{found.appended} appended, not {wanted.appended}")
    if found.told != wanted.told:
        wrong.append(f"the customer was told {found.told} times, not {wanted.told}")
    if wanted.quiet and not found.quiet:
        wrong.append("the AI still answers")
    if wanted.outcome is not None and wanted.outcome != found.outcome:
        wrong.append(f"outcome {found.outcome}, not {wanted.outcome}")
    return wrong
