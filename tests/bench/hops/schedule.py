"""What is sent when, and what a list of latencies comes to. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from random import Random
from typing import Any

OPEN_CONVERSATIONS = 200
MAX_TURNS = 4
"""Then a conversation falls silent: a long one would escalate by itself, and so would one that repeats itself."""

ONE_IN = 100
"""Of so many events one asks for a person."""

SHARES = (0.5, 0.99, 0.999)
_SAID = (
    "My parcel has not arrived and the tracking page shows nothing since Monday.",
    "The label reads DE-2291, the colour is the blue one.",
    "Which documents do I need for that, and where do they go?",
    "I ordered two spare filters with it as well.",
)
_ASKS = "I would like to talk to a person, please."


@dataclass(frozen=True)
class Planned:
    """One webhook, `at_seconds` after the beginning."""

    at_seconds: float
    event_id: str
    conversation_id: str
    turn: int
    asks: bool

    def body(self) -> bytes:
        """A turn of a session, in the form of a company's own LLM application."""
        kind = "session.human_requested" if self.asks else "session.turn"
        message = {"id": self.event_id, "role": "user", "content": _ASKS if self.asks else _SAID[self.turn]}
        told: dict[str, Any] = {
            "event_id": self.event_id,
            "event_type": kind,
            "session": {"id": self.conversation_id, "channel": "web", "locale": "en"},
            "messages": [message],
        }
        return json.dumps(told).encode()


def planned(name: str, rate: float, seconds: float, *, one_in: int = ONE_IN, seed: int = 1) -> Iterator[Planned]:
    """Evenly spaced events of interleaved conversations; one that has asked for a person is over, another begins."""
    chance = Random(seed)
    running = [f"{name}-{number}" for number in range(OPEN_CONVERSATIONS)]
    turns = [0] * OPEN_CONVERSATIONS
    begun = OPEN_CONVERSATIONS
    for number in range(int(rate * seconds)):
        place = chance.randrange(OPEN_CONVERSATIONS)
        asks = number % one_in == one_in // 2
        yield Planned(number / rate, f"{name}-e-{number}", running[place], turns[place], asks)
        turns[place] += 1
        if asks or turns[place] == MAX_TURNS:
            running[place], turns[place] = f"{name}-{begun}", 0
            begun += 1


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all do not exceed (nearest rank). `ValueError` without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(ceil(round(share * len(ordered), 9)), 1) - 1]


def percentiles(values: Sequence[float]) -> list[float]:
    """p50, p99, p99.9."""
    return [percentile(values, share) for share in SHARES]
