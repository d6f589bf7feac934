"""The demo's conversations as tests: played once per broker, every row then judged on its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.demo.judging import Found, find, misses
from agents.demo.run import Demo
from agents.demo.scenarios import LAST_ACT, ROWS, Row
from agents.demo.show import Paint
from agents.demo.stage import Stage
from agents.demo.watching import Seen

ALL_ROWS = (*ROWS, LAST_ACT)


@dataclass(frozen=True)
class Played:
    """How everything stood at the end."""

    state: Mapping[str, Any]
    seen: Mapping[str, Seen]
    exit_codes: Mapping[str, int]
    lines: tuple[str, ...]

    def found(self, row: Row) -> Found:
        return find(row, self.seen[row.conversation_id], self.state)

    def explain(self, row: Row) -> str:
        """What was wrong, and what was told of that conversation."""
        story = [line for line in self.lines if row.label[:28] in line]
        return "\n".join(["; ".join(misses(row, self.found(row))), *story])


async def _play(folder: Path, bootstrap_servers: str | None) -> Played:
    stage = Stage(folder, bootstrap_servers)
    lines: list[str] = []
    try:
        await stage.start()
        demo = Demo(stage, lines.append, Paint(colours=False))
        await demo.whole()
        state = await stage.get("/_state")
        demo.watcher.stop()
    finally:
        codes = await stage.stop()
    return Played(state, demo.watcher.conversations, codes, tuple(lines))


def play(folder: Path, bootstrap_servers: str | None = None) -> Played:
    """All rows and the last act on one broker: the embedded one unless another is given."""
    return asyncio.run(_play(folder, bootstrap_servers))
