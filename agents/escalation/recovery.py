"""Getting a partition's state from its topic when it is assigned, and letting go of it when it leaves."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from agents.collector import leave_alone_what_stands
from agents.escalation.live import PartitionState
from agents.escalation.state_records import PartitionLoader, StateRecord
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.topology import CONVERSATION_EVENTS, ESCALATION_STATE

Repair = Callable[[int, list[StateRecord]], Awaitable[None]]
Loaded = tuple[PartitionState, list[StateRecord], int]


class StateRecovery:
    """Fills and empties the dict of partitions that the pipeline works on."""

    def __init__(  # each is one collaborator, named at the composition root
        self,
        connection: KafkaConnection,
        partitions: dict[int, PartitionState],
        *,
        repair: Repair,
        forget: Callable[[int], None],
        metrics: Metrics,
        log: Log,
    ) -> None:
        """`repair` writes what puts the topic right; `forget` lets go of a partition's records in flight."""
        self._connection = connection
        self._partitions = partitions
        self._repair = repair
        self._forget = forget
        self._metrics = metrics
        self._log = log

    async def load(self, wanted: list[int]) -> dict[int, int]:
        """Read the state of `wanted` to its end; returns the last offset read of each, -1 where there is none."""
        started = time.monotonic()
        loaded = await asyncio.to_thread(self._read, wanted)
        leave_alone_what_stands()
        seconds = time.monotonic() - started
        for partition, (state, repairs, _) in loaded.items():
            self._partitions[partition] = state
            await self._repair(partition, repairs)
            self._metrics.count(catalogue.REBALANCES, topic=CONVERSATION_EVENTS.name, change="assigned")
        self._metrics.observe(catalogue.RECOVERY_SECONDS, seconds, topic=ESCALATION_STATE.name)
        self._log.info(
            "state.recovered",
            partitions=sorted(loaded),
            conversations=sum(len(state.lives) for state, _, _ in loaded.values()),
            repaired=sum(len(repairs) for _, repairs, _ in loaded.values()),
            seconds=round(seconds, 3),
        )
        return {partition: last for partition, (_, _, last) in loaded.items()}

    def _read(self, wanted: list[int]) -> dict[int, Loaded]:
        """In a thread of its own: heartbeats and health go on meanwhile."""
        loaders = {partition: PartitionLoader(partition) for partition in wanted}
        for batch in read_to_end(self._connection, ESCALATION_STATE.name, wanted, with_headers=True):
            for record in batch:
                loaders[record.partition].add(record)
        return {partition: (*loaders[partition].finish(), loaders.pop(partition).last_offset) for partition in wanted}

    async def drop(self, partition: int) -> None:
        """`partition` is somebody else's now."""
        self._partitions.pop(partition, None)
        self._forget(partition)
        self._metrics.count(catalogue.REBALANCES, topic=CONVERSATION_EVENTS.name, change="revoked")
        self._log.info("partition.left", partition=partition)
