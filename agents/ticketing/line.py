"""Who goes next at one helpdesk account: of all that wait, the one whose customer has waited longest."""

import asyncio
from collections.abc import Set as AbstractSet
from heapq import heappop, heappush
from itertools import count
from typing import Any


class Line:
    """`capacity` at a time. The lowest place goes next; among equals, whoever came first.

    A command makes several calls. Were they served in the order in which they were asked for, every command of a
    backlog would have made its first call before any had made its last, and all would be late alike.
    """

    def __init__(self, capacity: int) -> None:
        """All of it is free."""
        self._free = capacity
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    async def enter(self, place: float, patience_seconds: float, leaving: asyncio.Event | None = None) -> bool:
        """True: in, and `leave` is to follow. False: not within `patience_seconds`, or `leaving` is set."""
        if self._free:
            self._free -= 1
            return True
        turn = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (place, next(self._numbers), turn))
        try:
            await _first(turn, leaving, patience_seconds)
        except asyncio.CancelledError:
            if not turn.cancel():  # handed over just now
                self.leave()
            raise
        return not turn.cancel()

    def leave(self) -> None:
        """Hand over to the next in line."""
        while self._waiting:
            turn = heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


async def _first(turn: asyncio.Future[None], leaving: asyncio.Event | None, patience_seconds: float) -> None:
    """Return when `turn` is done, `leaving` is set, or the time is up."""
    gone = asyncio.ensure_future(leaving.wait()) if leaving is not None else None
    either: AbstractSet[asyncio.Future[Any]] = {turn, gone} if gone is not None else {turn}
    try:
        await asyncio.wait(either, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if gone is not None:
            gone.cancel()
