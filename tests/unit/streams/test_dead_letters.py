from datetime import UTC, datetime

import pytest

from streams.clock import ManualClock
from streams.codec import Headers, header
from streams.errors import InvalidRecord
from streams.kafka.dead_letters import KEPT_BYTES, DeadLetters, Fuse, FusePolicy, FuseTripped
from streams.kafka.record import Record

AT = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)


class Writer:
    def __init__(self) -> None:
        self.sent: list[tuple[str, str, bytes | None, Headers, int | None]] = []

    async def send(
        self, topic: str, key: str, value: bytes | None, *, headers: Headers | None = None, partition: int | None = None
    ) -> None:
        self.sent.append((topic, key, value, headers or [], partition))


def letters(writer: Writer, fuse: Fuse | None = None) -> DeadLetters:
    return DeadLetters(
        writer,
        ManualClock(AT),
        hop="ticketing",
        mask=lambda value: value.replace(b"4111111111111111", b"*" * 16),
        fuse=fuse or Fuse(FusePolicy()),
    )


async def test_a_dead_letter_keeps_the_record_and_says_why() -> None:
    writer = Writer()
    record = Record("conversation.events", 3, 17, b"acme|c", b'{"a":"4111111111111111"}', (("ce_id", b"e1"),), 99)
    await letters(writer).put(record, InvalidRecord("not_json", "the value is not JSON"))
    [(topic, key, value, headers, partition)] = writer.sent
    assert (topic, key, partition) == ("conversation.events.dead", "acme|c", 3)
    assert value == b'{"a":"****************"}'
    assert header(headers, "ce_id") == "e1"
    assert header(headers, "dlq-reason") == "not_json"
    assert header(headers, "dlq-offset") == "17"
    assert header(headers, "dlq-hop") == "ticketing"
    assert header(headers, "dlq-first-failed-at") == header(headers, "dlq-failed-at") == AT.isoformat()


async def test_a_second_death_remembers_the_first() -> None:
    writer = Writer()
    old = (("dlq-first-failed-at", b"2026-07-01T00:00:00+00:00"), ("dlq-reason", b"older"))
    record = Record("t", 0, 1, b"k", b"v", old, 0)
    await letters(writer).put(record, InvalidRecord("newer"))
    headers = writer.sent[0][3]
    assert header(headers, "dlq-first-failed-at") == "2026-07-01T00:00:00+00:00"
    assert [value for name, value in headers if name == "dlq-reason"] == [b"newer"]


async def test_a_record_too_large_to_be_produced_keeps_its_beginning_and_its_hash() -> None:
    writer = Writer()
    record = Record("t", 0, 1, b"k", b"x" * 1_000_000, (), 0)
    await letters(writer).put(record, InvalidRecord("too_large"))
    _, _, value, headers, _ = writer.sent[0]
    assert value == b"x" * KEPT_BYTES
    assert header(headers, "dlq-value-bytes") == "1000000"
    assert len(header(headers, "dlq-value-sha256") or "") == 64


async def test_a_dead_letter_fits_whatever_key_and_headers_the_record_had() -> None:
    writer = Writer()
    headers = tuple((f"h{n}", b"x" * 50_000) for n in range(3))
    record = Record("t", 0, 1, b"\xff" * 100_000, b"v" * 800_000, headers, 0)
    await letters(writer).put(record, InvalidRecord("wrong_key"))
    _, key, value, sent, _ = writer.sent[0]
    size_bytes = len(key.encode()) + len(value or b"") + sum(len(name) + len(text) for name, text in sent)
    assert value == b"v" * 800_000
    assert size_bytes < 1_000_000
    assert [name for name, _ in sent if name.startswith("h")] == ["h0"]
    assert header(sent, "dlq-headers-dropped") == "2"


def test_the_fuse_trips_on_a_run_of_bad_records_and_not_before() -> None:
    fuse = Fuse(FusePolicy(max_consecutive=3))
    for _ in range(2):
        for _ in range(3):
            fuse.bad()
        fuse.good()
    for _ in range(3):
        fuse.bad()
    with pytest.raises(FuseTripped):
        fuse.bad()


def test_the_fuse_trips_on_a_share_once_the_window_is_full() -> None:
    fuse = Fuse(FusePolicy(max_consecutive=1_000, max_share=0.5, window=10))
    for _ in range(4):
        fuse.bad()
        fuse.good()
    fuse.bad()
    with pytest.raises(FuseTripped, match="60%"):
        fuse.bad()


async def test_a_tripped_fuse_writes_nothing() -> None:
    writer = Writer()
    dead = letters(writer, Fuse(FusePolicy(max_consecutive=0)))
    with pytest.raises(FuseTripped):
        await dead.put(Record("t", 0, 1, b"k", b"v", (), 0), InvalidRecord("bad"))
    assert writer.sent == []
