"""Every conversation of the demo on a real Apache Kafka, the kill at the worst moment included."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.demo.judging import misses
from agents.demo.scenarios import Row
from streams.kafka.admin import create
from streams.topology import TOPICS
from tests.flow.demo_rows import ALL_ROWS, Played, play
from tests.support.kafka import RealKafka


@pytest.fixture(scope="module")
def played(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with RealKafka(tmp_path_factory.mktemp("kafka-of-the-demo")) as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield play(Path(tmp_path_factory.mktemp("demo")), broker.bootstrap_servers)


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.label for row in ALL_ROWS])
def test_a_conversation_ends_as_it_has_to(played: Played, row: Row) -> None:
    assert misses(row, played.found(row)) == [], played.explain(row)


def test_every_process_ends_cleanly_on_sigterm(played: Played) -> None:
    assert set(played.exit_codes.values()) == {0}, played.exit_codes
