"""The floor: a bare confluent-kafka loop, a dict, and a changelog flushed and committed after each 1,000 events."""

from typing import Any

import msgspec
from confluent_kafka import Consumer, KafkaError, Producer

from tests.bench.contenders.lean import TURN
from tests.bench.engine_job import NOTHING, Counted, command, count
from tests.bench.marks import Marks, Task

BATCH = 1_000


def clients(task: Task) -> tuple[Any, Any]:
    """A consumer in a group of its own, and an idempotent producer."""
    consumer = Consumer(
        {
            "bootstrap.servers": task.bootstrap_servers,
            "group.id": task.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "fetch.queue.backoff.ms": 20,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": task.bootstrap_servers,
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 5,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    return consumer, producer


def fetched(consumer: Any) -> list[Any]:
    """The next messages; none when nothing came in time."""
    messages = consumer.consume(BATCH, timeout=0.2)
    for message in messages:
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise SystemExit(f"consumer: {error.name()}")
    return list(messages)


class Failures:
    """Delivery reports: none may be bad."""

    def __call__(self, error: Any, _message: Any) -> None:
        if error is not None:
            raise SystemExit(f"producer: {error.name()}")


def main() -> None:
    """Consume, count, produce, flush, commit."""
    task = Task.from_argv()
    marks = Marks(task.events)
    consumer, producer = clients(task)
    consumer.subscribe([task.source])
    states: dict[bytes, Counted] = {}
    failed = Failures()
    while not marks.complete:
        messages = fetched(consumer)
        if not messages:
            continue
        if not marks.seen:
            marks.started()
        touched: dict[bytes, int] = {}
        for message in messages:
            key = message.key()
            turn = TURN.decode(message.value())
            states[key], fires = count(states.get(key, NOTHING), message.timestamp()[1], turn.author, turn.confidence)
            touched[key] = message.partition()
            if fires:
                value = command(turn.conversation_id, turn.event_id, states[key][1])
                producer.produce(task.commands, value, key, message.partition(), on_delivery=failed)
        for key, partition in touched.items():
            producer.produce(task.state, msgspec.msgpack.encode(states[key]), key, partition, on_delivery=failed)
        producer.flush()
        consumer.commit(asynchronous=False)
        marks.seen += len(messages)
    marks.done()
    consumer.close()


if __name__ == "__main__":
    main()
