"""The bulkhead in front of one tenant's helpdesk account: every request to it goes through here."""

import asyncio
from dataclasses import dataclass

from agents.helpdesks.limits import remaining, retry_after_seconds
from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.outbound import Http, HttpRequest, HttpResponse, NotSent, OutboundError
from agents.ticketing.limits import Closed, Limits
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
    """An `Http` for one account. Bucket, breaker and the bound on calls at a time are shared by all its users."""

    http: Http
    limits: Limits
    slots: asyncio.Semaphore
    clock: Clock
    lease: Lease
    metrics: Metrics
    tenant: str
    helpdesk: str
    busy_seconds: float

    async def admit(self) -> None:
        """Wait for the bucket; raises `HeldBack` where that would take too long."""
        admitted = self.limits.admit(self.clock.monotonic())
        self._show_breaker()
        if isinstance(admitted, Closed):
            raise HeldBack(admitted.reason, admitted.seconds)
        if admitted > 0:
            await self.clock.sleep(admitted)

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `Http`: a look-up, which is admitted by itself."""
        await self.admit()
        return await self.send_admitted(request)

    async def send_admitted(self, request: HttpRequest, *, operation: str = "look_up") -> HttpResponse:
        """Send what was admitted just before."""
        try:
            async with asyncio.timeout(self.busy_seconds):
                await self.slots.acquire()
        except TimeoutError:
            raise HeldBack("busy", None) from None
        try:
            return await self._send(request, operation)
        finally:
            self.slots.release()

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
