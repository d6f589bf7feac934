"""The escalation pipeline with a toy decision, a held producer and no Kafka.

The toy: a message's first word says what happens. `open` gives a command to open, `both` a command and an outcome,
`forget` deletes the conversation, `same` changes nothing, `break` is a bug; anything else is remembered as a turn.
"""

import asyncio
import itertools
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from agents.escalation.decision import Decision, Rules
from agents.escalation.emit import Emitter
from agents.escalation.fold import Decide, Folder
from agents.escalation.live import PartitionState
from agents.escalation.pipeline import Pipeline
from agents.escalation.state import ConversationState, Head, StoredTurn
from agents.escalation.state_records import PartitionLoader, StateRecord
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from streams.clock import ManualClock
from streams.codec import encode
from streams.contracts.conversation_events import AnyEvent, Message
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand, OpenTicket, Routing
from streams.ids import action_id, escalation_id
from streams.kafka.bulk import StoredRecord
from streams.kafka.dead_letters import Fuse, FusePolicy
from streams.kafka.partitioner import partition_for
from streams.kafka.record import Record
from tests.support.held_producer import HeldProducer, Sent

AT = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)
RULES = Rules(policy=None, sha256="0" * 64)  # type: ignore[arg-type] # the toy asks no policy
EVENTS, COMMANDS, OUTCOMES, STATE = (
    "conversation.events",
    "escalation.commands",
    "conversation.outcomes",
    "escalation.state",
)


logging.getLogger("escalation-engine").setLevel(logging.CRITICAL)  # dead letters are meant here


def toy(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
    assert isinstance(event, Message)
    word = event.text.partition(" ")[0]
    if word == "break":
        raise ZeroDivisionError
    if word == "forget":
        return Decision(None, "forgotten")
    if word == "same" and state is not None:
        return Decision(state, "duplicate")
    head = _head(state, event, source_offset)
    turn = StoredTurn(source_offset, event.event_id, 0, 0, event.text)
    turns = () if state is None else state.turns
    made: tuple[AnyCommand, ...] = (_command(event),) if word in {"open", "both"} else ()
    outcomes = (_outcome(event),) if word == "both" else ()
    return Decision(ConversationState(head, (*turns, turn)), "noted", commands=made, outcomes=outcomes)


def _head(state: ConversationState | None, event: Message, offset: int) -> Head:
    if state is None:
        return Head(event.tenant, event.conversation_id, "direct", offset, event.event_id, 0, turns_from=offset)
    head: Head = msgspec.structs.replace(state.head, applied_offset=offset)
    return head


def _command(event: Message) -> OpenTicket:
    escalation = escalation_id(event.tenant, event.conversation_id, event.event_id)
    return OpenTicket(
        tenant=event.tenant,
        conversation_id=event.conversation_id,
        platform="direct",
        escalation_id=escalation,
        action_id=action_id(escalation, "open"),
        episode=event.event_id,
        mode="live",
        decided_at=AT,
        reason="test",
        evidence=(),
        policy="0" * 64,
        routing=Routing(rule="test"),
    )


def _outcome(event: Message) -> EpisodeOutcome:
    return EpisodeOutcome(
        tenant=event.tenant,
        conversation_id=event.conversation_id,
        platform="direct",
        episode=event.event_id,
        outcome="escalated",
        ended_by="human",
        started_at=AT,
        ended_at=AT,
        customer_turns=0,
        ai_turns=0,
        human_turns=0,
        mode="live",
        policy="0" * 64,
    )


def message(conversation: str, text: str, event_id: str) -> Message:
    return Message(
        event_id=event_id, tenant="t", conversation_id=conversation, occurred_at=AT, author="customer", text=text
    )


def record(offset: int, conversation: str, text: str, *, partition: int = 0) -> Record:
    """A record of `conversation.events`; its event id is its offset."""
    value = encode(message(conversation, text, f"e{offset}"))
    return Record(EVENTS, partition, offset, f"t|{conversation}".encode(), value)


def records(*lines: str, first: int = 0, partition: int = 0) -> list[Record]:
    """`"c1 open"` and so on, one after the other."""
    return [record(offset, *line.split(" ", 1), partition=partition) for offset, line in enumerate(lines, start=first)]


def conversation_on(partition: int, partitions: int, *, number: int = 0) -> str:
    """The name of a conversation that murmur2 puts on `partition`."""
    found = (f"c{n}" for n in itertools.count() if partition_for(f"t|c{n}".encode(), partitions) == partition)
    return next(itertools.islice(found, number, None))


class Engine:
    """One worker's pipeline. `acked` has the last offset of every acknowledged fetch, in order."""

    def __init__(
        self,
        *,
        partitions: Iterable[int] = (0,),
        room: int | None = None,
        fuse: FusePolicy | None = None,
        max_in_flight_bytes: int = 1_000_000,
        decide: Decide = toy,
        pipeline: type[Pipeline] = Pipeline,
        metrics: Metrics | None = None,
        tracer: Tracer = OFF,
    ) -> None:
        self.producer = HeldProducer(room=room)
        self.partitions = {partition: PartitionState(partition) for partition in partitions}
        self.acked: list[tuple[int, int]] = []
        self.died: list[str] = []
        self.checks = 0
        clock = ManualClock(AT + timedelta(seconds=1))
        self.emitter = Emitter(
            metrics=metrics or Metrics(),
            log=Log("escalation-engine"),
            clock=clock,
            mask=lambda value: value,
            tracer=tracer,
        )
        self.pipeline = pipeline(
            folder=Folder(decide, lambda tenant: RULES if tenant == "t" else None, len(self.partitions)),
            emitter=self.emitter,
            producer=self.producer,
            partitions=self.partitions,
            fuse=Fuse(fuse or FusePolicy()),
            max_in_flight_bytes=max_in_flight_bytes,
            die=self._die,
            before_write=self._before_write,
        )
        self._task = asyncio.create_task(self.pipeline.run())

    def _die(self, why: str) -> None:
        self.died.append(why)

    def _before_write(self) -> None:
        self.checks += 1

    async def feed(self, batch: Sequence[Record]) -> None:
        """As Faust's agent does: one fetch of one partition."""
        partition, last = batch[-1].partition, batch[-1].offset
        await self.pipeline.take(partition, list(batch), lambda: self.acked.append((partition, last)))

    async def settle(self) -> None:
        """Until nothing more happens without the brokers; then what may rest is laid to rest."""
        for _ in range(8):
            await asyncio.sleep(0)
        for state in self.partitions.values():
            state.begin_round()
            state.cool(1_000)

    async def finish(self) -> None:
        """The brokers take everything until nothing is in flight."""
        await self.settle()
        while self.producer.in_flight():
            self.producer.deliver()
            await self.settle()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def turns(self, conversation: str, partition: int = 0) -> list[str]:
        live = self.partitions[partition].lives.get(f"t|{conversation}")
        return [] if live is None or live.state is None else [turn.text for turn in live.state.turns]


def stored(sent: Iterable[Sent]) -> list[StoredRecord]:
    """Records of the state topic as they come off it."""
    return [
        StoredRecord(record.partition, offset, record.key, record.value, tuple(record.headers))
        for offset, record in enumerate(sent)
    ]


def loaded(found: Iterable[StoredRecord], partition: int = 0) -> tuple[PartitionState, list[StateRecord]]:
    loader = PartitionLoader(partition)
    for entry in found:
        loader.add(entry)
    return loader.finish()
