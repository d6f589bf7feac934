"""`handoff dead` against a real broker: what is listed, sent back once, and left behind."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from agents.__main__ import main
from streams.errors import InvalidRecord
from streams.kafka.admin import create
from streams.kafka.bulk import StoredRecord, read_to_end
from streams.kafka.dead_letters import dead_headers
from streams.kafka.partitioner import partition_for
from streams.kafka.record import Record
from streams.topology import ESCALATION_COMMANDS, PARTITIONS, TOPICS
from tests.support.kafka import RealKafka

TOPIC = ESCALATION_COMMANDS.name
KEYS = {"a": b"acme|dead-a", "b": b"birch|dead-b"}


@pytest.fixture
def broker(java: None, tmp_path: Path) -> Iterator[RealKafka]:
    """One of its own: the command looks at all dead letters there are."""
    with RealKafka(tmp_path / "kafka") as made:
        create(made.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield made


@pytest.fixture
def config(broker: RealKafka, tmp_path: Path) -> str:
    path = tmp_path / "handoff.yaml"
    path.write_text(f"kafka: {{bootstrap_servers: '{broker.bootstrap_servers}', replication_factor: 1}}\n")
    return str(path)


def bury(broker: RealKafka, key: bytes, value: bytes, reason: str, *, kept: bytes | None = None) -> None:
    record = Record(TOPIC, partition_for(key, PARTITIONS), 5, key, value, (("ce_id", value),))
    headers = dead_headers(record, InvalidRecord(reason), datetime.now(UTC), hop="ticketing")
    producer = Producer({"bootstrap.servers": broker.bootstrap_servers})
    producer.produce(f"{TOPIC}.dead", kept or value, key, headers=headers, partition=record.partition)
    assert producer.flush(10) == 0


def on_topic(broker: RealKafka) -> list[StoredRecord]:
    link = broker.connection()
    batches = read_to_end(link, TOPIC, list(range(PARTITIONS)), with_headers=True)
    return [record for batch in batches for record in batch]


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["dead", "list", "--json", *arguments]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_letters_go_back_once_in_order_and_twice_only_when_asked(
    broker: RealKafka, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bury(broker, KEYS["a"], b"ticket", "in_doubt")
    bury(broker, KEYS["a"], b"append", "no_ticket")
    bury(broker, KEYS["b"], b"other", "in_doubt")
    at = ["--config", config]
    assert [row["reason"] for row in listed(capsys, *at, "--tenant", "acme")] == ["in_doubt", "no_ticket"]
    assert main(["dead", "redrive", *at, "--dry-run"]) == 0
    assert on_topic(broker) == []
    assert main(["dead", "redrive", *at, "--per-second", "1000"]) == 0
    sent = [record for record in on_topic(broker) if record.key == KEYS["a"]]
    assert [record.value for record in sent] == [b"ticket", b"append"]
    assert {record.partition for record in sent} == {partition_for(KEYS["a"], PARTITIONS)}
    assert main(["dead", "redrive", *at]) == 0
    assert len(on_topic(broker)) == 3
    assert listed(capsys, *at) == []
    assert {row["state"] for row in listed(capsys, *at, "--all")} == {"handled"}
    assert main(["dead", "redrive", *at, "--again", "--tenant", "birch"]) == 0
    assert len(on_topic(broker)) == 4


def test_what_is_left_out_is_still_there_the_next_time(
    broker: RealKafka, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bury(broker, KEYS["a"], b"card 4111111111111111", "in_doubt", kept=b"card ************1111")
    bury(broker, KEYS["a"], b"append", "no_ticket")
    bury(broker, KEYS["b"], b"other", "in_doubt")
    at = ["--config", config]
    assert main(["dead", "redrive", *at]) == 1
    assert [record.value for record in on_topic(broker)] == [b"other"]
    assert [row["state"] for row in listed(capsys, *at)] == ["masked", "whole"]
    assert main(["dead", "redrive", *at, "--reason", "no_ticket"]) == 1
    assert main(["dead", "redrive", *at, "--force"]) == 0
    assert len(on_topic(broker)) == 3


def test_a_gap_is_remembered_across_calls(broker: RealKafka, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        bury(broker, f"acme|{number}".encode(), b"x", "odd" if number % 2 else "even")
    at = ["--config", config]
    assert main(["dead", "drop", *at, "--reason", "odd"]) == 0
    assert len(listed(capsys, *at)) == 6
    assert main(["dead", "drop", *at, "--reason", "odd", "--yes"]) == 0
    assert [row["reason"] for row in listed(capsys, *at)] == ["even"] * 3
    assert main(["dead", "drop", *at]) == 2


def test_show_prints_no_value_unless_asked(broker: RealKafka, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    bury(broker, KEYS["a"], b"what the customer wrote", "in_doubt")
    name = str(listed(capsys, "--config", config)[0]["id"])
    assert main(["dead", "show", name, "--config", config]) == 0
    shown = capsys.readouterr().out
    assert "dlq-reason: in_doubt" in shown
    assert "what the customer wrote" not in shown.replace("ce_id: what the customer wrote", "")
    assert main(["dead", "show", name, "--value", "--config", config]) == 0
    assert '"what the customer wrote"' in capsys.readouterr().out


def test_marks_of_somebody_else_are_refused(broker: RealKafka, config: str, capsys: pytest.CaptureFixture[str]) -> None:
    bury(broker, KEYS["a"], b"ticket", "in_doubt")
    consumer = Consumer(broker.connection().reader("handoff-dead"))
    consumer.commit(offsets=[TopicPartition(f"{TOPIC}.dead", 0, 0, "not ours")], asynchronous=False)
    consumer.close()
    capsys.readouterr()
    assert main(["dead", "list", "--config", config]) == 2
    assert "not ours" in capsys.readouterr().err


def test_brokers_that_do_not_answer_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "handoff.yaml"
    path.write_text("kafka: {bootstrap_servers: '127.0.0.1:1'}\n")
    assert main(["dead", "list", "--config", str(path)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
