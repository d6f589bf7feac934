"""A wall clock that stands still while time passes."""

import asyncio
import time
from datetime import datetime


class StillClock:
    """Nothing falls due: the stream alone decides what is done. Sleeps are real, or whoever loops would spin."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
