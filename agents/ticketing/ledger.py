"""The ledger of one partition in memory: what is about to be done at the helpdesk, and what came of it. Pure.

Built from `escalation.ledger` records in offset order, then kept up with our own writes. Several OUTCOMEs of one
action can exist (a zombie wrote one): the one with the lowest offset wins, and another ticket id is a duplicate.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from streams.contracts.escalation_ledger import AnyLedgerEntry, Intent, LedgerEntry, Outcome
from streams.ids import conversation_key

CREATES = frozenset({"open", "minimal", "attach"})
"""The actions by which an escalation gets its ticket; follow-ups (`follow_up:<closed ticket>`) move it on."""

_CREATED = frozenset({"created", "found", "handed_over", "followed_up"})
_OWN_WRITE = 1 << 62
"""Our own writes come after everything read back, in the order they were made."""


def intent_key(entry: LedgerEntry) -> str:
    """Where an action's INTENT stands, and its tombstone."""
    return f"{_action_key(entry)}|intent"


def outcome_key(outcome: Outcome) -> str:
    """Where an OUTCOME stands: one key per ticket, so that a second ticket hides nothing."""
    return f"{_action_key(outcome)}|outcome|{outcome.ticket_id}"


def _action_key(entry: LedgerEntry) -> str:
    return f"{conversation_key(entry.tenant, entry.conversation_id)}|{entry.escalation_id}|{entry.action_id}"


def action_of(key: str) -> tuple[str, bool] | None:
    """(action id, whether it is an INTENT's key) of a ledger key; None for a key this build does not know."""
    parts = key.split("|")
    if len(parts) == 5 and parts[4] == "intent":
        return parts[3], True
    if len(parts) == 6 and parts[4] == "outcome":
        return parts[3], False
    return None


