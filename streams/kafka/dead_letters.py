"""Records that could not be processed: kept whole on `<topic>.dead`, with the reason in their headers.

A fuse stops the consumer instead of draining a topic into its dead letters: a bad release must not look like
a run of bad records.
"""

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import repeat

import msgspec

from streams.clock import Clock
from streams.codec import Headers
from streams.errors import HandoffError, InvalidRecord
from streams.kafka.producer import MAX_VALUE_BYTES, RecordWriter
from streams.kafka.record import Record

KEPT_BYTES = 64 * 1024
"""Of a record too large to be produced again: its first bytes, with its hash and coordinates in the headers."""

KEPT_KEY_BYTES = 4 * 1024
"""Of a key: longer than any of ours; what is no key of ours could be anything."""

Mask = Callable[[bytes], bytes]
"""Masks card numbers and secrets in a raw value, byte for byte: the length stays."""


class FuseTripped(HandoffError):
    """Too many dead letters in a row, or as a share. The consumer stands still on purpose until a person looks."""


@dataclass(frozen=True)
class FusePolicy:
    """When the fuse trips. The share counts once `window` records were seen."""

    max_consecutive: int = 50
    max_share: float = 0.5
    window: int = 500


class Fuse:
    """Counts good and bad records."""

    def __init__(self, policy: FusePolicy) -> None:
        """Closed at the start."""
        self._policy = policy
        self._consecutive = 0
        self._recent: deque[bool] = deque(maxlen=policy.window)

    def good(self, records: int = 1) -> None:
        """So many were processed, one after the other."""
        if records:
            self._consecutive = 0
            self._recent.extend(repeat(False, min(records, self._policy.window)))

    def bad(self) -> None:
        """A record goes to the dead letters; raises `FuseTripped` when that is one too many."""
        self._consecutive += 1
        self._recent.append(True)
        if self._consecutive > self._policy.max_consecutive:
            raise FuseTripped(f"{self._consecutive} dead letters in a row")
        if len(self._recent) == self._policy.window:
            share = sum(self._recent) / self._policy.window
            if share > self._policy.max_share:
                raise FuseTripped(f"{share:.0%} of the last {self._policy.window} records are dead letters")


@dataclass(frozen=True, slots=True)
class DeadRecord:
    """A dead letter as it is produced. It always fits, whatever the record's key, headers and value were."""

    key: bytes
    value: bytes | None = field(repr=False)
    headers: Headers = field(repr=False)


def dead_record(record: Record, error: InvalidRecord, at: datetime, *, hop: str, mask: Mask) -> DeadRecord:
    """`record` for `<topic>.dead`: whole where it fits, else its first `KEPT_BYTES`; hash and size stand in a header.

    The broker took key, headers and value together; with our own headers they may be a little too much for it.
    """
    kept, left_bytes = [], KEPT_BYTES
    for header in record.headers:
        left_bytes -= len(header[0].encode()) + len(header[1] or b"")
        if left_bytes < 0:
            break
        kept.append(header)
    headers = dead_headers(msgspec.structs.replace(record, headers=tuple(kept)), error, at, hop=hop)
    if left_bytes < 0:
        headers.append(("dlq-headers-dropped", str(len(record.headers) - len(kept)).encode()))
    value = None if record.value is None else mask(record.value)
    if value is not None and len(value) > MAX_VALUE_BYTES:
        value = value[:KEPT_BYTES]
    return DeadRecord(record.key[:KEPT_KEY_BYTES], value, headers)


def dead_headers(record: Record, error: InvalidRecord, at: datetime, *, hop: str, attempts: int = 1) -> Headers:
    """The record's own headers, then `dlq-*`. No value a customer typed is among them."""
    kept = [(name, value) for name, value in record.headers if not name.startswith("dlq-")]
    first_failed = record.header("dlq-first-failed-at") or at.astimezone(UTC).isoformat()
    added = {
        "dlq-reason": error.reason,
        "dlq-detail": error.detail[:200],
        "dlq-topic": record.topic,
        "dlq-partition": str(record.partition),
        "dlq-offset": str(record.offset),
        "dlq-timestamp-ms": str(record.timestamp_ms),
        "dlq-value-sha256": hashlib.sha256(record.value or b"").hexdigest(),
        "dlq-value-bytes": str(len(record.value or b"")),
        "dlq-hop": hop,
        "dlq-attempts": str(attempts),
        "dlq-first-failed-at": first_failed,
        "dlq-failed-at": at.astimezone(UTC).isoformat(),
    }
    return kept + [(name, value.encode()) for name, value in added.items()]


class DeadLetters:
    """Writes dead letters, acknowledged, and counts them against the fuse."""

    def __init__(  # each is one collaborator, named at the composition root
        self,
        writer: RecordWriter,
        clock: Clock,
        *,
        hop: str,
        mask: Mask,
        fuse: Fuse,
        counted: Callable[[str, str], None] = lambda _topic, _reason: None,
    ) -> None:
        """`counted(topic, reason)` is told of each one."""
        self._writer = writer
        self._clock = clock
        self._hop = hop
        self._mask = mask
        self._counted = counted
        self.fuse = fuse

    async def put(self, record: Record, error: InvalidRecord, *, topic: str | None = None) -> None:
        """Return once the dead letter is on the brokers; the offset may move then. May raise `FuseTripped`."""
        self.fuse.bad()
        dead = dead_record(record, error, self._clock.now(), hop=self._hop, mask=self._mask)
        target = f"{topic or record.topic}.dead"
        key = dead.key.decode("utf-8", "replace")
        await self._writer.send(target, key, dead.value, headers=dead.headers, partition=record.partition)
        self._counted(target, error.reason)
