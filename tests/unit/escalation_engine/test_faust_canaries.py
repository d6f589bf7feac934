"""What faust-streaming 0.15.3 does that the batch path stands on, or has to work around.

A test that fails here after an upgrade says: read that part of Faust again before the pin moves.
"""

import importlib.util
import inspect
import weakref
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from faust import streams
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.tables.table import Table
from faust.transport import consumer as consumer_module
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import Message
from intervaltree import IntervalTree  # type: ignore[import-untyped] # Faust's own; typed nowhere

from agents.escalation.faust_seams import (
    BatchConsumer,
    IdempotentProducer,
    PromptTableManager,
    StateTable,
    refuse_unsafe_runtime,
    unsafe_runtime,
)
from agents.escalation.faust_version import FAUST_VERSION
from agents.escalation.fetched import Fetches
from streams.kafka.record import Record

PARTITION = TP("conversation.events", 0)


def book_keeping(*, committed: int | None, acked: list[int]) -> Any:
    """As much of a consumer as decides what to commit."""
    return SimpleNamespace(
        _acked=defaultdict(list, {PARTITION: list(acked)}),
        _acked_index=defaultdict(set, {PARTITION: set(acked)}),
        _gap=defaultdict(IntervalTree),
        _committed_offset=defaultdict(lambda: None, {PARTITION: committed}),
    )


def stock(state: Any) -> int | None:
    offset: int | None = driver.Consumer._new_offset(state, PARTITION)
    return offset


def ours(state: Any) -> int | None:
    return BatchConsumer._new_offset(state, PARTITION)


class TestStockCommitDefects:
    """The lettered cases of Faust's own commit rule: what is in flight is lost if the process dies then."""

    def test_a_a_hole_of_one_at_the_head_is_committed_past(self) -> None:
        assert stock(book_keeping(committed=10, acked=[11])) == 12

    def test_b_a_larger_hole_is_respected_and_blocks(self) -> None:
        assert stock(book_keeping(committed=10, acked=[12])) is None

    def test_c_without_a_committed_offset_any_hole_is_committed_past(self) -> None:
        assert stock(book_keeping(committed=None, acked=[15])) == 16

    def test_d_a_committed_offset_of_zero_counts_as_none(self) -> None:
        assert stock(book_keeping(committed=0, acked=[1])) == 2

    def test_e_and_so_a_hole_of_any_size_is_committed_past_on_a_fresh_partition(self) -> None:
        assert stock(book_keeping(committed=0, acked=[100])) == 101

    async def test_f_a_gap_in_the_log_counts_the_live_record_at_its_end_as_done(self) -> None:
        state = book_keeping(committed=6, acked=[])
        await driver.Consumer._add_gap(state, PARTITION, 6, 10)  # 5 was read, then 10; 10 is in flight
        state._acked[PARTITION].append(11)
        assert stock(state) == 12

    def test_a_partition_whose_first_batch_was_the_record_at_offset_zero_never_commits_again(self) -> None:
        state = book_keeping(committed=None, acked=[0])
        assert stock(state) == 1
        state._committed_offset[PARTITION] = 1
        # The next batch ends at 500. Faust notes no gap before it, because the offset read last, 0, counts as none.
        state._acked[PARTITION].append(500)
        assert stock(state) is None


class TestOurCommitRule:
    """Batches carry their last offset and are acknowledged in order: the highest one is the place to go on from."""

    def test_nothing_acknowledged_commits_nothing(self) -> None:
        assert ours(book_keeping(committed=10, acked=[])) is None

    @pytest.mark.parametrize("committed", [None, 0, 1, 37])
    def test_the_place_after_the_last_batch_is_committed(self, committed: int | None) -> None:
        assert ours(book_keeping(committed=committed, acked=[40, 41, 97])) == 98

    def test_the_record_at_offset_zero_is_no_trap(self) -> None:
        state = book_keeping(committed=None, acked=[0])
        assert ours(state) == 1
        state._committed_offset[PARTITION] = 1
        state._acked[PARTITION].append(500)
        assert ours(state) == 501

    def test_an_offset_is_committed_once(self) -> None:
        state = book_keeping(committed=None, acked=[7])
        assert [ours(state), ours(state)] == [8, None]
        assert state._acked_index[PARTITION] == set()

    async def test_gaps_in_the_log_change_nothing(self) -> None:
        state = book_keeping(committed=6, acked=[])
        await BatchConsumer._add_gap(state, PARTITION, 6, 10)
        assert ours(state) is None
        state._acked[PARTITION].append(5)
        assert ours(state) == 6


