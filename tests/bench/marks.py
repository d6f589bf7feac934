"""How a contender tells the bench where it is: one line per mark on its standard output.

Only the standard library: contenders in another virtual environment import this too.
"""

import json
import sys
import threading
from dataclasses import dataclass

MARK = "@bench "
PROFILE = "HANDOFF_BENCH_PROFILE"
"""In a contender's environment: the file its profile goes to."""


@dataclass(frozen=True)
class Task:
    """What a contender is given, as JSON in its first argument."""

    bootstrap_servers: str
    source: str
    commands: str
    state: str
    group: str
    events: int

    @classmethod
    def from_argv(cls) -> "Task":
        """The task of this process."""
        return cls(**json.loads(sys.argv[1]))


class Marks:
    """Counts events; tells the first one, then how many there were, twice a second; and the end."""

    def __init__(self, events: int) -> None:
        self.seen = 0
        self.events = events
        self._over = threading.Event()

    def started(self) -> None:
        """The first event is in hand."""
        _tell(mark="first")
        threading.Thread(target=self._report, daemon=True).start()

    def _report(self) -> None:
        while not self._over.wait(0.5):
            _tell(mark="progress", events=self.seen)

    def done(self) -> None:
        """Every event is counted, and all that came of them is acknowledged by the broker."""
        self._over.set()
        _tell(mark="done", events=self.seen)

    @property
    def complete(self) -> bool:
        """All events were seen."""
        return self.seen >= self.events


def _tell(**mark: object) -> None:
    sys.stdout.write(MARK + json.dumps(mark) + "\n")
    sys.stdout.flush()
