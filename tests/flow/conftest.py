"""The embedded broker for what needs no more."""

from collections.abc import AsyncIterator, Iterator

import pytest

from streams.kafka.connection import KafkaConnection
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.producer import AckedProducer


@pytest.fixture(scope="module")
def embedded() -> Iterator[KafkaConnection]:
    """One broker per module; tests use topics and groups of their own."""
    with EmbeddedBroker() as broker:
        yield KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")


@pytest.fixture
async def writer(embedded: KafkaConnection) -> AsyncIterator[AckedProducer]:
    producer = AckedProducer(embedded)
    yield producer
    await producer.close()
