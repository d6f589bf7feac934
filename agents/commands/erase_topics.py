"""What `handoff erase` reads from the topics, and how it writes to them. Blocks, but for `send`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from agents.commands.dead_line import partitions_of
from agents.erasure.holdings import CONSUMED, Holdings, conversation_of
from agents.erasure.markers import MarkerKey, Markers
from agents.erasure.person import Person, merged_into
from agents.erasure.plan import SOURCE, Write
from agents.escalation.state import HEAD_DECODER
from agents.escalation.state_records import HEAD_SUFFIX
from agents.notifier.app import GROUP as NOTIFIER_GROUP
from agents.settings import Settings
from agents.ticketing.app import GROUP as TICKETING_GROUP
from agents.ticketing.app import PARKED_GROUP
from streams.codec import encode, headers_for
from streams.contracts.erasures import Erasure
from streams.errors import HandoffError, Refused, Retryable
from streams.ids import conversation_key
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.ends import Ends
from streams.kafka.producer import AckedProducer
from streams.topology import (
    CONVERSATION_EVENTS,
    ERASURES,
    ESCALATION_LEDGER,
    ESCALATION_STATE,
    POLICY_VERSIONS,
    TOPICS,
)
from streams.trace import new_traceparent

SEARCHED = tuple(topic.name for topic in TOPICS if topic.name not in {POLICY_VERSIONS.name, ERASURES.name})
"""Upstream first: what moves on while it is searched is met again further down."""


@dataclass
class Search:
    """What was found of a person: conversations of theirs, and those in which they are only mentioned."""

    theirs: set[bytes] = field(default_factory=set)
    mentioned: set[bytes] = field(default_factory=set)


def read(connection: KafkaConnection, topic: str) -> Iterator[StoredRecord]:
    """Every record of a topic, headers and times included. `Refused` where the brokers do not give them."""
    partitions = list(range(partitions_of(connection, topic)))
    try:
        for batch in read_to_end(connection, topic, partitions, with_headers=True):
            yield from batch
    except Retryable as error:
        raise Refused(f"{topic} cannot be read: {error}") from None


def search(connection: KafkaConnection, person: Person) -> Search:
    """Look through all that the topics hold of the person's tenant."""
    found = Search({conversation_key(person.tenant, name).encode() for name in person.conversations})
    if not person.searched:
        return found
    ours = f"{person.tenant}|".encode()
    for topic in SEARCHED:
        for record in read(connection, topic):
            if record.value is None or not record.key.startswith(ours):
                continue
            what = _about(person, topic, record.key, record.value)
            if what == "theirs":
                found.theirs.add(conversation_of(record.key))
            elif what == "mentioned":
                found.mentioned.add(conversation_of(record.key))
    return found


def _about(person: Person, topic: str, key: bytes, value: bytes) -> str:
    if topic == ESCALATION_STATE.name:
        return _about_state(person, key, value)
    if topic == ESCALATION_LEDGER.name:
        parts = key.decode("utf-8", "replace").split("|")
        if len(parts) == 6 and parts[5] in person.tickets:
            return "theirs"
        return "mentioned" if person.is_mentioned(value) else "no"
    return person.in_json(value)


def _about_state(person: Person, key: bytes, value: bytes) -> str:
    if key.endswith(HEAD_SUFFIX):
        try:
            customer = HEAD_DECODER.decode(value).customer
        except msgspec.MsgspecError:
            return "no"
        if person.is_customer(msgspec.structs.asdict(customer)):
            return "theirs"
    return "mentioned" if person.is_mentioned(value) else "no"


def gather(connection: KafkaConnection, settings: Settings, keys: set[bytes]) -> dict[bytes, Holdings]:
    """All that the topics hold of these conversations, and of those they have taken in."""
    while True:
        found, merged = _gather(connection, settings, keys)
        if merged <= keys:
            return found
        keys = keys | merged


def _gather(
    connection: KafkaConnection, settings: Settings, keys: set[bytes]
) -> tuple[dict[bytes, Holdings], set[bytes]]:
    handled = _handled(connection, settings)  # before the records: what is handled meanwhile counts as under way
    found: dict[bytes, Holdings] = {}
    merged: set[bytes] = set()
    for topic in SEARCHED:
        committed = handled.get(topic, {})
        for record in read(connection, topic):
            key = conversation_of(record.key)
            if key not in keys:
                continue
            holdings = found.setdefault(key, Holdings(key))
            holdings.add(topic, record, committed)
            if topic == CONVERSATION_EVENTS.name and (other := merged_into(record.value or b"")) is not None:
                merged.add(conversation_key(holdings.tenant, other).encode())
    return found, merged


def _handled(connection: KafkaConnection, settings: Settings) -> dict[str, dict[int, int]]:
    """By topic and partition: up to where its reader has handled it."""
    groups = (settings.escalation.app_id, TICKETING_GROUP, PARKED_GROUP, NOTIFIER_GROUP)
    handled = {}
    for topic, group in zip(CONSUMED, groups, strict=True):
        partitions = partitions_of(connection, topic)
        ends = Ends(connection, topic, group)
        found = ends.read(range(partitions))
        ends.close()
        if len(found) != partitions:
            raise Refused(f"the brokers do not say how far {group} has come")
        handled[topic] = {partition: standing.committed for partition, standing in found.items()}
    return handled


def remembered(connection: KafkaConnection, keys: set[bytes]) -> set[bytes]:
    """Those of the conversations of which `escalation.state` still holds anything."""
    alive: dict[bytes, set[bytes]] = {}
    for record in read(connection, ESCALATION_STATE.name):
        key = conversation_of(record.key)
        if key in keys:
            parts = alive.setdefault(key, set())
            (parts.discard if record.value is None else parts.add)(record.key)
    return {key for key, parts in alive.items() if parts}


def markers(connection: KafkaConnection, secret: str | None) -> Markers:
    """The markers of erased conversations; none where their topic is not there yet."""
    try:
        partitions_of(connection, ERASURES.name)
    except Refused as error:
        if str(error).startswith("there is no topic"):
            return Markers()
        raise
    return Markers.of(read(connection, ERASURES.name), secret)


def refuse_another_key(connection: KafkaConnection, key: MarkerKey) -> None:
    """`Refused` where markers stand under another key, or their topic is not there: nothing could go back then."""
    partitions_of(connection, ERASURES.name)
    Markers.known(read(connection, ERASURES.name), key)


def marker(key: bytes, tenant: str, at: datetime, secret: MarkerKey) -> Write:
    """The record by which the dead letters of that conversation are blocked."""
    name = secret.hash_of(key)
    entry = Erasure(tenant=tenant, erased_at=at, key_id=secret.id)
    headers = headers_for(event_id=name, source=SOURCE, kind=entry.kind, at=at, traceparent=new_traceparent())
    return Write(ERASURES.name, 0, name, encode(entry), headers)


async def send(connection: KafkaConnection, writes: Iterable[Write]) -> Mapping[str, int]:
    """Write in order, each acknowledged before the next; how many went to each topic."""
    producer, sent = AckedProducer(connection), dict[str, int]()
    try:
        for write in writes:
            await producer.send(write.topic, write.key, write.value, headers=write.headers, partition=write.partition)
            sent[write.topic] = sent.get(write.topic, 0) + 1
    except HandoffError as error:
        raise Refused(f"stopped after {sum(sent.values())} records, to be run again: {error}") from None
    finally:
        await producer.close()
    return sent
