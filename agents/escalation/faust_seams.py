"""The places where Faust is meant to be replaced, and what stands there: the only module that imports it.

Five seams of faust-streaming 0.15.3, exactly; canary tests hold them:
1. the consumer hands the agent one event per partition and fetch, its value the list of raw records, and commits
   by our own rule: acknowledgements come in order, so the highest one is the place to go on from; it commits once
   more before a rebalance takes what was acknowledged since, and reads committed records alone;
2. the producer transport is idempotent (Faust sends nothing of ours through it);
3. the schema passes the list through untouched: decoding is ours;
4. the table's store loads its own partitions in bulk, and the consumer says that there is nothing beyond: Faust
   has nothing to replay, and need not ask the brokers (each question would wait for a fetch of 1.5 s);
5. the table manager starts without a second of waiting.
A sixth is aiokafka's: see `agents.escalation.fetched`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import faust
from faust import streams as faust_streams
from faust.stores import base as store_base
from faust.tables.manager import TableManager
from faust.tables.table import Table
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from agents.escalation.broker_login import BrokerLogin
from agents.escalation.faust_version import other_faust
from agents.escalation.fetched import Fetches
from streams.errors import Refused
from streams.kafka.record import Record

FETCH_WAIT_MS = 250
MAX_POLL_RECORDS = 20_000
MAX_PARTITION_FETCH_BYTES = 4 * 1024 * 1024
"""What has queued up comes in few large fetches, so that more of it joins: a third more events in the same time than
with Faust's own figures. aiokafka takes at most 50 MiB from a broker at once, however many its partitions."""
Agent = Callable[[int, list[Record], Callable[[], None]], Awaitable[None]]
"""Called once per fetched batch: partition, records, acknowledge."""


def refuse_unsafe_runtime() -> None:
    """Refuse to start on a Faust other than the one the seams were made for, or without its compiled parts."""
    compiled = faust_streams._CStreamIterator is not None  # noqa: SLF001 # the one way to tell which one runs
    why = unsafe_runtime(str(faust.__version__), compiled=compiled)
    if why is not None:
        raise Refused(why)


def unsafe_runtime(version: str, *, compiled: bool) -> str | None:
    """Why escalation must not run on that Faust; None: it may.

    The pure-Python stream acknowledges stale events unprocessed after a rebalance.
    """
    other = other_faust(version)
    if other is not None:
        return other
    if not compiled:
        return "escalation needs faust-streaming's compiled wheel (glibc, CPython 3.11 to 3.13)"
    return None


