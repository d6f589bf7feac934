"""The webhook handlers. A 2xx means: the brokers have acknowledged every event of the body."""

import asyncio
from collections.abc import Callable, Sequence

from aiohttp import web

from agents.gateway.body import Body, Broken, NoRoom, Room, TooLarge, TooSlow
from agents.gateway.intake import Accepted, Intake, Refusal
from agents.gateway.producing import Encoded, encoded, send_all, under
from agents.gateway.rate import RateLimit
from agents.gateway.routing import METHODS, Place, expected, place
from agents.gateway.telling import Sender, Teller, empty, not_allowed, not_found
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer, Value, produced
from agents.platforms.port import Connection, Delivery, Inbound
from agents.settings import GatewaySettings, TenantSettings
from streams.clock import Clock
from streams.contracts.conversation_events import AnyEvent
from streams.kafka.producer import MAX_VALUE_BYTES, DeliveryFailed, RecordWriter
from streams.topology import CONVERSATION_EVENTS

Heard = Callable[[str, str, Sequence[AnyEvent]], None]
"""Platform, tenant, and events of theirs that are on the brokers."""


def _nobody(_platform: str, _tenant: str, _events: Sequence[AnyEvent]) -> None:
    """Nobody listens."""


class Gateway:
    """Handles the requests of one process."""

    def __init__(
        self,
        *,
        intake: Intake,
        writer: RecordWriter,
        settings: GatewaySettings,
        clock: Clock,
        metrics: Metrics,
        log: Log,
        heard: Heard = _nobody,
        tracer: Tracer = OFF,
    ) -> None:
        """Nothing listens yet: `app` gives the routes. `heard` is told what was accepted."""
        self._intake = intake
        self._writer = writer
        self._settings = settings
        self._clock = clock
        self._heard = heard
        self._tracer = tracer
        self._tell = Teller(clock, metrics, log)
        self._rate = RateLimit()
        self._room = Room(settings.max_in_flight_bytes)
        self.in_flight = 0
        self.draining = False

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Any request. What has no route is answered in the form of every other refusal."""
        if expectation := request.headers.get("Expect"):
            await expected(request, expectation)
        found = place(request.rel_url.raw_path)
        if found is None:
            return not_found()
        allowed = METHODS[found.route]
        if request.method not in allowed:
            return not_allowed(allowed)
        if request.method == "HEAD":
            return self._probed(found)
        return await self._guarded(request, found.platform, found.tenant)

    def _probed(self, at: Place) -> web.Response:
        found = self._intake.find(at.platform, at.tenant)
        if isinstance(found, Refusal) or not found[0].probes_with_head:
            return empty(404)
        return empty(200)

    async def _guarded(self, request: web.BaseRequest, platform: str, tenant: str) -> web.Response:
        started = self._clock.monotonic()
        found = self._intake.find(platform, tenant)
        if isinstance(found, Refusal):
            return self._tell.nobody(found)
        inbound, connection, settings = found
        sender = Sender(platform, tenant, inbound.codes, started)
        if self.draining:
            return self._tell.later(sender, "draining", hang_up=True)
        if self.in_flight >= self._settings.max_in_flight:
            return self._tell.later(sender, "overloaded")
        body = Body(self._room)
        self.in_flight += 1
        try:
            return await self._receive(request, body, inbound, connection, settings, sender)
        except Exception as error:  # noqa: BLE001 # the HTTP boundary: the sender is asked to come again
            return self._tell.failed(sender, error)
        finally:
            self.in_flight -= 1
            body.let_go()

    async def _receive(  # the request and what is known of its sender
        self,
        request: web.BaseRequest,
        body: Body,
        inbound: Inbound,
        connection: Connection,
        settings: TenantSettings,
        sender: Sender,
    ) -> web.Response:
        """Read, verify, count against the tenant's rate, understand. What is not the platform's costs it no rate."""
        if request.headers.get("Content-Encoding", "identity").strip().lower() not in {"", "identity"}:
            return self._tell.refused(sender, Refusal(sender.codes.malformed, "content_encoding"))
        limits = self._settings
        try:
            raw = await body.read(
                request, limit_bytes=limits.max_body_bytes, timeout_seconds=limits.body_timeout_seconds
            )
        except TooLarge:
            return self._tell.refused(sender, Refusal(413, "too_large"))
        except NoRoom:
            return self._tell.later(sender, "overloaded")
        except (TooSlow, Broken) as error:
            return self._tell.later(sender, f"body_{_slug(error)}", hang_up=True)
        # Of a repeated header `get` gives the first, as every check of it expects exactly one; case does not matter.
        delivery = Delivery(raw, request.headers, self._clock.now())
        refusal = self._intake.verify(inbound, connection, delivery)
        if refusal is not None:
            return self._tell.refused(sender, refusal)
        if not self._rate.allow(sender.tenant, settings.limits.webhooks_per_second, self._clock.monotonic()):
            return self._tell.too_many(sender)
        read = self._intake.read(inbound, connection, delivery)
        if isinstance(read, Refusal):
            return self._tell.refused(sender, read)
        return await self._traced(request, read, sender, delivery.headers.get("traceparent"))

    async def _traced(
        self, request: web.BaseRequest, read: Accepted, sender: Sender, trace: str | None
    ) -> web.Response:
        """Only what brings events makes a span, from when it came: strangers shall not fill the traces."""
        if not self._tracer.enabled or not read.events:
            return await self._deliver(read, sender, trace)
        name, attributes = _served(request)
        ago = self._clock.monotonic() - sender.started
        with self._tracer.span(
            name, "server", parent=trace, attributes=attributes | _ids(sender), began_seconds_ago=ago
        ) as span:
            response = await self._deliver(read, sender, span.traceparent)
            span.set({"http.response.status_code": response.status, "handoff.events": len(read.events)})
            if response.status >= 500:
                span.fail(str(response.status))
            return response

    async def _deliver(self, read: Accepted, sender: Sender, traceparent: str | None) -> web.Response:
        """All events of the body, or as far as the sender is told none: a repeat changes nothing."""
        records = encoded(read.events, traceparent, sender.platform)
        if any(len(value) > MAX_VALUE_BYTES for _, value, _ in records):
            return self._tell.refused(sender, Refusal(413, "event_too_large"))
        try:
            async with asyncio.timeout(self._settings.produce_timeout_seconds):
                await self._send(records)
        except (TimeoutError, DeliveryFailed):
            return self._tell.later(sender, "not_acknowledged")
        self._heard(sender.platform, sender.tenant, read.events)
        return self._tell.accepted(sender, read)

    async def _send(self, records: list[Encoded]) -> None:
        if not self._tracer.enabled or not records:
            await send_all(self._writer, records)
            return
        topic = CONVERSATION_EVENTS.name
        with self._tracer.child(f"send {topic}", "producer", produced(topic, count=len(records))) as span:
            await send_all(self._writer, under(records, span))


def _served(request: web.BaseRequest) -> tuple[str, dict[str, Value]]:
    """The span of a request: its route, never its path."""
    found = place(request.rel_url.raw_path)
    route = found.route if found is not None else ""
    return f"{request.method} {route}", {"http.request.method": request.method, "http.route": route}


def _ids(sender: Sender) -> dict[str, Value]:
    return {"handoff.tenant": sender.tenant, "handoff.platform": sender.platform}


def _slug(error: TooSlow | Broken) -> str:
    return "too_slow" if isinstance(error, TooSlow) else "broken"
