"""Topics made from the map, and a broker held to it."""

from dataclasses import replace
from pathlib import Path

import pytest

from agents.__main__ import main
from streams.errors import Refused
from streams.kafka.admin import Difference, create, describe, differences
from streams.topology import CONVERSATION_EVENTS, ESCALATION_LEDGER, TOPICS, Topic
from tests.support.kafka import RealKafka


def named(topic: Topic, name: str, **changes: object) -> Topic:
    return replace(topic, name=name, **changes)  # type: ignore[arg-type] # a test's own field names


@pytest.fixture
def config(kafka: RealKafka, tmp_path: Path) -> str:
    path = tmp_path / "handoff.yaml"
    kafka_group = f"{{bootstrap_servers: '{kafka.bootstrap_servers}', replication_factor: 1, min_insync_replicas: 1}}"
    path.write_text(f"kafka: {kafka_group}\n")
    return str(path)


def test_applying_twice_creates_once_and_leaves_no_difference(
    kafka: RealKafka, config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["topics", "apply", "--config", config]) == 0
    assert main(["topics", "apply", "--config", config]) == 0
    assert "created" not in capsys.readouterr().out
    assert differences(TOPICS, describe(kafka.connection(), TOPICS), replication=1) == []


def test_the_broker_has_the_topics_as_the_map_wants_them(kafka: RealKafka) -> None:
    found = describe(kafka.connection(), TOPICS)
    assert set(found) == {topic.name for topic in TOPICS}
    assert found["escalation.ledger"].config["min.compaction.lag.ms"] == "600000"
    assert found["conversation.events"].config["max.message.bytes"] == "1048576"
    assert {found[topic.name].partitions for topic in TOPICS if topic.key.startswith("tenant|")} == {12}


def test_every_kind_of_difference_is_found_and_only_what_breaks_a_hop_is_fatal(kafka: RealKafka) -> None:
    connection = kafka.connection()
    there = [
        named(CONVERSATION_EVENTS, "wrong.partitions", partitions=3),
        named(ESCALATION_LEDGER, "wrong.cleanup", cleanup="delete"),
        named(CONVERSATION_EVENTS, "wrong.retention", retention_ms=60_000),
        named(CONVERSATION_EVENTS, "wrong.replication"),
    ]
    create(connection, there, replication=1, min_insync_replicas=1)
    wanted = [
        named(CONVERSATION_EVENTS, "wrong.partitions"),
        named(ESCALATION_LEDGER, "wrong.cleanup"),
        named(CONVERSATION_EVENTS, "wrong.retention"),
        named(CONVERSATION_EVENTS, "missing"),
    ]
    assert differences(wanted, describe(connection, wanted), replication=1) == [
        Difference("wrong.partitions", "partitions", "12", "3", fatal=True),
        Difference("wrong.cleanup", "cleanup.policy", "compact", "delete", fatal=True),
        Difference("wrong.retention", "retention.ms", "1209600000", "60000", fatal=False),
        Difference("missing", "topic", "exists", "missing", fatal=True),
    ]
    replicated = [named(CONVERSATION_EVENTS, "wrong.replication")]
    assert differences(replicated, describe(connection, replicated), replication=3) == [
        Difference("wrong.replication", "replication", "3", "1", fatal=False)
    ]


def test_more_replicas_than_brokers_are_refused_in_one_line(kafka: RealKafka) -> None:
    wanted = [named(CONVERSATION_EVENTS, "too.many.replicas")]
    with pytest.raises(Refused, match=r"too\.many\.replicas was not created: INVALID_REPLICATION_FACTOR"):
        create(kafka.connection(), wanted, replication=3, min_insync_replicas=2)


def test_a_topic_missing_from_the_map_is_never_made_by_asking_for_it(kafka: RealKafka) -> None:
    wanted = [named(CONVERSATION_EVENTS, "never.made")]
    assert describe(kafka.connection(), wanted) == {}
    assert describe(kafka.connection(), wanted) == {}
