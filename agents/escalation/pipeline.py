"""The batch path: what has queued up is joined, folded, produced, and acknowledged when the brokers have it all.

The order, per conversation (emit before mark):
1. its events are folded into the state in memory;
2. its commands and outcomes are produced;
3. only when none of them is outstanding, its chunks and then its head go to the state topic;
4. a batch is acknowledged when every conversation it touched has an acknowledged head at or past it, and all
   its dead letters are acknowledged; batches of a partition strictly in order.

The heads of a partition that go out in one pass share one report: most of the cost of a head is not the head.
One coroutine does all of it, so nothing here needs a lock. A failed delivery ends the process: going on could
move an offset past a lost command.
"""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable
from operator import attrgetter

from agents.escalation.emit import Emitter
from agents.escalation.fold import Folded, Folder
from agents.escalation.live import Batch, Live, PartitionState, Writes
from agents.escalation.state_records import StateRecord, records_of
from streams.codec import Headers
from streams.kafka.dead_letters import Fuse, FuseTripped
from streams.kafka.producer import QueuedWriter, Report
from streams.kafka.record import Record
from streams.topology import ESCALATION_STATE

MAX_RECORDS_PER_PASS = 10_000
PASS_SECONDS = 0.05
"""No further fetch joins a pass after so many or so long: the event loop gets a turn for health and delivery reports.

The more join, the fewer heads are written: a conversation's is written once per pass.
"""
MAX_RECORDS_PER_PIECE = 2_000
"""A fetch may hold many more of one partition than a pass has time for; it is taken in pieces of so many."""

Ack = Callable[[], None]
_VALUE = attrgetter("value")


