"""The notifier as a process: everything it needs is passed in, nothing is looked up."""

from collections.abc import Callable

from agents.notifier.briefing import Briefing
from agents.notifier.gates import Gates
from agents.notifier.handler import NotifierHandler
from agents.notifier.ledger import Ledger
from agents.notifier.phrasebooks import Phrasebooks, load_shipped
from agents.notifier.reach import Surroundings
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.outbound import Http
from agents.platforms.port import Outbound
from agents.settings import Settings, TenantBook
from streams.clock import Clock
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy, Mask
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer
from streams.topology import NOTIFICATION_EVENTS, NOTIFICATION_LEDGER

GROUP = "handoff-notifier"
HOP = "notifier"


class Notifier:
    """Start it, wait in `run`, stop it. Lives on one event loop."""

    def __init__(self, loop: ConsumerLoop, producer: AckedProducer) -> None:
        """Made by `build`."""
        self._loop = loop
        self._producer = producer

    def start(self) -> None:
        """Join the group and begin."""
        self._loop.start()

    async def run(self) -> None:
        """Wait until consuming fails; raises why."""
        await self._loop.run()

    async def stop(self) -> None:
        """Finish what is in flight, commit, leave the group, deliver what is queued."""
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


def build(  # the composition root passes each collaborator by name
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
) -> Notifier:
    """The notifier, not started. `outbounds` raises `Refused` for a platform there is none of.

    Raises `Refused` where a tenant's templates or calendars cannot be read.
    """
    phrasebooks = Phrasebooks(load_shipped())
    for name in tenants.names():
        tenant = tenants.get(name)
        if tenant is not None:
            phrasebooks.check(name, tenant)
    producer = AckedProducer(connection)
    ledger = Ledger(producer, lambda partition: read_to_end(connection, NOTIFICATION_LEDGER.name, [partition]))
    around = Surroundings(ledger, http, clock, metrics, log, settings.notifier.call_timeout_seconds)
    briefing = Briefing(tenants, phrasebooks, outbounds, Gates(clock), lambda _tenant: None)
    topic = NOTIFICATION_EVENTS.name
    loop = ConsumerLoop(
        connection,
        topic=topic,
        group=GROUP,
        handler=NotifierHandler(around, briefing),
        dead_letters=DeadLetters(
            producer,
            clock,
            hop=HOP,
            mask=mask,
            fuse=Fuse(FusePolicy()),
            counted=lambda dead, reason: metrics.count(catalogue.DEAD_LETTERS, topic=dead, reason=reason),
        ),
        changed=lambda what, _partition: metrics.count(catalogue.REBALANCES, topic=topic, change=what),
    )
    return Notifier(loop, producer)
