"""A headless Chromium, driven over its DevTools protocol, that reaches this machine alone.

Protocol: chromedevtools.github.io/devtools-protocol. Time zone, language and animations are the same everywhere;
fonts are the machine's own.
"""

import asyncio
import base64
import contextlib
import json
import os
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp

START_SECONDS = 60.0
CALL_SECONDS = 30.0
Theme = Literal["light", "dark"]
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # containers have no user namespaces; it opens pages of this checkout alone
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


class Tab:
    """One page. `complaints` are what it wrote to the console as a warning or worse, and what it threw."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """`socket` is the page's own."""
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._reader = asyncio.create_task(self._read())
        self.complaints: list[str] = []

    async def open(self, url: str, *, width: int, height: int, theme: Theme = "light") -> None:
        """Show `url` in a window of that size, and return when its document has loaded."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.call(f"{domain}.enable")
        await self.call("Network.setCacheDisabled", cacheDisabled=True)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.call("Emulation.setDeviceMetricsOverride", **size)
        await self.call("Emulation.setTimezoneOverride", timezoneId="UTC")
        await self.call("Emulation.setLocaleOverride", locale="en-US")
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        await self.call("Emulation.setEmulatedMedia", features=features)
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete'")

    async def until(self, expression: str) -> None:
        """Until an expression of the page is true."""
        async with asyncio.timeout(CALL_SECONDS):
            while not await self.value(expression):
                await asyncio.sleep(0.05)

    async def value(self, expression: str) -> Any:
        """What an expression, or the promise it makes, comes to in the page."""
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def picture(self) -> bytes:
        """What the window shows, as a PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])

    async def call(self, method: str, **parameters: Any) -> Any:
        """One call of the protocol."""
        self._number += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        async with asyncio.timeout(CALL_SECONDS):
            return await answer

    async def close(self) -> None:
        """End the connection."""
        await self._socket.close()
        await self._reader

    async def _read(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            answer = self._answers.pop(told.get("id", 0), None)
            if answer is not None and "error" in told:
                answer.set_exception(AssertionError(told["error"]))
            elif answer is not None:
                answer.set_result(told["result"])
            else:
                self._heard(told.get("method", ""), told.get("params", {}))

    def _heard(self, event: str, what: Any) -> None:
        if event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(what["exceptionDetails"])[:500])
        elif event == "Runtime.consoleAPICalled" and what["type"] in {"error", "warning", "assert"}:
            self.complaints.append(json.dumps(what["args"])[:500])
        elif event == "Log.entryAdded" and what["entry"]["level"] in {"error", "warning"}:
            self.complaints.append(f"{what['entry']['text']} {what['entry'].get('url', '')}")


class Browser:
    """A running Chromium."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        """`address`: of its DevTools, on loopback."""
        self._address = address
        self._session = session

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A page of its own, closed afterwards."""
        async with self._session.put(f"{self._address}/json/new?about:blank") as response:
            target = await response.json()
        tab = Tab(await self._session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=64 * 1024 * 1024))
        try:
            yield tab
        finally:
            await tab.close()
            async with self._session.get(f"{self._address}/json/close/{target['id']}"):
                pass


@asynccontextmanager
async def running(program: str) -> AsyncIterator[Browser]:
    """`program` with a profile that is thrown away."""
    profile = Path(tempfile.mkdtemp(prefix="handoff-chromium-"))
    process = await asyncio.create_subprocess_exec(
        program,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,  # it has children that outlive it for a while
        env=os.environ | {"TZ": "UTC", "LANG": "C.UTF-8"},
    )
    try:
        address = await _address(profile / "DevToolsActivePort", process)
        async with aiohttp.ClientSession() as session:
            yield Browser(address, session)
    finally:
        await _end(process)
        shutil.rmtree(profile, ignore_errors=True)


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), 10.0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


async def _address(file: Path, process: Process) -> str:
    async with asyncio.timeout(START_SECONDS):
        while (port := _port(file)) is None:
            assert process.returncode is None, f"Chromium ended with code {process.returncode}"
            await asyncio.sleep(0.05)
    return f"http://127.0.0.1:{port}"


def _port(file: Path) -> str | None:
    """It writes its port there, in the first of two lines."""
    lines = file.read_text().splitlines() if file.exists() else []
    return lines[0] if len(lines) == 2 else None
