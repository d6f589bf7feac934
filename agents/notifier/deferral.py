"""News that wait for a channel that is away: kept in the ledger, tried in rounds, given up after a while.

A round takes each connection on its own. It probes with a few conversations; when one works, the rest follow.
A conversation's news stay in order, and of two that both wait, only the ticket's number is still news.
What waited for too long goes to the dead letters: nothing is dropped in silence, and a redrive repeats only
the steps that are missing. That is a tenant's outage and no run of bad records, so it counts against no fuse.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from agents.notifier.attempts import Attempts, Connection, Job, read
from agents.notifier.plan import tells_number
from agents.notifier.reach import Surroundings
from agents.observability import catalogue
from streams.contracts.notification_ledger import Deferred
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from streams.topology import NOTIFICATION_EVENTS

PROBES = 3
"""Conversations tried before a connection is left for this round: one of them may have troubles of its own."""

AT_ONCE = 8
"""Conversations of one connection that are told beside each other once it works again."""

Bury = Callable[[Record, InvalidRecord], Awaitable[None]]
"""Writes a dead letter, acknowledged."""


@dataclass
class _Waiting:
    job: Job
    entry: Deferred


@dataclass
class _Queue:
    """One conversation's waiting news, oldest first."""

    key: str
    partition: int
    waiting: deque[_Waiting] = field(default_factory=deque)
    tries: int = 0
    task: asyncio.Task[bool] | None = None


