"""How records move through one topic of one process: what waits, what is in flight, since when, what moved last.

Told of every record by the consumer (it is a `streams.kafka.loop.Watch`), and of the partitions' ends by the
brokers; shown when Prometheus asks. A partition that leaves takes its series with it, or its new owner's lag
would stand beside an old one for ever.
"""

import asyncio
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from agents.observability import catalogue
from agents.observability.metrics import Metrics
from streams.clock import Clock
from streams.kafka.ends import Standing

ASK_SECONDS = 5.0


class Asked(Protocol):
    """`streams.kafka.ends.Ends`: blocking."""

    def read(self, partitions: Iterable[int]) -> Mapping[int, Standing]: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Open:
    """Records taken together and not finished: how many, when they were written, when they were taken."""

    count: int
    created_seconds: float
    taken_seconds: float


@dataclass
class _Partition:
    open: dict[int, _Open] = field(default_factory=dict)
    """By first offset, in the order of the offsets."""
    next_offset: int | None = None
    standing: Standing | None = None
    waiting_since: float | None = None
    finished_at: float | None = None


class Flow:
    """The partitions of `topic` that this process holds. Lives on one event loop."""

    def __init__(self, metrics: Metrics, clock: Clock, topic: str, ends: Asked) -> None:
        """Shows itself with every scrape from now on. `ends` is the connection over which `follow` asks."""
        self._metrics = metrics
        self._clock = clock
        self._topic = topic
        self._ends = ends
        self._partitions: dict[int, _Partition] = {}
        metrics.before_scrape(self.show)

    def held(self, partition: int) -> None:
        """`partition` is ours."""
        self._partitions.setdefault(partition, _Partition())

    def left(self, partition: int) -> None:
        """It is not any more."""
        if self._partitions.pop(partition, None) is not None:
            for metric in (catalogue.LAG_RECORDS, catalogue.LAG_TIMESTAMP, catalogue.LAST_PROGRESS):
                self._metrics.forget(metric, topic=self._topic, partition=str(partition))

    def taken(
        self, partition: int, offset: int, created_ms: int, *, count: int = 1, last_offset: int | None = None
    ) -> None:
        """`count` records, from `offset` to `last_offset`, are in our hands as one; offsets ascend."""
        found = self._partitions.get(partition)
        if found is not None:
            found.open[offset] = _Open(count, created_ms / 1000, self._clock.now().timestamp())
            found.next_offset = (offset if last_offset is None else last_offset) + 1

    def finished(self, partition: int, offset: int) -> None:
        """What was taken at `offset` is done for good, one way or the other."""
        found = self._partitions.get(partition)
        if found is not None and found.open.pop(offset, None) is not None:
            found.finished_at = self._clock.now().timestamp()

    def stands(self, standings: Mapping[int, Standing]) -> None:
        """What the brokers say now."""
        for partition, standing in standings.items():
            found = self._partitions.get(partition)
            if found is not None:
                found.standing = standing
                self._note_waiting(found)

    def _note_waiting(self, found: _Partition) -> None:
        """When records not yet in our hands were first seen to wait: their own times are not known."""
        waits = not found.open and _behind(found) > 0
        if not waits:
            found.waiting_since = None
        elif found.waiting_since is None:
            found.waiting_since = self._clock.now().timestamp()

    async def follow(self) -> None:
        """Ask the brokers, again and again, until cancelled."""
        try:
            while True:
                self.stands(await asyncio.to_thread(self._ends.read, list(self._partitions)))
                await self._clock.sleep(ASK_SECONDS)
        finally:  # a question may be under way: hanging up waits for it, and nobody waits for that
            threading.Thread(target=self._ends.close, name="ends-close", daemon=True).start()

    def show(self) -> None:
        """Set the gauges."""
        topic, metrics = self._topic, self._metrics
        open_ones = [one for found in self._partitions.values() for one in found.open.values()]
        metrics.set(catalogue.PARTITIONS, len(self._partitions), topic=topic)
        metrics.set(catalogue.IN_FLIGHT, sum(one.count for one in open_ones), topic=topic)
        oldest = min((one.taken_seconds for one in open_ones), default=0.0)
        metrics.set(catalogue.OLDEST_IN_FLIGHT, oldest, topic=topic)
        for partition, found in self._partitions.items():
            name = str(partition)
            if found.finished_at is not None:
                metrics.set(catalogue.LAST_PROGRESS, found.finished_at, topic=topic, partition=name)
            if found.standing is not None or found.open:
                metrics.set(catalogue.LAG_RECORDS, _behind(found), topic=topic, partition=name)
                metrics.set(catalogue.LAG_TIMESTAMP, _next_created(found), topic=topic, partition=name)


def _behind(found: _Partition) -> int:
    """Records that are not finished, in our hands or not."""
    begin = next(iter(found.open), found.next_offset)
    standing = found.standing
    if standing is None:
        return sum(one.count for one in found.open.values())
    if begin is None:
        begin = standing.committed
    return max(0, max(standing.end, found.next_offset or 0) - begin)


def _next_created(found: _Partition) -> float:
    """When the first of them was written; 0 where there is none."""
    first = next(iter(found.open.values()), None)
    if first is not None:
        return first.created_seconds
    return found.waiting_since or 0.0 if _behind(found) else 0.0
