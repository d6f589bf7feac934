"""Everything that runs: a real broker, the simulators, the four hops as processes, and the links between them."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from agents.commands.policies import read_policy
from streams.kafka.admin import create
from streams.topology import TOPICS
from tests.chaos import setting
from tests.chaos.links import Link
from tests.chaos.toxiproxy import Toxiproxy
from tests.support.kafka import ROOT, RealKafka, free_port

HOPS = ("gateway", "escalation", "ticketing", "notifier")
READY_SECONDS = 60.0
STOP_SECONDS = 30.0
_RESTART_PAUSE_SECONDS = 0.3


@dataclass
class Ended:
    """A process that ended by itself, as the supervisor found it."""

    name: str
    code: int
    at: float


@dataclass
class Running:
    """One process of a hop. `wanted` is what the supervisor starts again when it ends."""

    hop: str
    process: Process
    admin_port: int
    environment: Mapping[str, str] = field(default_factory=dict)


class Cluster:
    """Started once, broken many times. `folder` takes data, configuration and logs."""

    def __init__(self, folder: Path, *, group_protocol: str, toxiproxy: Path | None, broken: str | None) -> None:
        """Nothing runs yet. `broken`: run the hops with one step broken on purpose."""
        self.folder = folder
        self._group_protocol = group_protocol
        self._broken = broken
        self._toxics = toxiproxy
        self.toxiproxy: Toxiproxy | None = None
        self.links: dict[str, Link] = {}
        self.running: dict[str, Running] = {}
        self.ended: list[Ended] = []
        self._simulators: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._expected: set[int] = set()

    # Starting and stopping

    async def start(self) -> None:
        """Return when all four hops are ready."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._keep_code)
        if self._toxics is not None:
            self.toxiproxy = Toxiproxy(self._toxics, free_port())
            await self.toxiproxy.start()
        await self._start_broker()
        self.gateway_port = free_port()
        await self._start_simulators()
        for name in ("helpdesk", "chat"):
            await self._link(name, self.simulators_port, kafka=False)
        self._configure()
        await asyncio.gather(*(self.start_hop(hop) for hop in HOPS))
        self._supervisor = asyncio.create_task(self._supervise())
        await asyncio.gather(*(self.until_ready(hop) for hop in HOPS))

    def _keep_code(self) -> None:
        """The hops run a copy of the code: a run of hours is of one version, whatever is edited meanwhile."""
        self.code = self.folder / "code"
        shutil.rmtree(self.code, ignore_errors=True)
        for name in ("agents", "streams", "tests"):
            shutil.copytree(ROOT / name, self.code / name, ignore=shutil.ignore_patterns("__pycache__"))

    async def _start_broker(self) -> None:
        inside = {hop: free_port() for hop in HOPS}
        for hop in HOPS:
            await self._link(hop, inside[hop], kafka=True)
        listeners = ",".join(f"{hop.upper()}://127.0.0.1:{inside[hop]}" for hop in HOPS)
        advertised = ",".join(f"{hop.upper()}://127.0.0.1:{self.links[hop].port}" for hop in HOPS)
        protocols = ",".join(f"{hop.upper()}:PLAINTEXT" for hop in HOPS)
        extra = {
            "listeners": "PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller_port}," + listeners,
            "advertised.listeners": "PLAINTEXT://127.0.0.1:${port}," + advertised,
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT," + protocols,
            "inter.broker.listener.name": "PLAINTEXT",
        }
        self.broker = RealKafka(self.folder / "kafka", extra=extra)
        await asyncio.to_thread(self.broker.start)
        await asyncio.to_thread(create, self.broker.connection(), TOPICS, replication=1, min_insync_replicas=1)

    async def _link(self, name: str, target: int, *, kafka: bool) -> None:
        """Ours, and behind it toxiproxy's where there is one."""
        if self.toxiproxy is not None:
            between = free_port()
            await self.toxiproxy.add(name, between, target)
            target = between
        self.links[name] = Link(name, target, kafka=kafka)
        await self.links[name].start()

    async def _start_simulators(self) -> None:
        settings = self.folder / "simulators.json"
        settings.write_text(setting.simulators(self.gateway_port).model_dump_json())
        self.database = self.folder / "simulators.db"
        options = ["--db", str(self.database), "--settings", str(settings)]
        with (self.folder / "simulators.log").open("ab") as log:
            self._simulators = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "agents.demo.simulators",
                *options,
                stdout=PIPE,
                stderr=log,
                cwd=self.code,
                start_new_session=True,  # as the hops
            )
        assert self._simulators.stdout is not None
        ready = json.loads(await asyncio.wait_for(self._simulators.stdout.readline(), READY_SECONDS))
        self.simulators_port, self.smtp_port = ready["port"], ready["smtp_port"]
        self.simulators_url = ready["url"]

    def _configure(self) -> None:
        policy = self.folder / "policy.yaml"
        policy.write_text(setting.policy(read_policy(None).text))
        ports = setting.Addresses(
            self.gateway_port, self.links["helpdesk"].port, self.links["chat"].port, self.smtp_port
        )
        for hop in HOPS:
            bootstrap = f"127.0.0.1:{self.links[hop].port}"
            made = setting.handoff(ports, bootstrap, str(policy), self._group_protocol)
            self.configuration(hop).write_text(yaml.safe_dump(made, sort_keys=False))

    def configuration(self, hop: str) -> Path:
        """The hop's `handoff.yaml`."""
        return self.folder / f"{hop}.yaml"

    async def stop(self) -> dict[str, int]:
        """SIGTERM to the hops, then the rest; the hops' exit codes."""
        if self._supervisor is not None:
            self._supervisor.cancel()
        for link in self.links.values():
            await link.restore()
        if self.toxiproxy is not None:
            with contextlib.suppress(aiohttp.ClientError):
                await self.toxiproxy.heal()
        names = list(self.running)
        found = await asyncio.gather(*(self.stop_hop(name) for name in names))
        if self._simulators is not None and self._simulators.returncode is None:
            self._simulators.terminate()
            await self._simulators.wait()
        if hasattr(self, "broker"):
            await asyncio.to_thread(self.broker.stop)
        for link in self.links.values():
            await link.stop()
        if self.toxiproxy is not None:
            await self.toxiproxy.stop()
        return {name: code for name, (code, _) in zip(names, found, strict=True)}

    # Hops

    async def start_hop(self, name: str, environment: Mapping[str, str] | None = None) -> None:
        """Start `hop`, or `hop.2` as a second worker beside it; returns at once."""
        hop, admin_port = name.partition(".")[0], free_port()
        module = ["agents"] if self._broken is None else ["tests.chaos.broken", self._broken]
        arguments = [*module, hop, "--config", str(self.configuration(hop)), "--admin-port", str(admin_port)]
        if name == "gateway.2":
            arguments += ["--port", "0"]
        with (self.folder / f"{name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                *arguments,
                stdout=log,
                stderr=log,
                cwd=self.code,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {}),
                start_new_session=True,  # Ctrl-C is for the harness: it ends them in order
            )
        self.running[name] = Running(hop, process, admin_port, dict(environment or {}))

    async def _supervise(self) -> None:
        """What an orchestrator does: a process that ended is started again."""
        while True:
            await asyncio.sleep(0.1)
            for name, running in list(self.running.items()):
                code = running.process.returncode
                if code is None or self.running.get(name) is not running:
                    continue
                if running.process.pid not in self._expected:
                    self.ended.append(Ended(name, code, time.time()))
                if "." in name:
                    del self.running[name]  # a second worker is only there for its schedule
                    continue
                await asyncio.sleep(_RESTART_PAUSE_SECONDS)
                if self.running.get(name) is running:
                    await self.start_hop(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """A signal to a hop; one that has just ended is left alone."""
        running = self.running.get(name)
        if running is None or running.process.returncode is not None:
            return
        if number in {signal.SIGKILL, signal.SIGTERM}:
            self._expected.add(running.process.pid)
        with contextlib.suppress(ProcessLookupError):
            running.process.send_signal(number)

    async def stop_hop(self, name: str) -> tuple[int, float]:
        """SIGTERM, and out of the supervisor's sight; exit code and seconds. Harder when it takes too long."""
        running = self.running.pop(name, None)
        if running is None:
            return 0, 0.0
        started = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            running.process.send_signal(signal.SIGCONT)
            running.process.send_signal(signal.SIGTERM)
        try:
            code = await asyncio.wait_for(running.process.wait(), STOP_SECONDS)
        except TimeoutError:
            running.process.kill()
            code = await running.process.wait()
        return code, time.monotonic() - started

    async def until_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Return when the hop says so."""
        async with asyncio.timeout(seconds):
            while not await self.ready(name):
                await asyncio.sleep(0.1)

    async def ready(self, name: str) -> bool:
        """Ask it."""
        running = self.running.get(name)
        if running is None:
            return False
        timeout = aiohttp.ClientTimeout(total=2.0)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://127.0.0.1:{running.admin_port}/readyz") as response,
            ):
                return response.status == 200
        return False

    # Simulators

    async def ask(self, method: str, path: str, body: Any = None, *, over: str | None = None) -> Any:
        """Call the simulators. `over`: the link that the addresses they hand out lead through."""
        headers = {} if over is None else {"Host": f"127.0.0.1:{self.links[over].port}"}
        timeout = aiohttp.ClientTimeout(total=60.0)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, self.simulators_url + path, json=body, headers=headers) as response,
        ):
            if response.status >= 400:
                raise RuntimeError(f"the simulators refuse {path}: {await response.text()}")
            return await response.json()

    async def fault(self, *faults: Mapping[str, Any]) -> None:
        """Plan faults of the vendors."""
        await self.ask("POST", "/_faults", {"faults": list(faults)})

    async def heal(self) -> None:
        """Undo everything that was done to links and vendors."""
        for link in self.links.values():
            await link.restore()
        if self.toxiproxy is not None:
            await self.toxiproxy.heal()
        await self.ask("DELETE", "/_faults")
        await self.ask("POST", "/_holds/release", {})

    def logs(self) -> Sequence[Path]:
        """The hops' logs."""
        return sorted(self.folder.glob("*.log"))
