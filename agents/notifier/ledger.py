"""The notifier's memory: `notification.ledger` on the topic, and its partitions' histories in memory."""

import asyncio
from collections.abc import Callable, Iterator

from agents.notifier.history import History, ledger_key, parse_key
from streams.codec import decode, encode, headers_for
from streams.contracts.notification_ledger import STEP, AnyStep, StepIntent
from streams.ids import conversation_key
from streams.kafka.bulk import StoredRecord
from streams.kafka.producer import RecordWriter
from streams.topology import NOTIFICATION_LEDGER
from streams.trace import child_of

SOURCE = "/handoff/notifier"

ReadPartition = Callable[[int], Iterator[list[StoredRecord]]]
"""Batches of all that a ledger partition holds; blocks."""

Histories = dict[str, History]
"""By conversation key."""


class Ledger:
    """Written acknowledged first, remembered second."""

    def __init__(self, writer: RecordWriter, read: ReadPartition) -> None:
        """`read` is run in a thread."""
        self._writer = writer
        self._read = read
        self._partitions: dict[int, Histories] = {}

    async def recover(self, partition: int) -> int:
        """Read `partition` to its end; returns how many records that were."""
        histories, count = await asyncio.to_thread(self._load, partition)
        self._partitions[partition] = histories
        return count

    def _load(self, partition: int) -> tuple[Histories, int]:
        histories: Histories = {}
        count = 0
        for batch in self._read(partition):
            count += len(batch)
            for record in batch:
                _follow(histories, record)
        return histories, count

    def forget(self, partition: int) -> None:
        """`partition` is no longer ours."""
        self._partitions.pop(partition, None)

    def history(self, partition: int, key: str) -> History:
        """What is known of the conversation `key`; it follows what is written later."""
        return self._partitions[partition].setdefault(key, History())

    async def record(self, partition: int, entry: AnyStep, traceparent: str | None) -> None:
        """Return once the brokers have `entry`."""
        key = ledger_key(entry)
        headers = headers_for(
            event_id=key.rsplit("|", 3)[-3] + f":{entry.step}:{entry.kind}",
            source=SOURCE,
            kind=f"notification_step_{entry.kind}",
            at=entry.recorded_at,
            traceparent=child_of(traceparent),
        )
        await self._writer.send(NOTIFICATION_LEDGER.name, key, encode(entry), headers=headers, partition=partition)
        self.history(partition, conversation_key(entry.tenant, entry.conversation_id)).put(entry)

    async def withdraw(self, partition: int, intent: StepIntent) -> None:
        """Return once `intent` is tombstoned."""
        key = ledger_key(intent)
        await self._writer.send(NOTIFICATION_LEDGER.name, key, None, partition=partition)
        _drop(self._partitions[partition], key)


def _follow(histories: Histories, record: StoredRecord) -> None:
    key = record.key.decode("utf-8", "replace")
    if record.value is None:
        _drop(histories, key)
        return
    entry = decode(STEP, record.value)
    histories.setdefault(conversation_key(entry.tenant, entry.conversation_id), History()).put(entry)


def _drop(histories: Histories, key: str) -> None:
    parsed = parse_key(key)
    if parsed is None or parsed.conversation_key not in histories:
        return
    history = histories[parsed.conversation_key]
    history.drop(parsed)
