"""How large the state of a partition is, estimated: for a gauge, at every scrape."""

from agents.escalation.live import PartitionState
from agents.escalation.state import ENCODER, ConversationState

SAMPLE = 8


def held_bytes(state: PartitionState) -> int:
    """Encoded, by the mean of a few conversations spread over all of them."""
    lives = [live for live in state.lives.values() if live.state is not None]
    step = max(1, len(lives) // SAMPLE)
    sample = [_bytes_of(live.state) for live in lives[::step][:SAMPLE] if live.state is not None]
    return round(sum(sample) / len(sample) * len(lives)) if sample else 0


def _bytes_of(state: ConversationState) -> int:
    return len(ENCODER.encode(state.head)) + len(ENCODER.encode(state.turns)) + len(state.seen)
