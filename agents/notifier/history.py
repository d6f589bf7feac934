"""What the ledger says about one conversation: what was told, what is under way, what was asked. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from streams.contracts.notification_ledger import Deferred, Step, StepIntent, StepOutcome, StepResult

TOLD: frozenset[StepResult] = frozenset({"done", "found", "unknown"})
"""Results after which the customer has, or may have, read the notice: nothing is sent again."""

_TELLING: tuple[Step, ...] = ("reply", "email")

Entry = Literal["intent", "outcome"]


class Settled(NamedTuple):
    """What is kept of an OUTCOME. `at_seconds` is Unix time."""

    notification_id: str
    step: Step
    result: StepResult
    at_seconds: float
    asked_for_address: bool


class StepKey(NamedTuple):
    """A ledger record's key, taken apart."""

    conversation_key: str
    notification_id: str
    step: Step
    entry: Entry


def ledger_key(entry: StepIntent | StepOutcome) -> str:
    """The record key of `entry`: `tenant|conversation_id|notification_id|step|intent` or `…|outcome`."""
    return f"{entry.tenant}|{entry.conversation_id}|{entry.notification_id}|{entry.step}|{entry.kind}"


def parse_key(key: str) -> StepKey | None:
    """The parts of `key`, or None where it is no key of a step. No id holds a `|`: the contracts see to it."""
    parts = key.split("|")
    if len(parts) != 5 or parts[3] not in {"reply", "email", "pause", "close"} or parts[4] not in {"intent", "outcome"}:
        return None
    tenant, conversation_id, notification_id, step, entry = parts
    return StepKey(f"{tenant}|{conversation_id}", notification_id, step, entry)  # type: ignore[arg-type] # checked above


def deferred_key(entry: Deferred) -> str:
    """The record key of news that waits: `tenant|conversation_id|notification_id|deferred`."""
    return f"{entry.tenant}|{entry.conversation_id}|{entry.notification_id}|deferred"


def parse_deferred_key(key: str) -> str | None:
    """The notification that waits under `key`, or None where it is no such key."""
    parts = key.split("|")
    return parts[2] if len(parts) == 4 and parts[3] == "deferred" else None


class History:
    """One conversation. `put` and `drop` follow the ledger; the rest answers.

    A process keeps a few hundred thousand of these: few objects, and nothing that is rarely there.
    """

    __slots__ = ("_intents", "_settled")

    def __init__(self) -> None:
        """Nothing happened yet."""
        self._intents: dict[tuple[str, Step], StepIntent] | None = None
        self._settled: list[Settled] = []

    def put(self, entry: StepIntent | StepOutcome) -> None:
        """`entry` stands in the ledger now. A first OUTCOME is never replaced."""
        if isinstance(entry, StepIntent):
            if self.settled(entry.notification_id, entry.step) is None:
                self._intents = (self._intents or {}) | {(entry.notification_id, entry.step): entry}
            return
        self._drop_intent(entry.notification_id, entry.step)
        if self.settled(entry.notification_id, entry.step) is None:
            told = [known.notification_id for known in self._settled if known.notification_id == entry.notification_id]
            name = told[0] if told else entry.notification_id  # one string for all steps of a notification
            at_seconds = entry.recorded_at.timestamp()
            self._settled.append(Settled(name, entry.step, entry.result, at_seconds, entry.asked_for_address))

    def drop(self, key: StepKey) -> None:
        """The entry under `key` was tombstoned."""
        if key.entry == "intent":
            self._drop_intent(key.notification_id, key.step)
        else:
            at = (key.notification_id, key.step)
            self._settled = [known for known in self._settled if (known.notification_id, known.step) != at]

    def _drop_intent(self, notification_id: str, step: Step) -> None:
        if self._intents is not None:
            self._intents.pop((notification_id, step), None)
            self._intents = self._intents or None

    def settled(self, notification_id: str, step: Step) -> Settled | None:
        """The OUTCOME of that step, if there is one."""
        found = (known for known in self._settled if known.notification_id == notification_id and known.step == step)
        return next(found, None)

    def intent(self, notification_id: str, step: Step) -> StepIntent | None:
        """The INTENT of that step where no OUTCOME followed: it may have been carried out."""
        return self._intents.get((notification_id, step)) if self._intents is not None else None

    def was_told(self, notification_id: str) -> bool:
        """Whether the customer has, or may have, read that notice."""
        return any(known.notification_id == notification_id for known in self._told())

    def notices_since(self, moment: datetime) -> int:
        """How many notices the customer was sent after `moment`."""
        return sum(1 for known in self._told() if known.at_seconds > moment.timestamp())

    @property
    def asked_for_address(self) -> bool:
        """The customer was asked for an e-mail address already."""
        return any(known.asked_for_address for known in self._told())

    def _told(self) -> Iterator[Settled]:
        return (known for known in self._settled if known.step in _TELLING and known.result in TOLD)

    @property
    def empty(self) -> bool:
        """Nothing is known."""
        return self._intents is None and not self._settled

    def settled_before(self, moment: datetime) -> list[tuple[str, Step]]:
        """Notification and step of each OUTCOME recorded before `moment`."""
        return [(known.notification_id, known.step) for known in self._settled if known.at_seconds < moment.timestamp()]
