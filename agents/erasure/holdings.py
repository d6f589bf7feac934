"""What the topics hold of one conversation, gathered record by record. Pure.

Records come in the order of their partitions; all of a conversation lie on the same partition of every topic.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from agents.escalation.state import HEAD_DECODER
from agents.escalation.state_records import HEAD_SUFFIX
from agents.ticketing.ledger import Ledger
from streams.codec import decode
from streams.contracts.escalation_ledger import LEDGER, Intent, Outcome
from streams.contracts.notification_ledger import STEP, AnyStep
from streams.errors import InvalidRecord
from streams.kafka.bulk import StoredRecord
from streams.topology import (
    CONVERSATION_EVENTS,
    ESCALATION_COMMANDS,
    ESCALATION_LEDGER,
    ESCALATION_PARKED,
    ESCALATION_STATE,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
)

CONSUMED = (CONVERSATION_EVENTS.name, ESCALATION_COMMANDS.name, ESCALATION_PARKED.name, NOTIFICATION_EVENTS.name)
"""The topics whose records somebody still has to handle."""

_ERASED = b'"kind":"erased"'


def conversation_of(record_key: bytes) -> bytes:
    """`tenant|conversation_id` of a key of any of our topics. No id holds a `|`: the contracts see to it."""
    return b"|".join(record_key.split(b"|", 2)[:2])


@dataclass
class Holdings:
    """Of one conversation. `partition` is its partition on every topic that is keyed by conversation."""

    key: bytes
    partition: int = -1
    records: Counter[str] = field(default_factory=Counter)
    """Per topic; only records with a value."""
    newest_ms: dict[str, int] = field(default_factory=dict)
    unhandled: Counter[str] = field(default_factory=Counter)
    state: dict[bytes, bytes] = field(default_factory=dict)
    under_way: bool = False
    """An episode is open: the customer may be writing right now."""
    ledger: Ledger = field(default_factory=Ledger)
    intents: dict[bytes, Intent] = field(default_factory=dict)
    outcomes: dict[bytes, Outcome] = field(default_factory=dict)
    steps: dict[bytes, AnyStep] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)

    @property
    def tenant(self) -> str:
        """By its key."""
        return self.key.decode("utf-8", "replace").partition("|")[0]

    @property
    def conversation_id(self) -> str:
        """By its key."""
        return self.key.decode("utf-8", "replace").partition("|")[2]

    def add(self, topic: str, record: StoredRecord, committed: Mapping[int, int]) -> None:
        """Take in one record of theirs. `committed`: up to where the topic's reader has handled each partition."""
        self.partition = record.partition
        if topic == ESCALATION_STATE.name:
            self._add_state(record)
        elif topic == ESCALATION_LEDGER.name:
            self._add_ledger(record)
        elif topic == NOTIFICATION_LEDGER.name:
            self._add_step(record)
        elif record.value is not None:
            self.records[topic] += 1
            self.newest_ms[topic] = max(self.newest_ms.get(topic, 0), record.timestamp_ms)
            if topic in CONSUMED and record.offset >= committed.get(record.partition, 0):
                self.unhandled[topic] += int(_ERASED not in record.value)

    def _add_state(self, record: StoredRecord) -> None:
        _put(self.state, record, record.value)
        if not record.key.endswith(HEAD_SUFFIX):
            return
        self.unreadable.pop(ESCALATION_STATE.name, None)
        self.under_way = False
        if record.value is not None:
            try:
                self.under_way = HEAD_DECODER.decode(record.value).open is not None
            except msgspec.MsgspecError:
                self.unreadable[ESCALATION_STATE.name] = 1

    def _add_ledger(self, record: StoredRecord) -> None:
        entry = self._decoded(ESCALATION_LEDGER.name, LEDGER, record)
        self.ledger.apply(record.key.decode("utf-8", "replace"), entry, record.offset)
        _put(self.intents, record, entry if isinstance(entry, Intent) else None)
        _put(self.outcomes, record, entry if isinstance(entry, Outcome) else None)

    def _add_step(self, record: StoredRecord) -> None:
        _put(self.steps, record, self._decoded(NOTIFICATION_LEDGER.name, STEP, record))

    def _decoded(self, topic: str, adapter: Any, record: StoredRecord) -> Any:
        """None for a tombstone, and for what a later build wrote: that is counted, and told."""
        if record.value is None:
            return None
        try:
            return decode(adapter, record.value)
        except InvalidRecord:
            self.unreadable[topic] += 1
            return None

    def has_settled(self, step: AnyStep) -> bool:
        """Whether that step of telling the customer has its OUTCOME."""
        settled = {(other.notification_id, other.step) for other in self.steps.values() if other.kind == "outcome"}
        return step.kind == "intent" and (step.notification_id, step.step) in settled


def _put(kept: dict[bytes, Any], record: StoredRecord, value: Any) -> None:
    if value is None:
        kept.pop(record.key, None)
    else:
        kept[record.key] = value
