"""What is remembered of a conversation, in the parts in which it is stored.

The **head** is small and written whole; **turns** and **event-id hashes** only grow at the end and are
trimmed at the front, every entry carrying the source offset of the event that made it. All parts encode with
msgspec as arrays: a field is only ever appended, with a default, so that an older and a newer build read each
other's records. Times are milliseconds since the epoch, UTC.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from streams.contracts.base import Scalar

CUSTOMER, AI, HUMAN, SYSTEM = range(4)
AUTHORS = ("customer", "ai", "human", "system")
"""The author codes, and what they are called on the wire."""

UNTIMED = 1
AUTOMATIC = 2
CONTENTED = 4
"""The customer's turn is thanks or goodbye: it waits for no answer."""
OFFERED = 8
"""The AI's turn offers a person: a bare "yes" to it is a request."""
ACCEPTS = 16
"""The customer's turn is such a "yes"."""

MAX_WINDOW_TURNS = 64
MAX_TURN_BYTES = 256 * 1024
"""Text kept per conversation, and the most a command carries."""
TURN_OVERHEAD_BYTES = 64
"""Counted for every turn on top of its text, so that many tiny turns are bounded too."""

_SEEN = struct.Struct("<q8sq")
SEEN_BYTES = _SEEN.size


class Mark(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One turn as the signals see it: no text."""

    ms: int
    offset: int
    author: int
    event_id: str
    flags: int = 0
    confidence: float | None = None
    tokens: tuple[int, ...] = ()
    """The turn's fingerprint, for repetition; dropped from turns too old to be compared."""


class Escalated(msgspec.Struct, array_like=True, frozen=True):
    """That an episode has escalated, in one mode."""

    ms: int
    offset: int
    reason: str
    policy: str


class TopicHits(msgspec.Struct, array_like=True, frozen=True):
    """How often the customer's words named a topic, and where they first did."""

    topic: str
    count: int
    event_id: str
    span: str


class Episode(msgspec.Struct, array_like=True):
    """One attempt of the customer to get help. Its id is the event id of what opened it."""

    id: str
    opened_ms: int
    opened_offset: int
    last_ms: int
    marks: tuple[Mark, ...] = ()
    customer_turns: int = 0
    ai_turns: int = 0
    human_turns: int = 0
    last_customer_ms: int | None = None
    verdict: str | None = None
    verdict_ms: int = 0
    intent: str | None = None
    topics: tuple[TopicHits, ...] = ()
    rating: int | None = None
    live: Escalated | None = None
    observed: Escalated | None = None
    recorded: tuple[str, ...] = ()
    silence_ms: int | None = None
    """The unresolved turn whose silence has been told already."""
    ended_ms: int | None = None
    ended_by: str = ""
    outcome: str = ""
    revision: int = 0
    """Outcome records written so far."""


class Person(msgspec.Struct, array_like=True, frozen=True):
    """`Customer` of the contract, compact."""

    id: str | None = None
    external_id: str | None = None
    helpdesk_id: str | None = None
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    anonymous: bool = False


class Head(msgspec.Struct, array_like=True):
    """The small part, one per conversation. Never changed in place once it is in a `ConversationState`."""

    tenant: str
    conversation_id: str
    platform: str
    applied_offset: int
    first_event_id: str
    latest_ms: int
    version: int = 1
    open: Episode | None = None
    closed: Episode | None = None
    """The ended episode whose marker still lives."""
    before: tuple[Mark, ...] = ()
    """Turns that came before any episode was open: a greeting, or what overtook the customer's message."""
    holder: str = ""
    holder_ms: int = 0
    due_ms: int | None = None
    due_episode: str = ""
    channel: str | None = None
    locale: str | None = None
    customer: Person = Person()
    route: dict[str, str] = {}
    attributes: dict[str, Scalar] = {}
    tags: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    repeats: bool = False
    test: bool = False
    turn_bytes: int = 0
    turns_trimmed: int = 0
    turns_from: int = 0
    """Turns at lower source offsets are trimmed: chunks that hold nothing else can go."""
    seen_from: int = 0
    """The same for event-id hashes."""


class StoredFile(msgspec.Struct, array_like=True, frozen=True):
    """`Attachment` of the contract, compact."""

    url: str
    name: str | None = None
    media_type: str | None = None
    size_bytes: int | None = None
    private: bool = False


class StoredTurn(msgspec.Struct, array_like=True, frozen=True):
    """One turn as a ticket shows it."""

    offset: int
    event_id: str
    ms: int
    author: int
    text: str
    flags: int = 0
    confidence: float | None = None
    author_name: str | None = None
    attachments: tuple[StoredFile, ...] = ()


class Chunk(msgspec.Struct, array_like=True):
    """Turns and event-id hashes (`SEEN_BYTES` each) whose source offsets lie in first..last."""

    first: int
    last: int
    turns: tuple[StoredTurn, ...]
    seen: bytes


class ConversationState(NamedTuple):
    """All that is remembered. Immutable by convention: `decide` returns a new one that shares what is unchanged.

    `turns` are in the order of their offsets. `seen` holds `SEEN_BYTES` per event id (offset, 64-bit hash,
    time), in the same order.
    """

    head: Head
    turns: tuple[StoredTurn, ...] = ()
    seen: bytes = b""


def turns_since(state: ConversationState, offset: int) -> tuple[StoredTurn, ...]:
    """The turns of events after `offset`."""
    turns = state.turns
    first = len(turns)
    while first and turns[first - 1].offset > offset:
        first -= 1
    return turns[first:]


def seen_since(state: ConversationState, offset: int) -> bytes:
    """The event-id hashes of events after `offset`, as they are stored."""
    seen = state.seen
    first = len(seen)
    while first and _SEEN.unpack_from(seen, first - SEEN_BYTES)[0] > offset:
        first -= SEEN_BYTES
    return seen[first:]


def seen_split(seen: bytes, offset: int) -> tuple[bytes, bytes]:
    """The event-id hashes of events up to `offset`, and those after it."""
    place = 0
    while place < len(seen) and _SEEN.unpack_from(seen, place)[0] <= offset:
        place += SEEN_BYTES
    return seen[:place], seen[place:]


def restore(head: Head, turn_chunks: Iterable[Sequence[StoredTurn]], seen_chunks: Iterable[bytes]) -> ConversationState:
    """The state as it was when `head` was stored, from chunks in any order.

    Entries past the head (written, but the head was not) and entries trimmed since are left out; an offset
    that stands in two chunks is kept once.
    """
    last = head.applied_offset
    turns = {t.offset: t for chunk in turn_chunks for t in chunk if head.turns_from <= t.offset <= last}
    seen = {
        entry[0]: entry
        for chunk in seen_chunks
        for entry in _SEEN.iter_unpack(chunk)
        if head.seen_from <= entry[0] <= last
    }
    return ConversationState(
        head,
        tuple(turns[offset] for offset in sorted(turns)),
        b"".join(_SEEN.pack(*seen[offset]) for offset in sorted(seen)),
    )


HEAD_DECODER = msgspec.msgpack.Decoder(Head)
TURNS_DECODER = msgspec.msgpack.Decoder(tuple[StoredTurn, ...])
ENCODER = msgspec.msgpack.Encoder()
"""For all parts: `ENCODER.encode(head)`, `ENCODER.encode(turns)`; `seen` is bytes already."""
