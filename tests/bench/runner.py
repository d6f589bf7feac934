"""One contender, one run: a child process whose time, CPU and memory the operating system tells us."""

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.marks import MARK

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
MAX_SECONDS = 900.0


class Failed(Exception):
    """A contender ended without having done its work."""


@dataclass(frozen=True)
class Run:
    """What one run cost, from its first event to the acknowledgement of all that came of the last."""

    events: int
    seconds: float
    cpu_seconds: float
    peak_rss_bytes: int

    @property
    def events_per_second(self) -> float:
        """Throughput."""
        return self.events / self.seconds

    @property
    def cpu_seconds_per_million(self) -> float:
        """User and system time of the contender's process; the broker's is not in it."""
        return self.cpu_seconds / self.events * 1e6


class Stamp(NamedTuple):
    """What a process had cost at a moment."""

    at: float
    cpu_seconds: float
    peak_rss_bytes: int


def run(
    command: list[str], *, events: int, log: Path, progress: Callable[[int], None], environment: Mapping[str, str]
) -> Run:
    """Run a contender to its end."""
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **environment}
        ) as child,
    ):
        killer = threading.Timer(MAX_SECONDS, child.kill)
        killer.start()
        try:
            stamps = _follow(child, progress)
            child.wait(MAX_SECONDS)
        finally:
            killer.cancel()
            if child.returncode is None:
                child.kill()
                child.wait()
    if child.returncode or not {"first", "done"} <= stamps.keys():
        tail = log.read_text(errors="replace")[-1_500:]
        raise Failed(f"{command[:4]} ended with {child.returncode}:\n{tail}")
    first, done = stamps["first"], stamps["done"]
    return Run(events, done.at - first.at, done.cpu_seconds - first.cpu_seconds, done.peak_rss_bytes)


def _follow(child: "subprocess.Popen[str]", progress: Callable[[int], None]) -> dict[str, Stamp]:
    """What the process had cost at each mark."""
    stamps: dict[str, Stamp] = {}
    assert child.stdout is not None
    for line in child.stdout:
        if not line.startswith(MARK):
            continue
        told: dict[str, Any] = json.loads(line[len(MARK) :])
        if told["mark"] == "progress":
            progress(told["events"])
        else:
            stamps[told["mark"]] = _stamp(child.pid)
    return stamps


def _stamp(pid: int) -> Stamp:
    """From proc(5): user and system time are fields 14 and 15 of `stat`; VmHWM is the peak of this very program.

    `wait4` would give the peak of the process since the fork, that is of ours too.
    """
    at = time.monotonic()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in status if line.startswith("VmHWM:"))
    return Stamp(at, (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND, int(peak.split()[1]) * 1024)
