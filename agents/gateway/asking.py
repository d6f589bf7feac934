"""Asking one platform of one tenant for what it has not told: a search now and then, and reads of what changed."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from agents.gateway.polling import Known, Told, Windows, news, oldest_told
from agents.gateway.producing import Encoded, encoded, send_all, under
from agents.gateway.rereading import Budget, Reads
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer, produced
from agents.outbound import Http, HttpRequest, HttpResponse
from agents.platforms.answers import retry_after_seconds
from agents.platforms.polling import Pollable, PollOptions
from agents.platforms.port import BadBody, CallFailed, Connection, Unsupported
from streams.clock import Clock
from streams.contracts.conversation_events import AnyEvent
from streams.errors import HandoffError
from streams.kafka.producer import MAX_VALUE_BYTES, RecordWriter
from streams.topology import CONVERSATION_EVENTS
from streams.trace import new_traceparent

READS_AT_ONCE = 4
"""Of one connection."""

IDLE_SECONDS = 5.0
"""While the connection cannot be used, or nothing is due for longer."""

MAX_LOGGED_IDS = 20


@dataclass(frozen=True)
class Means:
    """What asking takes, shared by all connections. `at_once` bounds the requests of the whole process."""

    http: Http
    writer: RecordWriter
    clock: Clock
    metrics: Metrics
    log: Log
    produce_timeout_seconds: float
    tracer: Tracer = OFF
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(16))


class _Sparing:
    """The way out, held back while little is left of the platform's rate limit."""

    def __init__(self, means: Means, pollable: Pollable, platform: str) -> None:
        self._means = means
        self._pollable = pollable
        self._platform = platform
        self._budget = Budget()

    async def send(self, request: HttpRequest) -> HttpResponse:
        clock = self._means.clock
        while (seconds := self._budget.wait_seconds(clock.monotonic())) > 0:
            await clock.sleep(seconds)
        async with self._means.at_once:
            response = await self._means.http.send(request)
        self._budget.heard(
            response.status,
            self._pollable.allowance(response.headers),
            retry_after_seconds(response),
            now=clock.now(),
            at_seconds=clock.monotonic(),
        )
        code = f"{response.status // 100}xx"
        self._means.metrics.count(catalogue.PLATFORM_CALLS, platform=self._platform, operation="poll", code_class=code)
        return response


