"""The escalation process: Faust around the pipeline, started and stopped in order."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Callable
from typing import Any

from agents.escalation.decision import Rules
from agents.escalation.emit import Emitter
from agents.escalation.faust_seams import BulkLoad, FaustSettings, build_app, refuse_unsafe_runtime
from agents.escalation.fold import Decide, Folder
from agents.escalation.live import PartitionState
from agents.escalation.pipeline import Pipeline
from agents.escalation.state_records import PartitionLoader
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import EscalationSettings
from streams.clock import Clock
from streams.codec import encode, headers_for
from streams.contracts.policy_versions import PolicyVersion
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import Fuse, FusePolicy
from streams.kafka.producer import AckedProducer
from streams.kafka.record import Record
from streams.topology import CONVERSATION_EVENTS, ESCALATION_STATE, POLICY_VERSIONS
from streams.trace import new_traceparent

EXIT_CODE = 70
"""Of a process that ended rather than lose a record (EX_SOFTWARE)."""

_CHECK_SECONDS = 0.5


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
    ) -> None:
        """`policies`: sha256 to text, of every policy that may decide. Nothing is connected yet."""
        self._connection = connection
        self._settings = settings
        self._decide = decide
        self._rules_for = rules_for
        self._policies = policies
        self._clock = clock
        self._metrics = metrics
        self._log = log
        self._mask = mask
        self._die = on_death or die(log)
        self._partitions: dict[int, PartitionState] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._alive_at = time.monotonic()
        self._progress_at = time.monotonic()

    async def start(self) -> None:
        """Publish the policies, then join the group. Returns before the partitions are recovered."""
        refuse_unsafe_runtime()
        self._producer = AckedProducer(self._connection.named("handoff-escalation"))
        partitions = await self._producer.partitions(CONVERSATION_EVENTS.name)
        self._emitter = Emitter(metrics=self._metrics, log=self._log, clock=self._clock, mask=self._mask)
        self._pipeline = Pipeline(
            folder=Folder(self._decide, self._rules_for, partitions),
            emitter=self._emitter,
            producer=self._producer,
            partitions=self._partitions,
            clock=self._clock,
            fuse=Fuse(FusePolicy()),
            max_in_flight_bytes=self._settings.max_in_flight_bytes,
            die=self._die,
            before_write=self._exit_if_zombie,
        )
        await self._publish_policies()
        self._scratch = tempfile.TemporaryDirectory(prefix="handoff-escalation-")
        self._app = build_app(self._faust_settings(partitions), self._take, BulkLoad(self._load, self._drop))
        self._tasks = [
            asyncio.create_task(self._pipeline.run()),
            asyncio.create_task(self._beat()),
            asyncio.create_task(self._tick()),
        ]
        await self._app.start()

    async def stop(self) -> None:
        """Stop taking, let what is in flight be acknowledged, commit, leave."""
        await self._app.stop()
        for task in self._tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._producer.close()
        self._scratch.cleanup()

    @property
    def ready(self) -> bool:
        """Assigned, recovered, and the fuse is whole."""
        recovered: bool = self._app.tables.recovery.completed.is_set() and not self._app.rebalancing
        return recovered and self._pipeline.tripped is None

    @property
    def stalled(self) -> bool:
        """Work waits and nothing has moved for too long: only a restart helps."""
        if self._pipeline.idle or self._pipeline.tripped is not None:
            return False
        return time.monotonic() - self._progress_at > self._settings.stall_timeout_seconds

    @property
    def partitions(self) -> list[int]:
        """The partitions held."""
        return sorted(self._partitions)

    def _faust_settings(self, partitions: int) -> FaustSettings:
        session_seconds = self._connection.session_timeout_ms / 1000
        return FaustSettings(
            app_id=self._settings.app_id,
            bootstrap_servers=self._connection.bootstrap_servers,
            source_topic=CONVERSATION_EVENTS.name,
            state_topic=ESCALATION_STATE.name,
            partitions=partitions,
            session_timeout_seconds=session_seconds,
            rebalance_timeout_seconds=max(60.0, session_seconds) if session_seconds >= 30 else session_seconds + 2,
            heartbeat_seconds=min(3.0, session_seconds / 5),
            data_directory=self._scratch.name,
            instance_id=self._connection.instance_id,
        )

    async def _publish_policies(self) -> None:
        for sha256, text in self._policies.items():
            version = PolicyVersion(sha256=sha256, text=text)
            headers = headers_for(
                event_id=sha256,
                source="handoff/escalation",
                kind=version.kind,
                at=self._clock.now(),
                traceparent=new_traceparent(),
            )
            await self._producer.send(POLICY_VERSIONS.name, sha256, encode(version), headers=headers)

    async def _take(self, partition: int, fetched: list[Any], ack: Callable[[], None]) -> None:
        records = [
            Record(r.topic, r.partition, r.offset, r.key or b"", r.value, tuple(r.headers or ()), r.timestamp)
            for r in fetched
        ]

        def done() -> None:
            self._progress_at = time.monotonic()
            ack()

        await self._pipeline.take(partition, records, done)

    async def _load(self, partition: int) -> int:
        started = time.monotonic()
        loader = PartitionLoader(partition)
        await asyncio.to_thread(self._read, loader, partition)
        state, repairs = loader.finish()
        self._partitions[partition] = state
        await self._pipeline.repair(partition, repairs)
        seconds = time.monotonic() - started
        self._metrics.observe(catalogue.RECOVERY_SECONDS, seconds, topic=ESCALATION_STATE.name)
        self._metrics.count(catalogue.REBALANCES, topic=CONVERSATION_EVENTS.name, change="assigned")
        self._log.info(
            "partition.recovered",
            partition=partition,
            records=loader.records,
            conversations=len(state.lives),
            repaired=len(repairs),
            seconds=round(seconds, 3),
        )
        return loader.last_offset

    def _read(self, loader: PartitionLoader, partition: int) -> None:
        for batch in read_to_end(self._connection, ESCALATION_STATE.name, [partition]):
            loader.add(batch)

    async def _drop(self, partition: int) -> None:
        self._partitions.pop(partition, None)
        self._pipeline.forget(partition)
        self._metrics.count(catalogue.REBALANCES, topic=CONVERSATION_EVENTS.name, change="revoked")
        self._log.info("partition.left", partition=partition)

    def _exit_if_zombie(self) -> None:
        asleep_seconds = time.monotonic() - self._alive_at
        if asleep_seconds > self._connection.session_timeout_ms / 1000:
            self._die(f"slept for {asleep_seconds:.0f} s, longer than the session: somebody else owns the partitions")

    async def _beat(self) -> None:
        while True:
            self._exit_if_zombie()
            if self._app.crashed:
                self._die("a Faust service crashed")
            late = max(0.0, time.monotonic() - self._alive_at - _CHECK_SECONDS)
            self._alive_at = time.monotonic()
            if self._pipeline.idle:
                self._progress_at = self._alive_at
            self._metrics.set(catalogue.LOOP_LAG, late, hop="escalation")
            self._metrics.set(catalogue.PARTITIONS, len(self._partitions), topic=CONVERSATION_EVENTS.name)
            self._metrics.set(catalogue.FUSE, float(self._pipeline.tripped is not None), topic=CONVERSATION_EVENTS.name)
            for partition, state in self._partitions.items():
                self._metrics.set(catalogue.STATE_KEYS, len(state.lives), partition=str(partition))
            await asyncio.sleep(_CHECK_SECONDS)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._settings.tick_check_seconds)
            if not self._app.tables.recovery.completed.is_set() or self._app.rebalancing:
                continue
            now_ms = int(self._clock.now().timestamp() * 1000)
            for partition, state in list(self._partitions.items()):
                for live in list(state.due(now_ms)):
                    assert live.tick_sent_ms is not None
                    topic, key, value, headers = self._emitter.tick(live, live.tick_sent_ms)
                    await self._producer.produce(
                        topic, key, value, self._tick_report, headers=headers, partition=partition
                    )
                    self._metrics.count(catalogue.TICKS)

    def _tick_report(self, failure: Exception | None) -> None:
        if failure is not None:
            self._die(f"a tick was not delivered: {failure}")
