"""How the consumer's thread takes records in; the client is a double, the thread is not started."""

import asyncio
from types import SimpleNamespace
from typing import Any

from streams.kafka.consumer_thread import ConsumerThread
from streams.kafka.record import Record


def message(offset: int) -> Any:
    """As confluent-kafka's, without an error."""
    parts = {"topic": "t", "partition": 0, "offset": offset, "key": b"k", "value": b"v"}
    found = {name: lambda value=value: value for name, value in parts.items()}
    return SimpleNamespace(**found, error=lambda: None, headers=lambda: None, timestamp=lambda: (1, 5))


class Client:
    """Stands for librdkafka's consumer. Its `consume` would wait for a whole batch where it is given the time."""

    def __init__(self, offsets: list[int]) -> None:
        self.offsets = offsets

    def poll(self, timeout: float) -> Any:
        assert timeout > 0
        return message(self.offsets.pop(0)) if self.offsets else None

    def consume(self, number: int, timeout: float) -> list[Any]:
        assert timeout == 0, "a record that is there already would wait for others"
        taken, self.offsets = self.offsets[:number], self.offsets[number:]
        return [message(offset) for offset in taken]


class Listening:
    """What was handed over, batch by batch."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def received(self, records: list[Record]) -> None:
        self.batches.append([record.offset for record in records])


async def test_what_is_there_is_handed_over_at_once_and_together() -> None:
    listening = Listening()
    thread = ConsumerThread({}, "t", listening, drain_timeout_seconds=1.0)  # type: ignore[arg-type] # as much as is used
    client = Client(list(range(250)))
    for _ in range(3):
        thread._turn(client)
        await asyncio.sleep(0)
    assert listening.batches == [list(range(200)), list(range(200, 250))]
    assert thread.polls == 3
