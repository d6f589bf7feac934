"""Health and metrics of a process, on a listener of its own.

`/healthz` fails when the process can no longer make progress (a restart helps), not when Kafka is away;
`/readyz` fails until its work is assigned and recovered; `/metrics` is for Prometheus.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from agents.observability import catalogue
from agents.observability.metrics import CONTENT_TYPE, Metrics


@dataclass(frozen=True)
class Probes:
    """What the two questions ask. Each returns None when all is well, else a slug."""

    not_alive: Callable[[], str | None]
    not_ready: Callable[[], str | None]


class AdminServer:
    """Serves the three paths."""

    def __init__(self, host: str, port: int, probes: Probes, metrics: Metrics) -> None:
        """Port 0 takes any free one; see `port` after `start`."""
        self._host = host
        self._port = port
        self._probes = probes
        self._metrics = metrics
        self._runner: web.AppRunner | None = None
        self.port = port

    async def start(self) -> None:
        """Listen."""
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._ready)
        app.router.add_get("/metrics", self._exposition)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the listener."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _health(self, _request: web.Request) -> web.Response:
        return _answer(self._probes.not_alive())

    async def _ready(self, _request: web.Request) -> web.Response:
        return _answer(self._probes.not_ready())

    async def _exposition(self, _request: web.Request) -> web.Response:
        self._metrics.set(catalogue.READY, float(self._probes.not_ready() is None))
        self._metrics.set(catalogue.ALIVE, float(self._probes.not_alive() is None))
        return web.Response(body=self._metrics.exposition(), headers={"Content-Type": CONTENT_TYPE})


def _answer(problem: str | None) -> web.Response:
    return web.json_response({"status": problem or "ok"}, status=200 if problem is None else 503)
