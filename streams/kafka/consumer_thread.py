"""One librdkafka consumer in one thread of its own; everything it is asked to do is queued to that thread.

librdkafka calls its rebalance callbacks inside `consume`, so they run here too and may block here: the event
loop drains a partition meanwhile.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.errors import HandoffError
from streams.kafka.asking import patiently
from streams.kafka.bulk import COORDINATOR_SECONDS
from streams.kafka.connection import wrong_setting
from streams.kafka.record import Record, from_message

_BATCH = 200
_WAIT_SECONDS = 0.05

Command = Callable[[Any], None]


class ConsumerFailed(HandoffError):
    """The consumer cannot go on; the process has to end."""


class Listener(Protocol):
    """Who is told, always on the event loop."""

    async def assigned(self, partitions: list[int]) -> None:
        """Partitions are ours now, and paused; called once per rebalance. Must not wait for recovery."""
        ...

    async def revoking(self, partitions: list[int]) -> dict[int, int]:
        """Finish what is in flight and say which offsets to commit; the rebalance waits for this."""
        ...

    async def lost(self, partitions: list[int]) -> None:
        """Partitions went to somebody else already: forget them, commit nothing."""
        ...

    def received(self, records: list[Record]) -> None:
        """Records came."""
        ...

    def failed(self, error: Exception) -> None:
        """The consumer stopped for good."""
        ...


class ConsumerThread:
    """Runs one consumer for a `Listener`. Use `subscribe` or `assign`, never both."""

    def __init__(self, config: dict[str, Any], topic: str, listener: Listener, *, drain_timeout_seconds: float) -> None:
        """`drain_timeout_seconds` bounds how long a rebalance may wait for `revoking`."""
        self._config = config
        self._topic = topic
        self._listener = listener
        self._drain_timeout_seconds = drain_timeout_seconds
        self._loop = asyncio.get_running_loop()
        self._commands: deque[Command] = deque()
        self._held: set[int] = set()
        self._stopping = threading.Event()
        self._taken = threading.Event()
        self._taken.set()
        self._thread = threading.Thread(target=self._run, name=f"consumer-{topic}", daemon=True)
        self.polls = 0

    def start(self, *, subscribe: bool) -> None:
        """Begin polling; `subscribe` joins the group, otherwise partitions come through `assign`."""
        self._subscribe = subscribe
        self._thread.start()

    async def stop(self, timeout_seconds: float) -> None:
        """Leave the group and end the thread; the revocation callbacks run first."""
        self._stopping.set()
        await asyncio.to_thread(self._thread.join, timeout_seconds)

    def call(self, command: Command) -> None:
        """Run `command(consumer)` in the thread, soon and in order."""
        self._commands.append(command)

    def pause(self, partitions: list[int]) -> None:
        """Fetch nothing more from them."""
        self.call(lambda consumer: _quietly(consumer.pause, self._parts(partitions)))

    def resume(self, partitions: list[int]) -> None:
        """Fetch from them again."""
        self.call(lambda consumer: _quietly(consumer.resume, self._parts(partitions)))

    def commit(self, offsets: dict[int, int]) -> None:
        """Commit without waiting; a failure repeats records later, which is safe.

        What has left meanwhile is left out: late, it would set back what its next owner has committed.
        """

        def commit(consumer: Any) -> None:
            wanted = self._offsets({part: offset for part, offset in offsets.items() if part in self._held})
            if wanted:
                _quietly(consumer.commit, offsets=wanted, asynchronous=True)

        self.call(commit)

    def assign(self, partition: int) -> None:
        """Take one partition by hand, from its committed offset."""

        def take(consumer: Any) -> None:
            part = TopicPartition(self._topic, partition)
            committed = patiently(lambda: consumer.committed([part], timeout=10.0), COORDINATOR_SECONDS)[0]
            self._held.add(partition)
            consumer.incremental_assign([committed])
            consumer.resume([part])  # a pause outlives its assignment, and giving a partition back pauses it

        self.call(take)

    def unassign(self, partition: int, commit_offset: int | None) -> None:
        """Give one partition back, committing first."""

        def give(consumer: Any) -> None:
            self._held.discard(partition)
            if commit_offset is not None:
                _quietly(consumer.commit, offsets=self._offsets({partition: commit_offset}), asynchronous=False)
            _quietly(consumer.incremental_unassign, [TopicPartition(self._topic, partition)])

        self.call(give)

    def _parts(self, partitions: list[int]) -> list[Any]:
        return [TopicPartition(self._topic, partition) for partition in partitions]

    def _offsets(self, offsets: dict[int, int]) -> list[Any]:
        return [TopicPartition(self._topic, partition, offset) for partition, offset in offsets.items()]

    def _run(self) -> None:
        try:
            consumer = Consumer(self._config)
        except KafkaException as error:
            refused = ConsumerFailed(wrong_setting(error))
            self._tell(lambda: self._listener.failed(refused))
            return
        try:
            if self._subscribe:
                consumer.subscribe(
                    [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
                )
            while not self._stopping.is_set():
                self._turn(consumer)
            self._run_commands(consumer)
        except (KafkaException, ConsumerFailed) as error:
            failure = ConsumerFailed(str(error))
            self._tell(lambda: self._listener.failed(failure))
        finally:
            consumer.close()

    def _turn(self, consumer: Any) -> None:
        taken = self._taken.wait(_WAIT_SECONDS)  # a busy event loop must not have batches pile up before it
        self._run_commands(consumer)
        if not taken:
            return
        first = consumer.poll(_WAIT_SECONDS)
        self.polls += 1
        if first is None:
            return
        records = []
        # `consume` with a timeout waits for a whole batch; without one it adds what has queued up behind the first.
        for message in (first, *consumer.consume(_BATCH - 1, timeout=0)):
            error = message.error()
            if error is None:
                records.append(from_message(message))
            elif error.fatal() or error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise ConsumerFailed(error.name())
        if records:
            self._taken.clear()
            self._tell(lambda: self._hand_over(records))

    def _hand_over(self, records: list[Record]) -> None:
        """On the event loop. What a full partition asked for meanwhile, a pause, comes before the next fetch."""
        self._listener.received(records)
        self._taken.set()

    def _run_commands(self, consumer: Any) -> None:
        while self._commands:
            self._commands.popleft()(consumer)

    def _tell(self, what: Callable[[], None]) -> None:
        self._loop.call_soon_threadsafe(what)

    def _on_assign(self, consumer: Any, parts: list[Any]) -> None:
        consumer.incremental_assign(parts)
        self._held.update(part.partition for part in parts)
        if parts:
            consumer.pause(parts)
            self._wait(self._listener.assigned([part.partition for part in parts]))

    def _on_revoke(self, consumer: Any, parts: list[Any]) -> None:
        offsets = self._wait(self._listener.revoking([part.partition for part in parts])) or {}
        if offsets:
            _quietly(consumer.commit, offsets=self._offsets(offsets), asynchronous=False)
        self._held.difference_update(part.partition for part in parts)
        consumer.incremental_unassign(parts)

    def _on_lost(self, consumer: Any, parts: list[Any]) -> None:
        self._held.difference_update(part.partition for part in parts)
        self._wait(self._listener.lost([part.partition for part in parts]))
        consumer.incremental_unassign(parts)

    def _wait(self, what: Any) -> Any:
        future = asyncio.run_coroutine_threadsafe(what, self._loop)
        try:
            return future.result(self._drain_timeout_seconds)
        except TimeoutError:
            future.cancel()
            raise ConsumerFailed("drain_timed_out") from None


def _quietly(call: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Call; a failure is one that the next assignment or commit makes good (a partition that just left)."""
    try:
        call(*args, **kwargs)
    except KafkaException:
        return
