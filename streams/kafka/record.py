"""One record as it came off a topic."""

from dataclasses import dataclass, field
from typing import Any

from streams.codec import header


@dataclass(frozen=True, slots=True)
class Record:
    """Coordinates, bytes and headers. `timestamp_ms` is the producer's create time."""

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None = field(repr=False)
    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    timestamp_ms: int = 0

    def header(self, name: str) -> str | None:
        """The last header of that name as text."""
        return header(self.headers, name)


def from_message(message: Any) -> Record:
    """A confluent-kafka message without error as a `Record`."""
    return Record(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        key=message.key() or b"",
        value=message.value(),
        headers=tuple(message.headers() or ()),
        timestamp_ms=message.timestamp()[1],
    )
