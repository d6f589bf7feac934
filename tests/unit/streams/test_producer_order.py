"""Sends that overlap stand on their partition in the order of the calls, also when librdkafka's queue is full."""

import asyncio

import pytest

from streams.errors import Refused
from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.embedded import EmbeddedBroker
from streams.kafka.producer import AckedProducer

RECORDS = 300


def _read(connection: KafkaConnection) -> list[bytes]:
    found = [record for batch in read_to_end(connection, "conversation.events", [0]) for record in batch]
    return [record.value or b"" for record in found]


async def test_a_full_queue_changes_no_order() -> None:
    with EmbeddedBroker() as broker:
        connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        producer = AckedProducer(connection, overrides={"queue.buffering.max.messages": 7, "linger.ms": 20})
        try:
            wanted = [f"{number:04}".encode() for number in range(RECORDS)]
            sends = (producer.send("conversation.events", "acme|c", value, partition=0) for value in wanted)
            async with asyncio.timeout(30):
                await asyncio.gather(*sends)
            assert await asyncio.to_thread(_read, connection) == wanted
        finally:
            await producer.close()


async def test_a_send_that_is_given_up_while_it_waits_for_room_holds_nobody_up() -> None:
    with EmbeddedBroker() as broker:
        connection = KafkaConnection(broker.bootstrap_servers, embedded=True, group_protocol="consumer")
        producer = AckedProducer(connection, overrides={"queue.buffering.max.messages": 1, "linger.ms": 200})
        try:
            sends = [
                asyncio.create_task(producer.send("conversation.events", "acme|c", b"x", partition=0)) for _ in range(4)
            ]
            await asyncio.sleep(0)
            sends[1].cancel()
            sends[2].cancel()
            async with asyncio.timeout(10):
                await sends[0]
                await sends[3]
        finally:
            await producer.close()


async def test_a_setting_librdkafka_does_not_take_is_refused_without_its_value() -> None:
    connection = KafkaConnection("127.0.0.1:1", security={"security.protocol": "my-password"})
    with pytest.raises(Refused) as caught:
        AckedProducer(connection)
    assert str(caught.value) == 'kafka: Invalid value for configuration property "security.protocol"'
