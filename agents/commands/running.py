"""A hop as a process: start, health, reload, SIGTERM, and an end that says why."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agents.health import AdminServer, Probes
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import AdminSettings, TenantBook
from agents.settings_file import load
from streams.clock import SystemClock
from streams.errors import HandoffError, Refused

STOP_SECONDS = 20.0
"""From SIGTERM to exit, at most; what is not done by then is done by the next owner."""

RELOAD_CHECK_SECONDS = 5.0
FAILED = 70


class Hop(Protocol):
    """What a process runs."""

    async def start(self) -> None:
        """Begin; returns when the hop consumes or listens."""
        ...

    async def run(self) -> None:
        """Wait until the hop fails; raises why."""
        ...

    async def stop(self) -> None:
        """Drain and leave."""
        ...

    def not_alive(self) -> str | None:
        """A slug when only a restart helps."""
        ...

    def not_ready(self) -> str | None:
        """A slug until the work is assigned and recovered."""
        ...


@dataclass(frozen=True)
class Reloading:
    """What is read again while running."""

    path: Path | None
    tenants: TenantBook

    def again(self) -> None:
        """Read the file and take over its reloadable part; raises `Refused` and changes nothing when it is wrong."""
        if self.path is not None:
            self.tenants.replace(load(self.path).tenants)


async def serve(
    hop: Hop, *, name: str, admin: AdminSettings, reloading: Reloading, metrics: Metrics, log: Log, version: str
) -> int:
    """Run `hop` until SIGTERM, SIGINT or its failure. Returns the exit code."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: _reload(reloading, metrics, log))
    metrics.set(catalogue.BUILD, 1, version=version, hop=name)
    metrics.set(catalogue.CONFIG_IN_USE, 1)
    metrics.set(catalogue.STARTED, SystemClock().now().timestamp())
    server = AdminServer(admin.host, admin.port, Probes(hop.not_alive, hop.not_ready), metrics)
    await server.start()
    log.info("process.started", admin_port=server.port)
    watcher = asyncio.create_task(_watch(reloading, metrics, log))
    try:
        failure = await _until(hop, stop, log)
    finally:
        watcher.cancel()
    await _stop(hop, log)
    await server.stop()
    log.info("process.stopped", failed=failure is not None)
    return 0 if failure is None else FAILED


async def _until(hop: Hop, stop: asyncio.Event, log: Log) -> BaseException | None:
    """Start, then wait for the signal or the failure; returns the failure."""
    waiting = asyncio.create_task(stop.wait())
    try:
        await hop.start()
    except (HandoffError, OSError) as error:
        waiting.cancel()
        if isinstance(error, Refused):
            raise
        log.error("process.start_failed", error=type(error).__name__, reason=str(error))
        return error
    running = asyncio.create_task(hop.run())
    done, _ = await asyncio.wait({waiting, running}, return_when=asyncio.FIRST_COMPLETED)
    if running in done:
        waiting.cancel()
        failure = running.exception() or RuntimeError("the hop ended by itself")
        ours = isinstance(failure, HandoffError)
        log.error("process.failed", error=type(failure).__name__, reason=str(failure) if ours else "")
        return failure
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    log.info("process.stopping")
    return None


async def _stop(hop: Hop, log: Log) -> None:
    """Drain; past the budget leave hard, since what is unacknowledged is somebody else's work then."""
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await hop.stop()
    except TimeoutError:
        log.error("process.stop_timed_out", seconds=STOP_SECONDS)
        os._exit(FAILED)


async def _watch(reloading: Reloading, metrics: Metrics, log: Log) -> None:
    """Read the configuration again when its file changes (a mounted ConfigMap is swapped by symlink)."""
    if reloading.path is None:
        return
    seen = _stamp(reloading.path)
    while True:
        await asyncio.sleep(RELOAD_CHECK_SECONDS)
        now = await asyncio.to_thread(_stamp, reloading.path)
        if now != seen:
            seen = now
            _reload(reloading, metrics, log)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def _reload(reloading: Reloading, metrics: Metrics, log: Log) -> None:
    try:
        reloading.again()
    except Refused as error:
        metrics.count(catalogue.CONFIG_RELOADS, result="refused")
        metrics.set(catalogue.CONFIG_IN_USE, 0)
        log.error("config.refused", why=str(error))
    else:
        metrics.count(catalogue.CONFIG_RELOADS, result="done")
        metrics.set(catalogue.CONFIG_IN_USE, 1)
        log.info("config.reloaded")


class Liveliness:
    """Turns a growing number into an answer: it must have grown within `patience_seconds`."""

    def __init__(self, now: Callable[[], float], patience_seconds: float) -> None:
        """`now`: monotonic seconds."""
        self._now = now
        self._patience_seconds = patience_seconds
        self._last = -1
        self._at = now()

    def stuck(self, value: int) -> bool:
        """Whether `value` has stood still for too long."""
        if value != self._last:
            self._last = value
            self._at = self._now()
        return self._now() - self._at > self._patience_seconds
