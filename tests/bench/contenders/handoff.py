"""Handoff's own worker on topics of this run alone: the map is given their names before anything reads it."""

import asyncio
import importlib
import sys
from dataclasses import replace

from streams import topology
from tests.bench.marks import Task


def rename(task: Task) -> None:
    """Topics are never emptied and used again: what a deletion leaves behind would be measured too."""
    topology.CONVERSATION_EVENTS = replace(topology.CONVERSATION_EVENTS, name=task.source)
    topology.ESCALATION_COMMANDS = replace(topology.ESCALATION_COMMANDS, name=task.commands)
    topology.CONVERSATION_OUTCOMES = replace(topology.CONVERSATION_OUTCOMES, name=task.commands)
    topology.ESCALATION_STATE = replace(topology.ESCALATION_STATE, name=task.state)


if __name__ == "__main__":
    given = Task.from_argv()
    rename(given)
    asyncio.run(importlib.import_module("tests.bench.contenders.handoff_worker").run(sys.argv[2], given))
