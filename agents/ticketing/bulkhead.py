"""The bulkhead in front of one tenant's helpdesk account: every request to it goes through here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from math import inf

from agents.helpdesks.limits import remaining, retry_after_seconds
from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.outbound import Http, HttpRequest, HttpResponse, NotSent, OutboundError
from agents.ticketing.limits import Closed, Limits
from agents.ticketing.line import Line
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
    for `line_seconds` in either, and no longer once `leaving` is set. A write waits before it is admitted; its INTENT
    has a deadline, so that then it goes before everybody. Bucket and breaker are asked last, right before the call.
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
    leaving: asyncio.Event | None = None
    bucket: Line = field(default_factory=lambda: Line(1))

    def at(self, place: float, leaving: asyncio.Event | None) -> "Bulkhead":
        """The same bulkhead for another user."""
        return replace(self, place=place, leaving=leaving)

    def admitted(self) -> "Bulkhead":
        """The same for what was admitted: before everybody, and within `busy_seconds`."""
        return replace(self, place=-inf, line_seconds=self.busy_seconds, leaving=None)

    async def admit(self) -> None:
        """Wait for a slot to be free and for the bucket; raises `HeldBack` where that would take too long."""
        async with self._turn(self.slots, "busy"):
            pass
        await self._take()

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `Http`: a look-up, which is admitted by itself."""
        async with self._turn(self.slots, "busy"):
            await self._take()
            return await self._send(request, "look_up")

    async def send_admitted(self, request: HttpRequest, *, operation: str) -> HttpResponse:
        """Send what was admitted just before."""
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
        started = self.clock.monotonic()
        entered = await line.enter(self.place, self.line_seconds, self.leaving)
        waited = self.clock.monotonic() - started
        self.metrics.observe(catalogue.HELPDESK_LINE_SECONDS, waited, helpdesk=self.helpdesk, reason=reason)
        if not entered:
            raise HeldBack(reason, None)
        try:
            yield
        finally:
            line.leave()

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
