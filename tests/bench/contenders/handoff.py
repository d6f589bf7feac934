"""Handoff's own worker on topics of this run alone: the map is given their names before anything reads it."""

import asyncio
import cProfile
import importlib
import os
import pstats
import sys
from dataclasses import replace
from pathlib import Path

from streams import topology
from tests.bench.marks import PROFILE, Task


def rename(task: Task) -> None:
    """Topics are never emptied and used again: what a deletion leaves behind would be measured too."""
    topology.CONVERSATION_EVENTS = replace(topology.CONVERSATION_EVENTS, name=task.source)
    topology.ESCALATION_COMMANDS = replace(topology.ESCALATION_COMMANDS, name=task.commands)
    topology.CONVERSATION_OUTCOMES = replace(topology.CONVERSATION_OUTCOMES, name=task.commands)
    topology.ESCALATION_STATE = replace(topology.ESCALATION_STATE, name=task.state)


def main() -> None:
    """Run; under the profiler where the bench asks for it."""
    given = Task.from_argv()
    rename(given)
    work = importlib.import_module("tests.bench.contenders.handoff_worker").run(sys.argv[2], given)
    target = os.environ.get(PROFILE)
    if target is None:
        asyncio.run(work)
        return
    profiler = cProfile.Profile()
    profiler.runcall(asyncio.run, work)
    profiler.dump_stats(Path(target).with_suffix(".pstats"))
    with Path(target).open("w") as out:
        pstats.Stats(profiler, stream=out).strip_dirs().sort_stats("tottime").print_stats(40)


if __name__ == "__main__":
    main()
