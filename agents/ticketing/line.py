"""Who goes next at one helpdesk account: of all that wait, the one whose customer has waited longest."""

import asyncio
from heapq import heappop, heappush
from itertools import count


class Leaving(asyncio.Event):
    """Set when a partition is about to be given away: none of its commands waits in line any more."""

    def __init__(self) -> None:
        """Not set."""
        super().__init__()
        self.turns: set[asyncio.Future[bool]] = set()

    def set(self) -> None:
        """See `asyncio.Event`; who waits in line is told at once."""
        super().set()
        for turn in tuple(self.turns):
            _give_up(turn)


class Line:
    """`capacity` at a time. The lowest place goes next; among equals, whoever came first.

    A command makes several calls. Were they served in the order in which they were asked for, every command of a
    backlog would have made its first call before any had made its last, and all would be late alike.
    """

    def __init__(self, capacity: int) -> None:
        """All of it is free."""
        self._free = capacity
        self._waiting: list[tuple[float, int, asyncio.Future[bool]]] = []
        self._numbers = count()

    async def enter(self, place: float, patience_seconds: float, leaving: Leaving | None = None) -> bool:
        """True: in, and `leave` is to follow. False: not within `patience_seconds`, or `leaving` is set."""
        if self._free:
            self._free -= 1
            return True
        if leaving is not None and leaving.is_set():
            return False
        return await self._wait(place, patience_seconds, leaving.turns if leaving is not None else set())

    async def _wait(self, place: float, patience_seconds: float, turns: set[asyncio.Future[bool]]) -> bool:
        """A future and a timer, no task: thousands of calls may wait."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[bool] = loop.create_future()
        heappush(self._waiting, (place, next(self._numbers), turn))
        turns.add(turn)
        timer = loop.call_later(patience_seconds, _give_up, turn)
        try:
            return await turn
        except asyncio.CancelledError:
            if not turn.cancelled() and turn.result():  # handed over just now
                self.leave()
            raise
        finally:
            timer.cancel()
            turns.discard(turn)

    def leave(self) -> None:
        """Hand over to the next in line."""
        while self._waiting:
            turn = heappop(self._waiting)[2]
            if not turn.done():
                turn.set_result(True)
                return
        self._free += 1


def _give_up(turn: asyncio.Future[bool]) -> None:
    if not turn.done():
        turn.set_result(False)
