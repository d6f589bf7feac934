"""One gate per connection: how many calls at once, and whether the other side seems away.

Bulkheads: a platform that hangs fills its own gate, never another tenant's or another platform's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agents.outbound import NotSent
from streams.clock import Clock

FAILING_CONVERSATIONS = 3
"""So many different conversations failing, and none working in between: the connection is away. One conversation
that always fails is its own trouble."""

CALLS_AT_ONCE = 16

AWAY = "away"
ASKED_FOR_TIME = "asked_for_time"
"""Why nobody is admitted, as the reason of a `NotSent`."""


class Gate:
    """Of one connection."""

    def __init__(self, clock: Clock, calls_at_once: int = CALLS_AT_ONCE) -> None:
        """Open at the start."""
        self._clock = clock
        self._slots = asyncio.Semaphore(calls_at_once)
        self._failing: set[str] = set()
        self._not_before = 0.0

    @asynccontextmanager
    async def admission(self, *, probing: bool) -> AsyncIterator[None]:
        """A place among the calls under way. Raises `NotSent` while the other side is away or asked for time.

        A probe is let in.
        """
        self._check(probing=probing)
        async with self._slots:
            self._check(probing=probing)  # it may have gone away while we waited
            yield

    def _check(self, *, probing: bool) -> None:
        if not probing and (self.away or self.wait_seconds > 0):
            raise NotSent(AWAY if self.away else ASKED_FOR_TIME)

    def worked(self) -> None:
        """The other side answered sensibly."""
        self._failing.clear()
        self._not_before = 0.0

    def failed(self, conversation_id: str, retry_after_seconds: float | None = None) -> None:
        """The other side could not be reached, did not answer, or asked for time."""
        if len(self._failing) < FAILING_CONVERSATIONS:
            self._failing.add(conversation_id)
        if retry_after_seconds:
            self._not_before = max(self._not_before, self._clock.monotonic() + retry_after_seconds)

    @property
    def away(self) -> bool:
        """Calls are not worth a try at the moment: news wait elsewhere, so that nothing queues up here."""
        return len(self._failing) >= FAILING_CONVERSATIONS

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
        self._gates: dict[tuple[str, str], Gate] = {}

    def of(self, tenant: str, name: str) -> Gate:
        """The gate of `tenant` to platform `name`, or to its mail server, named `smtp`."""
        gate = self._gates.get((tenant, name))
        if gate is None:
            gate = self._gates[tenant, name] = Gate(self._clock, self._calls_at_once)
        return gate

    def all(self) -> list[tuple[tuple[str, str], Gate]]:
        """Tenant, name and gate of each."""
        return list(self._gates.items())
