"""The webhook server. A 2xx means: the brokers have acknowledged every event of the body."""

import asyncio

from aiohttp import web

from agents.gateway.intake import Accepted, Intake, Refusal
from agents.gateway.rate import RateLimit
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.platforms.port import Connection, Inbound, StatusCodes
from agents.settings import GatewaySettings
from streams.clock import Clock
from streams.codec import encode, headers_for
from streams.contracts.conversation_events import AnyEvent
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.producer import DeliveryFailed, RecordWriter
from streams.topology import CONVERSATION_EVENTS
from streams.trace import child_of

CUSTOM = "custom-llm"


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
    ) -> None:
        """Nothing listens yet: `app` gives the routes."""
        self._intake = intake
        self._writer = writer
        self._settings = settings
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._rate = RateLimit()
        self._in_flight = 0
        self.draining = False

    def app(self) -> web.Application:
        """The routes. The body limit answers 413 before a body is read whole."""
        app = web.Application(client_max_size=self._settings.max_body_bytes)
        app.router.add_post("/v1/webhooks/{platform}/{tenant}", self.webhook)
        app.router.add_head("/v1/webhooks/{platform}/{tenant}", self.probe)
        app.router.add_post("/v1/events/{tenant}", self.events)
        return app

    async def probe(self, request: web.Request) -> web.Response:
        """HEAD, from platforms that look before they post."""
        found = self._intake.find(request.match_info["platform"], request.match_info["tenant"])
        if isinstance(found, Refusal) or not found[0].probes_with_head:
            return web.Response(status=404)
        return web.Response(status=200)

    async def events(self, request: web.Request) -> web.Response:
        """Custom LLM apps, without a platform in the path."""
        return await self._guarded(request, CUSTOM, request.match_info["tenant"])

    async def webhook(self, request: web.Request) -> web.Response:
        """Every platform."""
        return await self._guarded(request, request.match_info["platform"], request.match_info["tenant"])

    async def _guarded(self, request: web.Request, platform: str, tenant: str) -> web.Response:
        started = self._clock.monotonic()
        found = self._intake.find(platform, tenant)
        if isinstance(found, Refusal):
            return self._refuse(found, "unknown", "unknown", started)
        inbound, connection, settings = found
        self._in_flight += 1
        try:
            if self.draining or self._in_flight > self._settings.max_in_flight:
                return self._later(inbound.codes, "overloaded", platform, tenant, started)
            if not self._rate.allow(tenant, settings.limits.webhooks_per_second, started):
                return self._refuse(Refusal(inbound.codes.too_many, "rate_limited"), platform, tenant, started)
            return await self._take(request, inbound, connection, started)
        except Exception as error:  # noqa: BLE001 # the HTTP boundary: the sender is asked to come again
            self._log.error("webhook.failed", platform=platform, tenant=tenant, error=type(error).__name__)
            return self._later(inbound.codes, "internal_error", platform, tenant, started)
        finally:
            self._in_flight -= 1

    async def _take(
        self, request: web.Request, inbound: Inbound, connection: Connection, started: float
    ) -> web.Response:
        platform, tenant = connection.platform, connection.tenant
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return self._refuse(Refusal(inbound.codes.malformed, "content_encoding"), platform, tenant, started)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return self._refuse(Refusal(413, "too_large"), platform, tenant, started)
        headers = {name.lower(): value for name, value in request.headers.items()}
        read = self._intake.read(inbound, connection, body, headers, self._clock.now())
        if isinstance(read, Refusal):
            return self._refuse(read, platform, tenant, started)
        try:
            async with asyncio.timeout(self._settings.produce_timeout_seconds):
                await self._produce(read, headers.get("traceparent"), platform)
        except (TimeoutError, DeliveryFailed):
            return self._later(read.codes, "not_acknowledged", platform, tenant, started)
        except InvalidRecord as error:
            return self._refuse(Refusal(413, error.reason), platform, tenant, started)
        self._count(read, platform, tenant, started)
        return web.json_response(
            read.answer if read.answer is not None else {"accepted": len(read.events)}, status=read.codes.accepted
        )

    async def _produce(self, read: Accepted, traceparent: str | None, platform: str) -> None:
        """All events of the body at once; those of one conversation keep their order on its partition."""
        trace = child_of(traceparent)
        await asyncio.gather(*(self._send(event, trace, platform) for event in read.events))

    async def _send(self, event: AnyEvent, trace: str, platform: str) -> None:
        headers = headers_for(
            event_id=event.event_id,
            source=f"handoff/gateway/{platform}",
            kind=event.kind,
            at=event.occurred_at,
            traceparent=child_of(trace),
        )
        key = conversation_key(event.tenant, event.conversation_id)
        await self._writer.send(CONVERSATION_EVENTS.name, key, encode(event), headers=headers)

    def _count(self, read: Accepted, platform: str, tenant: str, started: float) -> None:
        outcome = "accepted" if read.events or read.answer is not None else "ignored"
        self._metrics.count(catalogue.WEBHOOKS, platform=platform, tenant=tenant, outcome=outcome, reason="")
        self._observe(platform, outcome, started)
        for reason in read.ignored:
            self._metrics.count(catalogue.EVENTS_IGNORED, platform=platform, reason=reason)
        for event in read.events:
            self._metrics.count(catalogue.EVENTS, hop="gateway", kind=event.kind)
            for kind, number in event.redactions.items():
                self._metrics.count(catalogue.REDACTIONS, number, hop="gateway", kind=kind)
        self._log.info(
            "webhook.accepted",
            platform=platform,
            tenant=tenant,
            events=[event.event_id for event in read.events],
            ignored=list(read.ignored),
        )

    def _refuse(self, refusal: Refusal, platform: str, tenant: str, started: float) -> web.Response:
        self._metrics.count(
            catalogue.WEBHOOKS, platform=platform, tenant=tenant, outcome="refused", reason=refusal.reason
        )
        self._observe(platform, "refused", started)
        self._log.warning("webhook.refused", platform=platform, tenant=tenant, reason=refusal.reason)
        body = {"error": refusal.reason}
        if refusal.detail:
            body["detail"] = refusal.detail
        return web.json_response(body, status=refusal.status)

    def _later(self, codes: StatusCodes, reason: str, platform: str, tenant: str, started: float) -> web.Response:
        """Ask for the same request again, in the way this sender understands."""
        self._metrics.count(catalogue.WEBHOOKS, platform=platform, tenant=tenant, outcome="later", reason=reason)
        self._observe(platform, "later", started)
        headers = {} if codes.retry_after_seconds is None else {"Retry-After": str(codes.retry_after_seconds)}
        return web.json_response({"error": reason}, status=codes.retry_later, headers=headers)

    def _observe(self, platform: str, outcome: str, started: float) -> None:
        self._metrics.observe(
            catalogue.WEBHOOK_SECONDS, self._clock.monotonic() - started, platform=platform, outcome=outcome
        )


class GatewayServer:
    """A `Gateway` that listens."""

    def __init__(self, gateway: Gateway, host: str, port: int) -> None:
        """Port 0 takes any free one; see `port` after `start`."""
        self._gateway = gateway
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None
        self.port = port

    async def start(self) -> None:
        """Listen."""
        self._runner = web.AppRunner(self._gateway.app(), access_log=None, handle_signals=False, shutdown_timeout=8.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Refuse what is new, finish what is under way."""
        self._gateway.draining = True
        if self._runner is not None:
            await self._runner.cleanup()
