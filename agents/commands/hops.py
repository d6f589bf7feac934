"""The four hops, composed: this is where settings become collaborators."""

import asyncio
import re
from collections.abc import Callable
from typing import Protocol

from agents.commands.parts import Parts, until_known, until_safe
from agents.commands.policies import RuleBook
from agents.commands.running import Liveliness
from agents.escalation.decide import decide
from agents.gateway.asking import Means
from agents.gateway.intake import Intake
from agents.gateway.listening import GatewayServer
from agents.gateway.poller import Poller
from agents.gateway.server import Gateway
from agents.helpdesks.registry import helpdesks
from agents.notifier.app import build as build_notifier
from agents.notifier.phrasebooks import load_shipped
from agents.notifier.template_file import KINDS
from agents.observability.traced_http import traced
from agents.outbound import Http
from agents.outbound_aiohttp import AiohttpClient
from agents.platforms.registry import inbound, outbound, pollable
from agents.text.mask import mask_bytes
from agents.ticketing.app import build as build_ticketing
from streams.kafka.connection import PROMPT
from streams.kafka.producer import AckedProducer
from streams.topology import CONVERSATION_EVENTS

CONSUMER_PATIENCE_SECONDS = 60.0
"""A consumer that has not polled for so long is stuck: a rebalance waits 17 seconds for its drain at most."""


def masked(value: bytes) -> bytes:
    """The value of a dead letter, card numbers and credentials starred, length kept."""
    return mask_bytes(value)[0]


MIN_SENTENCE_CHARS = 30
"""Shorter pieces of our wording could stand in anybody's message."""

_MARKS = re.compile(r"\{[^}]*\}")


def own_sentences() -> tuple[str, ...]:
    """Fixed parts of what our notices say, by which an echo or a quotation of one is known."""
    texts = (
        text for sheet in load_shipped().values() for path, text in sheet.items() if path.partition(".")[0] in KINDS
    )
    pieces = {piece.strip() for text in texts for piece in _MARKS.split(text)}
    return tuple(sorted(piece for piece in pieces if len(piece) >= MIN_SENTENCE_CHARS))


class GatewayHop:
    """The webhook server and the poller, with their producer."""

    def __init__(self, parts: Parts) -> None:
        """Nothing listens yet."""
        self._parts = parts
        self._brokers_known = False
        self._poller: Poller | None = None
        self._server: GatewayServer | None = None

    async def start(self) -> None:
        """Listen at once; ready when the brokers answer. Until then senders are asked to come again."""
        parts = self._parts
        self._producer = AckedProducer(parts.connection("gateway"), overrides=PROMPT)
        self._http = parts.http()
        means = Means(
            http=self._http,
            writer=self._producer,
            clock=parts.clock,
            metrics=parts.metrics,
            log=parts.log,
            produce_timeout_seconds=parts.settings.gateway.produce_timeout_seconds,
            tracer=parts.tracer,
        )
        self._poller = Poller(parts.tenants, means, pollable)
        intake = Intake(inbound, parts.tenants.get, max_json_depth=parts.settings.gateway.max_json_depth)
        gateway = Gateway(
            intake=intake,
            writer=self._producer,
            settings=parts.settings.gateway,
            clock=parts.clock,
            metrics=parts.metrics,
            log=parts.log,
            heard=self._poller.heard,
            tracer=parts.tracer,
        )
        wanted = parts.settings.gateway
        self._server = GatewayServer(gateway, wanted.host, wanted.port, idle_seconds=wanted.idle_seconds)
        await self._server.start()
        parts.log.info("gateway.listening", port=self._server.port)

    async def run(self) -> None:
        """Wait for the brokers once; then poll, for ever."""
        assert self._poller is not None
        await until_known(self._producer, CONVERSATION_EVENTS.name, self._parts)
        await until_safe("gateway", self._parts)
        self._brokers_known = True
        self._poller.start()
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Stop asking, finish requests under way, deliver what is queued."""
        if self._poller is not None:
            await self._poller.stop()
        if self._server is not None:
            await self._server.stop()
            await self._producer.close()
            await self._http.close()

    def not_alive(self) -> str | None:
        """An event loop that answers is alive."""
        return None

    def not_ready(self) -> str | None:
        """Ready once the brokers were seen, and until the end begins."""
        if self._server is not None and self._server.draining:
            return "draining"
        return None if self._brokers_known else "brokers_unknown"


class EscalationHop:
    """The Faust worker."""

    def __init__(self, parts: Parts) -> None:
        """Reads and compiles the policies; `Refused` when one is wrong, or Faust is."""
        from agents.escalation.faust_seams import refuse_unsafe_runtime  # noqa: PLC0415 # the others do without Faust
        from agents.escalation.worker import Worker  # noqa: PLC0415

        refuse_unsafe_runtime()
        self._parts = parts
        book = RuleBook(parts.tenants, own_sentences())
        self._worker = Worker(
            connection=parts.connection("escalation"),
            settings=parts.settings.escalation,
            decide=decide,
            rules_for=book.rules_for,
            policies=book.texts,
            clock=parts.clock,
            metrics=parts.metrics,
            log=parts.log,
            mask=masked,
            tracer=parts.tracer,
        )
        self._started = False

    async def start(self) -> None:
        """Wait for the brokers, publish policies, join the group."""
        looking = AckedProducer(self._parts.connection("escalation"))
        try:
            await until_known(looking, CONVERSATION_EVENTS.name, self._parts)
        finally:
            await looking.close(0.0)
        await until_safe("escalation", self._parts)
        await self._worker.start()
        self._started = True

    async def run(self) -> None:
        """The worker ends its process by itself when it must."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Drain, commit, leave."""
        await self._worker.stop()

    def not_alive(self) -> str | None:
        """The stall watchdog."""
        return "stalled" if self._started and self._worker.stalled else None

    def not_ready(self) -> str | None:
        """Assigned and recovered."""
        if not self._started:
            return "starting"
        return None if self._worker.ready else "not_assigned"


