"""One record as it came off a topic."""

from typing import Any

import msgspec

from streams.codec import header


class Record(msgspec.Struct, frozen=True, gc=False):
    """Coordinates, bytes and headers. `timestamp_ms` is the producer's create time.

    One is made for every record there is: a struct costs a fifth of a frozen dataclass.
    """

    topic: str
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = 0

    def __repr__(self) -> str:
        """Without what people wrote: values and headers stay out of every log."""
        return f"Record({self.topic!r}, {self.partition}, {self.offset})"

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