class TestSeams:
    """Each is a place that Faust itself goes through; its name alone would not be enough."""

    @pytest.mark.parametrize(
        ("place", "call"),
        [
            (consumer_module.Consumer._wait_next_records, "self._getmany("),
            (consumer_module.Consumer._filter_committable_offsets, "self._new_offset(tp)"),
            (consumer_module.Consumer._drain_messages, "self._add_gap("),
            (consumer_module.ThreadDelegateConsumer.threadsafe_partitions_revoked, "self.on_partitions_revoked"),
            (Recovery._build_highwaters, "consumer.highwaters("),
            (Recovery._build_offsets, "consumer.earliest_offsets("),
            (Recovery._add, "table.persisted_offset(tp)"),
            (TableManager.on_rebalance, "table.on_rebalance"),
            (TableManager.on_start, "self.sleep(1.0)"),
            (TableManager.on_start, "self._update_channels()"),
            (TableManager.on_start, "self.recovery.start()"),
            (driver.Producer._new_producer, "self._settings_extra()"),
            (driver.AIOKafkaConsumerThread._create_worker_consumer, "conf.broker_credentials"),
            (
                driver.AIOKafkaConsumerThread._create_worker_consumer,
                "group_instance_id=conf.consumer_group_instance_id",
            ),
            (driver.AIOKafkaConsumerThread._create_worker_consumer, "enable_auto_commit=False"),
            (driver.AIOKafkaConsumerThread._create_consumer, "self._create_worker_consumer(transport)"),
            (driver.AIOKafkaConsumerThread.on_start, "await self._consumer.start()"),
            (driver.Consumer._new_consumer_thread, "AIOKafkaConsumerThread(self, loop=self.loop, beacon=self.beacon)"),
            (AIOKafkaConsumer.start, "isolation_level=self._isolation_level"),
            (Fetcher._proc_fetch_request, "self._records[tp] = FetchResult("),
            (Fetcher._proc_fetch_request, "partition_records=partition_records"),
            (Fetcher.fetched_records, "self._records[tp]"),
            (FetchResult.getall, "for msg in self._partition_records:"),
            (PartitionRecords.__init__, "self._records_iterator = self._unpack_records()"),
            (PartitionRecords._unpack_records, "self._consumer_record(tp, record)"),
            (AIOKafkaConsumer.start, "fetch_max_wait_ms=self._fetch_max_wait_ms"),
        ],
    )
    def test_faust_goes_through_it(self, place: Any, call: str) -> None:
        assert call in inspect.getsource(place)

    def test_a_table_makes_its_store_where_we_replace_it(self) -> None:
        assert "_new_store()" in inspect.getsource(faust.tables.base)
        assert StateTable._new_store is not Table._new_store

    def test_an_app_makes_its_transports_where_we_replace_them(self) -> None:
        source = inspect.getsource(faust.App)
        assert "self._new_transport()" in source
        assert "self._new_producer_transport()" in source

    def test_a_transport_names_its_consumer_and_producer(self) -> None:
        assert driver.Transport.Consumer is driver.Consumer
        assert driver.Transport.Producer is driver.Producer

    def test_our_producer_is_idempotent_and_theirs_is_not(self) -> None:
        assert IdempotentProducer.__new__(IdempotentProducer)._settings_extra() == {
            "acks": "all",
            "enable_idempotence": True,
        }
        plain = SimpleNamespace(app=SimpleNamespace(in_transaction=False))
        assert driver.Producer._settings_extra(plain) == {}

    def test_a_rebalance_drops_acknowledged_offsets_before_it_waits_and_so_we_commit_first(self) -> None:
        stock_source = inspect.getsource(consumer_module.Consumer.on_partitions_revoked)
        assert stock_source.index("self._acked.pop(") < stock_source.index("self._on_partitions_revoked,")
        our_source = inspect.getsource(BatchConsumer.on_partitions_revoked)
        assert our_source.index("self.commit()") < our_source.index("super().on_partitions_revoked")

    def test_the_table_manager_does_what_fausts_does_but_for_the_wait(self) -> None:
        assert not inspect.signature(TableManager.on_start).parameters.keys() - {"self"}
        calls = [
            name for name in ("_update_channels", "recovery.start") if name in inspect.getsource(PromptTableManager)
        ]
        assert calls == ["_update_channels", "recovery.start"]


