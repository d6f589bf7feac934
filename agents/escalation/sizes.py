"""How large the state of a partition is, estimated: for a gauge, at every scrape."""

from agents.escalation.cold import cooled
from agents.escalation.live import Live, PartitionState

SAMPLE = 8


def held_bytes(state: PartitionState) -> int:
    """Encoded, by the mean of a few conversations spread over all of them."""
    lives = [live for live in state.lives.values() if not live.gone]
    step = max(1, len(lives) // SAMPLE)
    sample = [_bytes_of(live) for live in lives[::step][:SAMPLE]]
    return round(sum(sample) / len(sample) * len(lives)) if sample else 0


def _bytes_of(live: Live) -> int:
    if live.cold is not None:
        return len(live.cold)
    assert live.state is not None
    return len(cooled(live.state, live.chunks))
