"""The records of one partition, in flight: one at a time per key, keys beside each other, offsets contiguous."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from streams.kafka.offsets import OffsetTracker
from streams.kafka.record import Record

MAX_SPAN = 500
"""Records between the first unfinished one and the newest taken; past it the partition is paused."""


class PartitionLanes:
    """Runs `handle` for each record of a partition, in order per key. Lives on one event loop."""

    def __init__(
        self,
        partition: int,
        handle: Callable[[Record], Awaitable[None]],
        on_error: Callable[[BaseException], None],
        on_room: Callable[[int], None],
    ) -> None:
        """`on_error` gets what `handle` raises; the record then stays unfinished.

        `on_room(partition)` is called when a paused partition may be fetched from again.
        """
        self.partition = partition
        self.paused = False
        self._handle = handle
        self._on_error = on_error
        self._on_room = on_room
        self._offsets = OffsetTracker()
        self._lanes: dict[bytes, deque[Record]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_offset: int | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    def take(self, record: Record) -> bool:
        """Queue one record behind its key's earlier ones. One seen before (a repeated fetch) is dropped: False."""
        if self._next_offset is not None and record.offset < self._next_offset:
            return False
        self._next_offset = record.offset + 1
        self._offsets.taken(record.offset)
        lane = self._lanes.get(record.key)
        if lane is not None:
            lane.append(record)
            return True
        self._lanes[record.key] = deque([record])
        self._idle.clear()
        task = asyncio.create_task(self._run(record.key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _run(self, key: bytes) -> None:
        lane = self._lanes[key]
        while lane:
            try:
                await self._handle(lane[0])
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # noqa: BLE001 # the consumer loop's boundary: told, and the process ends
                self._on_error(error)
                return
            self._offsets.finished(lane.popleft().offset)
            if self.paused and self._offsets.span <= MAX_SPAN // 2:
                self.paused = False
                self._on_room(self.partition)
        del self._lanes[key]
        if not self._lanes:
            self._idle.set()

    @property
    def full(self) -> bool:
        """No more should be fetched for now."""
        return self._offsets.span >= MAX_SPAN

    @property
    def in_flight(self) -> int:
        """Records taken and not finished."""
        return self._offsets.in_flight

    def take_commit(self) -> int | None:
        """The offset to commit now, if it moved."""
        return self._offsets.take_commit()

    def last_commit(self) -> int | None:
        """The offset to leave the partition with; None while nothing of it was finished."""
        return self._offsets.last_commit()

    async def drain(self, timeout_seconds: float) -> bool:
        """Wait until nothing is in flight; then, or at the timeout, stop. False when work was cut off."""
        try:
            await asyncio.wait_for(self._idle.wait(), timeout_seconds)
        except TimeoutError:
            await self.abandon()
            return False
        return True

    async def abandon(self) -> None:
        """Cancel what is in flight; its records stay unfinished and will be seen again."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
