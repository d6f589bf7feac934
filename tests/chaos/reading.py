"""Reading a run's traces: every topic to its end, committed offsets, the simulators' database."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as default_policy
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from agents.demo.simulators.store import Records
from agents.gateway.intake import Accepted, Intake
from agents.platforms.port import Delivery
from agents.platforms.registry import inbound
from agents.settings import Settings
from streams.codec import header
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.topology import (
    CONVERSATION_EVENTS,
    ESCALATION_COMMANDS,
    ESCALATION_LEDGER,
    ESCALATION_PARKED,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
    TOPICS,
)
from tests.chaos.due import due
from tests.chaos.history import Chat, History, Lag, Rec, Ticket, Webhook
from tests.chaos.ledger_checks import ledgers_settled

GROUPS = {
    "handoff-escalation": CONVERSATION_EVENTS.name,
    "handoff-ticketing": ESCALATION_COMMANDS.name,
    "handoff-ticketing-parked": ESCALATION_PARKED.name,
    "handoff-notifier": NOTIFICATION_EVENTS.name,
}
_RAW = frozenset({"escalation.state"})
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def read_history(link: KafkaConnection, settings: Settings, database: Path, escalating: Sequence[str]) -> History:
    """Everything there is now. Blocks."""
    records: dict[str, list[Rec]] = {}
    for topic in TOPICS:
        if topic.name not in _RAW:
            records[topic.name] = [_rec(topic.name, record) for record in _stored(link, topic.name, topic.partitions)]
    events = _stored(link, CONVERSATION_EVENTS.name, CONVERSATION_EVENTS.partitions)
    by_partition: dict[int, list[StoredRecord]] = {}
    for record in events:
        by_partition.setdefault(record.partition, []).append(record)
    store = Records(database)
    try:
        return History(
            records=records,
            due=tuple(due(settings, by_partition.values())),
            tickets=_tickets(store),
            chats=_chats(database),
            webhooks=_webhooks(store, settings),
            lags=lags(link),
            escalating=escalating,
        )
    finally:
        store.close()


def _stored(link: KafkaConnection, topic: str, partitions: int) -> list[StoredRecord]:
    batches = read_to_end(link, topic, list(range(partitions)), with_headers=True)
    found = [record for batch in batches for record in batch]
    return sorted(found, key=lambda record: (record.partition, record.offset))


def _rec(topic: str, record: StoredRecord) -> Rec:
    names = {name for name, _ in record.headers}
    headers = {name: header(record.headers, name) or "" for name in names}
    value: Any = None
    if record.value is not None:
        try:
            value = json.loads(record.value)
        except ValueError:
            value = {}
    return Rec(topic, record.partition, record.offset, record.key.decode("utf-8", "replace"), value, headers)


def lags(link: KafkaConnection) -> tuple[Lag, ...]:
    """Every group's distance from the end, partition by partition."""
    found = []
    for group, topic in GROUPS.items():
        consumer = Consumer(link.reader(group))
        partitions = consumer.list_topics(topic, timeout=10.0).topics[topic].partitions
        for committed in consumer.committed([TopicPartition(topic, number) for number in partitions], timeout=10.0):
            _, end = consumer.get_watermark_offsets(TopicPartition(topic, committed.partition), timeout=10.0)
            found.append(Lag(group, topic, committed.partition, max(committed.offset, 0), end))
        consumer.close()
    return tuple(found)


def standing_work(link: KafkaConnection) -> list[str]:
    """INTENTs without OUTCOME and news that waits, by what stands on the ledgers."""
    found = []
    for topic in (ESCALATION_LEDGER, NOTIFICATION_LEDGER):
        records = {topic.name: [_rec(topic.name, each) for each in _stored(link, topic.name, topic.partitions)]}
        unsettled = sum(1 for _ in ledgers_settled(History(records=records)))
        if unsettled:
            found.append(f"{unsettled} open on {topic.name}")
    return found


