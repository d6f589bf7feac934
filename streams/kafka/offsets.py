"""Which offset may be committed while records are finished out of order."""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class OffsetTracker:
    """The records of one partition that have been taken and not all finished.

    `committable` is the offset after the last record such that it and all before it are finished.
    """

    _taken: deque[int] = field(default_factory=deque)
    _done: set[int] = field(default_factory=set)
    _committable: int | None = None
    _committed: int | None = None

    def taken(self, offset: int) -> None:
        """A record was handed out. Offsets come in ascending order; gaps are fine."""
        self._taken.append(offset)

    def finished(self, offset: int) -> None:
        """That record, taken before, is done for good; called once per record."""
        self._done.add(offset)
        while self._taken and self._taken[0] in self._done:
            first = self._taken.popleft()
            self._done.remove(first)
            self._committable = first + 1

    @property
    def in_flight(self) -> int:
        """Records taken and not finished."""
        return len(self._taken) - len(self._done)

    @property
    def span(self) -> int:
        """Records taken since the first unfinished one: what a crash now would repeat."""
        return len(self._taken)

    def last_commit(self) -> int | None:
        """The offset to leave a partition with, also where it was taken before: nobody knows that it arrived."""
        self._committed = self._committable
        return self._committable

    def take_commit(self) -> int | None:
        """The offset to commit now, or None when nothing has moved since the last call."""
        if self._committable is None or self._committable == self._committed:
            return None
        self._committed = self._committable
        return self._committable
