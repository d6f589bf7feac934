"""A hop as a process: start, health, reload, SIGTERM, and an end that says why."""

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Protocol

from agents.commands.reloading import Reloading
from agents.health import AdminServer, Probes
from agents.observability import catalogue
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import AdminSettings
from streams.clock import SystemClock
from streams.errors import HandoffError, Refused

STOP_SECONDS = 20.0
"""From SIGTERM to exit, at most; what is not done by then is done by the next owner."""

LAG_CHECK_SECONDS = 0.5
FAILED = 70
"""EX_SOFTWARE: the process ended rather than go on."""


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


async def serve(
    hop: Hop,
    *,
    name: str,
    admin: AdminSettings,
    reloading: Reloading,
    metrics: Metrics,
    log: Log,
    version: str,
    leave: Callable[[int], None] = os._exit,
) -> int:
    """Run `hop` until SIGTERM, SIGINT or its failure. Returns the exit code; `Refused` where it could never start.

    `leave` ends the process at once: for an end that takes too long.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reloading.again)
    metrics.set(catalogue.BUILD, 1, version=version, hop=name)
    metrics.set(catalogue.CONFIG_IN_USE, 1)
    metrics.set(catalogue.STARTED, SystemClock().now().timestamp())
    server = AdminServer(admin.host, admin.port, Probes(hop.not_alive, hop.not_ready), metrics)
    try:
        await server.start()
    except OSError as error:
        raise Refused(f"admin: cannot listen on {admin.host}:{admin.port}: {error.strerror}") from None
    log.info("process.started", admin_port=server.port)
    beside = [asyncio.create_task(reloading.watch()), asyncio.create_task(_feel_lag(metrics, name))]
    try:
        failure = await _until(hop, stop, log)
        await _stop(hop, log, leave)
    finally:
        for task in beside:
            task.cancel()
        await server.stop()
    log.info("process.stopped", failed=failure is not None)
    if isinstance(failure, Refused):
        raise failure
    return 0 if failure is None else FAILED


async def _until(hop: Hop, stop: asyncio.Event, log: Log) -> BaseException | None:
    """Start and run, until the signal or the failure; returns the failure."""
    started = False

    async def live() -> None:
        nonlocal started
        await hop.start()
        started = True
        await hop.run()

    living, waiting = asyncio.create_task(live()), asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        if not living.done():
            living.cancel()
    if living not in done:
        log.info("process.stopping")
        await asyncio.gather(living, return_exceptions=True)
        return None
    failure = living.exception() or HandoffError("the hop ended by itself")
    event = "process.failed" if started else "process.start_failed"
    if isinstance(failure, HandoffError | OSError):
        log.error(event, error=type(failure).__name__, reason=str(failure))
    else:
        log.failure(event, failure)
    return failure


async def _stop(hop: Hop, log: Log, leave: Callable[[int], None]) -> None:
    """Drain; past the budget leave hard, since what is unacknowledged is somebody else's work then."""
    stopping = asyncio.create_task(hop.stop())
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not stopping.done():
        log.error("process.stop_timed_out", seconds=STOP_SECONDS)
        stopping.cancel()
        leave(FAILED)
    elif (failure := stopping.exception()) is not None:
        log.failure("process.stop_failed", failure)


async def _feel_lag(metrics: Metrics, name: str) -> None:
    """How much later than asked the event loop comes round: whatever blocks it holds everything else up, too."""
    loop = asyncio.get_running_loop()
    while True:
        wanted = loop.time() + LAG_CHECK_SECONDS
        await asyncio.sleep(LAG_CHECK_SECONDS)
        metrics.set(catalogue.LOOP_LAG, max(0.0, loop.time() - wanted), hop=name)


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
