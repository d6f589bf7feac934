"""Folding records into conversations with the pure decision: no I/O, no clock."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agents.escalation.decision import Decision, Rules
from agents.escalation.live import Live, PartitionState
from agents.escalation.state import ENCODER, ConversationState, turns_since
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent, Erased, Tick
from streams.contracts.conversation_outcomes import EpisodeOutcome
from streams.contracts.escalation_commands import AnyCommand, OpenTicket
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import MAX_VALUE_BYTES
from streams.kafka.record import Record

MAX_STATE_BYTES = 512 * 1024
"""Of a head, and of one event's turns: no event may make of its conversation what cannot be stored."""

ORDINARY_EVENT_BYTES = 4 * 1024
"""Events up to this size cannot come near that limit, and are not measured."""

MAX_AHEAD_MS = 60 * 60 * 1000
"""Event time drives every timer of a conversation; a producer's clock may be off by less than this."""


class Decide(Protocol):
    """The decision, as a value: the live worker, replays and the benchmark pass their own."""

    def __call__(self, state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
        """See `agents.escalation.decide.decide`."""
        ...


@dataclass(frozen=True, slots=True)
class Output:
    """A command or an outcome as it is produced, with the record that led to it."""

    value: AnyCommand | EpisodeOutcome
    encoded: bytes
    live: Live
    record: Record


@dataclass
class Folded:
    """What a run of records came to. `fates` has one entry per record, in order: whether it is dead."""

    touched: dict[str, Live] = field(default_factory=dict)
    outputs: list[Output] = field(default_factory=list)
    dead: list[tuple[Record, InvalidRecord]] = field(default_factory=list)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    brakes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    fates: list[bool] = field(default_factory=list)


class Folder:
    """Applies `decide` to the records of the partitions it is shown."""

    def __init__(self, decide: Decide, rules_for: Callable[[str], Rules | None], partitions: int) -> None:
        """`partitions`: of the source topic. `rules_for` gives a tenant's rules as they are now, None: no such."""
        self._decide = decide
        self._rules_for = rules_for
        self._partitions = partitions

    def fold(self, state: PartitionState, records: Sequence[Record], folded: Folded) -> None:
        """Fold records of one partition, in order; a bad one is set aside alone."""
        fates = [False] * len(records)
        for place, record in enumerate(records):
            try:
                self._fold(state, record, folded)
            except InvalidRecord as error:
                folded.dead.append((record, error))
                fates[place] = True
        folded.fates += fates

    def _fold(self, state: PartitionState, record: Record, folded: Folded) -> None:
        key = _text(record.key)
        live = state.lives.get(key)
        if live is None:
            if partition_for(record.key, self._partitions) != record.partition:
                raise InvalidRecord("wrong_partition", "not where murmur2 of its key puts it")
        elif record.offset <= live.applied_offset:
            folded.verdicts["", "applied_before"] += 1
            return
        event = decode(EVENT, record.value)
        if conversation_key(event.tenant, event.conversation_id) != key:
            raise InvalidRecord("wrong_key", "the key is not tenant|conversation_id of the body")
        if record.timestamp_ms > 0 and event.occurred_at.timestamp() * 1000 > record.timestamp_ms + MAX_AHEAD_MS:
            raise InvalidRecord("from_the_future", "occurred_at lies an hour or more after the record itself")
        rules = self._rules_for(event.tenant)
        if rules is None:
            raise InvalidRecord("unknown_tenant", "no tenant of that name is configured")
        before = None if live is None else live.state
        decision = self._decide(before, event, record.offset, rules)
        if len(record.value or b"") > ORDINARY_EVENT_BYTES:
            _refuse_too_large(decision, record.offset)
        made = (*decision.commands, *decision.outcomes)
        outputs = [_fitted(value) for value in made] if made else ()
        folded.kinds[event.kind] += 1
        folded.verdicts[event.tenant, decision.verdict] += 1
        if decision.brakes:
            folded.brakes.update(decision.brakes)
        _keep(state, key, live, record.offset, event, decision, folded)
        for value, encoded in outputs:
            folded.outputs.append(Output(value, encoded, state.lives[key], record))


def _keep(
    state: PartitionState, key: str, live: Live | None, offset: int, event: AnyEvent, decision: Decision, folded: Folded
) -> None:
    if live is None:
        orphans = isinstance(event, Erased) and key in state.orphans
        if decision.state is None and not decision.commands and not decision.outcomes and not orphans:
            return
        live = state.get(key)
    elif decision.state is live.state and not decision.commands and not decision.outcomes:
        if isinstance(event, Tick):
            live.tick_sent_ms = None
            state.wake_at(live)
        return
    if decision.state is None:
        live.forget(offset)
    else:
        live.state = decision.state
        live.applied_offset = offset
    state.wake_at(live)
    folded.touched[key] = live


def _refuse_too_large(decision: Decision, offset: int) -> None:
    if decision.state is None:
        return
    sizes = (len(ENCODER.encode(part)) for part in (decision.state.head, turns_since(decision.state, offset - 1)))
    if max(sizes) > MAX_STATE_BYTES:
        raise InvalidRecord("too_large", "the conversation could not be stored with it")


def _fitted(value: AnyCommand | EpisodeOutcome) -> tuple[AnyCommand | EpisodeOutcome, bytes]:
    """`value` and its bytes; turns whose text takes more room as JSON than as text leave from the front."""
    encoded = encode(value)
    while len(encoded) > MAX_VALUE_BYTES and isinstance(value, OpenTicket) and value.turns:
        leaving = (len(value.turns) + 1) // 2
        omitted = value.turns_omitted + leaving
        value = value.model_copy(update={"turns": value.turns[leaving:], "turns_omitted": omitted})
        encoded = encode(value)
    if len(encoded) > MAX_VALUE_BYTES:
        raise InvalidRecord("too_large", "what it leads to could not be produced")
    return value, encoded


def _text(key: bytes) -> str:
    try:
        return key.decode()
    except UnicodeDecodeError:
        raise InvalidRecord("wrong_key", "the key is not UTF-8") from None