class BatchRecord(NamedTuple):
    """What stands for a whole fetch of one partition: the coordinates of its last record.

    With the last offset the gaps Faust sees between two batches are counted as done only when the later batch is.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    headers: tuple[Any, ...]
    key: bytes | None
    value: list[Record]
    checksum: int | None
    serialized_key_size: int
    serialized_value_size: int


def pack(records: list[Record]) -> BatchRecord:
    """One record for all `records` (at least one) of a partition."""
    last = records[-1]
    return BatchRecord(last.topic, last.partition, last.offset, last.timestamp_ms, 0, (), None, records, None, -1, -1)


class CommittedConsumerThread(driver.AIOKafkaConsumerThread):
    """Faust's consumer thread, with two settings of its client that Faust does not let through.

    What a producer wrote and then aborted was never said. And a fetch that waits for 1.5 s holds up what the next
    one could bring.
    """

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 # given to the fetcher when the consumer starts
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 # the same
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        self._consumer._fetcher._records = Fetches(self.consumer.source_topic)  # noqa: SLF001 # nothing came yet


class BatchConsumer(driver.Consumer):
    """Faust's aiokafka consumer with batches for the source topic and commits in order."""

    source_topic: str
    loaded: dict[int, int]
    """The last offset of the state topic that was loaded, by partition; -1: there is none."""

    def _new_consumer_thread(self) -> Any:
        return CommittedConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def highwaters(self, *partitions: TP) -> Mapping[TP, int]:
        return {tp: self.loaded.get(tp.partition, -1) + 1 for tp in partitions}

    async def earliest_offsets(self, *partitions: TP) -> Mapping[TP, int | None]:
        return dict.fromkeys(partitions)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.commit()
        await super().on_partitions_revoked(revoked)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ASYNC109 # Faust's signature
        fetched = await super()._getmany(active_partitions, timeout)
        source = self.source_topic
        return {tp: [pack(records)] if tp.topic == source and records else records for tp, records in fetched.items()}

    def _new_offset(self, tp: TP) -> int | None:
        acked = self._acked[tp]
        if not acked:
            return None
        highest = max(acked)
        acked.clear()
        self._acked_index[tp].clear()
        return int(highest) + 1

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Gaps need no book-keeping: acknowledgements are in order, and the highest one counts."""


class IdempotentProducer(driver.Producer):
    """Faust's producer, idempotent. Ours is librdkafka's; this one only exists because Faust starts it."""

    def _settings_extra(self) -> Mapping[str, Any]:
        return {"acks": "all", "enable_idempotence": True}


class RawSchema(faust.Schema):
    """Values and keys as they are."""

    def loads_key(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return message.key

    def loads_value(self, app: Any, message: Any, *, loads: Any = None, serializer: Any = None) -> Any:
        return message.value


class BulkLoad(NamedTuple):
    """What a store needs from us."""

    load: Callable[[list[int]], Awaitable[dict[int, int]]]
    """Read the state of partitions to its end; returns the last offset read of each, -1 when there is none."""
    drop: Callable[[int], Awaitable[None]]


class BulkStore(store_base.Store):
    """Loads newly assigned partitions itself, so that Faust has nothing to replay; drops those that leave."""

    def configure(self, bulk: BulkLoad, source_topic: str, loaded: dict[int, int]) -> None:
        """Called once, by the table that makes it. `loaded` is shared with the consumer."""
        self._bulk = bulk
        self._source_topic = source_topic
        self._loaded = loaded

    def persisted_offset(self, tp: TP) -> int | None:
        offset = self._loaded.get(tp.partition, -1)
        return offset if offset >= 0 else None

    async def on_rebalance(
        self, assigned: set[TP], revoked: set[TP], newly_assigned: set[TP], generation_id: int = 0
    ) -> None:
        wanted = {tp.partition for tp in assigned if tp.topic == self._source_topic}
        for partition in [held for held in self._loaded if held not in wanted]:
            del self._loaded[partition]
            await self._bulk.drop(partition)
        missing = sorted(wanted - set(self._loaded))
        if missing:
            self._loaded.update(await self._bulk.load(missing))

    def apply_changelog_batch(self, batch: Any, to_key: Any, to_value: Any) -> None:
        """Records that came after the bulk load: a zombie's. Our own next write of that key goes past them."""

    async def need_active_standby_for(self, tp: TP) -> bool:
        return False

    async def on_recovery_completed(self, active_tps: set[TP], standby_tps: set[TP]) -> None:
        """Nothing to do: what we hold is what we loaded."""

    def reset_state(self) -> None:
        """Nothing is kept on disk."""

    async def backup_partition(self, tp: Any, flush: bool = True, purge: bool = False, keep: int = 1) -> None:
        """The state topic is the backup."""

    def restore_backup(self, tp: Any, latest: bool = True, backup_id: int = 0) -> None:
        """The state topic is the backup."""


class StateTable(Table):
    """A table only by name: it ties the state topic's partitions to the source's, and owns the store."""

    def use(self, bulk: BulkLoad, source_topic: str, loaded: dict[int, int]) -> None:
        """Called before the app starts."""
        self._parts = (bulk, source_topic, loaded)

    def _new_store(self) -> Any:
        store = BulkStore("memory://", self.app, self, table_name=self.name, loop=self.loop)
        store.configure(*self._parts)
        return store


