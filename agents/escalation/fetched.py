"""What aiokafka makes of a fetch: our own record at once, not a record of its own to be copied from.

A sixth seam, of aiokafka 0.14 and held by a canary test: its fetcher keeps what came, by partition, in `_records`,
and unpacks a partition's records one by one with `_consumer_record` when they are asked for. Made twice, a record
costs more than to decide on it.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

from streams.kafka.record import Record


def unpacker(topic: str, partition: int) -> Callable[[Any, Any], Record]:
    """Makes a record of one as aiokafka's parser gives it; which partition it is from need not be asked each time."""

    def unpacked(_tp: Any, raw: Any) -> Record:
        headers = raw.headers
        return Record(
            topic, partition, raw.offset, raw.key or b"", raw.value, tuple(headers) if headers else (), raw.timestamp
        )

    return unpacked


class Unpacking:
    """A partition's records as the fetcher reads them: its generator itself, without a call around each record."""

    __slots__ = ("_records",)

    def __init__(self, records: Any) -> None:
        """`records`: aiokafka's own."""
        self._records = records

    @property
    def next_fetch_offset(self) -> int:
        """As far as they are read."""
        return int(self._records.next_fetch_offset)

    def __iter__(self) -> Iterator[Record]:
        """What is not read yet: a loop that was left is gone on with."""
        unread: Iterator[Record] = self._records._records_iterator  # noqa: SLF001 # the seam
        return unread


class Fetches(OrderedDict[Any, Any]):
    """A fetcher's `_records` which has those of `topic` made as ours. Errors pass untouched."""

    def __init__(self, topic: str) -> None:
        """Empty."""
        super().__init__()
        self._topic = topic

    def __setitem__(self, tp: Any, result: Any) -> None:
        records = getattr(result, "_partition_records", None)
        if records is not None and tp.topic == self._topic:
            records._consumer_record = unpacker(tp.topic, tp.partition)  # noqa: SLF001 # the seam
            result._partition_records = Unpacking(records)  # noqa: SLF001 # the same
        super().__setitem__(tp, result)
