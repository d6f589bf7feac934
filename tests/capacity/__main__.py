"""`make capacity`: what one process of each hop can carry on this machine, on a real Kafka of its own."""

import argparse
import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from streams.kafka.admin import create
from streams.topology import TOPICS
from tests.capacity import escalation, gateway, outward
from tests.capacity.table import PAGE, Figure, put_into, rendered
from tests.support.kafka import RealKafka, missing


async def _measure(folder: Path, conversations: int, webhooks: int) -> list[Figure]:
    figures = []
    with RealKafka(folder / "kafka-1") as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        _say(f"gateway: {webhooks:,} webhooks")
        figures += await gateway.measure(broker.bootstrap_servers, folder, webhooks)
    with RealKafka(folder / "kafka-2") as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        _say(f"escalation: {conversations:,} conversations")
        figures += await escalation.measure(broker.connection(), folder, conversations)
    with RealKafka(folder / "kafka-3") as broker:
        create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
        _say("the demo's conversations")
        figures += await outward.measure(broker.bootstrap_servers, folder / "stage")
    return figures


def _say(what: str) -> None:
    sys.stderr.write(f"measuring {what}\n")


def main() -> int:
    """Print the table; `--write` puts it into the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.capacity", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000, metavar="N")
    parser.add_argument("--webhooks", type=int, default=20_000, metavar="N")
    parser.add_argument("--write", action="store_true", help=f"also into {PAGE}")
    arguments = parser.parse_args()
    reason = missing()
    if reason is not None:
        sys.stderr.write(reason + "\n")
        return 2
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="handoff-capacity-") as folder:
        figures = asyncio.run(_measure(Path(folder), arguments.conversations, arguments.webhooks))
    table = rendered(figures, datetime.now(UTC), load)
    sys.stdout.write(table + "\n")
    if arguments.write:
        PAGE.write_text(put_into(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
