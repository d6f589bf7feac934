"""Reading a partition's ledger and parked line back from their topics. Blocks: run it in a thread."""

from dataclasses import dataclass

from agents.ticketing.ledger import Ledger
from agents.ticketing.parked import ORIGIN, ParkedBook
from streams.codec import decode, header
from streams.contracts.escalation_ledger import LEDGER
from streams.errors import InvalidRecord
from streams.kafka.bulk import committed_offset, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.topology import ESCALATION_LEDGER, ESCALATION_PARKED


@dataclass(frozen=True)
class Recovered:
    """What the topics say. `unreadable`: ledger records of a later build, left alone."""

    ledger: Ledger
    book: ParkedBook
    records: int
    unreadable: int


def recover(connection: KafkaConnection, partition: int, *, parked_group: str) -> Recovered:
    """Ledger and parked line as of now."""
    ledger, records, unreadable = Ledger(), 0, 0
    for batch in read_to_end(connection, ESCALATION_LEDGER.name, [partition]):
        for record in batch:
            records += 1
            key = record.key.decode("utf-8", "replace")
            try:
                entry = None if record.value is None else decode(LEDGER, record.value)
            except InvalidRecord:
                unreadable += 1
                continue
            ledger.apply(key, entry, record.offset)
    return Recovered(ledger, _line(connection, partition, parked_group), records, unreadable)


def _line(connection: KafkaConnection, partition: int, parked_group: str) -> ParkedBook:
    """Who waits: everything between the group's committed offset and the end."""
    book = ParkedBook()
    start = committed_offset(connection, parked_group, ESCALATION_PARKED.name, partition)
    for batch in read_to_end(
        connection, ESCALATION_PARKED.name, [partition], starts={partition: start}, with_headers=True
    ):
        for record in batch:
            origin = header(record.headers, ORIGIN)
            if origin is not None and origin.isdecimal():
                book.add(record.key, int(origin))
    return book