class Deferral:
    """Lives on one event loop; `round` is called from time to time, by one task."""

    def __init__(self, around: Surroundings, attempts: Attempts, bury: Bury, *, give_up_after_seconds: float) -> None:
        """See the module."""
        self._around = around
        self._attempts = attempts
        self._bury = bury
        self._give_up_after = timedelta(seconds=give_up_after_seconds)
        self._queues: dict[str, _Queue] = {}

    async def adopt(self, partition: int) -> None:
        """Take over what waits in the ledger's `partition`, which has just been recovered."""
        for entry in self._around.ledger.deferred(partition):
            record = _record_of(entry, partition)
            try:
                self._enqueue(_Waiting(read(record), entry))
            except InvalidRecord as error:  # written by a build that knew more than this one
                await self._bury(record, error)
                await self._around.ledger.finish(partition, entry)
        self._show()

    async def drop(self, partition: int) -> None:
        """`partition` is no longer ours: whoever has it now finds in the ledger what waits."""
        tasks = []
        for key, queue in list(self._queues.items()):
            if queue.partition == partition:
                del self._queues[key]
                if queue.task is not None:
                    queue.task.cancel()
                    tasks.append(queue.task)
        await asyncio.gather(*tasks, return_exceptions=True)
        self._show()

    def holds(self, job: Job) -> bool:
        """Whether earlier news of its conversation wait."""
        return job.key in self._queues

    def knows(self, job: Job) -> bool:
        """Whether this very news waits already."""
        queue = self._queues.get(job.key)
        name = job.notification.notification_id
        return queue is not None and any(waiting.entry.notification_id == name for waiting in queue.waiting)

    @property
    def waiting(self) -> int:
        """How many notifications wait."""
        return sum(len(queue.waiting) for queue in self._queues.values())

    async def put(self, job: Job, reason: str) -> None:
        """Return once `job` is safe in the ledger: its offset may move."""
        notification = job.notification
        entry = Deferred(
            tenant=notification.tenant,
            conversation_id=notification.conversation_id,
            escalation_id=notification.escalation_id,
            notification_id=notification.notification_id,
            first_tried_at=self._around.clock.now(),
            offset=job.record.offset,
            reason=reason,
            value=(job.record.value or b"").decode(),
            headers=tuple((name, value.decode("utf-8", "replace")) for name, value in job.record.headers),
        )
        await self._around.ledger.defer(job.record.partition, entry, job.record.header("traceparent"))
        self._enqueue(_Waiting(job, entry))
        self._count(job, "deferred")
        self._around.log.warning(
            "notice.deferred", tenant=notification.tenant, platform=notification.platform, reason=reason
        )
        self._show()

    def connections(self) -> set[Connection]:
        """The connections whose news wait."""
        return {queue.waiting[0].job.connection for queue in self._queues.values()}

    async def round(self) -> None:
        """One round over every connection, side by side."""
        await asyncio.gather(*(self.round_of(connection) for connection in self.connections()))

    async def round_of(self, connection: Connection) -> None:
        """Try what waits for `connection`; not to be called while a former round of it is under way."""
        queues = [queue for queue in self._queues.values() if queue.waiting[0].job.connection == connection]
        if not queues or self._attempts.wait_seconds(queues[0].waiting[0].job) > 0:
            return
        queues.sort(key=lambda queue: queue.tries)
        start, size = 0, PROBES
        while start < len(queues):
            worked = await asyncio.gather(*(self._run(queue) for queue in queues[start : start + size]))
            if not any(worked):
                break
            start, size = start + size, AT_ONCE
        self._show()

    async def _run(self, queue: _Queue) -> bool:
        """Drain `queue` in a task that `drop` can cancel; whether its connection works."""
        if self._queues.get(queue.key) is not queue:  # its partition left while others were tried
            return True
        task = queue.task = asyncio.create_task(self._drain(queue))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()  # nothing, once it is done
            queue.task = None
        return not task.cancelled() and task.result()

    async def _drain(self, queue: _Queue) -> bool:
        queue.tries += 1
        while queue.waiting:
            waiting = queue.waiting[0]
            try:
                if not await self._try(waiting, list(queue.waiting)[1:]):
                    return False
            except InvalidRecord as error:
                await self._give_up(waiting, error)
            await self._around.ledger.finish(queue.partition, waiting.entry)
            queue.waiting.popleft()
        self._queues.pop(queue.key, None)
        return True

    async def _try(self, waiting: _Waiting, later: list[_Waiting]) -> bool:
        """Whether it is settled, or given up (`InvalidRecord`)."""
        job = waiting.job
        if self._attempts.stopped(job):
            return False
        left = await self._attempts.once(job, impatient=True, probing=True, superseded=_is_old_news(job, later))
        if left and self._around.clock.now() - waiting.entry.first_tried_at > self._give_up_after:
            steps = ",".join(f"{again.step}:{again.reason}" for again in left)
            raise InvalidRecord("channel_away", steps)
        return not left

    async def _give_up(self, waiting: _Waiting, error: InvalidRecord) -> None:
        await self._bury(waiting.job.record, error)
        self._count(waiting.job, "gave_up")
        notification = waiting.job.notification
        self._around.log.error(
            "notice.gave_up",
            tenant=notification.tenant,
            platform=notification.platform,
            notification_id=notification.notification_id,
            reason=error.reason,
            detail=error.detail,
        )

    def _enqueue(self, waiting: _Waiting) -> None:
        key = waiting.job.key
        queue = self._queues.setdefault(key, _Queue(key, waiting.job.record.partition))
        queue.waiting.append(waiting)

    def _count(self, job: Job, result: str) -> None:
        self._around.metrics.count(catalogue.NOTICES, platform=job.notification.platform, step="notice", result=result)

    def _show(self) -> None:
        self._around.metrics.set(catalogue.DEFERRED_NOTICES, self.waiting)


def _is_old_news(job: Job, later: list[_Waiting]) -> bool:
    """Whether a later notification of the same escalation brings the ticket's number."""
    escalation = job.notification.escalation_id
    return any(
        tells_number(waiting.job.notification) and waiting.job.notification.escalation_id == escalation
        for waiting in later
    )


def _record_of(entry: Deferred, partition: int) -> Record:
    """The record as it came, as far as anything downstream looks at it."""
    return Record(
        topic=NOTIFICATION_EVENTS.name,
        partition=partition,
        offset=entry.offset,
        key=f"{entry.tenant}|{entry.conversation_id}".encode(),
        value=entry.value.encode(),
        headers=tuple((name, value.encode()) for name, value in entry.headers),
    )
