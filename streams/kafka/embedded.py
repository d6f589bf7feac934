"""The embedded broker: librdkafka's mock cluster, which ships inside confluent-kafka and speaks Kafka's protocol.

For the demo and flow tests only. It keeps little (old records go after a few MB per partition), and lacks
CreateTopics, `read_committed` and compaction: never a recovery test, never production.
"""

import signal
import sys
import threading
from types import TracebackType

from confluent_kafka import Producer

PARTITIONS = 4
"""What the mock cluster gives every topic."""

WARNING = "embedded broker: keeps little and forgets all at exit; for the demo and for tests"


class EmbeddedBroker:
    """A mock cluster that lives as long as this object."""

    def __init__(self) -> None:
        """Listens on a free loopback port."""
        self._client = Producer({"bootstrap.servers": "unused", "test.mock.num.brokers": 1, "log_level": 3})
        broker = next(iter(self._client.list_topics(timeout=10.0).brokers.values()))
        self.bootstrap_servers = f"{broker.host}:{broker.port}"

    def __enter__(self) -> "EmbeddedBroker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening; everything is forgotten."""
        del self._client


def serve() -> None:
    """Run until SIGTERM or SIGINT; the first line on standard output is the address."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with EmbeddedBroker() as broker:
        sys.stdout.write(broker.bootstrap_servers + "\n")
        sys.stdout.flush()
        sys.stderr.write(WARNING + "\n")
        stop.wait()


if __name__ == "__main__":
    serve()
