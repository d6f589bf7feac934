"""A real Apache Kafka: one KRaft node from Maven Central's own jars, run by this machine's Java.

`python -m tests.support.kafka` is `make kafka`: a broker in the foreground, with the topics of the map.
In tests, `RealKafka` is a private broker on free ports in a directory of its own.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from streams.errors import HandoffError, Refused
from streams.kafka.admin import create
from streams.kafka.connection import KafkaConnection
from streams.topology import TOPICS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "deploy" / "kafka"
CACHE = ROOT / ".kafka"
LIBS = CACHE / "libs"
CLUSTER_ID = "handoff-on-one-node-xx"
START_SECONDS = 60.0
QUICK_RETURN = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}
"""For a broker that is to be killed: the controller has it wait for the end of its former session, 9 s by default."""

_JAVA_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class BrokerFailed(HandoffError):
    """The broker did not come up, or not down; the text holds the end of its log."""


def missing() -> str | None:
    """Why this machine cannot run a broker, in one line; None when it can."""
    if shutil.which("java") is None:
        return "Java is missing: a real Apache Kafka needs Java 17 or newer"
    if not _jars_are_cached() and shutil.which("mvn") is None:
        return "Maven is missing: it fetches Apache Kafka's jars, once"
    return None


def _jars_are_cached() -> bool:
    made = LIBS / "pom.xml"
    return made.exists() and made.read_bytes() == (TEMPLATES / "pom.xml").read_bytes()


def jars() -> str:
    """The class path; the first call fetches the jars into `.kafka/libs`, once per version of the pom."""
    reason = missing()
    if reason is not None:
        raise Refused(reason)
    if not _jars_are_cached():
        fresh = CACHE / f"libs.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        command = ["mvn", "-q", "-B", "-f", str(TEMPLATES / "pom.xml"), "dependency:copy-dependencies"]
        done = subprocess.run(
            [*command, f"-DoutputDirectory={fresh}"],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode:
            raise Refused(f"Maven could not fetch Apache Kafka: {(done.stdout + done.stderr).strip()[:500]}")
        shutil.copy(TEMPLATES / "pom.xml", fresh / "pom.xml")
        shutil.rmtree(LIBS, ignore_errors=True)
        fresh.rename(LIBS)
    return str(LIBS / "*")


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Refused(f"port {port} of this machine is taken") from None


class RealKafka:
    """One broker with its data in `directory`. It may be stopped, killed and started again on the same data."""

    def __init__(
        self,
        directory: Path,
        *,
        port: int | None = None,
        controller_port: int | None = None,
        extra: Mapping[str, str] | None = None,
        format_options: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`extra`: broker settings beside the template's, which they override. `format_options`: of the storage."""
        self.directory = directory
        self.port = port or free_port()
        self.bootstrap_servers = f"127.0.0.1:{self.port}"
        self._controller_port = controller_port or free_port()
        self._extra = dict(extra or {})
        self._format_options = tuple(format_options)
        self._environment = {**os.environ, **(environment or {})}
        self.log = directory / "broker.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "RealKafka":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Format the storage if it is new, start, and return when the port is open."""
        class_path = jars()
        _refuse_taken(self.port)
        self.directory.mkdir(parents=True, exist_ok=True)
        properties = self._write_properties()
        if not (self.directory / "data" / "meta.properties").exists():
            self._format(class_path, properties)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java(class_path), "kafka.Kafka", str(properties)],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for us: we stop it in order
            )
        self._wait_until_open()

    def stop(self, timeout_seconds: float = 20.0) -> None:
        """A clean shutdown; harder when it takes too long."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """SIGKILL: nothing is flushed by the broker itself."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self._process = None

    def wait(self) -> None:
        """Until the broker ends by itself."""
        assert self._process is not None
        self._process.wait()

    @property
    def ended(self) -> int | None:
        """The code with which it ended by itself; None while it runs, and where it was stopped."""
        return None if self._process is None else self._process.poll()

    def pause(self) -> None:
        """SIGSTOP: the connections stay open and nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def connection(self, **more: Any) -> KafkaConnection:
        """How a client reaches it."""
        return KafkaConnection(self.bootstrap_servers, **more)

    def _java(self, class_path: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={TEMPLATES / 'log4j2.properties'}"
        return ["java", *_JAVA_OPTIONS, logging, "-cp", class_path]

    def _write_properties(self) -> Path:
        values = {"port": self.port, "controller_port": self._controller_port, "data": self.directory / "data"}
        lines = Template((TEMPLATES / "server.properties").read_text()).safe_substitute(values)
        kept = [line for line in lines.splitlines() if line.partition("=")[0] not in self._extra]
        target = self.directory / "server.properties"
        more = [f"{name}={Template(value).safe_substitute(values)}" for name, value in self._extra.items()]
        target.write_text("\n".join([*kept, *more, ""]))
        return target

    def _format(self, class_path: str, properties: Path) -> None:
        command = [*self._java(class_path), "kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER_ID]
        done = subprocess.run(
            [*command, "-c", str(properties), *self._format_options],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            env=self._environment,
        )
        if done.returncode:
            raise BrokerFailed(f"the storage was not formatted: {(done.stdout + done.stderr).strip()[-500:]}")

    def _wait_until_open(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1.0):
                return
            time.sleep(0.05)
        self.stop()
        raise BrokerFailed(f"the broker did not start: {self.log.read_text(errors='replace')[-1000:]}")


def serve(port: int = 9092) -> int:
    """A broker in the foreground until Ctrl-C, with the topics of the map; its data lives in `.kafka/node`."""
    reason = missing()
    if reason is not None:
        sys.stderr.write(reason + "\n")
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    broker = RealKafka(CACHE / "node", port=port, controller_port=port + 1)
    try:
        with broker:
            made = create(broker.connection(), TOPICS, replication=1, min_insync_replicas=1)
            topics = f"{len(TOPICS)} topics, {len(made)} of them new"
            sys.stdout.write(f"{broker.bootstrap_servers}\nApache Kafka is up ({topics}); Ctrl-C stops it\n")
            sys.stdout.flush()
            broker.wait()
            sys.stderr.write(f"the broker ended by itself; its log: {broker.log}\n")
            return 1
    except KeyboardInterrupt:
        return 0
    except (BrokerFailed, Refused) as error:
        sys.stderr.write(f"{error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(serve())
