"""How a contender tells the bench where it is: one line per mark on its standard output.

Only the standard library: contenders in another virtual environment import this too.
"""

import json
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

MARK = "@bench "
PROFILE = "HANDOFF_BENCH_PROFILE"
"""In a contender's environment: the file its profile goes to."""
THREADS = "HANDOFF_BENCH_THREADS"
"""In a contender's environment: the file that is told how much CPU time each of its threads took."""


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
        self._before: dict[str, float] = {}

    def started(self) -> None:
        """The first event is in hand."""
        self._before = seconds_by_thread() if THREADS in os.environ else {}
        _tell(mark="first")
        threading.Thread(target=self._report, daemon=True).start()

    def _report(self) -> None:
        while not self._over.wait(0.5):
            _tell(mark="progress", events=self.seen)

    def done(self) -> None:
        """Every event is counted, and all that came of them is acknowledged by the broker."""
        self._over.set()
        _tell(mark="done", events=self.seen)
        if THREADS in os.environ:
            spent = {name: after - self._before.get(name, 0.0) for name, after in seconds_by_thread().items()}
            Path(os.environ[THREADS]).write_text(json.dumps(spent))

    @property
    def complete(self) -> bool:
        """All events were seen."""
        return self.seen >= self.events


def seconds_by_thread() -> dict[str, float]:
    """CPU time of this process's threads; what is no thread of Python's is librdkafka's, which names its own `rdk:`."""
    named = {thread.native_id: thread.name for thread in threading.enumerate()}
    found: dict[str, float] = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            fields = (task / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
        comm, times = fields[fields.index("(") + 1 : fields.rindex(")")], fields.rpartition(")")[2].split()
        name = named.get(int(task.name), "librdkafka" if comm.startswith("rdk:") else "other")
        found[name] = found.get(name, 0.0) + (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    return found


def _tell(**mark: object) -> None:
    sys.stdout.write(MARK + json.dumps(mark) + "\n")
    sys.stdout.flush()
