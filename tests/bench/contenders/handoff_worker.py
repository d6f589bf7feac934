"""The worker, whole: as shipped (`real`), or with the engine job in place of the fold (`engine`)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from agents.commands.policies import read_policy
from agents.escalation.decide import decide
from agents.escalation.fold import Folded, Folder, Output
from agents.escalation.live import PartitionState
from agents.escalation.state import ConversationState
from agents.escalation.worker import Worker
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import EscalationSettings
from streams.contracts.escalation_commands import AppendToTicket
from streams.kafka.connection import KafkaConnection
from streams.kafka.record import Record
from tests.bench.contenders.bare_real import shipped_rules
from tests.bench.contenders.lean import TURN
from tests.bench.contenders.still_clock import StillClock
from tests.bench.engine_job import NOTHING, Counted, command, count
from tests.bench.marks import Marks, Task
from tests.bench.stream import START_MS, TENANT

STARTED_AT = datetime.fromtimestamp(START_MS / 1000, UTC)
"""The clock stands still here: nothing falls due, the stream alone decides what is done."""

_ENVELOPE = AppendToTicket.model_construct(  # type: ignore[call-arg] # what the emitter reads of it, no more
    tenant=TENANT, action_id="bench", escalation_id="bench", decided_at=STARTED_AT
)


class ShippedFold(Folder):
    """The shipped fold; tells the bench how far it is."""

    marks: Marks

    def fold(self, state: PartitionState, records: Sequence[Record], folded: Folded) -> None:
        if not self.marks.seen:
            self.marks.started()
        super().fold(state, records, folded)
        self.marks.seen += len(records)


class CountedHead(msgspec.Struct, array_like=True, gc=False):
    """What the engine job remembers, in the place of `agents.escalation.state.Head`."""

    applied_offset: int
    counted: Counted
    turns_from: int = 0
    seen_from: int = 0
    due_ms: None = None


class EngineFold(Folder):
    """The engine job as a fold."""

    marks: Marks

    def fold(self, state: PartitionState, records: Sequence[Record], folded: Folded) -> None:
        if not self.marks.seen:
            self.marks.started()
        lives, touched = state.lives, folded.touched
        for record in records:
            key, offset = record.key.decode(), record.offset
            live = lives.get(key) or state.get(key)
            if offset <= live.applied_offset:
                continue
            turn = TURN.decode(record.value or b"")
            held: Any = live.state  # its head is ours, and changed in place as the bare loop changes its dict
            head: Any = CountedHead(-1, NOTHING) if held is None else held.head
            counted, fires = count(head.counted, record.timestamp_ms, turn.author, turn.confidence)
            if held is None:
                live.state = ConversationState(head)
            head.applied_offset = live.applied_offset = offset
            head.counted = counted
            touched[key] = live
            if fires:
                encoded = command(turn.conversation_id, turn.event_id, counted[1])
                folded.outputs.append(Output(_ENVELOPE, encoded, live, record))
        folded.fates += [False] * len(records)
        self.marks.seen += len(records)


async def run(job: str, task: Task) -> None:
    """Start the worker, wait until every event is folded and all that came of it acknowledged, stop."""
    ShippedFold.marks = EngineFold.marks = marks = Marks(task.events)
    rules = shipped_rules()
    worker = Worker(
        connection=KafkaConnection(task.bootstrap_servers),
        settings=EscalationSettings(app_id=task.group),
        decide=decide,
        rules_for=lambda _tenant: rules,
        policies={rules.sha256: read_policy(None).text},
        clock=StillClock(STARTED_AT),
        metrics=Metrics(),
        log=Log("bench"),
        mask=lambda value: value,
        folder=EngineFold if job == "engine" else ShippedFold,
    )
    await worker.start()
    while not (marks.complete and worker._pipeline.idle):
        await asyncio.sleep(0.005)
    marks.done()
    await worker.stop()
