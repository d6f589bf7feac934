"""One gate per connection: how many calls at once, and whether the other side seems away.

Bulkheads: a platform that hangs fills its own gate, never another tenant's or another platform's.
"""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from streams.clock import Clock

FAILURES_TO_BE_AWAY = 5
"""In a row. A single conversation's trouble is not the connection's."""

CALLS_AT_ONCE = 16


class Gate:
    """Of one connection."""

    def __init__(self, clock: Clock, calls_at_once: int = CALLS_AT_ONCE) -> None:
        """Open at the start."""
        self._clock = clock
        self._slots = asyncio.Semaphore(calls_at_once)
        self._failures = 0
        self._not_before = 0.0

    @asynccontextmanager
    async def admission(self) -> AsyncIterator[None]:
        """A place among the calls under way."""
        async with self._slots:
            yield

    def worked(self) -> None:
        """The other side answered sensibly."""
        self._failures = 0
        self._not_before = 0.0

    def failed(self, retry_after_seconds: float | None = None) -> None:
        """The other side could not be reached, did not answer, or asked for time."""
        self._failures += 1
        if retry_after_seconds:
            self._not_before = max(self._not_before, self._clock.monotonic() + retry_after_seconds)

    @property
    def away(self) -> bool:
        """Calls are not worth a try at the moment: news wait elsewhere, so that nothing queues up here."""
        return self._failures >= FAILURES_TO_BE_AWAY or self.wait_seconds > 0

    @property
    def wait_seconds(self) -> float:
        """How long the other side asked us to stay away."""
        return max(0.0, self._not_before - self._clock.monotonic())


class Gates:
    """All gates of the process, made when first asked for."""

    def __init__(self, clock: Clock, calls_at_once: int = CALLS_AT_ONCE) -> None:
        """`calls_at_once` is per connection."""
        self._clock = clock
        self._calls_at_once = calls_at_once
        self._gates: dict[Hashable, Gate] = {}

    def of(self, *connection: str) -> Gate:
        """The gate of `connection`: (tenant, platform), or (tenant, "smtp")."""
        gate = self._gates.get(connection)
        if gate is None:
            gate = self._gates[connection] = Gate(self._clock, self._calls_at_once)
        return gate
