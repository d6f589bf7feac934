"""What the topics hold of one conversation, made by hand."""

from datetime import UTC, datetime

from agents.erasure.holdings import Holdings
from streams.codec import encode
from streams.contracts.base import Contract
from streams.kafka.bulk import StoredRecord

KEY = b"acme|c1"
AT = datetime(2026, 7, 11, 9, 0, tzinfo=UTC)


def stored(offset: int, key: bytes, value: bytes | None, *, partition: int = 3, at: datetime = AT) -> StoredRecord:
    return StoredRecord(partition, offset, key, value, (), int(at.timestamp() * 1000))


class Topics:
    """Adds records to a conversation's holdings, offset after offset; `handled` is every reader's committed offset."""

    def __init__(self, handled: int = 1_000) -> None:
        self.holdings = Holdings(KEY)
        self._handled = handled
        self._offset = 0

    def put(self, topic: str, key: bytes | str, value: Contract | bytes | None = b"{}", *, at: datetime = AT) -> None:
        raw = encode(value) if isinstance(value, Contract) else value
        name = key.encode() if isinstance(key, str) else key
        self.holdings.add(topic, stored(self._offset, name, raw, at=at), {3: self._handled})
        self._offset += 1
