"""State as records of `escalation.state`, and back.

Keys: `tenant|conversation_id|h` is the head, `tenant|conversation_id|c|<first>-<last>` a chunk of turns and
event-id hashes of the events at these source offsets. A chunk is written before the head that covers it and
never again; trimmed chunks, and all of a deleted conversation, are tombstoned.
"""

from collections.abc import Iterator

import msgspec

from agents.escalation.live import Live, PartitionState
from agents.escalation.state import (
    ENCODER,
    HEAD_DECODER,
    ConversationState,
    Head,
    StoredTurn,
    restore,
    seen_since,
    seen_split,
    turns_since,
)
from streams.kafka.bulk import StoredRecord

HEAD_SUFFIX = b"|h"
CHUNK_MARK = "|c|"
MAX_CHUNK_BYTES = 256 * 1024


class Chunk(msgspec.Struct, array_like=True):
    """Turns and event-id hashes (`state.SEEN_BYTES` each) whose source offsets lie in first..last."""

    first: int
    last: int
    turns: tuple[StoredTurn, ...]
    seen: bytes


_CHUNK_DECODER = msgspec.msgpack.Decoder(Chunk)

StateRecord = tuple[bytes, bytes | None]


def head_key(key: str) -> bytes:
    """The record key of a conversation's head."""
    return key.encode() + HEAD_SUFFIX


def chunk_key(key: str, first: int, last: int) -> bytes:
    """The record key of a chunk. Both ends stand in it, so that a zombie's shorter one hides nothing."""
    return f"{key}{CHUNK_MARK}{first}-{last}".encode()


def records_of(live: Live) -> list[StateRecord]:
    """What has to be written so that the topic holds this conversation as it is now; head last.

    Marks it as written: chunks, `chunked_to`, `written_offset`.
    """
    state = live.state
    records: list[StateRecord] = [(chunk_key(live.key, *span), None) for span in live.dropped]
    live.dropped = []
    if state is None:
        if live.on_topic:
            records.append((head_key(live.key), None))
        live.on_topic = False
    else:
        head = state.head
        for chunk, encoded in _chunks_since(state, live.chunked_to):
            records.append((chunk_key(live.key, chunk.first, chunk.last), encoded))
            live.chunks.append((chunk.first, chunk.last))
            live.chunked_to = chunk.last
        records.extend(_trimmed(live, head))
        records.append((head_key(live.key), ENCODER.encode(head)))
        live.on_topic = True
    live.written_offset = live.applied_offset
    return records


def _chunks_since(state: ConversationState, offset: int) -> Iterator[tuple[Chunk, bytes]]:
    """What came after `offset`, with its encoding, in chunks of `MAX_CHUNK_BYTES` or of one event."""
    whole = Chunk(offset + 1, state.head.applied_offset, turns_since(state, offset), seen_since(state, offset))
    yield from _cut(whole)


def _cut(chunk: Chunk) -> Iterator[tuple[Chunk, bytes]]:
    if not chunk.turns and not chunk.seen:
        return
    encoded = ENCODER.encode(chunk)
    if len(encoded) <= MAX_CHUNK_BYTES or chunk.first >= chunk.last:
        yield chunk, encoded
        return
    middle = (chunk.first + chunk.last) // 2
    early, late = seen_split(chunk.seen, middle)
    yield from _cut(Chunk(chunk.first, middle, tuple(t for t in chunk.turns if t.offset <= middle), early))
    yield from _cut(Chunk(middle + 1, chunk.last, tuple(t for t in chunk.turns if t.offset > middle), late))


def _trimmed(live: Live, head: Head) -> Iterator[StateRecord]:
    oldest_kept = min(head.turns_from, head.seen_from)
    while live.chunks and live.chunks[0][1] < oldest_kept:
        yield chunk_key(live.key, *live.chunks.pop(0)), None


class _AppliedOffset(msgspec.Struct, array_like=True):
    """The front of a `Head`: enough to tell which of two is the newer one, at a fraction of the cost."""

    tenant: str
    conversation_id: str
    platform: str
    applied_offset: int


_APPLIED_OFFSET_DECODER = msgspec.msgpack.Decoder(_AppliedOffset)

_Span = tuple[int, int]


class PartitionLoader:
    """Rebuilds a partition from its records; what is superseded is never decoded whole.

    Of a key's heads the one with the highest `applied_offset` wins, so that a zombie's late write loses; the
    winner is then written again. Chunks past the head, or without one, are tombstoned.
    """

    def __init__(self, partition: int) -> None:
        """Empty."""
        self._partition = partition
        self._heads: dict[bytes, tuple[int, bytes]] = {}
        self._last_head: dict[bytes, int] = {}
        self._chunks: dict[bytes, dict[_Span, bytes]] = {}
        self.last_offset = -1

    def add(self, record: StoredRecord) -> None:
        """Take in a record; they come in the order of their offsets."""
        self.last_offset = record.offset
        if record.key.endswith(HEAD_SUFFIX):
            self._head(record.key[: -len(HEAD_SUFFIX)], record)
        else:
            self._chunk(record)

    def _head(self, key: bytes, record: StoredRecord) -> None:
        if record.value is None:
            self._heads.pop(key, None)
            return
        applied_offset = _APPLIED_OFFSET_DECODER.decode(record.value).applied_offset
        self._last_head[key] = applied_offset
        kept = self._heads.get(key)
        if kept is None or applied_offset >= kept[0]:
            self._heads[key] = (applied_offset, record.value)

    def _chunk(self, record: StoredRecord) -> None:
        key, _, span = record.key.rpartition(CHUNK_MARK.encode())
        first, _, last = span.partition(b"-")
        chunks = self._chunks.setdefault(key, {})
        if record.value is None:
            chunks.pop((int(first), int(last)), None)
        else:
            chunks[int(first), int(last)] = record.value

    def finish(self) -> tuple[PartitionState, list[StateRecord]]:
        """The partition's state, and records that put the topic right."""
        state = PartitionState(self._partition)
        repairs: list[StateRecord] = []
        for raw_key, (applied_offset, head) in self._heads.items():
            key = raw_key.decode()
            chunks = self._chunks.pop(raw_key, {})
            live = _revive(state.get(key), HEAD_DECODER.decode(head), chunks, repairs)
            if self._last_head[raw_key] != applied_offset:
                repairs.append((head_key(key), head))
            state.wake_at(live)
        for raw_key, orphans in self._chunks.items():
            repairs.extend((chunk_key(raw_key.decode(), *span), None) for span in orphans)
        self._heads.clear()
        self._chunks.clear()
        return state, repairs


def _revive(live: Live, head: Head, chunks: dict[_Span, bytes], repairs: list[StateRecord]) -> Live:
    covered = sorted(span for span in chunks if span[0] <= head.applied_offset)
    repairs.extend((chunk_key(live.key, *span), None) for span in chunks if span[0] > head.applied_offset)
    found = [_CHUNK_DECODER.decode(chunks[span]) for span in covered]
    live.state = restore(head, (chunk.turns for chunk in found), (chunk.seen for chunk in found))
    live.applied_offset = live.written_offset = live.acked_offset = head.applied_offset
    live.chunks = covered
    live.chunked_to = min(max((last for _, last in covered), default=-1), head.applied_offset)
    live.on_topic = True
    return live
