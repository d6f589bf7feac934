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

_UNITS = {
    "low_confidence": "answers in a row",
    "too_many_turns": "messages of the customer",
    "repetition": "times",
}
"""What a whole number of that signal counts."""


def why(command: OpenTicket) -> str:
    """One sentence, with what was measured, against which limit, and the words that matched."""
    opening = _SENTENCES.get(command.reason) or f"The policy's rule «{_name(command.reason)}» asks for a person"
    evidence = _deciding(command)
    if evidence is None:
        return f"{opening}."
    span = one_line(evidence.span or "", MAX_SPAN_CHARS)
    quoted = f": “{span}”" if span else ""
    measured = measure(evidence)
    return f"{opening}{quoted}{f' ({measured})' if measured else ''}."


def measure(evidence: Evidence) -> str:
    """`measured 3, limit 2`; what is not known is left out."""
    told = (
        f"measured {_value(evidence.value)}{_unit(evidence)}" if _told(evidence.value) else "",
        f"limit {_value(evidence.threshold)}" if _told(evidence.threshold) else "",
        one_line(evidence.detail or "", MAX_SPAN_CHARS),
    )
    return ", ".join(part for part in told if part)


def _deciding(command: OpenTicket) -> Evidence | None:
    """The evidence of the reason itself: the one that fired, else any of that name."""
    own = [item for item in command.evidence if item.signal == command.reason]
    return next((item for item in own if item.fired), own[0] if own else None)


def _told(value: Scalar) -> bool:
    return value is not None and not isinstance(value, bool)


def _unit(evidence: Evidence) -> str:
    unit = _UNITS.get(evidence.signal)
    return f" {unit}" if unit and isinstance(evidence.value, int) else ""


def _value(value: Scalar) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return one_line(str(value), 60)


def _name(reason: str) -> str:
    return one_line(reason.replace("_", " "), 60)
