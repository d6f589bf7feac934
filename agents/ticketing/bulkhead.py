"""The bulkhead in front of one tenant's helpdesk account: every request to it goes through here."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from math import inf

from agents.helpdesks.limits import remaining, retry_after_seconds
from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.outbound import Http, HttpRequest, HttpResponse, NotSent, OutboundError
from agents.ticketing.limits import Closed, Limits
from agents.ticketing.line import Leaving, Line
from streams.clock import Clock
from streams.kafka.lease import Lease


class HeldBack(NotSent):
    """Not sent by our own doing: `breaker_open`, `rate_limited` or `busy`."""

    def __init__(self, reason: str, retry_after_seconds: float | None) -> None:
        """See the class."""
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


@dataclass
class Bulkhead:
    """An `Http` for one account. Bucket, breaker and the bound on calls at a time are shared by all its users.

    `place` is its user's in both lines, before the bucket and before the slots: the lowest goes first. It is waited
    for `line_seconds` in either, and no longer once `leaving` is set. A write waits before it is admitted, since its
    INTENT has a deadline. Bucket and breaker are asked last, with a slot in hand.
    """

    http: Http
    limits: Limits
    slots: Line
    clock: Clock
    lease: Lease
    metrics: Metrics
    tenant: str
    helpdesk: str
    busy_seconds: float
    line_seconds: float
    place: float = inf
    leaving: Leaving | None = None
    bucket: Line = field(default_factory=lambda: Line(1))

    def at(self, place: float, leaving: Leaving | None) -> "Bulkhead":
        """The same bulkhead for another user."""
        return replace(self, place=place, leaving=leaving)

    def admitted(self) -> "Bulkhead":
        """The same for what has been admitted already: before everybody, and within `busy_seconds`."""
        return replace(self, place=-inf, line_seconds=self.busy_seconds, leaving=None)

    async def admit(self) -> None:
        """Wait for a slot and for the bucket; raises `HeldBack` where that would take too long.

        The slot is the caller's until `leave`: were it free again while the INTENT is written, everybody behind
        would be admitted too.
        """
        await self._enter(self.slots, "busy")
        with ExitStack() as given_up:
            given_up.callback(self.leave)
            await self._take()
            given_up.pop_all()

    def leave(self) -> None:
        """Give back the slot of `admit`."""
        self.slots.leave()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `Http`: a look-up, which is admitted by itself."""
        async with self._turn(self.slots, "busy"):
            await self._take()
            return await self._send(request, "look_up")

    async def write(self, request: HttpRequest, operation: str, *, in_slot: bool) -> HttpResponse:
        """Send a write, in the slot of `admit` or in another."""
        if in_slot:
            return await self._send(request, operation)
        async with self._turn(self.slots, "busy"):
            return await self._send(request, operation)

    async def _take(self) -> None:
        async with self._turn(self.bucket, "rate_limited"):
            admitted = self.limits.admit(self.clock.monotonic())
            self._show_breaker()
            if isinstance(admitted, Closed):
                raise HeldBack(admitted.reason, admitted.seconds)
            if admitted > 0:
                await self.clock.sleep(admitted)

    @asynccontextmanager
    async def _turn(self, line: Line, reason: str) -> AsyncIterator[None]:
        await self._enter(line, reason)
        try:
            yield
        finally:
            line.leave()

    async def _enter(self, line: Line, reason: str) -> None:
        started = self.clock.monotonic()
        entered = await line.enter(self.place, self.line_seconds, self.leaving)
        waited = self.clock.monotonic() - started
        self.metrics.observe(catalogue.HELPDESK_LINE_SECONDS, waited, helpdesk=self.helpdesk, reason=reason)
        if not entered:
            raise HeldBack(reason, None)

    async def _send(self, request: HttpRequest, operation: str) -> HttpResponse:
        self.lease.check(self.clock.monotonic())
        started = self.clock.monotonic()
        try:
            response = await self.http.send(request)
        except OutboundError as error:
            self.limits.silent(self.clock.monotonic())
            self._count(operation, error.reason, started)
            raise
        self.limits.answered(self.clock.monotonic(), response.status, retry_after_seconds(response))
        self._count(operation, f"{response.status // 100}xx" if response.status != 429 else "429", started)
        left = remaining(response)
        if left is not None:
            self.metrics.set(catalogue.RATE_REMAINING, left, helpdesk=self.helpdesk, tenant=self.tenant)
        return response

    def _count(self, operation: str, code_class: str, started: float) -> None:
        self.metrics.count(
            catalogue.HELPDESK_CALLS,
            helpdesk=self.helpdesk,
            tenant=self.tenant,
            operation=operation,
            code_class=code_class,
        )
        seconds = self.clock.monotonic() - started
        self.metrics.observe(catalogue.HELPDESK_SECONDS, seconds, helpdesk=self.helpdesk, operation=operation)
        self._show_breaker()

    def _show_breaker(self) -> None:
        state = self.limits.breaker.state(self.clock.monotonic())
        self.metrics.set(catalogue.BREAKER, state, helpdesk=self.helpdesk, tenant=self.tenant)
