"""Toxiproxy (https://github.com/Shopify/toxiproxy) where Go can install it: latency, slicing, bandwidth, limits.

`make chaos` builds it once into `.chaos/bin`. Where there is no Go our own links do what they can, and the harness
says so.
"""

import asyncio
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path
from typing import Any

import aiohttp

PACKAGE = "github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0"


def binary(cache: Path) -> Path | None:
    """The server, built on the first call; None where that cannot be done."""
    found = cache / "bin" / "server"
    if found.exists():
        return found
    go = shutil.which("go")
    if go is None:
        return None
    found.parent.mkdir(parents=True, exist_ok=True)
    environment = {
        "GOBIN": str(found.parent),
        "PATH": "/usr/bin:/bin:" + str(Path(go).parent),
        "HOME": str(Path.home()),
    }
    subprocess.run(
        [go, "install", PACKAGE], check=False, env=environment, capture_output=True, stdin=subprocess.DEVNULL
    )
    return found if found.exists() else None


class Toxiproxy:
    """One server process and its proxies."""

    def __init__(self, server: Path, port: int) -> None:
        """`port`: of its control API."""
        self._server = server
        self._port = port
        self._url = f"http://127.0.0.1:{port}"
        self._process: Process | None = None

    async def start(self) -> None:
        """Return when it answers."""
        self._process = await asyncio.create_subprocess_exec(
            str(self._server),
            "-host",
            "127.0.0.1",
            "-port",
            str(self._port),
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,  # Ctrl-C is for the harness
        )
        async with asyncio.timeout(10):
            while True:
                try:
                    await self._call("GET", "/version")
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)
                else:
                    return

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def add(self, name: str, listen: int, upstream: int) -> None:
        """A proxy from one loopback port to another."""
        body = {"name": name, "listen": f"127.0.0.1:{listen}", "upstream": f"127.0.0.1:{upstream}", "enabled": True}
        await self._call("POST", "/proxies", body)

    async def poison(self, name: str, toxic: str, stream: str, **attributes: int) -> None:
        """Add a toxic to a proxy."""
        body = {"type": toxic, "stream": stream, "toxicity": 1.0, "attributes": attributes}
        await self._call("POST", f"/proxies/{name}/toxics", body)

    async def heal(self) -> None:
        """Remove every toxic."""
        await self._call("POST", "/reset")

    async def _call(self, method: str, path: str, body: Any = None) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self._url + path, json=body) as response,
        ):
            if response.status >= 400:
                raise RuntimeError(f"toxiproxy refuses {path}: {await response.text()}")
