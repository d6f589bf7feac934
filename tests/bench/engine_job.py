"""The engine job: turns per conversation in tumbling windows, and the streak of answers with low confidence.

Only the standard library: every Python contender runs these very lines.
"""

import json

WINDOW_MS = 15 * 60 * 1000
LOW = 0.5
STREAK = 3

Counted = tuple[int, int, int]
"""Start of the window, turns in it, streak."""

NOTHING: Counted = (0, 0, 0)


def count(before: Counted, at_ms: int, author: str, confidence: float | None) -> tuple[Counted, bool]:
    """The state after one turn, and whether it escalates: exactly when the streak gets to `STREAK`."""
    start, turns, streak = before
    window = at_ms - at_ms % WINDOW_MS
    turns = turns + 1 if window == start else 1
    if author != "ai" or confidence is None:
        return (window, turns, streak), False
    if confidence >= LOW:
        return (window, turns, 0), False
    return (window, turns, streak + 1), streak + 1 == STREAK


def command(conversation_id: str, event_id: str, turns: int) -> bytes:
    """What is sent when a conversation escalates."""
    return json.dumps({"conversation_id": conversation_id, "event_id": event_id, "turns": turns}).encode()
