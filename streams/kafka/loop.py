"""The consumer loop of the confluent-kafka hops: per key in order, across keys side by side.

A record's offset is committed only after its handler returned, and only when all before it are done too.
The order on revocation: stop taking, let what is in flight finish, commit, give the partition back.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Protocol

from streams.errors import InvalidRecord
from streams.kafka.connection import KafkaConnection
from streams.kafka.consumer_thread import ConsumerThread
from streams.kafka.dead_letters import DeadLetters, FuseTripped
from streams.kafka.lanes import PartitionLanes
from streams.kafka.record import Record

COMMIT_INTERVAL_SECONDS = 1.0
DRAIN_SECONDS = 12.0
"""How long a revocation or a shutdown waits for what is in flight. Below every grace period we ship."""


class PartitionHandler(Protocol):
    """What a hop does with a topic. One object handles all partitions of one process."""

    async def recover(self, partition: int) -> None:
        """Make ready for `partition`; no record of it is handed over before this returns."""
        ...

    async def handle(self, record: Record) -> None:
        """Do everything a record asks for. Returns: its offset may move. `InvalidRecord`: a dead letter.

        Anything else ends the process. May be cancelled at any await; the record is then seen again.
        """
        ...

    async def release(self, partition: int) -> None:
        """`partition` is no longer ours: forget it."""
        ...


class Watch(Protocol):
    """Who is told how records move. Called on the event loop for each record; must neither wait nor fail."""

    def held(self, partition: int) -> None:
        """`partition` is ours."""
        ...

    def left(self, partition: int) -> None:
        """It is not any more; what of it was in flight is somebody else's."""
        ...

    def taken(self, partition: int, offset: int, created_ms: int) -> None:
        """A record is in our hands."""
        ...

    def finished(self, partition: int, offset: int) -> None:
        """It is handled, or among the dead letters."""
        ...


class _Nobody:
    """A `Watch` that does not look."""

    def held(self, partition: int) -> None: ...

    def left(self, partition: int) -> None: ...

    def taken(self, partition: int, offset: int, created_ms: int) -> None: ...

    def finished(self, partition: int, offset: int) -> None: ...


