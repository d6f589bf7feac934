"""Conversations nobody writes in right now, kept as they are stored: most of what a worker holds.

A state in use is some hundred small objects; at rest it is its bytes, a fraction of that. It is read again at the
next event, and recovery reads none at all.
"""

from typing import NamedTuple

from agents.escalation.state import CHUNK_DECODER, ENCODER, HEAD_DECODER, Chunk, ConversationState, restore


class Cold(NamedTuple):
    """A state at rest: its head, and its turns and event ids in chunks, as on the state topic."""

    head: bytes
    chunks: tuple[bytes, ...]

    @property
    def size_bytes(self) -> int:
        """Of all parts."""
        return len(self.head) + sum(map(len, self.chunks))


def cooled(state: ConversationState) -> Cold:
    """`state` as bytes."""
    head = state.head
    whole = Chunk(0, head.applied_offset, state.turns, state.seen)
    return Cold(ENCODER.encode(head), (ENCODER.encode(whole),) if state.turns or state.seen else ())


def warmed(cold: Cold) -> ConversationState:
    """The state that was cooled."""
    chunks = [CHUNK_DECODER.decode(chunk) for chunk in cold.chunks]
    return restore(HEAD_DECODER.decode(cold.head), (c.turns for c in chunks), (c.seen for c in chunks))
