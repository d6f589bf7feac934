"""One process of a hop, measured from outside: its processor time, its memory, what its metrics say."""

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from prometheus_client.parser import text_string_to_metric_families

from streams.errors import HandoffError
from tests.support.kafka import free_port

START_SECONDS = 180.0
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds_of(pid: int) -> float:
    """Processor time of a process so far, as the operating system counts it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


class HopProcess:
    """`handoff HOP` on a configuration of its own. `ready_seconds`: from the start of the process to /readyz."""

    def __init__(
        self, hop: str, folder: Path, configuration: dict[str, Any], *, profile_into: Path | None = None
    ) -> None:
        """Nothing runs yet. `profile_into`: it runs under Python's profiler, which writes there when it ends."""
        self._hop = hop
        self._folder = folder
        self._configuration = configuration
        self._profiler = ["-m", "cProfile", "-o", str(profile_into)] if profile_into else []
        self._admin = free_port()
        self._process: Process | None = None
        self.ready_seconds = 0.0

    async def __aenter__(self) -> "HopProcess":
        path = self._folder / f"{self._hop}.yaml"
        path.write_text(yaml.safe_dump(self._configuration))
        started = time.monotonic()
        with (self._folder / f"{self._hop}.log").open("ab") as log:
            options = ["--config", str(path), "--admin-port", str(self._admin)]
            command = [*self._profiler, "-m", "agents", self._hop, *options]
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, *command, stdin=DEVNULL, stdout=log, stderr=log
            )
        async with asyncio.timeout(START_SECONDS):
            while await self._get("readyz") is None:
                if self._process.returncode is not None:
                    raise HandoffError(f"{self._hop} ended while starting: {log.name}")
                await asyncio.sleep(0.05)
        self.ready_seconds = time.monotonic() - started
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
        await self._process.wait()

    def cpu_seconds(self) -> float:
        """Processor time so far, as the operating system counts it."""
        assert self._process is not None
        return cpu_seconds_of(self._process.pid)

    def resident_bytes(self) -> int:
        """Memory now."""
        line = next(line for line in self._proc("status").splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    async def metric(self, name: str, **labels: str) -> float:
        """The sum over all series of `name` with these labels."""
        text = await self._get("metrics") or ""
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def _proc(self, name: str) -> str:
        assert self._process is not None
        return Path(f"/proc/{self._process.pid}/{name}").read_text()

    async def _get(self, path: str) -> str | None:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self._admin}/{path}") as response,
            ):
                return await response.text() if response.status == 200 else None
        except aiohttp.ClientError:
            return None


def base_configuration(bootstrap_servers: str, tenant: dict[str, Any]) -> dict[str, Any]:
    """One tenant on this broker."""
    return {
        "kafka": {"bootstrap_servers": bootstrap_servers, "replication_factor": 1, "min_insync_replicas": 1},
        "tenants": {"acme": tenant},
    }
