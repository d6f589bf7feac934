"""Fin's own verdict on a conversation, from either of its two places and in either vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.platforms import reading

_OUTCOMES = {
    "escalated": "escalated",
    "procedure_handoff": "escalated",
    "routed_to_team": "escalated",  # API 2.11 to 2.14
    "confirmed_resolution": "resolved",
    "assumed_resolution": "assumed_resolved",
    "negative_feedback": "unresolved",
    "abandoned": "unresolved",  # API 2.11 to 2.14
}
"""`ai_agent.resolution_state` (intercom/Intercom-OpenAPI, versions 2.11 to 2.16) in our words."""

STATE_ATTRIBUTE = "fin ai agent resolution state"
REASON_ATTRIBUTE = "fin ai agent escalated reason"


@dataclass(frozen=True)
class Verdict:
    """`outcome` in our words; one that is new to us survives as it is."""

    outcome: str
    reason: str | None


def verdict_of(conversation: Mapping[str, Any]) -> Verdict | None:
    """What Fin made of the conversation; None while it has not answered.

    The custom attributes are a second source: seen in use, not promised. The field of the API wins.
    """
    noted = {str(key).strip().lower(): value for key, value in _custom(conversation).items()}
    state = _slug(reading.name(conversation, "ai_agent", "resolution_state"))
    state = state or _slug(reading.name(noted, STATE_ATTRIBUTE))
    if state is None:
        return None
    reason = reading.name(noted, REASON_ATTRIBUTE) if _OUTCOMES.get(state) == "escalated" else None
    return Verdict(_OUTCOMES.get(state, state), reason or state)


def ai_took_part(conversation: Mapping[str, Any]) -> bool:
    """Fin was in it; `ai_agent_participated`, or where that is missing, there is an `ai_agent`."""
    told = reading.flag(conversation, "ai_agent_participated")
    return bool(reading.object_(conversation, "ai_agent")) if told is None else told


def is_preview(conversation: Mapping[str, Any]) -> bool:
    """A teammate trying Fin out."""
    return (reading.name(conversation, "ai_agent", "source_type") or "").endswith("_preview")


def is_verdict_attribute(name: str) -> bool:
    """The attributes read here, which say nothing about the customer."""
    return name.strip().lower() in {STATE_ATTRIBUTE, REASON_ATTRIBUTE}


def _custom(conversation: Mapping[str, Any]) -> Mapping[str, Any]:
    return reading.object_(conversation, "custom_attributes")


def _slug(value: str | None) -> str | None:
    return value.lower().replace(" ", "_").replace("-", "_") if value else None
