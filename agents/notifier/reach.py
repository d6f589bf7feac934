"""The real world of one notification: the platform's calls, the mail server, the ledger, the counters."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.notifier.channels import Telling
from agents.notifier.gates import Gate
from agents.notifier.history import TOLD
from agents.notifier.ledger import Ledger
from agents.notifier.plan import Words, tells_number
from agents.notifier.world import MAX_CLOCK_DIFFERENCE, START_WITHIN, CanLook, Holder
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer, Value
from agents.outbound import Ambiguous, Http, OutboundError
from agents.platforms.port import Address, CallFailed, Outbound, Unsupported
from streams.clock import Clock
from streams.contracts.notification_events import Accepted, AnyNotification
from streams.contracts.notification_ledger import Step, StepIntent, StepOutcome
from streams.kafka.lease import Lease

TURNS_TO_SEE_WHO_HOLDS = 20

MENDABLE = frozenset({"http_401"})
"""Refusals that a person can mend: nothing was done, and a new token makes them go away. They wait like an outage
and end among the dead letters, where a redrive finds them."""

_STATUS = re.compile(r"_([1-5])\d\d$")

Post = Callable[[Words, AnyNotification], Awaitable[None]]
"""Sends one mail; raises NotSent, Ambiguous or CallFailed."""


@dataclass(frozen=True)
class Surroundings:
    """What all notifications of the process share."""

    ledger: Ledger
    lease: Lease
    http: Http
    clock: Clock
    metrics: Metrics
    log: Log
    call_timeout_seconds: float
    mail_timeout_seconds: float
    tracer: Tracer = OFF


@dataclass(frozen=True)
class Ways:
    """How this customer can be reached. `outbound` and `post` are None where there is no such way."""

    address: Address
    outbound: Outbound | None
    post: Post | None
    platform_gate: Gate
    mail_gate: Gate


class Reach:
    """A `World`."""

    def __init__(
        self,
        notification: AnyNotification,
        around: Surroundings,
        ways: Ways,
        *,
        partition: int,
        traceparent: str | None,
        probing: bool = False,
    ) -> None:
        """For one notification, on the ledger partition of its record. `probing`: try what seems away."""
        self._notification = notification
        self._around = around
        self._ways = ways
        self._partition = partition
        self._traceparent = traceparent
        self._probing = probing
        self._log = around.log.bind(
            tenant=notification.tenant,
            platform=notification.platform,
            conversation_id=notification.conversation_id,
            notification_id=notification.notification_id,
            kind=notification.kind,
        )

    def now(self) -> datetime:
        return self._around.clock.now()

    async def outlast(self, intent: StepIntent) -> None:
        over = intent.recorded_at + START_WITHIN + MAX_CLOCK_DIFFERENCE
        over += timedelta(seconds=self._timeout_seconds(intent.step))
        left = (over - self.now()).total_seconds()
        if left > 0:
            await self._around.clock.sleep(left)

    def admission(self, step: Step) -> AbstractAsyncContextManager[None]:
        return (self._ways.mail_gate if step == "email" else self._ways.platform_gate).admission(probing=self._probing)

    async def record(self, entry: StepIntent | StepOutcome) -> None:
        self._check_lease()
        await self._around.ledger.record(self._partition, entry, self._traceparent)

    async def withdraw(self, intent: StepIntent) -> None:
        self._check_lease()
        await self._around.ledger.withdraw(self._partition, intent)

    def can_look(self, step: Telling) -> CanLook:
        if step == "email":
            return "repeats_safely"
        outbound = self._ways.outbound
        return "yes" if outbound is not None and outbound.can_find_own_messages else "no"

    async def find(self, words: Words) -> bool:
        outbound = self._outbound()
        found = False

        async def look() -> None:
            nonlocal found
            found = await outbound.find_own(self._around.http, self._ways.address, words.notice)

        await self._call("find_own", look)
        return found

    async def tell(self, step: Telling, words: Words) -> None:
        if step == "email":
            post = self._ways.post
            if post is None:
                raise Unsupported("no_smtp")
            await self._call("mail", lambda: post(words, self._notification))
            return
        outbound = self._outbound()
        await self._call("reply", lambda: outbound.reply(self._around.http, self._ways.address, words.notice))

    async def quiet(self) -> None:
        outbound = self._outbound()
        await self._call("quiet", lambda: outbound.quiet(self._around.http, self._ways.address))

    async def holder(self) -> Holder:
        outbound = self._outbound()
        holder = Holder()

        async def look() -> None:
            nonlocal holder
            seen = await outbound.transcript(self._around.http, self._ways.address, max_turns=TURNS_TO_SEE_WHO_HOLDS)
            holder = Holder(human_holds=seen.human_holds, closed=seen.closed)

        await self._call("transcript", look)
        return holder

    async def close(self) -> None:
        outbound = self._outbound()
        await self._call("close", lambda: outbound.close(self._around.http, self._ways.address))

    def settled(self, outcome: StepOutcome) -> None:
        """Count a step that got its OUTCOME."""
        metrics, notification = self._around.metrics, self._notification
        metrics.count(catalogue.NOTICES, platform=notification.platform, step=outcome.step, result=outcome.result)
        if outcome.cause in {"notice_cap", "mail_brake"}:
            metrics.count(catalogue.BRAKES, hop="notifier", brake=outcome.cause)
        if outcome.step in {"reply", "email"} and outcome.result in TOLD:
            self._observe_delay(outcome.recorded_at)
        report = self._log.warning if outcome.result in {"refused", "unknown"} else self._log.info
        report("step.settled", step=outcome.step, result=outcome.result, cause=outcome.cause)

    def unreached(self) -> None:
        """Count a customer whom no channel reached."""
        self._around.metrics.count(
            catalogue.NOTICES, platform=self._notification.platform, step="notice", result="no_channel"
        )
        self._log.error("notice.no_channel")

    def _observe_delay(self, at: datetime) -> None:
        if isinstance(self._notification, Accepted):
            step = "told"
        elif tells_number(self._notification):
            step = "notice"
        else:
            return
        seconds = max(0.0, (at - self._notification.decided_at).total_seconds())
        self._around.metrics.observe(catalogue.END_TO_END, seconds, step=step)

    def _outbound(self) -> Outbound:
        if self._ways.outbound is None:
            raise Unsupported("no_adapter")
        return self._ways.outbound

    async def _call(self, operation: str, call: Callable[[], Awaitable[None]]) -> None:
        """Make one call, traced, bounded in time, counted, and told to the gate that watches this connection."""
        unsupported: Unsupported | None = None
        with self._around.tracer.child(operation, "client" if operation == "mail" else "internal") as span:
            if self._around.tracer.enabled:
                span.set(self._ids())
            try:
                await self._counted(operation, call)
            except Unsupported as error:  # no failure: the plan takes another way
                unsupported = error
        if unsupported is not None:
            raise unsupported

    def _ids(self) -> dict[str, Value]:
        return {
            "handoff.platform": self._notification.platform,
            "handoff.notification_id": self._notification.notification_id,
            "handoff.notification": self._notification.kind,
        }

    async def _counted(self, operation: str, call: Callable[[], Awaitable[None]]) -> None:
        gate = self._ways.mail_gate if operation == "mail" else self._ways.platform_gate
        self._check_lease()
        try:
            async with asyncio.timeout(self._timeout_seconds("email" if operation == "mail" else "reply")):
                await call()
        except TimeoutError:
            self._count(operation, "timeout")
            gate.failed(self._notification.conversation_id)
            raise Ambiguous("timeout") from None
        except OutboundError as error:
            self._count(operation, error.reason)
            gate.failed(self._notification.conversation_id)
            raise
        except CallFailed as failed:
            self._count(operation, _code_class(failed.reason))
            if failed.retryable or failed.reason in MENDABLE:
                gate.failed(self._notification.conversation_id, failed.retry_after_seconds)
                raise CallFailed(
                    failed.reason, retryable=True, retry_after_seconds=failed.retry_after_seconds
                ) from None
            gate.worked()
            raise
        except Unsupported:
            self._count(operation, "unsupported")
            raise
        self._count(operation, "2xx")
        gate.worked()

    def _check_lease(self) -> None:
        """Raise `Slept` where another process may have this partition by now."""
        self._around.lease.check(self._around.clock.monotonic())

    def _timeout_seconds(self, step: Step) -> float:
        return self._around.mail_timeout_seconds if step == "email" else self._around.call_timeout_seconds

    def _count(self, operation: str, code_class: str) -> None:
        self._around.metrics.count(
            catalogue.PLATFORM_CALLS,
            platform="smtp" if operation == "mail" else self._notification.platform,
            operation=operation,
            code_class=code_class,
        )


def _code_class(reason: str) -> str:
    """`http_503` and `smtp_to_550` as `5xx`; any other slug as it is."""
    match = _STATUS.search(reason)
    return f"{match[1]}xx" if match else reason
