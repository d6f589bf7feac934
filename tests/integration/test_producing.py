"""Acknowledged, idempotent, keyed as Java keys, through the death of the broker."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from streams.codec import encode
from streams.errors import InvalidRecord
from streams.ids import conversation_key
from streams.kafka.admin import create
from streams.kafka.bulk import read_to_end
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import MAX_VALUE_BYTES, AckedProducer, DeliveryFailed
from streams.topology import CONVERSATION_OUTCOMES, PARTITIONS, POLICY_VERSIONS
from tests.support.consuming import ends, until
from tests.support.escalation_worker import said
from tests.support.kafka import QUICK_RETURN, RealKafka, jars

KEYS = [
    *(f"acme|{n}" for n in range(400)),
    *("acme|Grüße aus Köln", "acme|日本語", "acme|🙂🙃", "acme|é", "acme|e\u0301", "ä", "abc", "abcd", "a" * 700),
]
JAVA = """
import java.io.*; import java.nio.charset.StandardCharsets; import org.apache.kafka.common.utils.Utils;
public class Partitions { public static void main(String[] arguments) throws Exception {
  BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  for (String key = lines.readLine(); key != null; key = lines.readLine())
    System.out.println(Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % 12);
} }
"""


async def test_keys_lie_where_our_partitioner_says(kafka: RealKafka) -> None:
    producer = AckedProducer(kafka.connection())
    topic = CONVERSATION_OUTCOMES.name
    await asyncio.gather(*(producer.send(topic, key, b"{}") for key in KEYS))
    await producer.close()
    batches = read_to_end(kafka.connection(), topic, list(range(PARTITIONS)))
    found = {record.key: record.partition for batch in batches for record in batch}
    expected = {key.encode(): partition_for(key.encode(), PARTITIONS) for key in KEYS}
    assert {key: found[key] for key in expected} == expected
    assert len(set(expected.values())) == PARTITIONS


def test_and_where_javas_own_partitioner_says(java: None, tmp_path: Path) -> None:
    if shutil.which("javac") is None:
        pytest.skip("the Java here has no compiler: Java's own partitioner cannot be asked")
    source = tmp_path / "Partitions.java"
    source.write_text(JAVA)
    said_by_java = subprocess.run(
        ["java", "-cp", jars(), str(source)], input="\n".join(KEYS).encode(), capture_output=True, check=True
    )
    assert [int(line) for line in said_by_java.stdout.split()] == [partition_for(key.encode(), 12) for key in KEYS]


async def test_a_send_that_returned_is_readable_and_one_too_large_for_the_broker_never_leaves(kafka: RealKafka) -> None:
    producer = AckedProducer(kafka.connection())
    before = ends(kafka.connection(), POLICY_VERSIONS.name, 1).get(0, 0)
    await producer.send(POLICY_VERSIONS.name, "largest", b"x" * MAX_VALUE_BYTES)
    with pytest.raises(InvalidRecord):
        await producer.send(POLICY_VERSIONS.name, "larger", b"x" * (MAX_VALUE_BYTES + 1))
    assert ends(kafka.connection(), POLICY_VERSIONS.name, 1)[0] == before + 1
    await producer.close()


async def test_a_topic_that_is_not_there_fails_and_is_not_made(kafka: RealKafka) -> None:
    producer = AckedProducer(kafka.connection(), overrides={"message.timeout.ms": 3_000})
    with pytest.raises(DeliveryFailed, match=r"UNKNOWN_TOPIC|_MSG_TIMED_OUT"):
        await producer.send("no.such.topic", "k", b"v")
    assert not await producer.knows("no.such.topic")
    assert await producer.knows(POLICY_VERSIONS.name)
    await producer.close()


async def test_nothing_is_lost_doubled_or_out_of_order_when_the_broker_dies_under_load(
    java: None, tmp_path: Path
) -> None:
    with RealKafka(tmp_path / "kafka", extra=QUICK_RETURN) as broker:
        create(broker.connection(), [CONVERSATION_OUTCOMES], replication=1, min_insync_replicas=1)
        producer = AckedProducer(broker.connection())
        sent: list[tuple[int, bytes]] = []
        stop = asyncio.Event()

        async def write(partition: int) -> None:
            number = 0
            while not stop.is_set():
                batch = [str(number + n).encode() for n in range(50)]
                number += len(batch)
                topic, key = CONVERSATION_OUTCOMES.name, conversation_key("t", str(partition))
                await asyncio.gather(*(producer.send(topic, key, value, partition=partition) for value in batch))
                sent.extend((partition, value) for value in batch)

        async def a_thousand_more() -> None:
            goal = len(sent) + 1_000
            await until(lambda: len(sent) > goal)

        async def more() -> None:
            goal = len(sent) + 1_000
            await until(lambda: len(sent) > goal)

        writers = [asyncio.create_task(write(partition)) for partition in range(3)]
        for end in (broker.kill, broker.stop):
            await a_thousand_more()
            await asyncio.to_thread(end)
            await asyncio.to_thread(broker.start)
        await a_thousand_more()
        stop.set()
        await asyncio.wait_for(asyncio.gather(*writers), 30)
        assert await producer.close() == 0
        for partition in range(3):
            batches = read_to_end(broker.connection(), CONVERSATION_OUTCOMES.name, [partition])
            found = [record.value for batch in batches for record in batch]
            assert found == [value for part, value in sent if part == partition]


def test_an_event_of_ours_fits_the_topic(kafka: RealKafka) -> None:
    """The largest text a message may carry, in the bytes it takes at worst."""
    assert len(encode(said("c", 0, "\x01" * 32_000))) < MAX_VALUE_BYTES
