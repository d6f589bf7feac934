"""One notification record after the other: told, closed, remembered.

1. News of a conversation whose earlier news wait, or of a tenant whose kill switch is on, wait behind them.
2. Otherwise it is tried in place, holding back its own conversation alone, for `PATIENCE_SECONDS` at most.
3. The last try takes the next channel where the first stays away. What is left then waits in the ledger,
   acknowledged, and the offset moves: one platform's outage holds back nobody else.
"""

from agents.notifier.attempts import Attempts, Job, read
from agents.notifier.deferral import Deferral
from agents.notifier.gates import AWAY
from agents.notifier.reach import Surroundings
from agents.notifier.world import Again
from agents.observability import catalogue
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_LEDGER

PATIENCE_SECONDS = 10.0
"""Of the promise to the customer; longer would fill the partition with one platform's outage."""

PAUSES_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)

_TOPIC = NOTIFICATION_EVENTS.name


class NotifierHandler:
    """The `PartitionHandler` of `notification.events`."""

    def __init__(self, around: Surroundings, attempts: Attempts, deferral: Deferral) -> None:
        """See the groups."""
        self._around = around
        self._attempts = attempts
        self._deferral = deferral

    async def recover(self, partition: int) -> None:
        started = self._around.clock.monotonic()
        count = await self._around.ledger.recover(partition)
        await self._deferral.adopt(partition)
        seconds = self._around.clock.monotonic() - started
        self._around.metrics.observe(catalogue.RECOVERY_SECONDS, seconds, topic=NOTIFICATION_LEDGER.name)
        self._around.log.info("ledger.recovered", partition=partition, records=count, seconds=round(seconds, 3))

    async def release(self, partition: int) -> None:
        await self._deferral.drop(partition)
        self._around.ledger.forget(partition)

    async def handle(self, record: Record) -> None:
        started = self._around.clock.monotonic()
        try:
            outcome = await self._handle(read(record))
        except InvalidRecord:
            self._around.metrics.count(catalogue.RECORDS, topic=_TOPIC, outcome="dead")
            raise
        self._around.metrics.count(catalogue.RECORDS, topic=_TOPIC, outcome=outcome)
        self._around.metrics.observe(catalogue.RECORD_SECONDS, self._around.clock.monotonic() - started, topic=_TOPIC)

    async def _handle(self, job: Job) -> str:
        if self._deferral.knows(job):
            self._around.metrics.count(catalogue.DUPLICATES, hop="notifier")
            return "duplicate"
        if self._attempts.stopped(job):
            await self._deferral.put(job, "kill_switch")
            return "deferred"
        if self._deferral.holds(job):
            await self._deferral.put(job, "in_order")
            return "deferred"
        left = await self._try_for_a_while(job)
        if left:
            await self._deferral.put(job, left[0].reason)
            return "deferred"
        return "done"

    async def _try_for_a_while(self, job: Job) -> tuple[Again, ...]:
        clock = self._around.clock
        until = clock.monotonic() + PATIENCE_SECONDS
        for pause in PAUSES_SECONDS:
            left = await self._attempts.once(job)
            if not left:
                return ()
            wait = max(pause, self._attempts.wait_seconds(job), *(again.retry_after_seconds or 0.0 for again in left))
            if any(again.reason == AWAY for again in left) or clock.monotonic() + wait >= until:
                break
            self._around.metrics.count(catalogue.RETRIES, hop="notifier", reason=left[0].reason)
            await clock.sleep(wait)
        return await self._attempts.once(job, impatient=True)
