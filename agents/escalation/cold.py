"""Conversations nobody writes in right now, kept as they are stored: most of what a worker holds.

A state in use is some hundred small objects; at rest it is one string of bytes, a fraction of that. It is read again
at the next event, and recovery reads none at all.
"""

import struct
from collections.abc import Mapping, Sequence

import msgspec

from agents.escalation.state import ENCODER, Chunk, ConversationState, Head, restore

Span = tuple[int, int]
"""First and last source offset of a chunk."""

_ARRAY_32 = struct.Struct(">BI")


class _Cold(msgspec.Struct, array_like=True):
    head: Head
    chunks: tuple[Chunk, ...]
    spans: tuple[Span, ...] | None
    """None: those of the chunks."""


_DECODER = msgspec.msgpack.Decoder(_Cold)


def at_rest(head: bytes, chunks: Mapping[Span, bytes], spans: Sequence[Span]) -> bytes:
    """Records of the state topic, put together without reading them; `spans`: all chunks that stand there."""
    others = None if list(chunks) == spans else spans
    return b"".join((_array(3), head, _array(len(chunks)), *chunks.values(), ENCODER.encode(others)))


def cooled(state: ConversationState, spans: Sequence[Span]) -> bytes:
    """`state` as bytes."""
    whole = Chunk(0, state.head.applied_offset, state.turns, state.seen)
    return at_rest(ENCODER.encode(state.head), {(whole.first, whole.last): ENCODER.encode(whole)}, spans)


def warmed(cold: bytes) -> tuple[ConversationState, list[Span]]:
    """What was cooled."""
    found = _DECODER.decode(cold)
    state = restore(found.head, (chunk.turns for chunk in found.chunks), (chunk.seen for chunk in found.chunks))
    spans = [(chunk.first, chunk.last) for chunk in found.chunks] if found.spans is None else list(found.spans)
    return state, spans


def _array(values: int) -> bytes:
    """The header of an array in msgpack: what follows are so many values, one after the other."""
    return bytes((0x90 | values,)) if values < 16 else _ARRAY_32.pack(0xDD, values)
