"""What the ledger says about one conversation: what was told, what is under way, what was asked. Pure."""

from datetime import datetime
from typing import Literal, NamedTuple

from streams.contracts.notification_ledger import AnyStep, Step, StepIntent, StepResult

TOLD: frozenset[StepResult] = frozenset({"done", "found", "unknown"})
"""Results after which the customer has, or may have, read the notice: nothing is sent again."""

_TELLING: tuple[Step, ...] = ("reply", "email")

Entry = Literal["intent", "outcome"]


class Settled(NamedTuple):
    """What is kept of an OUTCOME."""

    result: StepResult
    recorded_at: datetime
    asked_for_address: bool


class StepKey(NamedTuple):
    """A ledger record's key, taken apart."""

    conversation_key: str
    notification_id: str
    step: Step
    entry: Entry


def ledger_key(entry: AnyStep) -> str:
    """The record key of `entry`: `tenant|conversation_id|notification_id|step|intent` or `…|outcome`."""
    return f"{entry.tenant}|{entry.conversation_id}|{entry.notification_id}|{entry.step}|{entry.kind}"


def parse_key(key: str) -> StepKey | None:
    """The parts of `key`, or None where it is no key of a step. No id holds a `|`: the contracts see to it."""
    parts = key.split("|")
    if len(parts) != 5 or parts[3] not in {"reply", "email", "pause", "close"} or parts[4] not in {"intent", "outcome"}:
        return None
    tenant, conversation_id, notification_id, step, entry = parts
    return StepKey(f"{tenant}|{conversation_id}", notification_id, step, entry)  # type: ignore[arg-type] # checked above


class History:
    """One conversation. `put` and `drop` follow the ledger; the rest answers."""

    __slots__ = ("_intents", "_settled")

    def __init__(self) -> None:
        """Nothing happened yet."""
        self._intents: dict[tuple[str, Step], StepIntent] = {}
        self._settled: dict[tuple[str, Step], Settled] = {}

    def put(self, entry: AnyStep) -> None:
        """`entry` stands in the ledger now. A first OUTCOME is never replaced."""
        at = (entry.notification_id, entry.step)
        if isinstance(entry, StepIntent):
            self._intents[at] = entry
            return
        self._settled.setdefault(at, Settled(entry.result, entry.recorded_at, entry.asked_for_address))
        self._intents.pop(at, None)

    def drop(self, key: StepKey) -> None:
        """The entry under `key` was tombstoned."""
        at = (key.notification_id, key.step)
        if key.entry == "intent":
            self._intents.pop(at, None)
        else:
            self._settled.pop(at, None)

    def settled(self, notification_id: str, step: Step) -> Settled | None:
        """The OUTCOME of that step, if there is one."""
        return self._settled.get((notification_id, step))

    def intent(self, notification_id: str, step: Step) -> StepIntent | None:
        """The INTENT of that step where no OUTCOME followed: it may have been carried out."""
        return self._intents.get((notification_id, step))

    def was_told(self, notification_id: str) -> bool:
        """Whether the customer has, or may have, read that notice."""
        return any(
            settled is not None and settled.result in TOLD
            for settled in (self.settled(notification_id, step) for step in _TELLING)
        )

    def notices_since(self, moment: datetime) -> int:
        """How many notices the customer was sent after `moment`."""
        return sum(
            1
            for (_, step), settled in self._settled.items()
            if step in _TELLING and settled.result in TOLD and settled.recorded_at > moment
        )

    @property
    def asked_for_address(self) -> bool:
        """The customer was asked for an e-mail address already."""
        return any(settled.asked_for_address and settled.result in TOLD for settled in self._settled.values())

    @property
    def empty(self) -> bool:
        """Nothing is known."""
        return not self._intents and not self._settled

    @property
    def standing(self) -> bool:
        """An INTENT waits for its OUTCOME."""
        return bool(self._intents)

    def outcomes(self) -> list[tuple[str, Step, datetime]]:
        """Notification, step and time of each OUTCOME."""
        return [(at[0], at[1], settled.recorded_at) for at, settled in self._settled.items()]
