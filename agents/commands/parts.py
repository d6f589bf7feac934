"""What every hop is given, and what it waits for before it begins: brokers that answer, topics as they have to be."""

import asyncio
from dataclasses import dataclass

from agents.commands.hosts import host_rules
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.outbound_aiohttp import AiohttpClient
from agents.settings import Settings, TenantBook
from agents.settings_file import connection
from streams.clock import Clock
from streams.errors import Refused, Retryable
from streams.kafka.admin import look
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer, DeliveryFailed
from streams.kafka.safety import Copies, Survey, missing, unsafe
from streams.topology import TOPICS

BROKERS_CHECK_SECONDS = 0.5
BROKERS_TIMEOUT_SECONDS = 2.0
"""Short: a question under way holds up the end of the process."""

TELL_AGAIN_SECONDS = 30.0


@dataclass(frozen=True)
class Parts:
    """What every hop is given."""

    settings: Settings
    tenants: TenantBook
    clock: Clock
    metrics: Metrics
    log: Log
    tracer: Tracer = OFF

    def connection(self, name: str) -> KafkaConnection:
        """The brokers, under this hop's client id."""
        return connection(self.settings, f"handoff-{name}")

    def http(self) -> AiohttpClient:
        """The guarded way out."""
        return AiohttpClient(host_rules(self.settings.outbound))


async def until_known(producer: AckedProducer, topic: str, parts: Parts) -> None:
    """Return when the brokers answer and have `topic`. A process outlives their absence, and says so now and then."""
    told_at: float | None = None
    while True:
        try:
            await producer.partitions(topic, timeout_seconds=BROKERS_TIMEOUT_SECONDS)
        except DeliveryFailed as error:
            now = parts.clock.monotonic()
            if told_at is None or now - told_at >= TELL_AGAIN_SECONDS:
                told_at = now
                parts.log.warning("brokers.unknown", topic=topic, reason=str(error))
            await parts.clock.sleep(BROKERS_CHECK_SECONDS)
        else:
            return


async def until_safe(hop: str, parts: Parts) -> None:
    """Return when the hop's topics are there and as they have to be; `Refused` where one never may be used.

    The embedded broker makes its topics by itself. A process outlives brokers that are away.
    """
    settings, told_at = parts.settings.kafka, None
    topics = [topic for topic in TOPICS if hop in {*topic.writers, *topic.readers}]
    while not settings.embedded:
        try:
            survey = Survey(*await asyncio.to_thread(look, parts.connection(hop), topics, timeout_seconds=2.0))
            absent = missing(topics, survey)
            reason = f"missing: {', '.join(absent)}; `handoff topics apply` makes them" if absent else None
        except Retryable as error:
            reason = str(error)
        else:
            if wrong := unsafe(topics, survey, Copies(settings.replication_factor, settings.min_insync_replicas)):
                raise Refused(wrong[0] + (f" (and {len(wrong) - 1} more: `handoff doctor`)" if wrong[1:] else ""))
        if reason is None:
            return
        now = parts.clock.monotonic()
        if told_at is None or now - told_at >= TELL_AGAIN_SECONDS:
            told_at = now
            parts.log.warning("topics.unknown", reason=reason)
        await parts.clock.sleep(BROKERS_CHECK_SECONDS)
