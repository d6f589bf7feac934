"""The demo: conversations played side by side, watched, judged; the last act kills ticketing at the worst moment."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from agents.demo import show
from agents.demo.judging import find, misses
from agents.demo.scenarios import LAST_ACT, ROWS, Beat, Row
from agents.demo.stage import Stage
from agents.demo.watching import Watcher
from streams.topology import Topic

PAUSE_SECONDS = 0.2
"""Between the turns of a conversation, so that its order in time is its order on screen."""

BEAT_SECONDS = 40.0
END_SECONDS = 45.0


class Demo:
    """One run."""

    def __init__(self, stage: Stage, say: Callable[[str], None], paint: show.Paint) -> None:
        """`say` prints a line."""
        self._stage = stage
        self._say = say
        self._paint = paint
        self._labels = {row.conversation_id: row.label for row in (*ROWS, LAST_ACT)}
        self._shown: set[str | None] = set()
        self.watcher = Watcher(stage.connection, self._told)

    def _told(self, conversation_id: str, topic: Topic, value: Any) -> None:
        event_id = getattr(value, "event_id", None)
        if event_id is not None and event_id in self._shown:
            return  # a body that repeats its session brings every turn again
        self._shown.add(event_id)
        made = show.told(self._paint, self._labels.get(conversation_id, conversation_id), topic, value)
        if made is not None:
            self._say(made)

    async def play(self, row: Row) -> None:
        """Play a row's beats, each when its moment has come."""
        for beat in row.beats:
            await self._until(partial(self._reached, row, beat), BEAT_SECONDS)
            await self._step(row, beat)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _step(self, row: Row, beat: Beat) -> None:
        if row.shown_on is not None:
            silent = beat.step | {"deliver": False}
            await self._stage.post(f"/_chat/{row.shown_on}/{row.account}/{row.conversation_id}", silent)
        answer = await self._stage.post(f"/_chat/{row.platform}/{row.account}/{row.conversation_id}", beat.step)
        if beat.again:
            for webhook in answer["webhooks"]:
                await self._stage.post(f"/_webhooks/{webhook}/again", {})

    async def _reached(self, row: Row, beat: Beat) -> bool:
        if not beat.after:
            return True
        seen = self.watcher.seen(row.conversation_id)
        if beat.after == "told":
            return find(row, seen, await self._stage.get("/_state")).told >= row.ending.told
        return beat.after in seen.kinds() or (beat.after == "opened" and "attached" in seen.kinds())

    async def _until(self, condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not await condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.2)
        return True

    async def ended(self, row: Row) -> bool:
        """Wait until a row has ended as it has to; False when it has not in time."""

        async def as_it_should() -> bool:
            return not misses(row, find(row, self.watcher.seen(row.conversation_id), await self._stage.get("/_state")))

        return await self._until(as_it_should, END_SECONDS)

    async def whole(self) -> None:
        """Every row side by side, then the last act."""
        self.watcher.start()
        await asyncio.gather(*(self.play(row) for row in ROWS))
        await asyncio.gather(*(self.ended(row) for row in ROWS))
        self._say("\n  The last act: ticketing dies after the helpdesk has committed and before it has answered.\n")
        await self.last_act()

    async def last_act(self) -> None:
        """Kill ticketing after the helpdesk has committed and before it has answered."""
        words = LAST_ACT.beats[0].step["say"]["text"]
        fault = {"kind": "commit_then_hold", "operation": "zendesk.create_ticket", "contains": words[:12]}
        await self._stage.post("/_faults", {"faults": [fault]})
        await self.play(LAST_ACT)
        held = await self._stage.get("/_holds/wait?operation=zendesk.create_ticket&timeout_seconds=30")
        self._act("the helpdesk has the ticket and has not answered" if held["holds"] else "nothing was held")
        await self._stage.kill("ticketing")
        self._act("SIGKILL to ticketing")
        await self._stage.post("/_holds/release", {})
        await self._stage.start_hop("ticketing")
        self._act("ticketing is back")
        await self.ended(LAST_ACT)

    def _act(self, what: str) -> None:
        self._say(show.line(self._paint, LAST_ACT.label, "act", what))

    async def judge(self) -> int:
        """Print the table; how many conversations ended otherwise than they should."""
        state = await self._stage.get("/_state")
        rows = []
        for row in (*ROWS, LAST_ACT):
            found = find(row, self.watcher.seen(row.conversation_id), state)
            rows.append((row, found, misses(row, found)))
        self._say("\n" + show.table(self._paint, rows) + "\n")
        return sum(1 for _, _, wrong in rows if wrong)


async def run(*, serve: Callable[[Stage, Watcher], Awaitable[None]] | None = None) -> int:
    """The whole demo; 0 when every conversation ended as it should. `serve` keeps it running afterwards."""
    started = time.monotonic()
    paint = show.Paint(colours=sys.stdout.isatty())
    folder = Path(tempfile.mkdtemp(prefix="handoff-demo-"))
    stage = Stage(folder)
    try:
        say("Starting a broker, the gateway, escalation, ticketing, the notifier, and simulated vendors …")
        await stage.start()
        say(f"All ready after {time.monotonic() - started:.1f} s. {len(ROWS) + 1} conversations over six platforms:\n")
        demo = Demo(stage, say, paint)
        await demo.whole()
        wrong = await demo.judge()
        if serve is not None:
            await serve(stage, demo.watcher)
        demo.watcher.stop()
    finally:
        codes = await stage.stop()
    return _closing(wrong, codes, folder, time.monotonic() - started)


def _closing(wrong: int, codes: dict[str, int], folder: Path, seconds: float) -> int:
    for name, code in codes.items():
        if code != 0:
            say(f"{name} ended with code {code}; see {folder / 'logs' / name}.log")
    bad_ends = sum(1 for code in codes.values() if code != 0)
    if wrong or bad_ends:
        say(f"{wrong} conversations did not end as they should. Logs: {folder / 'logs'}")
        return 1
    say(f"All {len(ROWS) + 1} conversations ended as they should, in {seconds:.0f} s. Logs: {folder / 'logs'}")
    return 0


def say(text: str) -> None:
    """Print, at once."""
    print(text, flush=True)