def in_doubt(link: KafkaConnection, tenant: str, conversation_id: str) -> bool:
    """Whether an INTENT of that conversation stands without its OUTCOME: a call that may still be carried out."""
    standing: dict[str, Rec] = {}
    for record in _stored(link, ESCALATION_LEDGER.name, ESCALATION_LEDGER.partitions):
        if record.key.startswith(f"{tenant}|{conversation_id}|".encode()):
            standing[record.key.decode()] = _rec(ESCALATION_LEDGER.name, record)
    return any(ledgers_settled(History(records={ESCALATION_LEDGER.name: list(standing.values())})))


def _tickets(store: Records) -> tuple[Ticket, ...]:
    return tuple(
        Ticket(
            helpdesk=ticket.helpdesk,
            account=ticket.account,
            id=str(ticket.id),
            marks=frozenset(_UUID.findall(json.dumps([ticket.external_id, ticket.tags, _fields(ticket.doc)]))),
            comments=tuple(
                frozenset(_UUID.findall(f"{comment['body']} {comment['html_body']} {json.dumps(comment['doc'])}"))
                for comment in ticket.comments
            ),
        )
        for ticket in store.tickets()
    )


def _fields(doc: Mapping[str, Any]) -> Any:
    return doc.get("custom_fields")


def _chats(database: Path) -> tuple[Chat, ...]:
    store = Records(database)
    try:
        rows = store._rows(
            "SELECT s.platform, s.account, s.id AS session_id, m.text FROM sessions s LEFT JOIN messages m ON "
            "(m.platform, m.account, m.session_id) = (s.platform, s.account, s.id) "
            "AND m.shown = 1 AND m.author = 'human' ORDER BY s.platform, s.account, s.id, m.seq"
        )
        mails = _mails(store)
    finally:
        store.close()
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        texts = found.setdefault((row["platform"], f"{row['account']}|{row['session_id']}"), [])
        if row["text"] is not None:
            texts.append(row["text"])
    return tuple(
        Chat(key, platform, tuple(texts), tuple(mails.get(key.partition("|")[2], {}).values()))
        for (platform, key), texts in found.items()
    )


def _mails(store: Records) -> dict[str, dict[str, str]]:
    """By conversation, as its customer's address names it, and by Message-ID."""
    found: dict[str, dict[str, str]] = {}
    for row in store.mails(via="smtp"):
        mail = message_from_bytes(row["raw"], policy=default_policy)
        assert isinstance(mail, EmailMessage)
        body = mail.get_body(("plain",))
        text = "" if body is None else str(body.get_content())
        for address in row["recipients"]:
            conversation_id = address.partition("@")[0].removeprefix("customer-")
            found.setdefault(conversation_id, {})[str(mail["Message-ID"])] = f"{mail['Subject']}\n{text}"
    return found


def _webhooks(store: Records, settings: Settings) -> tuple[Webhook, ...]:
    """Accepted deliveries, each read once more as the platform's own description says."""
    found = []
    intake = Intake(inbound, settings.tenants.get, max_json_depth=settings.gateway.max_json_depth)
    for row in store.webhooks():
        if row["status"] is None or not 200 <= row["status"] < 300:
            continue
        who = intake.find(row["platform"], row["account"])
        assert isinstance(who, tuple)
        adapter, connection, _ = who
        headers = {name.lower(): value for name, value in row["headers"].items()}
        delivery = Delivery(body=row["body"], headers=headers, received_at=datetime.fromtimestamp(row["at"], UTC))
        read = intake.read(adapter, connection, delivery)
        assert isinstance(read, Accepted), read
        by_key: dict[str, list[str]] = {f"{row['account']}|{row['session_id']}": []}
        for event in read.events:
            by_key.setdefault(f"{event.tenant}|{event.conversation_id}", []).append(event.event_id)
        found += [Webhook(row["id"], key, tuple(ids)) for key, ids in by_key.items()]
    return tuple(found)
