"""Whether this process may still believe that its partitions are its own. Pure: time is an argument.

A process that was stopped for longer than the session timeout (SIGSTOP, a frozen machine) wakes up with work that
has long had another owner, and with a memory that misses what that owner wrote. It notices the gap before it
acts, and ends.
"""

from dataclasses import dataclass

from streams.errors import HandoffError

BEAT_SECONDS = 1.0


class Slept(HandoffError):
    """The process did not run for longer than it could hold its partitions; it must not act any more."""


@dataclass
class Lease:
    """`beat` is called every `BEAT_SECONDS`; `check` right before anything that cannot be undone."""

    seconds: float
    _last: float | None = None
    _over: bool = False

    def beat(self, now: float) -> None:
        """The process runs."""
        self.check(now)
        self._last = now

    def check(self, now: float) -> None:
        """Raise `Slept` where the process did not run for too long, just now or at any time before."""
        if self._last is not None and now - self._last > self.seconds:
            self._over = True
        if self._over:
            raise Slept(f"did not run for more than {self.seconds:.0f} s")
