"""How to reach the brokers, and the client settings every hop shares, in librdkafka's words.

Settings: https://github.com/confluentinc/librdkafka/blob/master/CONFIGURATION.md
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from streams.kafka.partitioner import LIBRDKAFKA_NAME

DELIVERY_TIMEOUT_MS = 30_000
"""Below the session timeout: a writer that cannot deliver dies before its partitions have a new owner."""

SESSION_TIMEOUT_MS = 45_000
MAX_POLL_INTERVAL_MS = 300_000

LOGGER = "librdkafka"
"""What librdkafka has to say goes where the process's own logs go, instead of past them to standard error."""

Protocol = Literal["consumer", "cooperative-sticky"]


PROMPT = {"linger.ms": 0}
"""Over the settings of a producer whose hop waits for each acknowledgement: holding a record back gathers nothing."""


@dataclass(frozen=True)
class KafkaConnection:
    """The brokers and how this process speaks to them.

    `security` holds librdkafka's `security.*`, `sasl.*` and `ssl.*`.
    """

    bootstrap_servers: str
    client_id: str = "handoff"
    security: Mapping[str, str] = field(default_factory=dict, repr=False)
    group_protocol: Protocol = "cooperative-sticky"
    session_timeout_ms: int = SESSION_TIMEOUT_MS
    heartbeat_interval_ms: int = 3_000
    instance_id: str | None = None
    embedded: bool = False

    def named(self, client_id: str) -> "KafkaConnection":
        """The same connection under another client id."""
        return replace(self, client_id=client_id)

    def common(self) -> dict[str, Any]:
        """What every client is given."""
        return {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": self.client_id,
            "logger": logging.getLogger(LOGGER),
            "socket.keepalive.enable": True,
            "reconnect.backoff.max.ms": 2_000,
            "log.connection.close": False,
            "topic.metadata.refresh.interval.ms": 60_000,
            "allow.auto.create.topics": self.embedded,
            **self.security,
        }

    def producer(self) -> dict[str, Any]:
        """An idempotent producer that waits for all in-sync replicas."""
        return self.common() | {
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": LIBRDKAFKA_NAME,
            "linger.ms": 1,
            "message.timeout.ms": DELIVERY_TIMEOUT_MS,
            "queue.buffering.max.kbytes": 64 * 1024,
            "message.max.bytes": 1_048_576,
            "compression.type": "lz4",
        }

    def group_consumer(self, group: str) -> dict[str, Any]:
        """A member of `group` that never moves an offset by itself."""
        config = self.common() | {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "max.poll.interval.ms": MAX_POLL_INTERVAL_MS,
            "queued.min.messages": 1_000,
            "queued.max.messages.kbytes": 4_096,
            "fetch.queue.backoff.ms": 20,  # the default second would be waited out after every full prefetch queue
            "fetch.wait.max.ms": 100,
        }
        if self.instance_id:
            config["group.instance.id"] = self.instance_id
        if self.group_protocol == "consumer":
            return config | {"group.protocol": "consumer"}
        return config | {
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": self.session_timeout_ms,
            "heartbeat.interval.ms": self.heartbeat_interval_ms,
        }

    def reader(self, group: str = "handoff-reader") -> dict[str, Any]:
        """A consumer that is assigned its partitions by hand; `group` only holds offsets, if any."""
        return self.common() | {
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 100,
        }


_VALUE = re.compile(r'value "[^"]*"')


def wrong_setting(error: Exception) -> str:
    """What librdkafka says of settings it does not take, without the value, which may be a secret."""
    told: Any = error.args[0] if error.args else None
    text = str(told.str()) if hasattr(told, "str") else type(error).__name__
    return _VALUE.sub("value", text.partition(": error:")[0])
