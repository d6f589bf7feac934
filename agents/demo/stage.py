"""The processes of the demo: started, asked whether they are ready, killed, stopped."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from agents.commands.policies import read_policy
from agents.demo.setting import SESSION_TIMEOUT_MS, Ports, configuration, policy_text, simulator_settings
from agents.demo.simulators.settings import SimulatorSettings
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection

HOPS = ("gateway", "escalation", "ticketing", "notifier")
START_SECONDS = 90.0
STOP_SECONDS = 25.0


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on right now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Stage:
    """Everything that runs. `folder` takes configuration, logs and the simulators' database."""

    def __init__(self, folder: Path, bootstrap_servers: str | None = None) -> None:
        """Nothing runs yet. With `bootstrap_servers` the topics are there already, and no broker is started."""
        self.folder = folder
        self._processes: dict[str, Process] = {}
        gateway, simulators, smtp, *admin = free_ports(3 + len(HOPS))
        self.ports = Ports(gateway, simulators, smtp, dict(zip(HOPS, admin, strict=True)))
        self.base_url = f"http://127.0.0.1:{simulators}"
        self.embedded = bootstrap_servers is None
        self.bootstrap_servers = bootstrap_servers or ""

    @property
    def connection(self) -> KafkaConnection:
        """The way to the embedded broker."""
        return KafkaConnection(self.bootstrap_servers, embedded=self.embedded, session_timeout_ms=SESSION_TIMEOUT_MS)

    async def start(self) -> None:
        """Broker, simulators, then the four hops; returns when all are ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "simulators.json"
        _write(settings, self.simulators().model_dump_json())
        if self.embedded:
            broker = await self._spawn("broker", ["-m", "streams.kafka.embedded"])
            self.bootstrap_servers = await _first_line(broker)
            await self._warm_up()
        _write(self.folder / "policy.yaml", policy_text(read_policy(None).text))
        policy = str(self.folder / "policy.yaml")
        _write(
            self.folder / "handoff.yaml",
            yaml.safe_dump(self.configuration(policy), sort_keys=False, allow_unicode=True),
        )
        options: dict[str, object] = {"port": self.ports.simulators, "smtp-port": self.ports.smtp, "settings": settings}
        options["db"] = self.folder / "simulators.db"
        given = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        simulators = await self._spawn("simulators", ["-m", "agents.demo.simulators", *given])
        await _first_line(simulators)
        await asyncio.gather(*(self.start_hop(hop) for hop in HOPS))

    def simulators(self) -> SimulatorSettings:
        """What the simulated vendors are told. A test with companies of its own overrides both."""
        return simulator_settings(self.ports.gateway)

    def configuration(self, policy_path: str) -> dict[str, Any]:
        """What `handoff.yaml` says."""
        return configuration(self.ports, self.bootstrap_servers, policy_path, embedded=self.embedded)

    async def _warm_up(self) -> None:
        """The mock cluster makes a topic when it is first asked for it."""
        from confluent_kafka import Producer  # noqa: PLC0415 # the demo alone talks to a broker outside streams.kafka

        from streams.topology import TOPICS  # noqa: PLC0415

        client = Producer({"bootstrap.servers": self.bootstrap_servers})
        for topic in TOPICS:
            await asyncio.to_thread(client.list_topics, topic.name, 10.0)

    async def start_hop(self, hop: str) -> None:
        """Start one of the four; returns when it is ready."""
        config = ["--config", str(self.folder / "handoff.yaml"), "--admin-port", str(self.ports.admin[hop])]
        await self._spawn(hop, ["-m", "agents", hop, *config])
        async with asyncio.timeout(START_SECONDS):
            while not await self._ready(hop):
                if self._processes[hop].returncode is not None:
                    raise Refused(f"{hop} ended while starting; see {self.folder / 'logs' / hop}.log")
                await asyncio.sleep(0.1)

    async def _ready(self, hop: str) -> bool:
        url = f"http://127.0.0.1:{self.ports.admin[hop]}/readyz"
        try:
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return response.status == 200
        except aiohttp.ClientError:
            return False

    async def kill(self, hop: str) -> None:
        """SIGKILL."""
        process = self._processes.pop(hop)
        process.kill()
        await process.wait()

    async def stop(self) -> dict[str, int]:
        """SIGTERM to all, hops first; the exit codes."""
        codes = {}
        for names in (HOPS, ("simulators", "broker")):
            found = [(name, self._processes.pop(name)) for name in names if name in self._processes]
            for _, process in found:
                if process.returncode is None:
                    process.send_signal(signal.SIGTERM)
            for name, process in found:
                codes[name] = await _end_of(process)
        return codes

    async def get(self, path: str) -> Any:
        """Ask the simulators."""
        async with aiohttp.ClientSession() as session, session.get(self.base_url + path) as response:
            response.raise_for_status()
            return await response.json()

    async def post(self, path: str, body: Any) -> Any:
        """Tell the simulators."""
        async with aiohttp.ClientSession() as session, session.post(self.base_url + path, json=body) as response:
            if response.status >= 400:
                raise Refused(f"the simulators refuse {path}: {await response.text()}")
            return await response.json()

    async def _spawn(self, name: str, arguments: Sequence[str]) -> Process:
        logs = self.folder / "logs"
        logs.mkdir(exist_ok=True)
        log = (logs / f"{name}.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, stdout=PIPE, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"}
        )
        log.close()
        self._processes[name] = process
        return process


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


async def _first_line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = (await process.stdout.readline()).decode().strip()
    if not line:
        raise Refused("a process of the demo ended while starting")
    return str(json.loads(line).get("url", "")) if line.startswith("{") else line


async def _end_of(process: Process) -> int:
    try:
        async with asyncio.timeout(STOP_SECONDS):
            return await process.wait()
    except TimeoutError:
        process.kill()
        return await process.wait()