class Asking:
    """One connection. `connection` gives it as it is now, or None while it may not be used."""

    def __init__(
        self,
        pollable: Pollable,
        options: PollOptions,
        means: Means,
        *,
        tenant: str,
        platform: str,
        connection: Callable[[], Connection | None],
    ) -> None:
        """Nothing is asked before `run`."""
        self._pollable = pollable
        self._options = options
        self._means = means
        self._connection = connection
        self._labels = {"platform": platform, "tenant": tenant}
        self._log = means.log.bind(**self._labels)
        self._http = _Sparing(means, pollable, platform)
        self._started_at = means.clock.now()
        self._windows = Windows(options, self._started_at, means.clock.monotonic())
        self._known = Known(options.reread_after_seconds)
        self._told = Told()
        self._reads = Reads()
        self._woken = asyncio.Event()

    def heard(self, events: Iterable[AnyEvent]) -> None:
        """A webhook told these: they are no news any more, and where the customer wrote there may soon be more."""
        at = self._means.clock.monotonic()
        for event in events:
            self._told.add([event])
            if event.kind == "message" and event.author == "customer" and self._options.reread_after_seconds > 0:
                self._reads.put(event.conversation_id, at + self._options.reread_after_seconds)
                self._woken.set()

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            self._woken.clear()
            if self._connection() is None:
                await self._rest(IDLE_SECONDS)
                continue
            await self.step()
            await self._rest(self._idle_seconds())

    async def step(self) -> None:
        """Search, if it is time; then read some of what is due."""
        connection = self._connection()
        if connection is None:
            return
        if self._windows.due_seconds <= self._means.clock.monotonic():
            await self._search(connection)
        due = self._reads.take(self._means.clock.monotonic(), READS_AT_ONCE)
        results = await asyncio.gather(*(self._read(connection, one) for one in due), return_exceptions=True)
        for conversation_id, result in zip(due, results, strict=True):
            if isinstance(result, BaseException):
                self._unread(conversation_id, result)

    def _idle_seconds(self) -> float:
        due = self._windows.due_seconds
        following = self._reads.next_seconds()
        due = due if following is None else min(due, following)
        return min(IDLE_SECONDS, max(0.0, due - self._means.clock.monotonic()))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _search(self, connection: Connection) -> None:
        """Queue what changed. Where there is no room for all of it, the rest is found by the next search."""
        clock = self._means.clock
        window = self._windows.window(clock.now())
        until, found = window.until, 0
        try:
            async for changed in self._pollable.changed_since(self._http, connection, window.since, window.until):
                if self._reads.full:
                    until = max(changed.updated_at or window.since, self._windows.covered_until)
                    break
                at = clock.monotonic()
                if self._known.wants_reading(changed, at):
                    found += 1
                    self._reads.put(changed.conversation_id, at)
        except HandoffError as error:
            asked_for = error.retry_after_seconds if isinstance(error, CallFailed) else None
            self._windows.failed(clock.monotonic(), asked_for)
            result = "refused" if _is_final(error) else "retry"
            self._log.warning("poll.unanswered", reason=_slug(error), since=window.since.isoformat())
        else:
            self._windows.answered(until, clock.monotonic())
            self._means.metrics.set(catalogue.POLLED_UNTIL, until.timestamp(), **self._labels)
            result = "done"
            if found:
                self._log.info("poll.found", conversations=found, since=window.since.isoformat())
        self._means.metrics.count(catalogue.POLLS, 1.0, result=result, **self._labels)

    async def _read(self, connection: Connection, conversation_id: str) -> None:
        """Tell what is new of a conversation; done only when the brokers have it."""
        clock, metrics = self._means.clock, self._means.metrics
        now, at = clock.now(), clock.monotonic()
        told = await self._pollable.read(self._http, connection, conversation_id, now)
        events = news(told.events, self._told, oldest_told(now, self._started_at, self._options))
        trace = new_traceparent()
        records = [one for one in encoded(events, trace, connection.platform) if len(one[1]) <= MAX_VALUE_BYTES]
        if records:
            await self._send(records)
        self._told.add(events)
        self._known.read(conversation_id, at)
        self._reads.succeeded(conversation_id)
        metrics.count(catalogue.POLLED_READS, 1.0, result="told" if events else "nothing_new", **self._labels)
        if not events:
            return
        metrics.count(catalogue.POLLED_EVENTS, len(events), **self._labels)
        for event in events:
            metrics.count(catalogue.EVENTS, hop="gateway", kind=event.kind)
            for kind, number in event.redactions.items():
                metrics.count(catalogue.REDACTIONS, number, hop="gateway", kind=kind)
        self._log.info(
            "poll.told",
            events=len(events),
            too_large=len(events) - len(records),
            event_ids=[event.event_id for event in events[:MAX_LOGGED_IDS]],
        )

    async def _send(self, records: list[Encoded]) -> None:
        attributes = produced(CONVERSATION_EVENTS.name, count=len(records)) | {
            "handoff.tenant": self._labels["tenant"],
            "handoff.platform": self._labels["platform"],
        }
        with self._means.tracer.span(f"send {CONVERSATION_EVENTS.name}", "producer", attributes=attributes) as span:
            async with asyncio.timeout(self._means.produce_timeout_seconds):
                await send_all(self._means.writer, under(records, span))

    def _unread(self, conversation_id: str, error: BaseException) -> None:
        """Again later, unless that would be no use. A fault of ours is told by its type alone."""
        asked_for = error.retry_after_seconds if isinstance(error, CallFailed) else None
        if not isinstance(error, HandoffError | TimeoutError):
            result = "failed"
        elif isinstance(error, HandoffError) and _is_final(error):
            result = "refused"
        elif self._reads.failed(conversation_id, self._means.clock.monotonic(), asked_for):
            result = "retry"
        else:
            result = "gave_up"
        if result != "retry":
            self._reads.succeeded(conversation_id)
        say = self._log.error if result == "failed" else self._log.warning
        say("poll.unread", conversation_id=conversation_id, result=result, reason=_slug(error))
        self._means.metrics.count(catalogue.POLLED_READS, 1.0, result=result, **self._labels)


def _is_final(error: HandoffError) -> bool:
    """It would come to the same again."""
    return isinstance(error, Unsupported | BadBody) or (isinstance(error, CallFailed) and not error.retryable)


def _slug(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return reason if isinstance(reason, str) else type(error).__name__
