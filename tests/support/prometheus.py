"""A real Prometheus on loopback, with the configuration of deploy/ pointed at processes of a test."""

import asyncio
import contextlib
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.support.kafka import free_port
from tests.support.tools import ROOT

START_SECONDS = 30.0


class RealPrometheus:
    """One server. `targets` are host:port of admin listeners; everything is scraped and evaluated every second."""

    def __init__(self, program: str, folder: Path, targets: Sequence[str]) -> None:
        self._program = program
        self._folder = folder
        self._targets = list(targets)
        self._port = free_port()
        self._process: Process | None = None

    async def __aenter__(self) -> "RealPrometheus":
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._program,
                f"--config.file={self._configuration()}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
                stdout=log,
                stderr=log,
                stdin=DEVNULL,
            )
        async with asyncio.timeout(START_SECONDS):
            while not await self._answers():
                assert self._process.returncode is None, (self._folder / "prometheus.log").read_text()
                await asyncio.sleep(0.1)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        await self._process.wait()

    async def get(self, path: str, **query: str) -> Any:
        """The `data` of an answer of the API."""
        url = f"http://127.0.0.1:{self._port}/api/v1/{path}"
        async with aiohttp.ClientSession() as session, session.get(url, params=query) as response:
            body = await response.json()
        assert body["status"] == "success", body
        return body["data"]

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """The instant vector of `expression`."""
        data = await self.get("query", query=expression)
        found: list[dict[str, Any]] = data["result"]
        return found

    async def _answers(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{self._port}/-/ready") as response,
            ):
                return response.status == 200
        except aiohttp.ClientError:
            return False

    def _configuration(self) -> Path:
        shipped = ROOT / "deploy" / "prometheus" / "prometheus.yml"
        made = yaml.safe_load(shipped.read_text())
        made["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        made["rule_files"] = [str(shipped.parent / pattern) for pattern in made["rule_files"]]
        made["scrape_configs"][0]["static_configs"] = [{"targets": self._targets}]
        target = self._folder / "prometheus.yml"
        target.write_text(yaml.safe_dump(made))
        return target
