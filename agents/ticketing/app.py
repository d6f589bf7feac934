"""Ticketing as a process: everything it needs is passed in, nothing is looked up."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from random import Random
from typing import TypeVar

from agents.helpdesks.port import Helpdesk
from agents.observability import catalogue
from agents.observability.flow import Flow
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.outbound import Http
from agents.platforms.port import Outbound
from agents.settings import Settings, TenantBook
from agents.ticketing.desks import Desks
from agents.ticketing.handler import ParkedHandler, TicketingHandler
from agents.ticketing.live_world import Surroundings
from agents.ticketing.recovery import recover
from agents.ticketing.rounds import EVERY_SECONDS, Rounds
from agents.ticketing.tally import HOP, Tally
from streams.clock import Clock
from streams.errors import InvalidRecord
from streams.kafka.connection import PROMPT, KafkaConnection
from streams.kafka.dead_letters import DeadLetters, Fuse, FusePolicy, Mask
from streams.kafka.ends import Ends
from streams.kafka.lease import BEAT_SECONDS, Lease
from streams.kafka.loop import ConsumerLoop
from streams.kafka.producer import AckedProducer, RecordWriter
from streams.kafka.record import Record
from streams.topology import ESCALATION_COMMANDS, ESCALATION_PARKED

GROUP = "handoff-ticketing"
PARKED_GROUP = "handoff-ticketing-parked"
MAX_FETCHES = 8
PARKED_DRAIN_SECONDS = 2.0
"""A parked command mostly waits: what is cut off is seen again by the next owner."""


class Ticketing:
    """Start it, wait in `run`, stop it. Lives on one event loop."""

    def __init__(
        self,
        commands: ConsumerLoop,
        parked: ConsumerLoop,
        producer: AckedProducer,
        lease: Lease,
        clock: Clock,
        rounds: Rounds,
        handler: TicketingHandler,
        flows: Sequence[Flow],
    ) -> None:
        """Made by `build`."""
        self._commands = commands
        self._parked = parked
        self._producer = producer
        self._lease = lease
        self._clock = clock
        self._rounds = rounds
        self._handler = handler
        self._flows = flows
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Join the group and begin."""
        self._parked.start()
        self._commands.start()
        beside = (self._beat(), self._go_round(), *(flow.follow() for flow in self._flows))
        self._tasks = [asyncio.create_task(work) for work in beside]

    async def run(self) -> None:
        """Wait until something fails; raises why."""
        waits = [
            asyncio.create_task(self._commands.run()),
            asyncio.create_task(self._parked.run()),
            *(asyncio.ensure_future(asyncio.shield(task)) for task in self._tasks),
        ]
        try:
            await asyncio.gather(*waits)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _beat(self) -> None:
        while True:
            self._lease.beat(self._clock.monotonic())
            await asyncio.sleep(BEAT_SECONDS)

    async def _go_round(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self._rounds.go()

    async def stop(self) -> None:
        """Finish what is in flight, commit, leave the group, deliver what is queued."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._handler.leave_all()
        await self._commands.stop()
        await self._parked.stop()
        await self._producer.close()

    @property
    def ready(self) -> bool:
        """Partitions are recovered, or this is a spare member of the group."""
        return self._commands.ready and self._parked.tripped is None

    @property
    def polls(self) -> int:
        """Grows while the consumer is alive."""
        return self._commands.polls

    @property
    def in_flight(self) -> int:
        """Records taken and not finished."""
        return self._commands.in_flight + self._parked.in_flight


class ParkedDeadLetters(DeadLetters):
    """Dead letters of parked commands: they go where those of the commands go."""

    def when_buried(self, told: Callable[[Record], None]) -> "ParkedDeadLetters":
        """`told` hears of each one once it is on the brokers: those behind it in its line may go on."""
        self._told = told
        return self

    async def put(self, record: Record, error: InvalidRecord, *, topic: str | None = None) -> None:
        """See `DeadLetters.put`."""
        await super().put(record, error, topic=topic or ESCALATION_COMMANDS.name)
        self._told(record)


def build(  # noqa: PLR0913 # the composition root passes each collaborator by name
    *,
    connection: KafkaConnection,
    settings: Settings,
    tenants: TenantBook,
    http: Http,
    clock: Clock,
    metrics: Metrics,
    log: Log,
    helpdesks: Mapping[str, Helpdesk],
    outbounds: Callable[[str], Outbound],
    mask: Mask,
    tracer: Tracer = OFF,
) -> Ticketing:
    """Ticketing, not started. `outbounds` raises `Refused` for a platform there is none of."""
    producer = AckedProducer(connection, overrides=PROMPT)
    lease = Lease(connection.session_timeout_ms / 1000)
    around = Surroundings(
        writer=producer,
        settings=settings,
        tenants=tenants,
        desks=Desks(helpdesks, tenants, settings.ticketing, http, clock, lease, metrics, tracer),
        http=http,
        outbounds=outbounds,
        clock=clock,
        random=Random(),  # noqa: S311 # jitter
        lease=lease,
        tally=Tally(metrics, log),
        files=asyncio.Semaphore(MAX_FETCHES),
        tracer=tracer,
    )
    handler = TicketingHandler(
        around,
        lambda partition: recover(connection, partition, parked_group=PARKED_GROUP),
        lambda: producer.partitions(ESCALATION_COMMANDS.name),
        metrics,
        log,
    )

    commands, parked, flows = _loops(connection, handler, producer, clock, metrics, mask)
    rounds = Rounds(lambda: handler.owned, tenants, metrics)
    return Ticketing(commands, parked, producer, lease, clock, rounds, handler, flows)


def _loops(
    connection: KafkaConnection,
    handler: TicketingHandler,
    producer: AckedProducer,
    clock: Clock,
    metrics: Metrics,
    mask: Mask,
) -> tuple[ConsumerLoop, ConsumerLoop, Sequence[Flow]]:
    """The commands' consumer and that of the parked ones, with who watches each."""
    dead_letters = partial(_dead_letters, producer, clock, mask, metrics)
    flows = [
        Flow(metrics, clock, topic.name, Ends(connection, topic.name, group))
        for topic, group in ((ESCALATION_COMMANDS, GROUP), (ESCALATION_PARKED, PARKED_GROUP))
    ]
    parked = ConsumerLoop(
        connection,
        topic=ESCALATION_PARKED.name,
        group=PARKED_GROUP,
        handler=ParkedHandler(handler),
        dead_letters=dead_letters(ParkedDeadLetters).when_buried(handler.buried),
        subscribe=False,
        drain_seconds=PARKED_DRAIN_SECONDS,
        changed=lambda what, _partition: _count_change(metrics, ESCALATION_PARKED.name, what),
        watch=flows[1],
    )
    handler.line = parked
    commands = ConsumerLoop(
        connection,
        topic=ESCALATION_COMMANDS.name,
        group=GROUP,
        handler=handler,
        dead_letters=dead_letters(DeadLetters),
        changed=_commands_changed(metrics, handler),
        watch=flows[0],
    )
    return commands, parked, flows


D = TypeVar("D", bound=DeadLetters)


def _dead_letters(producer: RecordWriter, clock: Clock, mask: Mask, metrics: Metrics, kind: type[D]) -> D:
    """Each loop has a fuse of its own."""

    def counted(topic: str, reason: str) -> None:
        metrics.count(catalogue.DEAD_LETTERS, topic=topic, reason=reason)

    return kind(producer, clock, hop=HOP, mask=mask, fuse=Fuse(FusePolicy()), counted=counted)


def _count_change(metrics: Metrics, topic: str, what: str) -> None:
    if what == "fuse_tripped":
        metrics.set(catalogue.FUSE, 1, topic=topic)
    metrics.count(catalogue.REBALANCES, topic=topic, change=what)


def _commands_changed(metrics: Metrics, handler: TicketingHandler) -> Callable[[str, int], None]:
    def changed(what: str, partition: int) -> None:
        if what == "leaving":
            handler.leave(partition)
        else:
            _count_change(metrics, ESCALATION_COMMANDS.name, what)

    return changed
