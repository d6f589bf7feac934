"""How long one action waits in place: retries with full jitter, for a minute at most. Past it the command is parked."""

from datetime import datetime

from agents.ticketing.world import MustWait, World

MIN_BACKOFF_SECONDS = 0.1
BACKOFF_SECONDS = 1.0
MAX_BACKOFF_SECONDS = 15.0

EARLY_LOOKS = 3
FIRST_LOOK_SECONDS = 1.0


class Patience:
    """The budget of one action in this life, by the clock that never goes back."""

    def __init__(self, world: World, seconds: float) -> None:
        """It begins now."""
        self._world = world
        self._until = world.monotonic() + seconds
        self.tries = 0

    async def pause(self, reason: str, asked_seconds: float | None) -> None:
        """Wait before another try, for as long as was asked for; raises `MustWait` where that is too long."""
        grown = min(BACKOFF_SECONDS * 2**self.tries, MAX_BACKOFF_SECONDS) * self._world.jitter()
        wait = max(asked_seconds or 0.0, grown, MIN_BACKOFF_SECONDS)
        if reason == "breaker_open" or self._too_long(wait):
            raise MustWait(reason, asked_seconds=asked_seconds)
        self.tries += 1
        self._world.saw("retry", reason=reason)
        await self._world.sleep(wait)

    async def wait_until(self, at: datetime, looks: int) -> None:
        """Wait for the look-up that counts; a few come earlier, since most of what was done shows at once."""
        wait = max((at - self._world.now()).total_seconds(), 0.0)
        early = FIRST_LOOK_SECONDS * 2**looks
        if looks < EARLY_LOOKS and early < wait:
            await self._world.sleep(early)
            return
        if self._too_long(wait):
            raise MustWait("in_doubt", asked_seconds=wait)
        await self._world.sleep(wait)

    def _too_long(self, wait: float) -> bool:
        return self._world.monotonic() + wait >= self._until