class TestFetches:
    """aiokafka's own parser, on bytes as brokers send them."""

    def result(self, topic: str, assignment: Any = None) -> FetchResult:
        batch = DefaultRecordBatchBuilder(2, 0, False, -1, -1, 0, 100_000)
        batch.append(0, 1_700_000_000_000, b"t|c", b"{}", [("ce_id", b"e1")])
        batch.append(1, 1_700_000_000_001, None, None, [])
        where = TP(topic, 3)
        records = PartitionRecords(where, MemoryRecords(bytes(batch.build())), [], 0, None, None, True, 1)
        fetches = Fetches("conversation.events")
        fetches[where] = FetchResult(where, assignment=assignment, partition_records=records, backoff=0)
        kept: FetchResult = fetches[where]
        return kept

    def fetched(self, topic: str) -> list[Any]:
        return list(self.result(topic)._partition_records)

    def test_records_of_the_source_come_as_ours(self) -> None:
        assert self.fetched("conversation.events") == [
            Record("conversation.events", 3, 0, b"t|c", b"{}", (("ce_id", b"e1"),), 1_700_000_000_000),
            Record("conversation.events", 3, 1, b"", None, (), 1_700_000_000_001),
        ]

    def test_a_fetch_read_in_portions_is_read_once_and_its_bytes_are_let_go_at_its_end(self) -> None:
        position = SimpleNamespace(paused=False, position=0)
        position.consumed_to = lambda offset: setattr(position, "position", offset)
        result = self.result(
            "conversation.events", SimpleNamespace(active=True, state_value=lambda _partition: position)
        )
        bytes_held = weakref.ref(result._partition_records._records)
        read = []
        while result.has_more():
            read.append([record.offset for record in result.getall(1)])
        assert read == [[0], [1], []]
        assert position.position == 2
        assert bytes_held() is None

    def test_records_of_other_topics_are_left_as_they_are(self) -> None:
        assert [type(record).__name__ for record in self.fetched("escalation.state")] == ["ConsumerRecord"] * 2

    def test_an_error_is_kept_like_any_other_answer(self) -> None:
        fetches = Fetches("conversation.events")
        error = object()
        fetches[PARTITION] = error
        assert fetches[PARTITION] is error


class TestRuntime:
    def test_the_installed_faust_is_the_one_the_seams_were_made_for_and_compiled(self) -> None:
        assert faust.__version__ == FAUST_VERSION
        assert streams._CStreamIterator is not None
        refuse_unsafe_runtime()

    def test_another_faust_or_one_without_its_compiled_parts_is_refused_in_one_line(self) -> None:
        assert "0.15.4" in (unsafe_runtime("0.15.4", compiled=True) or "")
        assert "compiled" in (unsafe_runtime(FAUST_VERSION, compiled=False) or "")
        assert unsafe_runtime(FAUST_VERSION, compiled=True) is None

    def test_opentracing_is_not_there_to_hide_a_rebalance_that_needs_it(self) -> None:
        assert importlib.util.find_spec("opentracing") is None


@pytest.mark.parametrize(("compiled", "acknowledged"), [(True, False), (False, True)])
async def test_a_stale_event_is_acknowledged_unprocessed_by_the_pure_python_stream_alone(
    *, compiled: bool, acknowledged: bool
) -> None:
    app = faust.App("canary", autodiscover=False, broker="kafka://127.0.0.1:1")
    app.consumer = SimpleNamespace(unacked=set(), _unacked_messages=set())
    app.consumer_generation_id = 6
    app.flow_control.resume()
    channel = app.topic("canary").clone_using_queue(app.FlowControlQueue(maxsize=4))
    stream = app.stream(channel)
    stale, fresh = _message(1, generation=5), _message(2, generation=6)
    for message in (stale, fresh):
        channel.queue.put_nowait(channel._create_event(None, b"v", [], message))
    iterating = stream._c_aiter() if compiled else stream._py_aiter()
    assert await anext(iterating) == b"v"
    assert stale.acked is acknowledged
    assert not fresh.acked
    await iterating.aclose()
    await stream.stop()


def _message(offset: int, *, generation: int) -> Message:
    """Of a consumer's generation, held by one stream."""
    message = Message("canary", 0, offset, 0.0, 0, [], None, b"v", None, generation_id=generation)
    message.incref()
    return message
