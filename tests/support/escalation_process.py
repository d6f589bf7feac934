"""An escalation worker in a process of its own, which may be made to die at an exact point.

`python -m tests.support.escalation_process <bootstrap servers> <options as JSON>`: prints `ready` when it is.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from agents.observability.log import configure
from streams.codec import Headers
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer, Report
from streams.topology import ESCALATION_COMMANDS, ESCALATION_STATE
from tests.support.consuming import until
from tests.support.escalation_worker import make_worker

ROOT = Path(__file__).resolve().parents[2]
SESSION_TIMEOUT_MS = 6_000

CrashPoint = Literal["command durable, head not", "head durable, offset not", "state of others durable, command not"]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingProducer(AckedProducer):
    """Kills its process at a named point, the `nth` time it comes there."""

    def __init__(self, connection: KafkaConnection, point: CrashPoint, nth: int) -> None:
        super().__init__(connection)
        self._point = point
        self._left = nth
        self._withheld: bytes | None = None

    def try_produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        report: Report,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> bool:
        if self._point == "state of others durable, command not" and topic == ESCALATION_COMMANDS.name:
            if self._withheld is None:
                self._withheld = key
            if key == self._withheld:  # stuck on its way to the brokers: no report will ever come
                return True
        wrapped = self._wrapped(topic, key or b"", report)
        return super().try_produce(topic, key, value, wrapped, headers=headers, partition=partition)

    def _wrapped(self, topic: str, key: bytes, report: Report) -> Report:
        deadly = {
            "command durable, head not": topic == ESCALATION_COMMANDS.name,
            "head durable, offset not": topic == ESCALATION_STATE.name and key.endswith(b"|h"),
            "state of others durable, command not": topic == ESCALATION_STATE.name and self._withheld is not None,
        }[self._point]
        return self._counted(report) if deadly else report

    def _counted(self, report: Report) -> Report:
        def counted(failure: Exception | None) -> None:
            self._left -= 1
            if self._left == 0:
                _die()
            report(failure)

        return counted


async def _run(bootstrap_servers: str, options: dict[str, Any]) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    connection = KafkaConnection(
        bootstrap_servers, session_timeout_ms=SESSION_TIMEOUT_MS, instance_id=options.get("instance_id")
    )
    make: Callable[[KafkaConnection], AckedProducer] = AckedProducer
    if "point" in options:
        point, nth = options["point"], options["nth"]
        make = lambda named: DyingProducer(named, point, nth)  # noqa: E731 # the one of two
    worker = make_worker(connection, make_producer=make, app_id=options["app_id"])
    await worker.start()
    await until(lambda: worker.ready, seconds=60)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await stop.wait()
    await worker.stop()


class WorkerProcess:
    """The same from the outside."""

    def __init__(self, bootstrap_servers: str, log: Path, **options: Any) -> None:
        command = [sys.executable, "-m", "tests.support.escalation_process", bootstrap_servers, json.dumps(options)]
        self._log = log.open("ab")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._log)

    async def ready(self) -> None:
        """Returns when it has its partitions and their state."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(self._process.stdout.readline), 60)
        assert line == b"ready\n", "the worker ended before it was ready; see its log"

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def ended(self, seconds: float = 30.0) -> int:
        """The exit code, as soon as there is one; negative for a signal."""
        code = await asyncio.to_thread(self._process.wait, seconds)
        self.close()
        return code

    async def kill(self) -> None:
        self.signal(signal.SIGKILL)
        assert await self.ended() == -signal.SIGKILL

    def close(self) -> None:
        """Whatever state it is in."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()


if __name__ == "__main__":
    configure(level="INFO")
    asyncio.run(_run(sys.argv[1], json.loads(sys.argv[2])))