@dataclass
class Ledger:
    """What is known of every action of a partition."""

    _intents: dict[str, Intent] = field(default_factory=dict)
    _outcomes: dict[str, dict[str, tuple[int, Outcome]]] = field(default_factory=dict)
    _by_escalation: dict[str, list[str]] = field(default_factory=dict)
    _created: dict[str, list[datetime]] = field(default_factory=dict)
    _own_writes: int = 0

    def apply(self, key: str, entry: AnyLedgerEntry | None, offset: int | None = None) -> None:
        """Take in one record; None is its tombstone. `offset` None: we have just written it ourselves."""
        if offset is None:
            self._own_writes += 1
            offset = _OWN_WRITE + self._own_writes
        found = action_of(key)
        if found is None:
            return
        action_id, is_intent = found
        if is_intent:
            self._apply_intent(action_id, entry if isinstance(entry, Intent) else None)
        else:
            self._apply_outcome(action_id, key, entry if isinstance(entry, Outcome) else None, offset)

    def _apply_intent(self, action_id: str, intent: Intent | None) -> None:
        if intent is None:
            self._intents.pop(action_id, None)
        else:
            self._intents[action_id] = intent

    def _apply_outcome(self, action_id: str, key: str, outcome: Outcome | None, offset: int) -> None:
        known = self._outcomes.setdefault(action_id, {})
        if outcome is not None:
            if key not in known and outcome.result in _CREATED:
                insort(self._created.setdefault(outcome.tenant, []), outcome.recorded_at)
            known[key] = (offset, outcome)
            actions = self._by_escalation.setdefault(outcome.escalation_id, [])
            if action_id not in actions:
                actions.append(action_id)
            return
        gone = known.pop(key, None)
        if not known:
            del self._outcomes[action_id]
        if gone is not None and not known:
            self._forget(gone[1].escalation_id, action_id)

    def _forget(self, escalation_id: str, action_id: str) -> None:
        actions = self._by_escalation[escalation_id]
        actions.remove(action_id)
        if not actions:
            del self._by_escalation[escalation_id]

    def intent(self, action_id: str) -> Intent | None:
        """The action's open INTENT: a call was, or may have been, made."""
        return self._intents.get(action_id)

    def outcome(self, action_id: str) -> Outcome | None:
        """The action's OUTCOME; of several the one with the lowest offset."""
        known = self._outcomes.get(action_id)
        return min(known.values(), key=lambda entry: entry[0])[1] if known else None

    def origin(self, escalation_id: str) -> Outcome | None:
        """How the escalation got its first ticket; None: it has none."""
        found = [
            entry
            for action_id in self._by_escalation.get(escalation_id, ())
            for entry in self._outcomes[action_id].values()
            if entry[1].action in CREATES
        ]
        return min(found, key=lambda entry: entry[0])[1] if found else None

    def ticket_id(self, escalation_id: str) -> str | None:
        """The ticket that takes the escalation's comments now: its first, or the newest follow-up of it."""
        first = self.origin(escalation_id)
        if first is None:
            return None
        current, seen = first.ticket_id, {first.ticket_id}
        moved = self._follow_ups(escalation_id)
        while (newer := moved.get(current)) is not None and newer not in seen:
            current = newer
            seen.add(newer)
        return current

    def _follow_ups(self, escalation_id: str) -> dict[str, str]:
        moved = {}
        for action_id in self._by_escalation.get(escalation_id, ()):
            outcome = self.outcome(action_id)
            if outcome is not None and outcome.action.startswith("follow_up:"):
                moved[outcome.action.removeprefix("follow_up:")] = outcome.ticket_id
        return moved

    def own_ticket_ids(self, escalation_id: str) -> frozenset[str]:
        """All tickets the escalation is known to have."""
        return frozenset(
            outcome.ticket_id
            for action_id in self._by_escalation.get(escalation_id, ())
            for _, outcome in self._outcomes[action_id].values()
            if outcome.ticket_id
        )

    def rightful(self, escalation_id: str) -> frozenset[str]:
        """The tickets the escalation may have: its first, and the follow-ups of closed ones."""
        first = self.origin(escalation_id)
        return frozenset([*([first.ticket_id] if first else []), *self._follow_ups(escalation_id).values()])

    def is_creating(self, escalation_id: str) -> bool:
        """Whether a ticket of that escalation may be coming about right now."""
        return any(
            intent.escalation_id == escalation_id and intent.ticket_id is None and action_id not in self._outcomes
            for action_id, intent in self._intents.items()
        )

    def carrier(self, escalation_id: str, event_id: str) -> Outcome | None:
        """The follow-up that was opened with that very turn in it."""
        for action_id in self._by_escalation.get(escalation_id, ()):
            outcome = self.outcome(action_id)
            if outcome is not None and outcome.carries == event_id:
                return outcome
        return None

    def knows(self, escalation_id: str) -> bool:
        """Whether this partition is the escalation's."""
        return escalation_id in self._by_escalation

    def created_since(self, tenant: str, moment: datetime) -> list[datetime]:
        """When tickets of `tenant` were created after `moment`, oldest first; what is older is forgotten.

        This is what the tenant's hourly cap counts, and why the cap survives a restart.
        """
        times = self._created.get(tenant)
        if times is None:
            return []
        del times[: bisect_right(times, moment)]
        return list(times)

    def duplicates(self) -> Iterator[tuple[Outcome, Outcome]]:
        """(the OUTCOME that wins, one with another ticket) for every escalation that got a second ticket."""
        for escalation_id, action_ids in self._by_escalation.items():
            first = self.origin(escalation_id)
            if first is None:
                continue
            for action_id in action_ids:
                for _, outcome in self._outcomes[action_id].values():
                    if outcome.action in CREATES and outcome.ticket_id != first.ticket_id:
                        yield first, outcome

    def leftovers(self, now: datetime) -> list[Intent]:
        """INTENTs that nothing waits for any more: their action has its OUTCOME, and no attempt is under way."""
        return [intent for intent in self._intents.values() if intent.deadline_at < now and self.settled(intent)]

    def settled(self, intent: Intent) -> bool:
        """Whether its action has its OUTCOME, or its escalation the ticket it was to create."""
        if intent.action_id in self._outcomes:
            return True
        return intent.action in CREATES and self.origin(intent.escalation_id) is not None

    def creating(self, tenant: str) -> list[Intent]:
        """The tenant's tickets that are being created, by their INTENTs."""
        return [
            intent
            for action_id, intent in self._intents.items()
            if intent.tenant == tenant
            and intent.ticket_id is None
            and not intent.erased
            and action_id not in self._outcomes
        ]

    def open_intents(self) -> list[Intent]:
        """INTENTs without OUTCOME; of an erased person's nothing will come."""
        return [
            intent
            for action_id, intent in self._intents.items()
            if action_id not in self._outcomes and not intent.erased
        ]

    def is_erased(self, escalation_id: str) -> bool:
        """Whether its person was erased while something of it was in doubt: nothing of it may be sent again."""
        return any(intent.erased and intent.escalation_id == escalation_id for intent in self._intents.values())

    def outlived(self, before: datetime) -> list[Intent]:
        """What is left of erased INTENTs from before then."""
        return [intent for intent in self._intents.values() if intent.erased and intent.written_at < before]

    def expired(self, before: datetime) -> list[Outcome]:
        """All OUTCOMEs of escalations whose newest one is older than `before`."""
        old: list[Outcome] = []
        for action_ids in self._by_escalation.values():
            outcomes = [outcome for each in action_ids for _, outcome in self._outcomes[each].values()]
            if all(outcome.recorded_at < before for outcome in outcomes):
                old.extend(outcomes)
        return old

    def __len__(self) -> int:
        return len(self._intents) + sum(len(known) for known in self._outcomes.values())
