"""What aiokafka makes of a fetch: our own record at once, not a record of its own to be copied from.

A sixth seam, of aiokafka 0.14 and held by a canary test: its fetcher keeps what came, by partition, in `_records`,
and unpacks a partition's records one by one with `_consumer_record` when they are asked for. Made twice, a record
costs more than to decide on it.
"""

from collections import OrderedDict
from typing import Any

from streams.kafka.record import Record


def unpacked(tp: Any, raw: Any) -> Record:
    """A record as aiokafka's parser gives it."""
    headers = raw.headers
    return Record(
        tp.topic, tp.partition, raw.offset, raw.key or b"", raw.value, tuple(headers) if headers else (), raw.timestamp
    )


class Fetches(OrderedDict[Any, Any]):
    """A fetcher's `_records` which has those of `topic` unpacked by `unpacked`. Errors pass untouched."""

    def __init__(self, topic: str) -> None:
        """Empty."""
        super().__init__()
        self._topic = topic

    def __setitem__(self, tp: Any, result: Any) -> None:
        records = getattr(result, "_partition_records", None)
        if records is not None and tp.topic == self._topic:
            records._consumer_record = unpacked  # noqa: SLF001 # the seam
        super().__setitem__(tp, result)
