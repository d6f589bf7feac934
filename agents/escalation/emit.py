"""What leaves the worker: records for commands, outcomes, dead letters and ticks, and what is counted of them."""

from collections.abc import Callable
from datetime import UTC, datetime

from agents.escalation.fold import Folded, Output
from agents.escalation.live import Live
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer, consumed
from streams.clock import Clock
from streams.codec import Headers, encode, headers_for
from streams.contracts.conversation_events import Tick
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand, AppendToTicket, OpenTicket
from streams.errors import InvalidRecord
from streams.ids import derive
from streams.kafka.dead_letters import dead_record
from streams.kafka.record import Record
from streams.topology import CONVERSATION_EVENTS, CONVERSATION_OUTCOMES, ESCALATION_COMMANDS
from streams.trace import child_of, new_traceparent

SOURCE = "handoff/escalation"

Produced = tuple[str, bytes, bytes | None, Headers]


class Emitter:
    """Renders records and counts them. Holds no state of the flow."""

    def __init__(
        self,
        *,
        metrics: Metrics,
        log: Log,
        clock: Clock,
        mask: Callable[[bytes], bytes],
        tracer: Tracer = OFF,
    ) -> None:
        """`mask` hides card numbers and secrets in the raw value of a dead letter, length kept."""
        self._metrics = metrics
        self._log = log
        self._clock = clock
        self._mask = mask
        self._tracer = tracer

    def record_of(self, output: Output) -> Produced:
        """The record of a command or an outcome."""
        value = output.value
        trace = output.record.header("traceparent")
        if isinstance(value, EpisodeOutcome):
            traceparent = child_of(trace)
            topic, at, event_id = (
                CONVERSATION_OUTCOMES.name,
                value.ended_at,
                derive("outcome", value.tenant, value.conversation_id, value.episode, str(value.revision)),
            )
        else:
            traceparent = self._traced(output.record, value, trace) if self._tracer.enabled else child_of(trace)
            topic, at, event_id = ESCALATION_COMMANDS.name, value.decided_at, value.action_id
        headers = headers_for(event_id=event_id, source=SOURCE, kind=value.kind, at=at, traceparent=traceparent)
        return topic, output.live.key.encode(), output.encoded, headers

    def _traced(self, record: Record, command: AnyCommand, parent: str | None) -> str:
        """A span for the event that led to a command, and for no other: most events lead to nothing.

        A tick is an event of ours that nothing has led to: its span begins a trace.
        """
        if record.header("ce_type") == "handoff.tick":
            parent = None
        attributes = consumed(record) | {
            "handoff.escalation_id": command.escalation_id,
            "handoff.command": command.kind,
        }
        name = f"process {record.topic}"
        with self._tracer.span(name, "consumer", parent=parent, attributes=attributes) as span:
            return span.traceparent or child_of(parent)

    def dead_letter(self, record: Record, error: InvalidRecord) -> Produced:
        """The record for `conversation.events.dead`."""
        dead = dead_record(record, error, self._clock.now(), hop="escalation", mask=self._mask)
        topic = CONVERSATION_EVENTS.dead
        self._metrics.count(catalogue.DEAD_LETTERS, topic=topic, reason=error.reason)
        self._log.warning(
            "record.dead", topic=record.topic, partition=record.partition, offset=record.offset, reason=error.reason
        )
        return topic, dead.key, dead.value, dead.headers

    def tick(self, live: Live) -> Produced:
        """The record that tells a conversation that its time has come; it has a state, with a due time."""
        assert live.state is not None
        head = live.state.head
        due_ms = head.due_ms or 0
        due_at = datetime.fromtimestamp(due_ms / 1000, UTC)
        event_id = derive("tick", head.tenant, head.conversation_id, head.due_episode, str(due_ms))
        tick = Tick(
            event_id=event_id,
            tenant=head.tenant,
            conversation_id=head.conversation_id,
            platform=head.platform,
            occurred_at=due_at,
            episode=head.due_episode,
            due_at=due_at,
            test=head.test,
        )
        headers = headers_for(event_id=event_id, source=SOURCE, kind="tick", at=due_at, traceparent=new_traceparent())
        return CONVERSATION_EVENTS.name, live.key.encode(), encode(tick), headers

    def wrote_state(self, size_bytes: int) -> None:
        """Count what went to the state topic."""
        self._metrics.count(catalogue.CHANGELOG_BYTES, size_bytes)

    def count(self, folded: Folded) -> None:
        """Count what a pass came to; one log line per escalation and per ended episode."""
        repeats = folded.verdicts["", "applied_before"]
        for outcome, number in (
            ("done", len(folded.fates) - len(folded.dead) - repeats),
            ("dead", len(folded.dead)),
            ("duplicate", repeats),
        ):
            if number:
                self._metrics.count(catalogue.RECORDS, number, topic=CONVERSATION_EVENTS.name, outcome=outcome)
        for (tenant, verdict), number in folded.verdicts.items():
            self._metrics.count(catalogue.DECISIONS, number, tenant=tenant, verdict=verdict)
        for kind, number in folded.kinds.items():
            self._metrics.count(catalogue.EVENTS, number, hop="escalation", kind=kind)
        for brake, number in folded.brakes.items():
            self._metrics.count(catalogue.BRAKES, number, hop="escalation", brake=brake)
        for output in folded.outputs:
            self._tell(output)

    def _tell(self, output: Output) -> None:
        value = output.value
        at = {"partition": output.record.partition, "offset": output.record.offset}
        if isinstance(value, OpenTicket):
            self._metrics.count(
                catalogue.ESCALATIONS,
                tenant=value.tenant,
                reason=value.reason,
                group=value.routing.group or "",
                priority=value.routing.priority,
                mode=value.mode,
            )
            self._metrics.observe(
                catalogue.END_TO_END, max(0.0, (self._clock.now() - value.decided_at).total_seconds()), step="command"
            )
            self._log.info(
                "escalation.decided",
                tenant=value.tenant,
                conversation_id=value.conversation_id,
                escalation_id=value.escalation_id,
                reason=value.reason,
                mode=value.mode,
                **at,
            )
        elif isinstance(value, AppendToTicket):
            self._log.info("append.decided", tenant=value.tenant, escalation_id=value.escalation_id, **at)
        else:
            self._metrics.count(catalogue.OUTCOMES, tenant=value.tenant, outcome=value.outcome)
            self._log.info("episode.ended", tenant=value.tenant, outcome=value.outcome, episode=value.episode, **at)
