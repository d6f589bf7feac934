"""Sending dead letters back: one after the other, acknowledged, no faster than asked."""

from asyncio import Future, get_running_loop

from agents.commands.dead_letters import Letter
from streams.clock import Clock
from streams.errors import HandoffError, Refused
from streams.kafka.connection import KafkaConnection
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import AckedProducer


class Sender:
    """One redrive. `redrive_id` stands in the headers of all that it sends."""

    def __init__(self, connection: KafkaConnection, redrive_id: str, *, per_second: float, clock: Clock) -> None:
        """Nothing is connected before the first letter."""
        self._producer = AckedProducer(connection)
        self._redrive_id = redrive_id
        self._pause_seconds = 1.0 / per_second
        self._clock = clock
        self._next_at = clock.monotonic()

    async def send(self, letter: Letter, partitions: int) -> None:
        """Return when the brokers have it, on the partition of its key: a letter may have died of a wrong one."""
        wait = self._next_at - self._clock.monotonic()
        if wait > 0:
            await self._clock.sleep(wait)
        self._next_at = max(self._next_at, self._clock.monotonic()) + self._pause_seconds
        done: Future[None] = get_running_loop().create_future()

        def report(failure: Exception | None) -> None:
            if done.done():  # the person has given up meanwhile
                return
            if failure is None:
                done.set_result(None)
            else:
                done.set_exception(failure)

        headers = letter.redriven_headers(self._redrive_id)
        partition = partition_for(letter.key, partitions)
        try:
            await self._producer.produce(
                letter.topic, letter.key, letter.value, report, headers=headers, partition=partition
            )
            await done
        except HandoffError as error:
            raise Refused(f"{letter.id} was not sent: {error}") from None

    async def close(self) -> None:
        """Let the brokers go."""
        await self._producer.close()
