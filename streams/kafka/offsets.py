"""Which offset may be committed while records are finished out of order."""

from dataclasses import dataclass, field


@dataclass
class OffsetTracker:
    """The records of one partition that have been taken and not all finished.

    `committable` is the offset after the last record such that it and all before it are finished.
    """

    _open: dict[int, bool] = field(default_factory=dict)
    _committable: int | None = None
    _committed: int | None = None

    def taken(self, offset: int) -> None:
        """A record was handed out. Offsets come in ascending order; gaps are fine."""
        self._open[offset] = False

    def finished(self, offset: int) -> None:
        """That record is done for good. Twice does no harm."""
        if offset not in self._open:
            return
        self._open[offset] = True
        while self._open:
            first = next(iter(self._open))
            if not self._open[first]:
                break
            del self._open[first]
            self._committable = first + 1

    @property
    def in_flight(self) -> int:
        """Records taken and not finished."""
        return sum(1 for done in self._open.values() if not done)

    @property
    def span(self) -> int:
        """Records taken since the first unfinished one: what a crash now would repeat."""
        return len(self._open)

    def take_commit(self) -> int | None:
        """The offset to commit now, or None when nothing has moved since the last call."""
        if self._committable is None or self._committable == self._committed:
            return None
        self._committed = self._committable
        return self._committable
