"""The notifier as a process: everything it needs is passed in, nothing is looked up."""

import asyncio
from collections.abc import Callable
from functools import partial

from agents.notifier.attempts import Attempts
from agents.notifier.briefing import Briefing
from agents.notifier.checks import check_tenant
from agents.notifier.deferral import Deferral
from agents.notifier.gates import Gates
from agents.notifier.handler import NotifierHandler
from agents.notifier.ledger import Ledger
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.posting import Posting
from agents.notifier.reach import Surroundings
from agents.notifier.smtp import SmtpPost
from agents.notifier.upkeep import Upkeep
from agents.observability import catalogue
from agents.observability.flow import Flow
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.outbound import Http
from agents.platforms.port import Outbound
from agents.settings import Settings, TenantBook
from streams.clock import Clock
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import PROMPT, KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy, Mask
from streams.kafka.ends import Ends
from streams.kafka.lease import Lease
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer, RecordWriter
from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_LEDGER

GROUP = "handoff-notifier"
HOP = "notifier"


MAIL_MARGIN_SECONDS = 5.0
"""A mail is several questions to the server, each with the configured timeout; together they get this much more."""

_NEVER = FusePolicy(max_consecutive=1_000_000_000, max_share=1.0)
"""What is given up is an outage of one tenant's platform: that must not stop the others."""


class Notifier:
    """Start it, wait in `run`, stop it. Lives on one event loop."""

    def __init__(self, loop: ConsumerLoop, producer: AckedProducer, upkeep: Upkeep, flow: Flow) -> None:
        """Made by `build`."""
        self._loop = loop
        self._producer = producer
        self._upkeep = upkeep
        self._flow = flow
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Join the group and begin."""
        self._loop.start()
        upkeep = (self._upkeep.beats(), self._upkeep.rounds(), self._upkeep.sweeps(), self._flow.follow())
        self._tasks = [asyncio.create_task(work) for work in upkeep]

    async def run(self) -> None:
        """Wait until something fails; raises what. Nothing may go on as if it had not."""
        consuming = asyncio.create_task(self._loop.run())
        try:
            done, _ = await asyncio.wait({consuming, *self._tasks}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
        finally:
            consuming.cancel()

    async def stop(self) -> None:
        """Finish what is in flight, commit, leave the group, deliver what is queued."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._loop.stop()
        await self._producer.close()

    @property
    def ready(self) -> bool:
        """Partitions are recovered, or this is a spare member of the group."""
        return self._loop.ready

    @property
    def polls(self) -> int:
        """Grows while the consumer is alive."""
        return self._loop.polls

    @property
    def in_flight(self) -> int:
        """Records taken and not finished."""
        return self._loop.in_flight


def build(  # noqa: PLR0913 # the composition root passes each collaborator by name
    *,
    connection: KafkaConnection,
    settings: Settings,
    tenants: TenantBook,
    http: Http,
    clock: Clock,
    metrics: Metrics,
    log: Log,
    outbounds: Callable[[str], Outbound],
    mask: Mask,
    tracer: Tracer = OFF,
) -> Notifier:
    """The notifier, not started. `outbounds` raises `Refused` for a platform there is none of.

    Raises `Refused` where a tenant's templates, calendars, sender or platform options are wrong.
    """
    phrasebooks = Phrasebooks(load_shipped())
    _refuse_wrong(tenants, phrasebooks, outbounds)
    producer = AckedProducer(connection, overrides=PROMPT)
    ledger = Ledger(producer, lambda partition: read_to_end(connection, NOTIFICATION_LEDGER.name, [partition]))
    notifier, smtp = settings.notifier, settings.notifier.smtp
    around = Surroundings(
        ledger,
        Lease(connection.session_timeout_ms / 1000),
        http,
        clock,
        metrics,
        log,
        call_timeout_seconds=notifier.call_timeout_seconds,
        mail_timeout_seconds=(smtp.timeout_seconds if smtp else 0.0) + MAIL_MARGIN_SECONDS,
        tracer=tracer,
    )
    gates = Gates(clock, notifier.concurrency)
    posting = Posting(SmtpPost(smtp) if smtp else None, clock)
    attempts = Attempts(around, Briefing(tenants, phrasebooks, outbounds, gates, posting.of))
    topic = NOTIFICATION_EVENTS.name
    dead_letters = partial(_dead_letters, producer, clock, mask, metrics)
    deferral = Deferral(
        around, attempts, dead_letters(_NEVER).put, give_up_after_seconds=notifier.give_up_after_seconds
    )
    flow = Flow(metrics, clock, topic, Ends(connection, topic, GROUP))
    loop = ConsumerLoop(
        connection,
        topic=topic,
        group=GROUP,
        handler=NotifierHandler(around, attempts, deferral),
        dead_letters=dead_letters(FusePolicy()),
        changed=lambda what, _partition: metrics.count(catalogue.REBALANCES, topic=topic, change=what),
        watch=flow,
    )
    return Notifier(loop, producer, Upkeep(around, deferral, gates), flow)


def _refuse_wrong(tenants: TenantBook, phrasebooks: Phrasebooks, outbounds: Callable[[str], Outbound]) -> None:
    for name in tenants.names():
        tenant = tenants.get(name)
        if tenant is not None:
            check_tenant(name, tenant, phrasebooks=phrasebooks, outbounds=outbounds)


def _dead_letters(
    producer: RecordWriter, clock: Clock, mask: Mask, metrics: Metrics, policy: FusePolicy
) -> DeadLetters:
    def counted(topic: str, reason: str) -> None:
        metrics.count(catalogue.DEAD_LETTERS, topic=topic, reason=reason)

    return DeadLetters(producer, clock, hop=HOP, mask=mask, fuse=Fuse(policy), counted=counted)
