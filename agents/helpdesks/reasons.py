"""Why a conversation came to a person, as one sentence an agent understands at once. Pure.

Measured values come from the command's evidence; a reason that a policy file named itself is told by its name.
"""

from agents.helpdesks.safe_text import one_line
from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import Evidence, OpenTicket

MAX_SPAN_CHARS = 160
_SENTENCES = {
    "human_requested": "The customer asked for a person",
    "platform_escalated": "The AI platform handed the conversation over itself",
    "unresolved": "The AI session ended without an answer that helped",
    "low_confidence": "The AI was not sure of its answers",
    "too_many_turns": "The conversation went on for too many turns without an answer that helped",
    "repetition": "The same thing was said again and again",
    "trigger_phrase": "The customer used words for which the policy wants a person",
    "silence": "The customer went silent after an answer that did not help",
}
_BY_VALUE = {
    ("human_requested", "accepted"): "The customer accepted the AI's offer of a person",
    ("unresolved", "unanswered"): "The AI session ended and left the customer's last message unanswered",
}
"""Where the evidence's value says more exactly what happened."""

_UNITS = {
    "low_confidence": "answers in a row",
    "too_many_turns": "messages of the customer",
    "repetition": "times",
    "silence": "minutes",
}
"""What a whole number of that signal counts."""


def why(command: OpenTicket) -> str:
    """One sentence, with what was measured, against which limit, and the words that matched."""
    evidence = _deciding(command)
    value = str(evidence.value) if evidence else ""
    opening = _BY_VALUE.get((command.reason, value)) or _SENTENCES.get(command.reason)
    if opening is None:
        opening = f"The policy's rule «{one_line(command.reason.replace('_', ' '), 60)}» asks for a person"
    if evidence is None:
        return f"{opening}."
    span = one_line(evidence.span or "", MAX_SPAN_CHARS)
    quoted = f": “{span}”" if span else ""
    measured = measure(evidence)
    return f"{opening}{quoted}{f' ({measured})' if measured else ''}."


def measure(evidence: Evidence) -> str:
    """`measured 3 times, limit 3`, and what else is known; words are no measure and are left out."""
    unit = _UNITS.get(evidence.signal, "")
    detail = one_line(evidence.detail or "", MAX_SPAN_CHARS)
    told = (
        f"measured {_figure(evidence.value, unit)}" if _is_figure(evidence.value) else "",
        f"limit {_figure(evidence.threshold, '')}" if _is_figure(evidence.threshold) else "",
        detail if detail not in {unit, "at the end"} else "",
    )
    return ", ".join(part for part in told if part)


def _deciding(command: OpenTicket) -> Evidence | None:
    """The evidence of the reason itself: the one that fired, else any of that name."""
    own = [item for item in command.evidence if item.signal == command.reason]
    return next((item for item in own if item.fired), own[0] if own else None)


def _is_figure(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _figure(value: Scalar, unit: str) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value} {unit}".strip()
