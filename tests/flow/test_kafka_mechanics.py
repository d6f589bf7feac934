"""Producer, consumer loop and bulk reads over the Kafka protocol, on the embedded broker."""

import asyncio

import pytest
from confluent_kafka import Producer

from streams.errors import InvalidRecord, Refused
from streams.kafka.bulk import committed_offset, read_to_end
from streams.kafka.connection import KafkaConnection
from streams.kafka.dead_letters import FusePolicy
from streams.kafka.embedded import PARTITIONS, EmbeddedBroker
from streams.kafka.lanes import MAX_SPAN
from streams.kafka.partitioner import partition_for
from streams.kafka.producer import MAX_VALUE_BYTES, AckedProducer, DeliveryFailed
from tests.support.consuming import Collector, committed, ends, loop_over, until

EVERY = list(range(PARTITIONS))
KEYS = ["", "a", "acme|c1", "acme|Grüße", "acme|日本語", "acme|🙂🙃", *(f"t|{n}" for n in range(200))]


def values(connection: KafkaConnection, topic: str, partition: int = 0) -> list[bytes | None]:
    return [record.value for batch in read_to_end(connection, topic, [partition]) for record in batch]


class TestProducer:
    async def test_a_send_that_returned_is_on_the_broker(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        await writer.send("sent", "k", b"v", headers=[("ce_id", b"e1")], partition=2)
        [[record]] = list(read_to_end(embedded, "sent", EVERY, with_headers=True))
        assert (record.partition, record.offset, record.key, record.value) == (2, 0, b"k", b"v")
        assert record.headers == (("ce_id", b"e1"),)
        assert writer.outstanding == 0

    async def test_records_stand_in_the_order_in_which_they_were_sent_also_when_sends_overlap(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        wanted = [str(n).encode() for n in range(3_000)]
        await asyncio.gather(*(writer.send("ordered", "k", value, partition=0) for value in wanted))
        assert values(embedded, "ordered") == wanted

    async def test_a_full_queue_holds_the_sender_and_loses_nothing(self, embedded: KafkaConnection) -> None:
        producer = AckedProducer(embedded, overrides={"queue.buffering.max.messages": 10})
        wanted = [str(n).encode() for n in range(500)]
        await asyncio.gather(*(producer.send("narrow", "k", value, partition=0) for value in wanted))
        assert await producer.close() == 0
        assert values(embedded, "narrow") == wanted

    async def test_a_value_that_is_too_large_is_refused_before_it_is_sent_and_the_next_one_goes(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        with pytest.raises(InvalidRecord) as refused:
            await writer.send("large", "k", b"x" * (MAX_VALUE_BYTES + 1), partition=0)
        assert refused.value.reason == "too_large"
        await writer.send("large", "k", b"x" * MAX_VALUE_BYTES, partition=0)
        assert [len(value or b"") for value in values(embedded, "large")] == [MAX_VALUE_BYTES]

    async def test_a_sender_that_is_cancelled_disturbs_nobody(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        sends = [asyncio.create_task(writer.send("cancelled", "k", b"v", partition=0)) for _ in range(50)]
        await asyncio.sleep(0)
        for task in sends[::2]:
            task.cancel()
        done = await asyncio.gather(*sends, return_exceptions=True)
        assert [result for result in done[1::2] if result is not None] == []
        await writer.send("cancelled", "k", b"last", partition=0)
        assert values(embedded, "cancelled")[-1] == b"last"

    async def test_a_report_that_fails_does_not_keep_the_others_from_theirs(self, writer: AckedProducer) -> None:
        told: list[int] = []
        unhandled: list[Exception] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unhandled.append(context["exception"]))

        def report(_failure: Exception | None) -> None:
            told.append(len(told))
            if len(told) == 1:
                raise ZeroDivisionError

        for _ in range(20):
            await writer.produce("reports", b"k", b"v", report, partition=0)
        await until(lambda: len(told) == 20)
        assert [type(error) for error in unhandled] == [ZeroDivisionError]

    async def test_librdkafka_puts_every_key_where_our_partitioner_says(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        keys = [key for key in KEYS if key]
        await asyncio.gather(*(writer.send("keyed", key, b"v") for key in keys))
        found = {record.key: record.partition for batch in read_to_end(embedded, "keyed", EVERY) for record in batch}
        assert found == {key.encode(): partition_for(key.encode(), PARTITIONS) for key in keys}

    async def test_without_a_broker_a_send_fails_within_the_delivery_timeout(self) -> None:
        with EmbeddedBroker() as broker:
            connection = KafkaConnection(broker.bootstrap_servers, embedded=True)
            producer = AckedProducer(connection, overrides={"message.timeout.ms": 3_000})
            await producer.send("t", "k", b"v", partition=0)
        with pytest.raises(DeliveryFailed, match="_MSG_TIMED_OUT"):
            await producer.send("t", "k", b"secret", partition=0)
        with pytest.raises(DeliveryFailed):
            await producer.partitions("elsewhere", timeout_seconds=0.5)
        assert await producer.close(0.1) == 0

    async def test_what_could_not_be_delivered_in_time_is_counted_at_the_end(self) -> None:
        producer = AckedProducer(KafkaConnection("127.0.0.1:1"))
        for _ in range(3):
            await producer.produce("t", b"k", b"v", lambda _failure: None, partition=0)
        assert await producer.close(0.2) == 3

    async def test_a_setting_that_librdkafka_does_not_know_is_refused_without_its_value(self) -> None:
        with pytest.raises(Refused) as refused:
            AckedProducer(KafkaConnection("127.0.0.1:1", security={"sasl.pasword": "secret"}))
        assert "secret" not in str(refused.value)


class TestConsumerLoop:
    async def test_everything_is_handled_in_order_per_key_with_keys_side_by_side_and_committed(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        keys = [f"k{n}" for n in range(40)]
        for number in range(10):
            await asyncio.gather(*(writer.send("work", key, str(number).encode()) for key in keys))
        handler = Collector(seconds=0.005)
        consuming = loop_over(embedded, writer, handler, topic="work", group="work")
        consuming.start()
        await until(lambda: len(handler.handled) == 400)
        await until(lambda: consuming.ready)
        await consuming.stop()
        assert set(map(tuple, handler.values_by_key().values())) == {tuple(str(n).encode() for n in range(10))}
        assert handler.overlapping == set()
        assert committed(embedded, "work", "work", PARTITIONS) == ends(embedded, "work", PARTITIONS)

    async def test_no_record_is_handed_over_before_its_partition_is_recovered(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        await writer.send("recovering", "k", b"v", partition=1)
        handler = Collector()
        handler.recovery.clear()
        consuming = loop_over(embedded, writer, handler, topic="recovering", group="recovering")
        consuming.start()
        await until(lambda: ("recovering", 1) in handler.happened)
        await asyncio.sleep(0.3)
        assert handler.handled == []
        assert not consuming.ready
        handler.recovery.set()
        await until(lambda: len(handler.handled) == 1)
        of_it = [what for what, partition in handler.happened if partition == 1]
        assert of_it == ["recovering", "recovered", "handling"]
        await consuming.stop()
        assert ("released", 1) in handler.happened

    async def test_a_bad_record_goes_to_the_dead_letters_alone(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        for value in (b"one", b"bad", b"two"):
            await writer.send("mixed", "k", value, partition=0)
        handler = Collector()
        consuming = loop_over(embedded, writer, handler, topic="mixed", group="mixed")
        consuming.start()
        await until(lambda: len(handler.handled) == 2)
        await consuming.stop()
        assert [record.value for record in handler.handled] == [b"one", b"two"]
        assert values(embedded, "mixed.dead") == [b"bad"]
        assert committed(embedded, "mixed", "mixed", PARTITIONS) == {0: 3}

    async def test_a_bug_ends_the_loop_and_its_record_is_not_committed(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        for value in (b"one", b"boom", b"two"):
            await writer.send("bug", "k", value, partition=0)
        handler = Collector()
        consuming = loop_over(embedded, writer, handler, topic="bug", group="bug", drain_seconds=0.2)
        consuming.start()
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(consuming.run(), 20)
        await consuming.stop()
        assert [record.value for record in handler.handled] == [b"one"]
        assert committed_offset(embedded, "bug", "bug", 0) == 1

    async def test_an_unfinished_record_holds_the_offset_back_and_what_follows_it_is_repeated(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        await writer.send("held", "slow", b"wait", partition=0)
        await writer.send("held", "quick", b"v", partition=0)
        first = Collector()
        consuming = loop_over(embedded, writer, first, topic="held", group="held", drain_seconds=0.2)
        consuming.start()
        await until(lambda: len(first.handled) == 1)
        await consuming.stop()
        assert committed(embedded, "held", "held", PARTITIONS) == {}
        second = Collector()
        second.gate.set()
        again = loop_over(embedded, writer, second, topic="held", group="held")
        again.start()
        await until(lambda: len(second.handled) == 2)
        await again.stop()
        assert committed(embedded, "held", "held", PARTITIONS) == {0: 2}

    async def test_stopping_waits_for_what_is_in_flight_and_commits_it(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        await writer.send("draining", "k", b"wait", partition=3)
        handler = Collector()
        consuming = loop_over(embedded, writer, handler, topic="draining", group="draining")
        consuming.start()
        await until(lambda: consuming.in_flight == 1)
        stopping = asyncio.create_task(consuming.stop())
        await asyncio.sleep(0.3)
        assert not stopping.done()
        handler.gate.set()
        await stopping
        assert len(handler.handled) == 1
        assert committed(embedded, "draining", "draining", PARTITIONS) == {3: 1}

    async def test_a_slow_record_pauses_its_partition_at_a_bound_and_not_the_others(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        await writer.send("bounded", "slow", b"wait", partition=0)
        await asyncio.gather(*(writer.send("bounded", f"k{n}", b"v", partition=0) for n in range(2 * MAX_SPAN)))
        handler = Collector()
        consuming = loop_over(embedded, writer, handler, topic="bounded", group="bounded")
        consuming.start()
        await until(lambda: len(handler.handled) >= MAX_SPAN - 1)
        await writer.send("bounded", "other", b"v", partition=1)
        await until(lambda: any(record.partition == 1 for record in handler.handled))
        assert len(handler.handled) <= MAX_SPAN + 200
        handler.gate.set()
        await until(lambda: len(handler.handled) == 2 * MAX_SPAN + 2)
        await consuming.stop()

    async def test_a_run_of_bad_records_stops_the_loop_on_purpose(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        for _ in range(6):
            await writer.send("poison", "k", b"bad", partition=0)
        handler = Collector()
        policy = FusePolicy(max_consecutive=3)
        consuming = loop_over(embedded, writer, handler, topic="poison", group="poison", fuse=policy, drain_seconds=0.2)
        consuming.start()
        await until(lambda: consuming.tripped is not None)
        assert not consuming.ready
        await consuming.stop()
        assert values(embedded, "poison.dead") == [b"bad"] * 3
        assert committed(embedded, "poison", "poison", PARTITIONS) == {0: 3}

    async def test_a_followed_partition_is_read_from_its_committed_offset_and_given_back_with_one(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        for value in (b"1", b"2", b"3"):
            await writer.send("followed", "k", value, partition=2)
        for expected in ([b"1", b"2", b"3"], [b"4"]):
            handler = Collector()
            following = loop_over(embedded, writer, handler, topic="followed", group="followed", subscribe=False)
            following.start()
            following.follow(2)
            await until(lambda handler=handler, expected=expected: len(handler.handled) == len(expected))  # type: ignore[misc]
            await following.unfollow(2)
            await following.stop()
            assert [record.value for record in handler.handled] == expected
            await writer.send("followed", "k", b"4", partition=2)
        assert committed_offset(embedded, "followed", "followed", 2) == 4


class TestBulk:
    async def test_many_partitions_are_read_to_their_ends_as_of_now(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        wanted = {(n % PARTITIONS, str(n).encode()) for n in range(2_000)}
        await asyncio.gather(*(writer.send("bulk", "k", value, partition=part) for part, value in wanted))
        found = [(r.partition, r.value) for batch in read_to_end(embedded, "bulk", EVERY) for r in batch]
        assert len(found) == 2_000
        assert set(found) == wanted

    async def test_a_start_leaves_out_what_lies_before_it(
        self, embedded: KafkaConnection, writer: AckedProducer
    ) -> None:
        for value in (b"0", b"1", b"2"):
            await writer.send("from", "k", value, partition=1)
        batches = read_to_end(embedded, "from", EVERY, starts={1: 2})
        assert [record.value for batch in batches for record in batch] == [b"2"]

    async def test_an_empty_topic_gives_nothing_at_once(self, embedded: KafkaConnection) -> None:
        Producer(embedded.producer()).list_topics("empty", timeout=10)  # the embedded broker makes it
        assert list(read_to_end(embedded, "empty", EVERY)) == []
