"""What the topics say about each conversation of the demo, as it happens."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from streams.codec import decode, header
from streams.errors import InvalidRecord
from streams.kafka.connection import KafkaConnection
from streams.topology import (
    CONVERSATION_EVENTS,
    CONVERSATION_OUTCOMES,
    ESCALATION_COMMANDS,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
    Topic,
)

WATCHED: tuple[Topic, ...] = (
    CONVERSATION_EVENTS,
    ESCALATION_COMMANDS,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
    CONVERSATION_OUTCOMES,
)


@dataclass
class Seen:
    """One conversation, as far as the topics have told."""

    events: list[Any] = field(default_factory=list)
    commands: list[Any] = field(default_factory=list)
    notifications: list[Any] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)
    outcomes: list[Any] = field(default_factory=list)
    traces: dict[str, set[str]] = field(default_factory=dict)
    """Trace ids by topic."""

    def kinds(self) -> set[str]:
        """The kinds of news there were."""
        return {news.kind for news in self.notifications}


class Watcher:
    """Reads the topics in a thread of its own; `told(conversation_id, topic, value)` is called there."""

    def __init__(self, connection: KafkaConnection, told: Callable[[str, Topic, Any], None]) -> None:
        """Starts reading at the beginning of everything."""
        self._connection = connection
        self._told = told
        self._stopping = threading.Event()
        self.conversations: dict[str, Seen] = {}
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._thread.join(5.0)

    def seen(self, conversation_id: str) -> Seen:
        """What is known of a conversation now."""
        return self.conversations.setdefault(conversation_id, Seen())

    def _run(self) -> None:
        consumer = Consumer(self._connection.reader("handoff-demo") | {"enable.partition.eof": False})
        topics = {topic.name: topic for topic in WATCHED}
        consumer.assign([part for name in topics for part in _parts(consumer, name)])
        while not self._stopping.is_set():
            for message in consumer.consume(100, timeout=0.1):
                if message.error() is None and message.value() is not None:
                    self._keep(topics[message.topic()], message)
        consumer.close()

    def _keep(self, topic: Topic, message: Any) -> None:
        assert topic.adapter is not None
        try:
            value = decode(topic.adapter, message.value())
        except InvalidRecord:
            return
        seen = self.seen(value.conversation_id)
        traceparent = header(message.headers(), "traceparent") or ""
        seen.traces.setdefault(topic.name, set()).add(traceparent[3:35])
        {
            CONVERSATION_EVENTS.name: seen.events,
            ESCALATION_COMMANDS.name: seen.commands,
            NOTIFICATION_EVENTS.name: seen.notifications,
            NOTIFICATION_LEDGER.name: seen.steps,
            CONVERSATION_OUTCOMES.name: seen.outcomes,
        }[topic.name].append(value)
        self._told(value.conversation_id, topic, value)


def _parts(consumer: Consumer, topic: str) -> list[TopicPartition]:
    found = consumer.list_topics(topic, timeout=10.0).topics[topic].partitions
    return [TopicPartition(topic, number, OFFSET_BEGINNING) for number in found]
