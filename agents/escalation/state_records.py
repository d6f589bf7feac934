"""State as records of `escalation.state`, and back.

Keys: `tenant|conversation_id|h` is the head, `tenant|conversation_id|c|<first>-<last>` a chunk of turns and
event-id hashes of the events at these source offsets. A chunk is written before the head that covers it and
never again; trimmed chunks, and all of a deleted conversation, are tombstoned.
"""

from collections.abc import Iterable, Iterator

import msgspec

from agents.escalation.live import Live, PartitionState
from agents.escalation.state import (
    ENCODER,
    HEAD_DECODER,
    Head,
    StoredTurn,
    restore,
    seen_since,
    turns_since,
)
from streams.kafka.bulk import StoredRecord

HEAD_SUFFIX = b"|h"
CHUNK_MARK = "|c|"


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
    records: list[StateRecord] = []
    if state is None:
        records.extend((chunk_key(live.key, *span), None) for span in live.chunks)
        if live.on_topic:
            records.append((head_key(live.key), None))
        live.chunks = []
        live.on_topic = False
    else:
        head = state.head
        turns = turns_since(state, live.chunked_to)
        seen = seen_since(state, live.chunked_to)
        if turns or seen:
            first, last = live.chunked_to + 1, head.applied_offset
            chunk = Chunk(first, last, turns, seen)
            records.append((chunk_key(live.key, first, last), ENCODER.encode(chunk)))
            live.chunks.append((first, last))
            live.chunked_to = last
        records.extend(_trimmed(live, head))
        records.append((head_key(live.key), ENCODER.encode(head)))
        live.on_topic = True
    live.written_offset = live.applied_offset
    return records


def _trimmed(live: Live, head: Head) -> Iterator[StateRecord]:
    oldest_kept = min(head.turns_from, head.seen_from)
    while live.chunks and live.chunks[0][1] < oldest_kept:
        yield chunk_key(live.key, *live.chunks.pop(0)), None


class PartitionLoader:
    """Rebuilds a partition from its records, in any number of batches.

    Of a key's heads the one with the highest `applied_offset` wins, so that a zombie's late write loses; the
    winner is then written again. Chunks past the head, or without one, are tombstoned.
    """

    def __init__(self, partition: int) -> None:
        """Empty."""
        self._partition = partition
        self._heads: dict[bytes, tuple[Head, int]] = {}
        self._last_head: dict[bytes, int] = {}
        self._chunks: dict[bytes, dict[tuple[int, int], Chunk]] = {}
        self.last_offset = -1
        self.records = 0

    def add(self, records: Iterable[StoredRecord]) -> None:
        """Take in records in the order of their offsets."""
        for record in records:
            self.last_offset = record.offset
            self.records += 1
            if record.key.endswith(HEAD_SUFFIX):
                self._head(record.key[: -len(HEAD_SUFFIX)], record)
            else:
                self._chunk(record)

    def _head(self, key: bytes, record: StoredRecord) -> None:
        if record.value is None:
            self._heads.pop(key, None)
            return
        head = HEAD_DECODER.decode(record.value)
        self._last_head[key] = head.applied_offset
        kept = self._heads.get(key)
        if kept is None or head.applied_offset >= kept[0].applied_offset:
            self._heads[key] = (head, record.offset)

    def _chunk(self, record: StoredRecord) -> None:
        key, _, span = record.key.rpartition(CHUNK_MARK.encode())
        first, _, last = span.partition(b"-")
        chunks = self._chunks.setdefault(key, {})
        if record.value is None:
            chunks.pop((int(first), int(last)), None)
        else:
            chunks[int(first), int(last)] = _CHUNK_DECODER.decode(record.value)

    def finish(self) -> tuple[PartitionState, list[StateRecord]]:
        """The partition's state, and records that put the topic right."""
        state = PartitionState(self._partition)
        repairs: list[StateRecord] = []
        for raw_key, (head, _) in self._heads.items():
            key = raw_key.decode()
            chunks = self._chunks.pop(raw_key, {})
            live = _revive(state.get(key), head, chunks, repairs)
            if self._last_head[raw_key] != head.applied_offset:
                repairs.append((head_key(key), ENCODER.encode(head)))
            state.wake_at(live)
        for raw_key, orphans in self._chunks.items():
            repairs.extend((chunk_key(raw_key.decode(), *span), None) for span in orphans)
        self._heads.clear()
        self._chunks.clear()
        return state, repairs


def _revive(live: Live, head: Head, chunks: dict[tuple[int, int], Chunk], repairs: list[StateRecord]) -> Live:
    covered = {span: chunk for span, chunk in sorted(chunks.items()) if chunk.first <= head.applied_offset}
    repairs.extend((chunk_key(live.key, *span), None) for span in chunks if span not in covered)
    live.state = restore(head, (c.turns for c in covered.values()), (c.seen for c in covered.values()))
    live.applied_offset = live.written_offset = live.acked_offset = head.applied_offset
    live.chunks = list(covered)
    live.chunked_to = min(max((last for _, last in covered), default=-1), head.applied_offset)
    live.on_topic = True
    return live