class PromptTableManager(TableManager):
    """Registers the table and starts recovery at once; Faust's own waits a second for tables made late."""

    async def on_start(self) -> None:
        await self._update_channels()
        await self.recovery.start()


@dataclass(frozen=True)
class FaustSettings:
    """What the app is made of."""

    app_id: str
    bootstrap_servers: str
    source_topic: str
    state_topic: str
    partitions: int
    session_timeout_seconds: float
    rebalance_timeout_seconds: float
    heartbeat_seconds: float
    data_directory: str
    instance_id: str | None = None
    login: BrokerLogin | None = None


def build_app(settings: FaustSettings, agent: Agent, bulk: BulkLoad) -> Any:
    """A Faust app with one agent on one topic, concurrency 1, its web server off; nothing is started."""
    already_loaded: dict[int, int] = {}

    class Consumer(BatchConsumer):
        source_topic = settings.source_topic
        loaded = already_loaded

    class Transport(driver.Transport):
        pass

    Transport.Consumer = Consumer
    Transport.Producer = IdempotentProducer

    class App(faust.App):
        def _new_transport(self) -> Any:
            return Transport(self.conf.broker_consumer, self)

        def _new_producer_transport(self) -> Any:
            return Transport(self.conf.broker_producer, self)

    app = App(settings.app_id, **_conf(settings))
    topic = app.topic(settings.source_topic, schema=RawSchema(), partitions=settings.partitions)
    table = StateTable(
        app,
        name="state",
        partitions=settings.partitions,
        changelog_topic=app.topic(
            settings.state_topic, schema=RawSchema(), partitions=settings.partitions, acks=False, internal=True
        ),
    )
    table.use(bulk, settings.source_topic, already_loaded)
    app.tables.add(table)

    async def body(stream: Any) -> None:
        async for event in stream.noack().events():
            await agent(event.message.partition, event.value, event.ack)

    app.agent(topic, name="escalation")(body)
    return app


def _conf(settings: FaustSettings) -> dict[str, Any]:
    conf: dict[str, Any] = {
        "broker": ";".join(f"kafka://{server.strip()}" for server in settings.bootstrap_servers.split(",")),
        "autodiscover": False,
        "web_enabled": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "topic_partitions": settings.partitions,
        "table_standby_replicas": 0,
        "store": "memory://",
        "TableManager": PromptTableManager,
        "datadir": settings.data_directory,
        "broker_commit_interval": 1.0,
        "broker_commit_every": 500,
        "broker_max_poll_records": MAX_POLL_RECORDS,
        "consumer_max_fetch_size": MAX_PARTITION_FETCH_BYTES,
        "broker_max_poll_interval": 300.0,
        "broker_session_timeout": settings.session_timeout_seconds,
        "broker_heartbeat_interval": settings.heartbeat_seconds,
        "broker_rebalance_timeout": settings.rebalance_timeout_seconds,
        "broker_request_timeout": max(90.0, settings.session_timeout_seconds + 10.0),
        "consumer_auto_offset_reset": "earliest",
        "producer_acks": -1,
        "producer_request_timeout": 30.0,
        "stream_buffer_maxsize": 256,
        "stream_wait_empty": True,
        "stream_processing_timeout": 30.0,
        "stream_recovery_delay": 0.0,
        "processing_guarantee": "at_least_once",
    }
    if settings.instance_id:
        conf["consumer_group_instance_id"] = settings.instance_id
    if settings.login is not None:
        conf["broker_credentials"] = _credentials(settings.login)
    return conf


def _credentials(login: BrokerLogin) -> Any:
    if login.mechanism is None:
        return faust.SSLCredentials(login.tls)
    return faust.SASLCredentials(
        username=login.username, password=login.password, ssl_context=login.tls, mechanism=login.mechanism
    )
