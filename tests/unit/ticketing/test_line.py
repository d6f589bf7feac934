"""The line before a helpdesk account: who goes next, and that no turn is ever lost."""

import asyncio
from collections.abc import Callable
from random import Random

import pytest

from agents.ticketing.line import Leaving, Line
from tests.support.settled import settled

LONG = 60.0


class Visit:
    """Somebody in line. `served` is shared: the order in which they got in."""

    def __init__(self, line: Line, place: float, served: list[float], leaving: Leaving | None = None) -> None:
        self.out = asyncio.Event()
        self.task = asyncio.ensure_future(self._go(line, place, served, leaving))

    async def _go(self, line: Line, place: float, served: list[float], leaving: Leaving | None) -> bool:
        if not await line.enter(place, LONG, leaving):
            return False
        served.append(place)
        try:
            await self.out.wait()
        finally:
            line.leave()
        return True


async def free(line: Line) -> int:
    """How many can enter at once; leaves it as it was."""
    found = 0
    while await line.enter(0, 0):
        found += 1
    for _ in range(found):
        line.leave()
    return found


async def test_the_lowest_place_goes_next_and_equals_go_as_they_came() -> None:
    line, served = Line(1), list[float]()
    first = Visit(line, 9, served)
    await settled()
    visits = [Visit(line, place, served) for place in (5, 3, 5.5, 3, 1)]
    await settled()
    assert served == [9]
    for visit in (first, *visits):
        visit.out.set()
    await asyncio.gather(first.task, *(visit.task for visit in visits))
    assert served == [9, 1, 3, 3, 5, 5.5]


async def test_as_many_as_there_is_room_for_are_in_at_once() -> None:
    line, served = Line(2), list[float]()
    visits = [Visit(line, place, served) for place in (1, 2, 3)]
    await settled()
    assert served == [1, 2]
    visits[1].out.set()
    await settled()
    assert served == [1, 2, 3]
    for visit in visits:
        visit.out.set()
    await asyncio.gather(*(visit.task for visit in visits))
    assert await free(line) == 2


async def test_who_waits_too_long_is_told_so_and_takes_nobodys_turn() -> None:
    line = Line(1)
    assert await line.enter(0, LONG)
    assert not await line.enter(1, 0.01)
    line.leave()
    assert await free(line) == 1


async def test_nobody_waits_once_their_partition_is_given_away() -> None:
    line, leaving, served = Line(1), Leaving(), list[float]()
    assert await line.enter(0, LONG)
    gone, stays = Visit(line, 1, served, leaving), Visit(line, 2, served)
    await settled()
    leaving.set()
    assert await asyncio.wait_for(gone.task, 5) is False
    assert not await line.enter(1, LONG, leaving)
    line.leave()
    stays.out.set()
    assert await stays.task
    assert served == [2]


@pytest.mark.parametrize("handed_over", [False, True])
async def test_a_turn_of_somebody_who_is_cut_off_goes_to_the_next(handed_over: bool) -> None:
    line, served = Line(1), list[float]()
    assert await line.enter(0, LONG)
    cut, next_one = Visit(line, 1, served), Visit(line, 2, served)
    await settled()
    if handed_over:
        line.leave()
        cut.task.cancel()
    else:
        cut.task.cancel()
        line.leave()
    next_one.out.set()
    assert await asyncio.wait_for(next_one.task, 5)
    assert served == [2]
    assert cut.task.cancelled()
    assert await free(line) == 1


async def test_whatever_happens_all_the_room_is_free_in_the_end() -> None:
    random = Random(20261124)
    for _ in range(50):
        line, served, leaving = Line(3), list[float](), Leaving()
        visits = [Visit(line, random.random(), served, random.choice([None, leaving])) for _ in range(20)]
        for visit in random.sample(visits, 20):
            happens: list[Callable[[], object]] = [visit.out.set, visit.task.cancel, leaving.set, visit.out.set]
            random.choice(happens)()
            if random.random() < 0.5:
                await asyncio.sleep(0)
        for visit in visits:
            visit.out.set()
        await asyncio.gather(*(visit.task for visit in visits), return_exceptions=True)
        assert await free(line) == 3
