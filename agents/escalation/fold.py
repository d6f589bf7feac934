"""Folding records into conversations with the pure decision: no I/O, no clock."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agents.escalation.decision import Decision, Rules
from agents.escalation.live import Live, PartitionState
from agents.escalation.state import ConversationState
from streams.codec import decode
from streams.contracts.conversation_events import EVENT, AnyEvent, Tick
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.partitioner import partition_for
from streams.kafka.record import Record


class Decide(Protocol):
    """The decision, as a value: the live worker, replays and the benchmark pass their own."""

    def __call__(self, state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        """See `agents.escalation.decide.decide`."""
        ...


@dataclass(frozen=True, slots=True)
class Output:
    """A command or an outcome, with the record that led to it."""

    value: AnyCommand | EpisodeOutcome
    live: Live
    record: Record


@dataclass
class Folded:
    """What a run of records came to."""

    touched: dict[str, Live] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    dead: list[tuple[Record, InvalidRecord]] = field(default_factory=list)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    brakes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    good: int = 0


class Folder:
    """Applies `decide` to the records of the partitions it is shown."""

    def __init__(self, decide: Decide, rules_for: Callable[[str], Rules | None], partitions: int) -> None:
        """`partitions`: of the source topic. `rules_for` gives a tenant's rules as they are now, None: no such."""
        self._decide = decide
        self._rules_for = rules_for
        self._partitions = partitions

    def fold(self, state: PartitionState, record: Record, folded: Folded) -> None:
        """Fold one record; a bad one is set aside alone."""
        try:
            self._fold(state, record, folded)
        except InvalidRecord as error:
            folded.dead.append((record, error))
        else:
            folded.good += 1

    def _fold(self, state: PartitionState, record: Record, folded: Folded) -> None:
        key = _text(record.key)
        live = state.lives.get(key)
        if live is None and partition_for(record.key, self._partitions) != record.partition:
            raise InvalidRecord("wrong_partition", "not where murmur2 of its key puts it")
        if live is not None and record.offset <= live.applied_offset:
            folded.verdicts["", "applied_before"] += 1
            return
        event = decode(EVENT, record.value)
        if conversation_key(event.tenant, event.conversation_id) != key:
            raise InvalidRecord("wrong_key", "the key is not tenant|conversation_id of the body")
        rules = self._rules_for(event.tenant)
        if rules is None:
            raise InvalidRecord("unknown_tenant", "no tenant of that name is configured")
        before = None if live is None else live.state
        decision = self._decide(before, event, record.offset, rules)
        self._keep(state, record, event, decision, folded)

    def _keep(self, state: PartitionState, record: Record, event: AnyEvent, decision: Decision, folded: Folded) -> None:
        folded.kinds[event.kind] += 1
        folded.verdicts[event.tenant, decision.verdict] += 1
        folded.brakes.update(decision.brakes)
        live = state.lives.get(_text(record.key))
        if live is None:
            if decision.state is None and not decision.commands and not decision.outcomes:
                return
            live = state.get(_text(record.key))
        elif decision.state is live.state and not decision.commands and not decision.outcomes:
            if isinstance(event, Tick):
                live.tick_sent_ms = None
                state.wake_at(live)
            return
        live.state = decision.state
        live.applied_offset = record.offset
        state.wake_at(live)
        folded.touched[live.key] = live
        folded.outputs.extend(Output(value, live, record) for value in (*decision.commands, *decision.outcomes))


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise InvalidRecord("wrong_key", "the key is not UTF-8") from None
