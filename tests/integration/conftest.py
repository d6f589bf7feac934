"""One real broker for the whole run, with the topics of the map; tests use groups and keys of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.kafka.admin import create
from streams.topology import TOPICS
from tests.support.kafka import RealKafka, missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs the real broker."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
def java() -> None:
    """Skip, and say why, where the machine cannot run a broker."""
    reason = missing()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def kafka(java: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealKafka]:
    """The shared broker. Who stops or pauses it starts one of their own instead."""
    with RealKafka(tmp_path_factory.mktemp("kafka")) as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        yield broker
