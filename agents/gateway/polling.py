"""What to ask a platform next, and what of its answer is news: pure, time is an argument.

Two clocks: windows are wall-clock time, since the platform's own records are; everything that waits does so in
monotonic seconds, so that a clock put right does not stop the asking.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.platforms.polling import MAX_LOOK_BACK_SECONDS, Changed, PollOptions
from streams.contracts.conversation_events import AnyEvent

MAX_PAUSE_SECONDS = 600.0
"""Between two attempts, however often it failed."""

MAX_TOLD = 20_000
MAX_KNOWN = 20_000
LATE_SECONDS = 3600.0
"""What is found by the first search may have begun so long before it."""


def back_off_seconds(first_seconds: float, failures: int, asked_for_seconds: float | None) -> float:
    """How long to leave it alone after `failures` in a row, at least what the other side asked for."""
    grown = first_seconds * 2.0 ** min(max(failures - 1, 0), 16)
    return min(MAX_PAUSE_SECONDS, max(grown, asked_for_seconds or 0.0))


@dataclass(frozen=True)
class Window:
    """A stretch of time to be asked about, both ends exclusive in whole seconds."""

    since: datetime
    until: datetime


class Windows:
    """Which stretch is asked about next. Each begins a little before the end of the last that was answered.

    No instant since the start is left out, whatever fails for however long up to a day: a window that failed is
    asked for again as part of the next, longer one.
    """

    def __init__(self, options: PollOptions, now: datetime, at_seconds: float) -> None:
        """`now`: wall-clock time of the start; `at_seconds`: the same on the monotonic clock."""
        self._options = options
        self._failures = 0
        self.covered_until = now - timedelta(seconds=options.look_back_seconds)
        self.due_seconds = at_seconds

    def window(self, now: datetime) -> Window:
        """What to ask at `now`."""
        covered = min(self.covered_until, now) - timedelta(seconds=self._options.overlap_seconds)
        return Window(max(covered, now - timedelta(seconds=MAX_LOOK_BACK_SECONDS)), now)

    def answered(self, until: datetime, at_seconds: float) -> None:
        """All that changed before `until` is known."""
        self.covered_until = until
        self._failures = 0
        self.due_seconds = at_seconds + self._options.every_seconds

    def failed(self, at_seconds: float, asked_for_seconds: float | None = None) -> None:
        """No answer, or a refusal. Nothing is covered."""
        self._failures += 1
        pause = back_off_seconds(min(5.0, self._options.every_seconds), self._failures, asked_for_seconds)
        self.due_seconds = at_seconds + pause


class Told:
    """The events told lately, the oldest forgotten first: telling one again would change nothing.

    By conversation and event id, as escalation knows them: a platform may number first messages and parts apart.
    """

    def __init__(self, most: int = MAX_TOLD) -> None:
        """Nothing was told."""
        self._ids: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._verdicts: OrderedDict[tuple[str, str], datetime] = OrderedDict()
        self._most = most

    def add(self, events: Iterable[AnyEvent]) -> None:
        """These are on the brokers."""
        for event in events:
            key = (event.conversation_id, event.event_id)
            self._ids[key] = None
            self._ids.move_to_end(key)
            if event.kind == "ai_outcome":
                verdict = (event.conversation_id, event.outcome)
                self._verdicts[verdict] = max(event.occurred_at, self._verdicts.pop(verdict, event.occurred_at))
        for told in (self._ids, self._verdicts):
            while len(told) > self._most:
                told.popitem(last=False)

    def has_verdict(self, event: AnyEvent, since: datetime) -> bool:
        """Whether that very verdict was told of a moment from `since` on, under whatever id.

        A notification that shows a conversation's newest part alone may hang the verdict on its closing; the whole
        conversation shows the words of the AI that it is about.
        """
        if event.kind != "ai_outcome":
            return False
        at = self._verdicts.get((event.conversation_id, event.outcome))
        return at is not None and at >= since

    def has(self, event: AnyEvent) -> bool:
        """Whether it need not be told again."""
        return (event.conversation_id, event.event_id) in self._ids

    def __len__(self) -> int:
        return len(self._ids)


@dataclass
class _Known:
    updated_at: datetime
    found_seconds: float
    read_seconds: float | None = None


class Known:
    """Which changes were read already.

    A change is read when it is found, and once more a while later: its time is in whole seconds, and a verdict
    may be written down a beat after what it is about without a new one.
    """

    def __init__(self, settled_seconds: float, most: int = MAX_KNOWN) -> None:
        """`settled_seconds`: a read so long after the change was found is the last it needs."""
        self._settled_seconds = settled_seconds
        self._most = most
        self._known: OrderedDict[str, _Known] = OrderedDict()

    def wants_reading(self, changed: Changed, at_seconds: float) -> bool:
        """Whether there may be something new."""
        if changed.updated_at is None:
            return True
        known = self._known.get(changed.conversation_id)
        if known is None or known.updated_at != changed.updated_at:
            self._known[changed.conversation_id] = _Known(changed.updated_at, at_seconds)
            self._known.move_to_end(changed.conversation_id)
            if len(self._known) > self._most:
                self._known.popitem(last=False)
            return True
        return known.read_seconds is None or known.read_seconds < known.found_seconds + self._settled_seconds

    def read(self, conversation_id: str, at_seconds: float) -> None:
        """It was asked for at `at_seconds`, and all it had to tell was told."""
        known = self._known.get(conversation_id)
        if known is not None:
            known.read_seconds = at_seconds


def news(events: Sequence[AnyEvent], told: Told, oldest: datetime) -> tuple[AnyEvent, ...]:
    """What of a snapshot is worth telling.

    Neither what was told, nor a verdict told since the customer's newest words, nor what is older than `oldest`, nor
    what a teammate has answered since: a request that comes to light only after people took it up needs no ticket.
    None is marked as one of a body that repeats its session: ids need not be remembered beyond the two days that
    `oldest` stays well within.
    """
    answered = max(
        (event.occurred_at for event in events if event.kind == "message" and event.author == "human"),
        default=oldest,
    )
    since = max(oldest, answered)
    asked = max(
        (event.occurred_at for event in events if event.kind == "message" and event.author == "customer"),
        default=oldest,
    )
    return tuple(
        event.model_copy(update={"repeats": False})
        for event in events
        if event.occurred_at >= since and not told.has(event) and not told.has_verdict(event, asked)
    )


def oldest_told(now: datetime, started_at: datetime, options: PollOptions) -> datetime:
    """Nothing older is told: a day, and after a start no more than its first search was meant to bring up."""
    first = started_at - timedelta(seconds=options.look_back_seconds + options.overlap_seconds + LATE_SECONDS)
    return max(first, now - timedelta(seconds=MAX_LOOK_BACK_SECONDS))
