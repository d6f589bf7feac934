"""The tags of a ticket: which it came from, why, and what the policy adds. Pure.

Tags drive triggers, views and queues, so nothing a customer typed may become one: they come from the policy's
routing, the reason, the platform's name and the intent's slug, each under its own prefix but the policy's.
"""

import string
from uuid import UUID

from agents.helpdesks.safe_text import slug
from streams import ids
from streams.contracts.escalation_commands import OpenTicket

ORIGIN = "handoff"
DEGRADED = "handoff_degraded"
FOLLOW_UP = "handoff_follow_up"
GROUP_MISSING = "handoff_group_missing"
"""The policy names a group that the account's `groups` do not."""

DUPLICATE = "handoff_duplicate"
"""A second ticket of one escalation, closed by the reconciler."""

MAX_TAGS = 40
_DIGITS = string.digits + string.ascii_lowercase
_MARKER_DIGITS = 25
"""Digits to the base 36 that a UUID needs: with `handoff` before them, the 32 characters that Freshdesk takes."""


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
    """A tag that only this escalation's ticket has, where no field can hold the id; `escalation_of` reads it."""
    try:
        number = UUID(escalation_id).int
    except ValueError:
        number = UUID(ids.derive("marker", escalation_id)).int
    digits = ""
    for _ in range(_MARKER_DIGITS):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return ORIGIN + digits


def escalation_of(tag: object) -> str | None:
    """The escalation id in a marker; None where `tag` is none."""
    if not isinstance(tag, str) or len(tag) != len(ORIGIN) + _MARKER_DIGITS or not tag.startswith(ORIGIN):
        return None
    digits = tag[len(ORIGIN) :]
    if any(digit not in _DIGITS for digit in digits) or int(digits, 36) >= 1 << 128:
        return None
    return str(UUID(int=int(digits, 36)))
