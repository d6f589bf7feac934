"""The tags of a ticket: which it came from, why, and what the policy adds. Pure.

Tags drive triggers, views and queues, so nothing a customer typed may become one: they come from the policy's
routing, the reason, the platform's name and the intent's slug, each under its own prefix but the policy's.
"""

from agents.helpdesks.safe_text import slug
from streams.contracts.escalation_commands import OpenTicket

ORIGIN = "handoff"
DEGRADED = "handoff_degraded"
FOLLOW_UP = "handoff_follow_up"
GROUP_MISSING = "handoff_group_missing"
"""The policy names a group that the account's `groups` do not."""

MAX_TAGS = 40
MARKER_PREFIX = "handoff-"


def tags(command: OpenTicket, *extra: str, max_chars: int) -> tuple[str, ...]:
    """All tags, each legal (`[a-z0-9_-]`, at most `max_chars`), none twice, the ones that name the origin first."""
    intent = slug(command.intent or "", max_chars)
    wanted = (
        ORIGIN,
        "handoff_ai_escalation",
        *extra,
        f"handoff_reason_{command.reason}",
        f"via_{command.platform}",
        f"intent_{intent}" if intent else "",
        *command.routing.tags,
    )
    legal = (slug(tag, max_chars) for tag in wanted)
    return tuple(dict.fromkeys(tag for tag in legal if tag))[:MAX_TAGS]


def marker(escalation_id: str) -> str:
    """A tag that only this escalation's ticket has, 32 characters at most, where no field can hold the id."""
    return MARKER_PREFIX + slug(escalation_id.replace("-", ""), 24)
