"""The escalation process: Faust around the pipeline, started and stopped in order."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from agents.collector import calm_collector
from agents.escalation.broker_login import BrokerLogin, broker_login
from agents.escalation.decision import Rules
from agents.escalation.emit import Emitter, Produced
from agents.escalation.faust_seams import BulkLoad, FaustSettings, build_app, refuse_unsafe_runtime
from agents.escalation.fold import Decide, Folder
from agents.escalation.live import PartitionState
from agents.escalation.pipeline import Pipeline
from agents.escalation.recovery import StateRecovery
from agents.escalation.sizes import held_bytes
from agents.observability import catalogue
from agents.observability.flow import Flow
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.settings import EscalationSettings
from streams.clock import Clock
from streams.codec import encode, headers_for
from streams.contracts.policy_versions import PolicyVersion
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import Fuse, FusePolicy
from streams.kafka.ends import Ends
from streams.kafka.producer import AckedProducer
from streams.kafka.record import Record
from streams.topology import CONVERSATION_EVENTS, ESCALATION_STATE, POLICY_VERSIONS
from streams.trace import new_traceparent

EXIT_CODE = 70
"""Of a process that ended rather than lose a record (EX_SOFTWARE)."""

EMBEDDED_SESSION_SECONDS = 6.0
"""The mock broker lets a member join only after the session timeout of the one before, less a second."""

_CHECK_SECONDS = 0.5
_ROUND_SECONDS = 60.0
"""A conversation that nobody has written in for one or two of them is kept as its bytes."""
_COOLED_PER_CHECK = 1_000
"""Some 20 ms of work at most."""


def die(log: Log) -> Callable[[str], None]:
    """The hard exit. A polite one would let Faust acknowledge the record in hand."""

    def now(why: str) -> None:
        log.error("process.died", why=why)
        os._exit(EXIT_CODE)

    return now


class Worker:
    """One escalation worker. `start`, then `stop`; both once."""

    def __init__(  # noqa: PLR0913 # the composition root's collaborators
        self,
        *,
        connection: KafkaConnection,
        settings: EscalationSettings,
        decide: Decide,
        rules_for: Callable[[str], Rules | None],
        policies: dict[str, str],
        clock: Clock,
        metrics: Metrics,
        log: Log,
        mask: Callable[[bytes], bytes],
        on_death: Callable[[str], None] | None = None,
        make_producer: Callable[[KafkaConnection], AckedProducer] = AckedProducer,
        folder: type[Folder] = Folder,
        tracer: Tracer = OFF,
    ) -> None:
        """`policies`: sha256 to text, of every policy that may decide. Nothing is connected yet.

        `folder`: another one only to measure what stands around it.
        """
        self._connection = connection
        self._settings = settings
        self._decide = decide
        self._folder = folder
        self._rules_for = rules_for
        self._policies = policies
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._mask = mask
        self._tracer = tracer
        self._die = on_death or die(log)
        self._make_producer = make_producer
        self._partitions: dict[int, PartitionState] = {}
        session_seconds = connection.session_timeout_ms / 1000
        self._session_seconds = (
            min(session_seconds, EMBEDDED_SESSION_SECONDS) if connection.embedded else session_seconds
        )
        self._flow = Flow(
            metrics,
            clock,
            CONVERSATION_EVENTS.name,
            Ends(connection.named("handoff-escalation"), CONVERSATION_EVENTS.name, settings.app_id),
        )
        metrics.before_scrape(self._show_state)
        self._tasks: list[asyncio.Task[None]] = []
        self._app: Any = None
        self._producer: AckedProducer | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._alive_at = time.monotonic()
        self._progress_at = time.monotonic()
        self._round_at = time.monotonic() + _ROUND_SECONDS

    async def start(self) -> None:
        """Publish the policies, then join the group. Returns before the partitions are recovered.

        The process is the worker's own: its death ends it, and its garbage collector is set for it.
        """
        refuse_unsafe_runtime()
        calm_collector()
        login = broker_login(self._connection.security)
        self._producer = producer = self._make_producer(self._connection.named("handoff-escalation"))
        partitions = await producer.partitions(CONVERSATION_EVENTS.name)
        self._emitter = Emitter(
            metrics=self._metrics,
            log=self._log,
            clock=self._clock,
            mask=self._mask,
            tracer=self._tracer,
        )
        self._pipeline = Pipeline(
            folder=self._folder(self._decide, self._rules_for, partitions),
            emitter=self._emitter,
            producer=producer,
            partitions=self._partitions,
            fuse=Fuse(FusePolicy()),
            max_in_flight_bytes=self._settings.max_in_flight_bytes,
            die=self._die,
            before_write=self._exit_if_zombie,
        )
        recovery = StateRecovery(
            self._connection,
            self._partitions,
            repair=self._pipeline.repair,
            forget=self._pipeline.forget,
            metrics=self._metrics,
            log=self._log,
        )
        await self._publish_policies(producer)
        self._scratch = tempfile.TemporaryDirectory(prefix="handoff-escalation-")
        settings = self._faust_settings(partitions, self._scratch.name, login)
        self._app = build_app(settings, self._take, BulkLoad(self._load(recovery), self._drop(recovery)))
        self._tasks = [self._watched(work) for work in self._endless(producer)]
        await self._app.start()

    def _endless(self, producer: AckedProducer) -> tuple[Coroutine[Any, Any, None], ...]:
        return self._pipeline.run(), self._beat(), self._tick(producer), self._flow.follow()

    def _watched(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` for ever; should it fail, the process ends rather than go on without it."""
        task = asyncio.create_task(work, name=getattr(work, "__qualname__", None))

        def ended(done: asyncio.Task[None]) -> None:
            if not done.cancelled() and (failure := done.exception()) is not None:
                self._die(f"{type(failure).__name__} in {task.get_name()}")

        task.add_done_callback(ended)
        return task

    async def stop(self) -> None:
        """Stop taking, let what is in flight be acknowledged, commit, leave."""
        if self._app is not None:
            await self._app.stop()
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if self._producer is not None:
            await self._producer.close()
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def ready(self) -> bool:
        """Assigned, recovered, and the fuse is whole."""
        if self._app is None:
            return False
        recovered: bool = self._app.tables.recovery.completed.is_set() and not self._app.rebalancing
        return recovered and self._pipeline.tripped is None

    @property
    def stalled(self) -> bool:
        """Work waits and nothing has moved for too long: only a restart helps."""
        if self._app is None or self._pipeline.idle or self._pipeline.tripped is not None:
            return False
        return time.monotonic() - self._progress_at > self._settings.stall_timeout_seconds

    @property
    def partitions(self) -> list[int]:
        """The partitions held."""
        return sorted(self._partitions)

    def _faust_settings(self, partitions: int, scratch: str, login: BrokerLogin | None) -> FaustSettings:
        session_seconds = self._session_seconds
        return FaustSettings(
            app_id=self._settings.app_id,
            bootstrap_servers=self._connection.bootstrap_servers,
            source_topic=CONVERSATION_EVENTS.name,
            state_topic=ESCALATION_STATE.name,
            partitions=partitions,
            session_timeout_seconds=session_seconds,
            rebalance_timeout_seconds=max(60.0, session_seconds) if session_seconds >= 30 else session_seconds + 2,
            heartbeat_seconds=min(3.0, session_seconds / 5),
            data_directory=scratch,
            instance_id=self._connection.instance_id,
            login=login,
        )

    async def _publish_policies(self, producer: AckedProducer) -> None:
        for sha256, text in self._policies.items():
            version = PolicyVersion(sha256=sha256, text=text)
            headers = headers_for(
                event_id=sha256,
                source="handoff/escalation",
                kind=version.kind,
                at=self._clock.now(),
                traceparent=new_traceparent(),
            )
            await producer.send(POLICY_VERSIONS.name, sha256, encode(version), headers=headers)

    async def _take(self, partition: int, records: list[Record], ack: Callable[[], None]) -> None:
        first, started = records[0], time.monotonic()

        def done() -> None:
            self._progress_at = time.monotonic()
            self._flow.finished(partition, first.offset)
            self._metrics.observe(catalogue.RECORD_SECONDS, self._progress_at - started, topic=CONVERSATION_EVENTS.name)
            ack()

        self._flow.taken(
            partition, first.offset, first.timestamp_ms, count=len(records), last_offset=records[-1].offset
        )
        await self._pipeline.take(partition, records, done)

    def _load(self, recovery: StateRecovery) -> Callable[[list[int]], Awaitable[dict[int, int]]]:
        async def load(wanted: list[int]) -> dict[int, int]:
            for partition in wanted:
                self._flow.held(partition)
            return await recovery.load(wanted)

        return load

    def _drop(self, recovery: StateRecovery) -> Callable[[int], Awaitable[None]]:
        async def drop(partition: int) -> None:
            self._flow.left(partition)
            for gauge in (catalogue.STATE_KEYS, catalogue.STATE_BYTES):
                self._metrics.forget(gauge, partition=str(partition))
            await recovery.drop(partition)

        return drop

    def _show_state(self) -> None:
        for partition, state in self._partitions.items():
            self._metrics.set(catalogue.STATE_KEYS, len(state.lives), partition=str(partition))
            self._metrics.set(catalogue.STATE_BYTES, held_bytes(state), partition=str(partition))

    def _exit_if_zombie(self) -> None:
        asleep_seconds = time.monotonic() - self._alive_at
        if asleep_seconds > self._session_seconds:
            self._die(f"slept for {asleep_seconds:.0f} s, longer than the session: somebody else owns the partitions")

    async def _beat(self) -> None:
        while True:
            self._exit_if_zombie()
            if self._app.crashed:
                self._die("a Faust service crashed")
            self._alive_at = time.monotonic()
            if self._pipeline.tripped is not None:  # nothing in flight will ever be acknowledged: do not wait for it
                self._app.conf.stream_wait_empty = False
            if self._pipeline.idle:
                self._progress_at = self._alive_at
            self._metrics.set(catalogue.FUSE, float(self._pipeline.tripped is not None), topic=CONVERSATION_EVENTS.name)
            self._cool()
            await asyncio.sleep(_CHECK_SECONDS)

    def _cool(self) -> None:
        if self._alive_at >= self._round_at:
            self._round_at = self._alive_at + _ROUND_SECONDS
            for state in self._partitions.values():
                state.begin_round()
        left = _COOLED_PER_CHECK
        for state in self._partitions.values():
            if left > 0:
                left -= state.cool(left)

    async def _tick(self, producer: AckedProducer) -> None:
        while True:
            await asyncio.sleep(self._settings.tick_check_seconds)
            if not self._app.tables.recovery.completed.is_set() or self._app.rebalancing:
                continue
            for topic, key, value, headers, partition in self._due_ticks():
                self._exit_if_zombie()
                await producer.produce(topic, key, value, self._tick_report, headers=headers, partition=partition)
                self._metrics.count(catalogue.TICKS)

    def _due_ticks(self) -> list[tuple[*Produced, int]]:
        """Rendered at once: while one is produced, the conversation of the next may be gone."""
        now_ms = int(self._clock.now().timestamp() * 1000)
        return [
            (*self._emitter.tick(live), partition)
            for partition, state in self._partitions.items()
            for live in state.due(now_ms)
        ]

    def _tick_report(self, failure: Exception | None) -> None:
        if failure is not None:
            self._die(f"a tick was not delivered: {failure}")
