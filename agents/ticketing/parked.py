"""Commands that wait on `escalation.commands.parked`: their headers, and who waits behind whom. Pure.

A command keeps the offset it once had on `escalation.commands`: that is its place in its conversation's line,
however often it is moved to the tail.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from streams.codec import Headers
from streams.errors import InvalidRecord
from streams.kafka.record import Record

NOT_BEFORE = "handoff-not-before"
REASON = "handoff-parked-reason"
ATTEMPT = "handoff-parked-attempt"
SINCE = "handoff-parked-since"
ORIGIN = "handoff-origin-offset"
SAID = "handoff-said"
_OURS = frozenset({NOT_BEFORE, REASON, ATTEMPT, SINCE, ORIGIN, SAID})

BEHIND = "behind_parked"
"""The reason of a command that waits only because an earlier one of its conversation does."""


@dataclass(frozen=True)
class Waiting:
    """Why and until when a command waits. `attempt` counts how often it was tried and put back.

    `said`: the kinds of notification that are on their topic already; they are not repeated at each attempt.
    """

    origin: int
    reason: str
    since: datetime
    not_before: datetime
    attempt: int = 1
    said: frozenset[str] = frozenset()

    def headers(self, record: Record) -> Headers:
        """The record's own headers, then these."""
        kept = [(name, value) for name, value in record.headers if name not in _OURS]
        added = {
            ORIGIN: str(self.origin),
            REASON: self.reason,
            SINCE: self.since.astimezone(UTC).isoformat(),
            NOT_BEFORE: self.not_before.astimezone(UTC).isoformat(),
            ATTEMPT: str(self.attempt),
            SAID: ",".join(sorted(self.said)),
        }
        return kept + [(name, value.encode()) for name, value in added.items()]

    def again(self, reason: str, not_before: datetime, said: frozenset[str]) -> "Waiting":
        """The same command, tried once more in vain."""
        return replace(self, reason=reason, not_before=not_before, attempt=self.attempt + 1, said=self.said | said)


def read(record: Record) -> Waiting:
    """What a parked record's headers say, or `InvalidRecord`: nobody but us writes that topic."""
    try:
        return Waiting(
            origin=int(record.header(ORIGIN) or ""),
            reason=record.header(REASON) or "unknown",
            since=_moment(record.header(SINCE)),
            not_before=_moment(record.header(NOT_BEFORE)),
            attempt=int(record.header(ATTEMPT) or "1"),
            said=frozenset((record.header(SAID) or "").split(",")) - {""},
        )
    except ValueError:
        raise InvalidRecord("not_parked_by_us", "headers of a parked command are missing or malformed") from None


def _moment(text: str | None) -> datetime:
    moment = datetime.fromisoformat(text or "")
    if moment.tzinfo is None:
        raise ValueError("a moment without an offset")
    return moment


def retry_at(now: datetime, waiting_seconds: float, attempt: int, jitter: float, asked: float | None) -> datetime:
    """When a parked command is due again: what the helpdesk asked for, else a growing wait with jitter.

    `jitter` is from 0 to 1. The wait stays below four times `waiting_seconds`: a helpdesk that is back finds its
    commands soon, and the breaker keeps them from coming all at once.
    """
    grown = waiting_seconds * min(2 ** max(attempt - 1, 0), 4)
    return now + timedelta(seconds=max(asked or 0.0, grown * (0.5 + jitter / 2)))


@dataclass
class ParkedBook:
    """Who waits on one partition: per conversation the places in line, each with its copies on the topic.

    A command can stand there twice (a crash between moving it to the tail and committing): the last copy counts.
    """

    _waiting: dict[bytes, dict[int, int]] = field(default_factory=dict)

    def holds(self, key: bytes) -> bool:
        """Whether any command of that conversation waits."""
        return key in self._waiting

    def contains(self, key: bytes, origin: int) -> bool:
        """Whether that very command waits already."""
        return origin in self._waiting.get(key, ())

    def add(self, key: bytes, origin: int) -> None:
        """A copy stands on the topic, or is about to."""
        line = self._waiting.setdefault(key, {})
        line[origin] = line.get(origin, 0) + 1

    def is_last_copy(self, key: bytes, origin: int) -> bool:
        """No later copy of it stands on the topic."""
        return self._waiting.get(key, {}).get(origin, 1) <= 1

    def is_first(self, key: bytes, origin: int) -> bool:
        """Nothing of the same conversation has waited for longer."""
        line = self._waiting.get(key)
        return not line or min(line) >= origin

    def drop(self, key: bytes, origin: int) -> None:
        """A copy is handled."""
        line = self._waiting.get(key)
        if line is None or origin not in line:
            return
        line[origin] -= 1
        if line[origin] <= 0:
            del line[origin]
        if not line:
            del self._waiting[key]

    def __len__(self) -> int:
        return sum(len(line) for line in self._waiting.values())
