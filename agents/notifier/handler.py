"""One notification record after the other: told, closed, remembered."""

from agents.notifier.briefing import Briefing
from agents.notifier.reach import Reach, Surroundings
from agents.notifier.steps import carry_out
from agents.notifier.world import Again
from agents.observability import catalogue
from streams.codec import decode
from streams.contracts.notification_events import NOTIFICATION, AnyNotification
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.record import Record
from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_LEDGER

PATIENCE_SECONDS = 10.0
"""How long a record is tried in place, holding back its conversation alone."""

PAUSES_SECONDS = (0.25, 0.5, 1.0, 2.0, 4.0)


class NotifierHandler:
    """The `PartitionHandler` of `notification.events`."""

    def __init__(self, around: Surroundings, briefing: Briefing) -> None:
        """See the groups."""
        self._around = around
        self._briefing = briefing

    async def recover(self, partition: int) -> None:
        started = self._around.clock.monotonic()
        await self._around.ledger.recover(partition)
        seconds = self._around.clock.monotonic() - started
        self._around.metrics.observe(catalogue.RECOVERY_SECONDS, seconds, topic=NOTIFICATION_LEDGER.name)

    async def release(self, partition: int) -> None:
        self._around.ledger.forget(partition)

    async def handle(self, record: Record) -> None:
        started = self._around.clock.monotonic()
        notification = read(record)
        left = await self._try_for_a_while(record, notification)
        if left:
            raise InvalidRecord("platform_away", ",".join(f"{again.step}:{again.reason}" for again in left))
        metrics, topic = self._around.metrics, NOTIFICATION_EVENTS.name
        metrics.count(catalogue.RECORDS, topic=topic, outcome="done")
        metrics.observe(catalogue.RECORD_SECONDS, self._around.clock.monotonic() - started, topic=topic)

    async def _try_for_a_while(self, record: Record, notification: AnyNotification) -> tuple[Again, ...]:
        clock = self._around.clock
        until = clock.monotonic() + PATIENCE_SECONDS
        left: tuple[Again, ...] = ()
        for pause in (*PAUSES_SECONDS, None):
            impatient = pause is None or clock.monotonic() >= until
            left = await self._try_once(record, notification, impatient=impatient)
            if not left or impatient:
                break
            await clock.sleep(pause or 0.0)
        return left

    async def _try_once(self, record: Record, notification: AnyNotification, *, impatient: bool) -> tuple[Again, ...]:
        key = conversation_key(notification.tenant, notification.conversation_id)
        history = self._around.ledger.history(record.partition, key)
        plan = self._briefing.plan(notification, history, self._around.clock.now())
        reach = Reach(
            notification,
            self._around,
            self._briefing.ways(notification),
            partition=record.partition,
            traceparent=record.header("traceparent"),
        )
        return await carry_out(plan, history, reach, impatient=impatient)


def read(record: Record) -> AnyNotification:
    """The notification in `record`, or `InvalidRecord`: not the contract, or under another conversation's key."""
    notification = decode(NOTIFICATION, record.value)
    if record.key.decode("utf-8", "replace") != conversation_key(notification.tenant, notification.conversation_id):
        raise InvalidRecord("wrong_key", "the record's key is not its conversation's")
    return notification
