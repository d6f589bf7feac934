"""The notifier's memory: `notification.ledger` on the topic, and its partitions' histories in memory."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agents.notifier.history import History, deferred_key, ledger_key, parse_deferred_key, parse_key
from streams.codec import decode, encode, headers_for
from streams.contracts.notification_ledger import STEP, AnyStep, Deferred, StepIntent, StepOutcome
from streams.ids import conversation_key
from streams.kafka.bulk import StoredRecord
from streams.kafka.producer import RecordWriter
from streams.topology import NOTIFICATION_LEDGER
from streams.trace import child_of

SOURCE = "/handoff/notifier"

ReadPartition = Callable[[int], Iterator[list[StoredRecord]]]
"""Batches of all that a ledger partition holds; blocks."""

KEEP = timedelta(days=45)
"""How long an OUTCOME is remembered: longer than a notification lives on its topic (14 days) and then among
the dead letters (30 days), so that one that comes back is never told twice."""

SWEPT_AT_ONCE = 1_000


@dataclass
class _Partition:
    """What is known of one partition: histories by conversation key, what waits by notification."""

    histories: dict[str, History] = field(default_factory=dict)
    deferred: dict[str, Deferred] = field(default_factory=dict)

    def follow(self, record: StoredRecord) -> None:
        """`record` stands in the ledger."""
        key = record.key.decode("utf-8", "replace")
        if record.value is None:
            self.drop(key)
            return
        entry = decode(STEP, record.value)
        if isinstance(entry, Deferred):
            self.deferred[entry.notification_id] = entry
        else:
            self.history(conversation_key(entry.tenant, entry.conversation_id)).put(entry)

    def history(self, key: str) -> History:
        return self.histories.setdefault(key, History())

    def drop(self, key: str) -> None:
        """The entry under `key` was tombstoned."""
        parsed = parse_key(key)
        if parsed is None:
            self.deferred.pop(parse_deferred_key(key) or "", None)
            return
        history = self.histories.get(parsed.conversation_key)
        if history is not None:
            history.drop(parsed)  # an empty one stays: a step in flight may hold it

    def prune(self) -> None:
        """Forget conversations of which nothing is left."""
        self.histories = {key: history for key, history in self.histories.items() if not history.empty}


class Ledger:
    """Written acknowledged first, remembered second."""

    def __init__(self, writer: RecordWriter, read: ReadPartition) -> None:
        """`read` is run in a thread."""
        self._writer = writer
        self._read = read
        self._partitions: dict[int, _Partition] = {}

    async def recover(self, partition: int) -> int:
        """Read `partition` to its end; returns how many records that were."""
        found, count = await asyncio.to_thread(self._load, partition)
        self._partitions[partition] = found
        return count

    def _load(self, partition: int) -> tuple[_Partition, int]:
        found, count = _Partition(), 0
        for batch in self._read(partition):
            count += len(batch)
            for record in batch:
                found.follow(record)
        found.prune()
        return found, count

    def forget(self, partition: int) -> None:
        """`partition` is no longer ours."""
        self._partitions.pop(partition, None)

    def history(self, partition: int, key: str) -> History:
        """What is known of the conversation `key`; it follows what is written later."""
        return self._partitions[partition].history(key)

    def deferred(self, partition: int) -> list[Deferred]:
        """What waits in `partition`, in the order of the records."""
        return sorted(self._partitions[partition].deferred.values(), key=lambda entry: entry.offset)

    async def record(self, partition: int, entry: StepIntent | StepOutcome, traceparent: str | None) -> None:
        """Return once the brokers have `entry`."""
        name = f"{entry.notification_id}:{entry.step}:{entry.kind}"
        await self._write(partition, ledger_key(entry), entry, name, entry.recorded_at, traceparent)
        self.history(partition, conversation_key(entry.tenant, entry.conversation_id)).put(entry)

    async def withdraw(self, partition: int, intent: StepIntent) -> None:
        """Return once `intent` is tombstoned."""
        await self._tombstone(partition, ledger_key(intent))

    async def defer(self, partition: int, entry: Deferred, traceparent: str | None) -> None:
        """Return once the brokers have `entry`: the offset of its notification may move then."""
        name = f"{entry.notification_id}:deferred"
        await self._write(partition, deferred_key(entry), entry, name, entry.first_tried_at, traceparent)
        self._partitions[partition].deferred[entry.notification_id] = entry

    async def finish(self, partition: int, entry: Deferred) -> None:
        """Return once `entry` waits no more."""
        await self._tombstone(partition, deferred_key(entry))

    async def sweep(self, now: datetime) -> int:
        """Tombstone what nobody can ask for any more; returns how many entries that were."""
        count = 0
        for partition, known in list(self._partitions.items()):
            for position, (key, history) in enumerate(list(known.histories.items())):
                if position % SWEPT_AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn
                for notification_id, step in history.settled_before(now - KEEP):
                    if partition in self._partitions:  # it may be taken from us meanwhile
                        await self._tombstone(partition, f"{key}|{notification_id}|{step}|outcome")
                        count += 1
        return count

    async def _write(  # a record's parts
        self, partition: int, key: str, entry: AnyStep, name: str, at: datetime, traceparent: str | None
    ) -> None:
        kind = f"notification_step_{entry.kind}"
        trace = child_of(traceparent)
        headers = headers_for(event_id=name, source=SOURCE, kind=kind, at=at, traceparent=trace)
        await self._writer.send(NOTIFICATION_LEDGER.name, key, encode(entry), headers=headers, partition=partition)

    async def _tombstone(self, partition: int, key: str) -> None:
        await self._writer.send(NOTIFICATION_LEDGER.name, key, None, partition=partition)
        known = self._partitions.get(partition)
        if known is not None:
            known.drop(key)