def _place(error: BaseException) -> str:
    """Where it was raised; its text may hold what a customer wrote."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"in {trace.tb_frame.f_code.co_qualname}, line {trace.tb_lineno}"


def _size_bytes(records: list[Record]) -> int:
    return sum(map(len, filter(None, map(_VALUE, records))))


def _pieces(records: list[Record]) -> list[list[Record]]:
    """All of `records`, in order, in lists no longer than a piece."""
    if len(records) <= MAX_RECORDS_PER_PIECE:
        return [records]
    return [records[at : at + MAX_RECORDS_PER_PIECE] for at in range(0, len(records), MAX_RECORDS_PER_PIECE)]


class Pipeline:
    """Folds and produces for all partitions of one worker."""

    def __init__(
        self,
        *,
        folder: Folder,
        emitter: Emitter,
        producer: QueuedWriter,
        partitions: dict[int, PartitionState],
        fuse: Fuse,
        max_in_flight_bytes: int,
        die: Callable[[str], None],
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        """`partitions` is shared with the store, which fills and empties it. `die(why)` must not return to work.

        `before_write` is called before each record is produced: the zombie check.
        """
        self._folder = folder
        self._emitter = emitter
        self._producer = producer
        self._partitions = partitions
        self._fuse = fuse
        self._max_in_flight_bytes = max_in_flight_bytes
        self._die = die
        self._before_write = before_write
        self._queue: deque[tuple[int, list[Record], int, Ack | None]] = deque()
        self._ready: deque[Live] = deque()
        self._order: dict[int, deque[Batch]] = {}
        self._lives_of: Counter[int] = Counter()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._state_bytes = 0
        self.in_flight_bytes = 0
        self.tripped: str | None = None
        self.passes = 0

    async def take(self, partition: int, records: list[Record], ack: Ack) -> None:
        """Queue the records of one fetch; `ack` is called when the brokers have all they led to.

        Waits while too much is in flight: that is the back-pressure on the fetcher.
        """
        life = self._lives_of[partition]
        await self._room.wait()
        if self._lives_of[partition] != life:  # it left meanwhile; who has it now reads these records again
            return
        pieces = _pieces(records)
        last = len(pieces) - 1
        for number, piece in enumerate(pieces):
            size_bytes = _size_bytes(piece)
            self._queue.append((partition, piece, size_bytes, ack if number == last else None))
            self._grow(size_bytes)
        self._wake.set()

    async def run(self) -> None:
        """Work until cancelled. Whatever goes wrong here ends the process, and the records come again."""
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._queue or self._ready:
                    await self._pass()
                    await asyncio.sleep(0)
        except asyncio.CancelledError:
            raise
        except FuseTripped as error:
            self.tripped = str(error)
        except BaseException as error:  # noqa: BLE001 # the agent guard: no exception may reach Faust, which would ack
            self._die(f"{type(error).__name__} {_place(error)}")

    @property
    def idle(self) -> bool:
        """Nothing is queued or waits for the brokers."""
        return not self._queue and not self._ready and not any(self._order.values())

    async def _pass(self) -> None:
        self.passes += 1
        folded = Folded()
        batches = self._fold_what_queued_up(folded)
        self._count_against_the_fuse(folded)
        self._count_the_dead(folded, batches)
        await self._produce_outputs(folded)
        await self._produce_dead_letters(folded, batches)
        await self._write_states(folded, batches)
        self._emitter.count(folded)
        for batch in batches.values():
            self._confirm(batch)

    def _fold_what_queued_up(self, folded: Folded) -> dict[int, Batch]:
        batches: dict[int, Batch] = {}
        taken = 0
        until = time.monotonic() + PASS_SECONDS
        while self._queue and taken < MAX_RECORDS_PER_PASS and (not taken or time.monotonic() < until):
            partition, records, size_bytes, ack = self._queue.popleft()
            taken += len(records)
            state = self._partitions.get(partition)
            if state is None:  # it left meanwhile: its new owner reads these records from the committed offset
                self._grow(-size_bytes)
                continue
            batch = batches.get(partition)
            if batch is None:
                batch = batches[partition] = Batch(state)
                self._order.setdefault(partition, deque()).append(batch)
            if ack is not None:
                batch.acks.append(ack)
            batch.size_bytes += size_bytes
            self._folder.fold(state, records, folded)
        return batches

    def _count_against_the_fuse(self, folded: Folded) -> None:
        """Before anything of the pass is produced: where it trips, nothing of the pass has happened."""
        if not folded.dead:
            self._fuse.good(len(folded.fates))
            return
        for dead in folded.fates:
            if dead:
                self._fuse.bad()
            else:
                self._fuse.good()

    def _count_the_dead(self, folded: Folded, batches: dict[int, Batch]) -> None:
        """All of them, before the first wait: a report that comes meanwhile must not find one uncounted."""
        for record, _ in folded.dead:
            batch = batches[record.partition]
            batch.missing += 1
            batch.state.burying[record.key] += 1

    async def _produce_outputs(self, folded: Folded) -> None:
        for output in folded.outputs:
            live = output.live
            live.outstanding += 1
            topic, key, value, headers = self._emitter.record_of(output)
            await self._produce(topic, key, value, self._reporter(live), headers, live.partition)

    def _reporter(self, live: Live) -> Report:
        def report(failure: Exception | None) -> None:
            if failure is not None:
                self._die(f"a command was not delivered: {failure}")
                return
            live.outstanding -= 1
            if live.outstanding == 0 and live.dirty:
                self._ready.append(live)
                self._wake.set()

        return report

    async def _produce_dead_letters(self, folded: Folded, batches: dict[int, Batch]) -> None:
        for record, error in folded.dead:
            topic, key, value, headers = self._emitter.dead_letter(record, error)
            report = self._burial_reporter(record, batches[record.partition])
            await self._produce(topic, key, value, report, headers, record.partition)

    def _burial_reporter(self, record: Record, batch: Batch) -> Report:
        def report(failure: Exception | None) -> None:
            if failure is not None:
                self._die(f"a dead letter was not delivered: {failure}")
                return
            live = batch.state.buried(record.key)
            if live is not None:
                self._ready.append(live)
                self._wake.set()
            self._confirm(batch)

        return report

    async def _write_states(self, folded: Folded, batches: dict[int, Batch]) -> None:
        """Of what was touched, and of what became free to be written; what is not free yet is waited for."""
        ready, self._ready = self._ready, deque()
        writes: dict[int, Writes] = {}
        for live in (*folded.touched.values(), *ready):
            partition = live.partition
            state = self._partitions.get(partition)
            if state is None:
                continue
            batch = batches.get(partition)
            if state.storable(live):
                group = writes.get(partition)
                if group is None:
                    group = writes[partition] = Writes(batch, self._written)
                records = records_of(live)
                group.take(live, len(records))
                for record in records:
                    if not self._try_write(partition, record, group.report):
                        await self._write(partition, record, group.report)
            elif batch is not None and live.key in folded.touched:
                batch.missing += 1
                live.wait(live.applied_offset, batch)
        self._count_state_bytes()
        for group in writes.values():
            group.report(None)

    def _try_write(self, partition: int, record: StateRecord, report: Report) -> bool:
        """Whether there was room; most often there is, and a coroutine for each record would cost more than it."""
        self._before_write()
        if not self._producer.try_produce(
            ESCALATION_STATE.name, record.key, record.value, report, headers=record.headers, partition=partition
        ):
            return False
        self._state_bytes += len(record.key) + len(record.value or b"")
        return True

    async def _write(self, partition: int, record: StateRecord, report: Report) -> None:
        self._state_bytes += len(record.key) + len(record.value or b"")
        await self._produce(ESCALATION_STATE.name, record.key, record.value, report, record.headers, partition)

    async def _produce(
        self, topic: str, key: bytes, value: bytes | None, report: Report, headers: Headers | None, partition: int
    ) -> None:
        self._before_write()
        await self._producer.produce(topic, key, value, report, headers=headers, partition=partition)

    async def repair(self, partition: int, records: list[StateRecord]) -> None:
        """Write records that put the state topic right after a recovery; nothing waits for them."""
        for record in records:
            await self._write(partition, record, self._repair_reporter)
        self._count_state_bytes()

    def _count_state_bytes(self) -> None:
        """Once for many: a metric costs as much as the record it counts."""
        written, self._state_bytes = self._state_bytes, 0
        self._emitter.wrote_state(written)

    def _repair_reporter(self, failure: Exception | None) -> None:
        if failure is not None:
            self._die(f"a repair was not delivered: {failure}")

    def _written(self, group: Writes, failure: Exception | None) -> None:
        """All of `group` is on the brokers, or one of it will never be."""
        if failure is not None:
            self._die(f"state was not delivered: {failure}")
            return
        for live, offset in group.heads:
            if live.acked(offset):
                self._head_acked(live)
        if group.batch is not None:
            self._confirm(group.batch)

    def _head_acked(self, live: Live) -> None:
        waiting = []
        for wanted, batch in live.waiters or ():
            if live.acked_offset >= wanted:
                self._confirm(batch)
            else:
                waiting.append((wanted, batch))
        live.waiters = waiting or None
        state = self._partitions.get(live.partition)
        if live.gone and not live.dirty and not live.waiters and state is not None:
            state.drop(live)

    def _confirm(self, batch: Batch) -> None:
        batch.missing -= 1
        if batch.missing == 0:
            self._settle(batch.state.partition)

    def _settle(self, partition: int) -> None:
        order = self._order.get(partition)
        while order and order[0].missing == 0:
            batch = order.popleft()
            self._grow(-batch.size_bytes)
            for ack in batch.acks:
                ack()

    def _grow(self, size_bytes: int) -> None:
        self.in_flight_bytes += size_bytes
        if self.in_flight_bytes > self._max_in_flight_bytes:
            self._room.clear()
        else:
            self._room.set()

    def forget(self, partition: int) -> None:
        """`partition` left: whatever of it still waits will never be acknowledged here."""
        self._lives_of[partition] += 1
        for entry in self._queue:
            if entry[0] == partition:
                self._grow(-entry[2])
        self._queue = deque(entry for entry in self._queue if entry[0] != partition)
        for batch in self._order.pop(partition, ()):
            self._grow(-batch.size_bytes)
