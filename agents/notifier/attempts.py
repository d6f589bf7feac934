"""One pass over one notification: its plan by what is known now, carried out as far as the channels allow."""

from dataclasses import dataclass

from agents.notifier.briefing import Briefing
from agents.notifier.reach import Reach, Surroundings
from agents.notifier.steps import carry_out
from agents.notifier.world import Again
from agents.observability.tracing import consumed
from streams.codec import decode
from streams.contracts.notification_events import NOTIFICATION, AnyNotification
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.record import Record

Connection = tuple[str, str]
"""A tenant, and the platform it is told through."""


@dataclass(frozen=True)
class Job:
    """A notification and the record it came in."""

    record: Record
    notification: AnyNotification

    @property
    def key(self) -> str:
        """The key of its conversation."""
        return conversation_key(self.notification.tenant, self.notification.conversation_id)

    @property
    def connection(self) -> Connection:
        """Which outage it would share with others."""
        return self.notification.tenant, self.notification.platform


def read(record: Record) -> Job:
    """The notification in `record`, or `InvalidRecord`: not the contract, or under another conversation's key."""
    job = Job(record, decode(NOTIFICATION, record.value))
    if record.key.decode("utf-8", "replace") != job.key:
        raise InvalidRecord("wrong_key", "the record's key is not its conversation's")
    return job


class Attempts:
    """Makes passes."""

    def __init__(self, around: Surroundings, briefing: Briefing) -> None:
        """See the groups."""
        self._around = around
        self._briefing = briefing

    def stopped(self, job: Job) -> bool:
        """Whether the tenant's kill switch forbids every call right now."""
        return self._briefing.tenant(job.notification).kill_switch

    def wait_seconds(self, job: Job) -> float:
        """How long its platform asked us to stay away, from now."""
        return self._briefing.gates.of(*job.connection).wait_seconds

    async def once(
        self, job: Job, *, impatient: bool = False, probing: bool = False, superseded: bool = False
    ) -> tuple[Again, ...]:
        """Try each step that is not settled once; returns what is left. `InvalidRecord`: it can never be done."""
        tracer = self._around.tracer
        if not tracer.enabled:
            return await self._once(job, impatient=impatient, probing=probing, superseded=superseded)
        record, ids = job.record, {"handoff.escalation_id": job.notification.escalation_id}
        attributes = consumed(record) | ids
        parent = record.header("traceparent")
        with tracer.span(f"process {record.topic}", "consumer", parent=parent, attributes=attributes) as span:
            left = await self._once(job, impatient=impatient, probing=probing, superseded=superseded)
            if left:
                span.fail(left[0].reason)
            return left

    async def _once(self, job: Job, *, impatient: bool, probing: bool, superseded: bool) -> tuple[Again, ...]:
        history = self._around.ledger.history(job.record.partition, job.key)
        plan = self._briefing.plan(job.notification, history, self._around.clock.now(), superseded=superseded)
        reach = Reach(
            job.notification,
            self._around,
            self._briefing.ways(job.notification),
            partition=job.record.partition,
            traceparent=job.record.header("traceparent"),
            probing=probing,
        )
        return await carry_out(plan, history, reach, impatient=impatient)