class ConsumerLoop:
    """Consumes one topic as a member of a group (`subscribe=True`), or follows partitions given by hand."""

    def __init__(  # each is one collaborator, named at the composition root
        self,
        connection: KafkaConnection,
        *,
        topic: str,
        group: str,
        handler: PartitionHandler,
        dead_letters: DeadLetters,
        subscribe: bool = True,
        drain_seconds: float = DRAIN_SECONDS,
        changed: Callable[[str, int], None] = lambda _what, _partition: None,
        watch: Watch | None = None,
    ) -> None:
        """`changed(what, partition)` is told of assigned, recovered, revoked, lost and of `fuse_tripped`."""
        self.topic = topic
        self._handler = handler
        self._dead_letters = dead_letters
        self._subscribe = subscribe
        self._drain_seconds = drain_seconds
        self._changed = changed
        self._watch: Watch = watch or _Nobody()
        self._lanes: dict[int, PartitionLanes] = {}
        self._recovering: dict[int, asyncio.Task[None]] = {}
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        config = connection.group_consumer(group) if subscribe else connection.reader(group)
        self._thread = ConsumerThread(config, topic, self, drain_timeout_seconds=drain_seconds + 5.0)
        self._committer: asyncio.Task[None] | None = None
        self.tripped: str | None = None
        """Why the fuse tripped, if it did."""

    def start(self) -> None:
        """Begin consuming."""
        self._thread.start(subscribe=self._subscribe)
        self._committer = asyncio.create_task(self._commit_regularly())

    async def run(self) -> None:
        """Wait until the loop fails; raises what made it fail."""
        await asyncio.shield(self._failure)

    async def stop(self) -> None:
        """Drain, commit, leave the group."""
        if self._committer is not None:
            self._committer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._committer
        if not self._subscribe:
            for partition in list(self._lanes):
                await self.unfollow(partition)
        await self._thread.stop(self._drain_seconds + 6.0)

    def follow(self, partition: int) -> None:
        """Take a partition by hand, from its committed offset."""
        self._watch.held(partition)
        self._lanes[partition] = self._new_lanes(partition)
        self._thread.assign(partition)

    async def unfollow(self, partition: int) -> None:
        """Let what is in flight finish, commit, and give the partition back."""
        lanes = self._lanes.pop(partition, None)
        if lanes is None:
            return
        self._thread.pause([partition])
        await lanes.drain(self._drain_seconds)
        self._watch.left(partition)
        self._thread.unassign(partition, lanes.last_commit())

    async def forget(self, partition: int) -> None:
        """Abandon a followed partition without committing."""
        lanes = self._lanes.pop(partition, None)
        if lanes is not None:
            await lanes.abandon()
            self._watch.left(partition)
            self._thread.unassign(partition, None)

    @property
    def ready(self) -> bool:
        """Partitions are assigned and recovered. A spare member without partitions is ready too once it joined."""
        return not self._recovering and self._thread.polls > 0 and self.tripped is None

    @property
    def polls(self) -> int:
        """How often the consumer polled: a watchdog sees it grow."""
        return self._thread.polls

    @property
    def partitions(self) -> list[int]:
        """The partitions this process holds."""
        return sorted(self._lanes)

    @property
    def in_flight(self) -> int:
        """Records taken and not finished, over all partitions."""
        return sum(lanes.in_flight for lanes in self._lanes.values())

    # What the consumer's thread tells us.

    async def assigned(self, partitions: list[int]) -> None:
        """See `Listener`."""
        for partition in partitions:
            self._changed("assigned", partition)
            self._watch.held(partition)
            self._lanes[partition] = self._new_lanes(partition)
            self._recovering[partition] = asyncio.create_task(self._recover(partition))

    async def revoking(self, partitions: list[int]) -> dict[int, int]:
        """See `Listener`."""
        drained = await asyncio.gather(*(self._leave(partition, drain=True) for partition in partitions))
        return {partition: offset for partition, offset in drained if offset is not None}

    async def lost(self, partitions: list[int]) -> None:
        """See `Listener`."""
        await asyncio.gather(*(self._leave(partition, drain=False) for partition in partitions))

    def received(self, records: list[Record]) -> None:
        """See `Listener`."""
        for record in records:
            lanes = self._lanes.get(record.partition)
            if lanes is None:
                continue
            if lanes.take(record):
                self._watch.taken(record.partition, record.offset, record.timestamp_ms)
            if lanes.full and not lanes.paused:
                lanes.paused = True
                self._thread.pause([record.partition])

    def failed(self, error: BaseException) -> None:
        """See `Listener`; the handlers' failures come here too."""
        if not self._failure.done():
            self._failure.set_exception(error)

    def _new_lanes(self, partition: int) -> PartitionLanes:
        return PartitionLanes(partition, self._handle, self.failed, lambda part: self._thread.resume([part]))

    async def _recover(self, partition: int) -> None:
        try:
            await self._handler.recover(partition)
        except Exception as error:  # noqa: BLE001 # the consumer loop's boundary: told, and the process ends
            self.failed(error)
            return
        finally:
            self._recovering.pop(partition, None)
        if partition in self._lanes:
            self._changed("recovered", partition)
            self._thread.resume([partition])

    async def _leave(self, partition: int, *, drain: bool) -> tuple[int, int | None]:
        self._changed("leaving", partition)
        recovering = self._recovering.pop(partition, None)
        if recovering is not None:
            recovering.cancel()
        lanes = self._lanes.get(partition)
        offset = None
        if lanes is not None:
            if drain:
                await lanes.drain(self._drain_seconds)
                offset = lanes.last_commit()
            else:
                await lanes.abandon()
            self._lanes.pop(partition, None)
            self._watch.left(partition)
        await self._handler.release(partition)
        self._changed("revoked" if drain else "lost", partition)
        return partition, offset

    async def _handle(self, record: Record) -> None:
        try:
            await self._handler.handle(record)
        except InvalidRecord as error:
            await self._bury(record, error)
        else:
            self._dead_letters.fuse.good()
        self._watch.finished(record.partition, record.offset)

    async def _bury(self, record: Record, error: InvalidRecord) -> None:
        """To the dead letters; when the fuse trips, stand still on purpose until a person restarts the process."""
        try:
            await self._dead_letters.put(record, error)
        except FuseTripped as tripped:
            if self.tripped is None:
                self.tripped = str(tripped)
                self._changed("fuse_tripped", record.partition)
                self._thread.pause(list(self._lanes))
            await asyncio.Event().wait()

    async def _commit_regularly(self) -> None:
        while True:
            await asyncio.sleep(COMMIT_INTERVAL_SECONDS)
            self.commit_now()

    def commit_now(self) -> None:
        """Commit what is finished."""
        offsets = {}
        for partition, lanes in self._lanes.items():
            offset = lanes.take_commit()
            if offset is not None:
                offsets[partition] = offset
        if offsets:
            self._thread.commit(offsets)
