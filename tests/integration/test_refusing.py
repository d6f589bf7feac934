"""Processes that look at the brokers before they begin, and refuse topics on which they could not keep their word."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from streams.kafka.admin import create
from streams.topology import ESCALATION_LEDGER, ESCALATION_STATE, NOTIFICATION_LEDGER, TOPICS
from tests.support.kafka import ROOT, RealKafka

WRONG = (
    replace(ESCALATION_STATE, partitions=6),
    replace(ESCALATION_LEDGER, cleanup="delete"),
)


@pytest.fixture(scope="module")
def broker(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """One topic of each hop is wrong in its own way."""
    with RealKafka(tmp_path_factory.mktemp("wrong")) as made:
        names = {topic.name for topic in WRONG}
        create(
            made.connection(),
            [topic for topic in TOPICS if topic.name not in names],
            replication=1,
            min_insync_replicas=1,
        )
        create(made.connection(), WRONG, replication=1, min_insync_replicas=1)
        _alter(made, NOTIFICATION_LEDGER.name, "min.insync.replicas", "2")
        yield made


def _alter(broker: RealKafka, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    for future in client.incremental_alter_configs([resource]).values():
        future.result()


def ended(hop: str, broker: RealKafka, folder: Path, copies: int = 1) -> subprocess.CompletedProcess[str]:
    config = folder / "handoff.yaml"
    config.write_text(f"kafka: {{bootstrap_servers: '{broker.bootstrap_servers}', replication_factor: {copies}}}\n")
    return subprocess.run(
        [sys.executable, "-m", "agents", hop, "--config", str(config), "--admin-port", "0"],
        cwd=ROOT,
        env=os.environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=40,
    )


@pytest.mark.parametrize(
    ("hop", "copies", "said"),
    [
        ("escalation", 1, "topic escalation.state has 6 partitions and conversation.events has 12"),
        ("ticketing", 1, "topic escalation.ledger has cleanup.policy delete and needs compact"),
        ("notifier", 1, "topic notification.ledger has min.insync.replicas 2 and 1 copies"),
        ("gateway", 3, "topic conversation.events has one copy and kafka.replication_factor is 3"),
    ],
)
def test_a_hop_does_not_begin_on_topics_that_would_break_its_promises(
    hop: str, copies: int, said: str, broker: RealKafka, tmp_path: Path
) -> None:
    process = ended(hop, broker, tmp_path, copies)
    assert process.returncode == 2, process.stderr
    *logged, line = process.stderr.splitlines()
    assert line.startswith(f"handoff: {said}")
    assert all(json.loads(each) for each in logged), "beside it there is the log alone"


def test_the_doctor_says_the_same(broker: RealKafka, tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text(f"kafka: {{bootstrap_servers: '{broker.bootstrap_servers}', replication_factor: 1}}\n")
    command = [sys.executable, "-m", "agents", "doctor", "--config", str(config), "--json"]
    told = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=60)
    findings = [json.loads(line) for line in told.stdout.splitlines()]
    errors = " ".join(row["text"] for row in findings if row.get("level") == "error")
    assert told.returncode == 1
    assert all(name in errors for name in ("escalation.state has 6", "cleanup.policy delete", "it takes no record"))