class Consuming(Protocol):
    """A hop on the consumer loop."""

    def start(self) -> None: ...

    async def run(self) -> None: ...

    async def stop(self) -> None: ...

    @property
    def ready(self) -> bool: ...

    @property
    def polls(self) -> int: ...


class ConsumerHop:
    """Ticketing or the notifier: a consumer loop and the way out."""

    def __init__(self, name: str, parts: Parts, build: Callable[[Parts, Http], Consuming]) -> None:
        """`build` runs in `start`, on the event loop."""
        self._name = name
        self._parts = parts
        self._build = build
        self._made: Consuming | None = None
        self._http: AiohttpClient | None = None
        self._lively = Liveliness(parts.clock.monotonic, CONSUMER_PATIENCE_SECONDS)

    async def start(self) -> None:
        """Join the group, once the topics are as they have to be."""
        await until_safe(self._name, self._parts)
        self._http = self._parts.http()
        self._made = self._build(self._parts, traced(self._http, self._parts.tracer))
        self._made.start()

    async def run(self) -> None:
        """Wait until consuming fails."""
        assert self._made is not None
        await self._made.run()

    async def stop(self) -> None:
        """Drain, commit, leave; then close connections."""
        if self._made is not None:
            await self._made.stop()
        if self._http is not None:
            await self._http.close()

    def not_alive(self) -> str | None:
        """The consumer has to poll."""
        return "consumer_stuck" if self._made is not None and self._lively.stuck(self._made.polls) else None

    def not_ready(self) -> str | None:
        """Assigned and recovered."""
        return None if self._made is not None and self._made.ready else "not_assigned"


def ticketing(parts: Parts, http: Http) -> Consuming:
    """The ticketing hop."""
    return build_ticketing(
        connection=parts.connection("ticketing"),
        settings=parts.settings,
        tenants=parts.tenants,
        http=http,
        clock=parts.clock,
        metrics=parts.metrics,
        log=parts.log,
        helpdesks=helpdesks(parts.clock),
        outbounds=outbound,
        mask=masked,
        tracer=parts.tracer,
    )


def notifier(parts: Parts, http: Http) -> Consuming:
    """The notifier hop."""
    return build_notifier(
        connection=parts.connection("notifier"),
        settings=parts.settings,
        tenants=parts.tenants,
        http=http,
        clock=parts.clock,
        metrics=parts.metrics,
        log=parts.log,
        outbounds=outbound,
        mask=masked,
        tracer=parts.tracer,
    )
