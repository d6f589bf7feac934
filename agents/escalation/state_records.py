"""State as records of `escalation.state`, and back.

Keys: `tenant|conversation_id|h` is the head, `tenant|conversation_id|c|<first>-<last>` a chunk of turns and
event-id hashes of the events at these source offsets. A chunk is written before the head that covers it and
never again; trimmed chunks, and all of a deleted conversation, are tombstoned.
"""

from typing import NamedTuple

import msgspec

from agents.escalation.cold import Span, at_rest
from agents.escalation.live import Live, PartitionState
from agents.escalation.state import ENCODER, Chunk, ConversationState, StoredTurn, seen_since, seen_split, turns_since
from streams.codec import Headers, header
from streams.kafka.bulk import StoredRecord

HEAD_SUFFIX = b"|h"
CHUNK_MARK = "|c|"
MAX_CHUNK_BYTES = 256 * 1024


APPLIED_OFFSET = "applied-offset"
"""The header of a head's tombstone: so that a zombie's late one is known from its age, as a late head is."""


class StateRecord(NamedTuple):
    """One record of the state topic, to be written to the conversation's partition."""

    key: bytes
    value: bytes | None
    headers: Headers | None = None


def head_key(key: str) -> bytes:
    """The record key of a conversation's head."""
    return key.encode() + HEAD_SUFFIX


def chunk_key(key: str, first: int, last: int) -> bytes:
    """The record key of a chunk. Both ends stand in it, so that a zombie's shorter one hides nothing."""
    return f"{key}{CHUNK_MARK}{first}-{last}".encode()


def _head_record(key: str, head: bytes | None, applied_offset: int) -> StateRecord:
    headers = [(APPLIED_OFFSET, str(applied_offset).encode())] if head is None else None
    return StateRecord(head_key(key), head, headers)


def _tombstone(key: str, span: tuple[int, int]) -> StateRecord:
    return StateRecord(chunk_key(key, *span), None)


def records_of(live: Live) -> list[StateRecord]:
    """What has to be written, in this order, so that the topic holds this conversation as it is now.

    Cut off anywhere it still holds a state that was: chunks stand before the head that covers them, and leave after
    the head that needs them no more. Marks it as written: chunks, `chunked_to`, `written_offset`.
    """
    state = live.state
    records = [_tombstone(live.key, span) for span in live.take_dropped()]
    if state is None:
        # Also where we wrote none: a worker that died may have had one under way, and it must find its match.
        records.append(_head_record(live.key, None, live.applied_offset))
    else:
        head = state.head
        for chunk, encoded in _chunks_since(state, live.chunked_to):
            records.append(StateRecord(chunk_key(live.key, chunk.first, chunk.last), encoded))
            live.chunks.append((chunk.first, chunk.last))
            live.chunked_to = chunk.last
        records.append(StateRecord(head_key(live.key), ENCODER.encode(head)))
        _trim(live, min(head.turns_from, head.seen_from), records)
    live.written_offset = live.applied_offset
    return records


def _chunks_since(state: ConversationState, offset: int) -> list[tuple[Chunk, bytes]]:
    """What came after `offset`, with its encoding, in chunks of `MAX_CHUNK_BYTES` or of one event."""
    return _cut(offset + 1, state.head.applied_offset, turns_since(state, offset), seen_since(state, offset))


def _cut(first: int, last: int, turns: tuple[StoredTurn, ...], seen: bytes) -> list[tuple[Chunk, bytes]]:
    if not turns and not seen:
        return []
    chunk = Chunk(first, last, turns, seen)
    encoded = ENCODER.encode(chunk)
    if len(encoded) <= MAX_CHUNK_BYTES or first >= last:
        return [(chunk, encoded)]
    middle = (first + last) // 2
    early, late = seen_split(seen, middle)
    return [
        *_cut(first, middle, tuple(t for t in turns if t.offset <= middle), early),
        *_cut(middle + 1, last, tuple(t for t in turns if t.offset > middle), late),
    ]


def _trim(live: Live, oldest_kept: int, records: list[StateRecord]) -> None:
    while live.chunks and live.chunks[0][1] < oldest_kept:
        records.append(_tombstone(live.key, live.chunks.pop(0)))


class _AppliedOffset(msgspec.Struct, array_like=True):
    """The front of a `Head`: enough to tell which of two is the newer one, at a fraction of the cost."""

    tenant: str
    conversation_id: str
    platform: str
    applied_offset: int


class _Due(_AppliedOffset, array_like=True):
    """As far as the due time. What is between is skipped, not built."""

    first_event_id: msgspec.Raw
    latest_ms: msgspec.Raw
    version: msgspec.Raw
    open: msgspec.Raw
    closed: msgspec.Raw
    before: msgspec.Raw
    holder: msgspec.Raw
    holder_ms: msgspec.Raw
    due_ms: int | None


_APPLIED_OFFSET_DECODER = msgspec.msgpack.Decoder(_AppliedOffset)
_DUE_DECODER = msgspec.msgpack.Decoder(_Due)


class PartitionLoader:
    """Rebuilds a partition from its records; what is superseded is never decoded whole.

    Of a key's heads and their tombstones the one with the highest `applied_offset` wins, so that a zombie's late
    write loses; the winner is then written again. Chunks past the head are kept in mind, for a late head may still
    come for them; they go with the rest of their conversation.
    """

    def __init__(self, partition: int) -> None:
        """Empty."""
        self._partition = partition
        self._heads: dict[bytes, tuple[int, bytes | None]] = {}
        self._last: dict[bytes, int] = {}
        self._chunks: dict[bytes, dict[Span, bytes]] = {}
        self.last_offset = -1

    def add(self, record: StoredRecord) -> None:
        """Take in a record; they come in the order of their offsets."""
        self.last_offset = record.offset
        if record.key.endswith(HEAD_SUFFIX):
            self._head(record.key[: -len(HEAD_SUFFIX)], record)
        else:
            self._chunk(record)

    def _head(self, key: bytes, record: StoredRecord) -> None:
        kept = self._heads.get(key)
        if record.value is not None:
            applied_offset = _APPLIED_OFFSET_DECODER.decode(record.value).applied_offset
        else:
            applied_offset = int(header(record.headers, APPLIED_OFFSET) or (kept[0] if kept is not None else -1))
        self._last[key] = applied_offset
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
            if self._last[raw_key] != applied_offset:
                repairs.append(_head_record(key, head, applied_offset))
            chunks = self._chunks.pop(raw_key, {})
            if head is not None:
                state.wake_at(_revive(state.get(key), head, chunks))
            else:
                repairs.extend(_tombstone(key, span) for span in chunks if span[1] <= applied_offset)
                state.orphans[key] = sorted(span for span in chunks if span[1] > applied_offset)
        state.orphans.update((raw_key.decode(), sorted(chunks)) for raw_key, chunks in self._chunks.items())
        self._heads.clear()
        self._chunks.clear()
        return state, repairs


def _revive(live: Live, head: bytes, chunks: dict[Span, bytes]) -> Live:
    """The conversation as it is stored: it is read when somebody asks for it."""
    front = _DUE_DECODER.decode(head)
    covered = [span for span in sorted(chunks) if span[0] <= front.applied_offset]
    live.applied_offset = live.written_offset = live.acked_offset = front.applied_offset
    live.rest(at_rest(head, {span: chunks[span] for span in covered}, sorted(chunks)), front.due_ms)
    live.chunked_to = min(max((last for _, last in covered), default=-1), front.applied_offset)
    return live
