"""Which conversations are read, and when; and how much of a platform's rate limit that may use. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappop, heappush

from agents.gateway.polling import back_off_seconds
from agents.platforms.polling import Allowance

MAX_WAITING = 20_000
MAX_ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 5.0
_TOO_MANY = 429
_UNTOLD_RESET_SECONDS = 10.0
_LONGEST_HOLD_SECONDS = 60.0


@dataclass
class _Waiting:
    """At most two times: the read that is due first, and one after the newest reason to read."""

    times: list[float] = field(default_factory=list)


class Reads:
    """The conversations that wait to be read, by the time they are due (monotonic seconds)."""

    def __init__(self, most: int = MAX_WAITING) -> None:
        """Nothing waits."""
        self._most = most
        self._heap: list[tuple[float, str]] = []
        self._waiting: dict[str, _Waiting] = {}
        self._failures: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """No further conversation is taken."""
        return len(self._waiting) >= self._most

    def put(self, conversation_id: str, due_seconds: float) -> bool:
        """Have it read once at `due_seconds` or later; False where there is no room, and the search has to find it.

        A read that is due anyway at that time or later will do.
        """
        waiting = self._waiting.get(conversation_id)
        if waiting is None:
            if self.full:
                return False
            waiting = self._waiting[conversation_id] = _Waiting()
        if waiting.times and waiting.times[-1] >= due_seconds:
            return True
        waiting.times[1:] = []
        waiting.times.append(due_seconds)
        heappush(self._heap, (due_seconds, conversation_id))
        return True

    def take(self, at_seconds: float, most: int) -> list[str]:
        """Up to `most` conversations that are due, the longest due first."""
        taken: list[str] = []
        while len(taken) < most and (due := self.next_seconds()) is not None and due <= at_seconds:
            _, conversation_id = heappop(self._heap)
            times = self._waiting[conversation_id].times
            times.remove(due)
            if not times:
                del self._waiting[conversation_id]
            if conversation_id not in taken:
                taken.append(conversation_id)
        return taken

    def next_seconds(self) -> float | None:
        """When the next is due."""
        while self._heap:
            due, conversation_id = self._heap[0]
            waiting = self._waiting.get(conversation_id)
            if waiting is not None and due in waiting.times:
                return due
            heappop(self._heap)
        return None

    def succeeded(self, conversation_id: str) -> None:
        """It was read and told."""
        self._failures.pop(conversation_id, None)

    def failed(self, conversation_id: str, at_seconds: float, asked_for_seconds: float | None = None) -> bool:
        """Have it read again later; False: it has failed too often, or there is no room."""
        failures = self._failures.pop(conversation_id, 0) + 1
        pause = back_off_seconds(FIRST_PAUSE_SECONDS, failures, asked_for_seconds)
        if failures >= MAX_ATTEMPTS or not self.put(conversation_id, at_seconds + pause):
            return False
        self._failures[conversation_id] = failures
        return True


class Budget:
    """Asking is the least of what a rate limit is for: a fifth of it is left to answers and transcripts."""

    def __init__(self) -> None:
        """Nothing is held back."""
        self._held_until = float("-inf")

    def heard(
        self,
        status: int,
        allowance: Allowance | None,
        asked_for_seconds: float | None,
        *,
        now: datetime,
        at_seconds: float,
    ) -> None:
        """Take an answer's word for what is left."""
        spent = allowance is not None and allowance.remaining <= (allowance.limit or 0) // 5
        if status != _TOO_MANY and not spent:
            return
        resets_at = allowance.resets_at if allowance is not None else None
        resets_seconds = _UNTOLD_RESET_SECONDS if resets_at is None else (resets_at - now).total_seconds()
        pause = min(max(resets_seconds, asked_for_seconds or 0.0, 1.0), _LONGEST_HOLD_SECONDS)
        self._held_until = max(self._held_until, at_seconds + pause)

    def wait_seconds(self, at_seconds: float) -> float:
        """How long to hold the next request back."""
        return max(0.0, self._held_until - at_seconds)
