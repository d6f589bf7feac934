"""The product with one step broken on purpose: the harness has to notice, or its silence means nothing.

`python -m tests.chaos.broken NAME HOP …` replaces one collaborator and then runs `handoff HOP …` as it is.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

BROKEN_WINDOW_SECONDS = 0.5
"""How long the broken order leaves its window open: a kill has to find it within a few schedules."""


def offset_before_acknowledgement() -> None:
    """Ticketing and notifier commit what they have taken, done or not."""
    from streams.kafka.offsets import OffsetTracker

    taken = OffsetTracker.taken

    def and_committable(self: Any, offset: int) -> None:
        taken(self, offset)
        self._committable = offset + 1

    def finished(self: Any, offset: int) -> None:
        self._done.add(offset)
        while self._taken and self._taken[0] in self._done:
            self._done.remove(self._taken.popleft())

    OffsetTracker.taken = and_committable  # type: ignore[method-assign] # that is what this module is for
    OffsetTracker.finished = finished  # type: ignore[method-assign] # see above


def state_before_command() -> None:
    """Escalation marks a conversation as done, and produces its commands a moment later."""
    from agents.escalation.pipeline import Pipeline

    produce: Any = Pipeline._produce_outputs
    later: set[asyncio.Task[None]] = set()

    async def delayed(self: Any, folded: Any) -> None:
        async def soon() -> None:
            await asyncio.sleep(BROKEN_WINDOW_SECONDS)
            await produce(self, folded)

        task = asyncio.create_task(soon())
        later.add(task)
        task.add_done_callback(later.discard)

    Pipeline._produce_outputs = delayed  # type: ignore[method-assign] # see above


def no_ledger() -> None:
    """Ticketing remembers what it did only as long as it lives."""
    from agents.ticketing.live_world import LiveWorld

    async def nowhere(self: Any, key: str, entry: Any) -> None:
        del self, key, entry

    LiveWorld.write_ledger = nowhere  # type: ignore[method-assign] # see above


def no_dedupe() -> None:
    """Escalation counts an event as often as it comes."""
    from agents.escalation import seen

    seen.contains = lambda seen, wanted: False  # noqa: ARG005 # the original's names


def no_look_up() -> None:
    """Ticketing sends again, under a new key, without looking whether the first time worked."""
    from agents.ticketing.action import _Attempts

    async def not_found(self: Any, intent: Any) -> tuple[None, Any, bool]:
        return None, self._anew(intent), False

    _Attempts._resolve = not_found  # type: ignore[method-assign] # see above


def no_memory_of_messages() -> None:
    """The notifier tells again whatever comes again."""
    from agents.notifier.history import History

    History.settled = lambda *_: None  # type: ignore[method-assign] # see above
    History.was_told = lambda *_: False  # type: ignore[method-assign] # see above
    History.intent = lambda *_: None  # type: ignore[method-assign] # see above


@dataclass(frozen=True)
class Build:
    """A broken build. `faults`: those that bring it to light. `kinds`: the deviations that must be among them."""

    apply: Callable[[], None]
    faults: tuple[str, ...]
    kinds: frozenset[str]


BUILDS = {
    "offset-before-ack": Build(
        offset_before_acknowledgement,
        ("call.ticketing.zendesk.create.after", "call.ticketing.freshdesk.create.after", "kill.all") * 2,
        frozenset({"ticket_lost", "append_lost", "news_lost", "intent_open", "told_never", "number_not_told"}),
    ),
    "state-before-command": Build(
        state_before_command,
        ("kill.escalation", "kill.escalation", "kill.all", "kill.escalation"),
        frozenset({"command_lost"}),
    ),
    "no-ledger": Build(
        no_ledger,
        ("step.ticketing.commit.before", "kill.ticketing", "kill.all", "kill.ticketing"),
        frozenset({"append_duplicated", "comment_duplicated", "ticket_duplicated", "dead_letter"}),
    ),
    "no-dedupe": Build(
        no_dedupe, ("kill.escalation",), frozenset({"command_not_due", "command_differs", "command_lost"})
    ),
    "no-look-up": Build(
        no_look_up,
        ("helpdesk.freshdesk.create.commit_then_reset", "helpdesk.zendesk.create.commit_then_reset"),
        frozenset({"ticket_duplicated"}),
    ),
    "no-message-memory": Build(
        no_memory_of_messages,
        ("step.notifier.commit.before", "kill.notifier", "kill.all"),
        frozenset({"told_twice"}),
    ),
}


def main() -> int:
    """Break, then run."""
    from agents.__main__ import main as handoff

    name, *arguments = sys.argv[1:]
    BUILDS[name].apply()
    return handoff(arguments)


if __name__ == "__main__":
    sys.exit(main())
