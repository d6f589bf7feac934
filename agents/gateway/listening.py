"""The gateway's listener: connections bounded in time, drained at the end."""

import logging

from aiohttp import web

from agents.gateway.server import Gateway

SHUTDOWN_SECONDS = 8.0
"""For requests under way. Longer than reading a body and waiting for the brokers take together by default."""

LINGER_SECONDS = 2.0
"""How long the rest of a refused body is read and thrown away, so that the sender gets to see the answer."""


class GatewayServer:
    """A `Gateway` that listens."""

    def __init__(self, gateway: Gateway, host: str, port: int, *, idle_seconds: float) -> None:
        """Port 0 takes any free one; see `port` after `start`.

        `idle_seconds`: a connection that is silent for so long, or takes longer for the headers of its first
        request, is closed. It has to exceed the idle time of the proxy in front.
        """
        self._gateway = gateway
        self._host = host
        self._idle_seconds = idle_seconds
        self._runner: web.ServerRunner | None = None
        self.port = port

    async def start(self) -> None:
        """Listen."""
        self._runner = runner(self._gateway, idle_seconds=self._idle_seconds)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self.port).start()
        self.port = self._runner.addresses[0][1]

    @property
    def draining(self) -> bool:
        """Nothing new is taken any more."""
        return self._gateway.draining

    async def stop(self) -> None:
        """Refuse what is new, finish what is under way."""
        self._gateway.draining = True
        if self._runner is not None:
            await self._runner.cleanup()


def runner(gateway: Gateway, *, idle_seconds: float) -> web.ServerRunner:
    """What speaks HTTP, with its limits of time. Nothing listens yet. To be called where the event loop runs.

    aiohttp's low-level server: two routes need none of what an application of it does for each request.
    """
    quiet = logging.getLogger("aiohttp.server.gateway")
    quiet.setLevel(logging.CRITICAL)  # what strangers send that is no HTTP would be a traceback each
    server = web.Server(
        gateway.handle,
        access_log=None,
        logger=quiet,
        keepalive_timeout=idle_seconds,
        lingering_time=LINGER_SECONDS,
        auto_decompress=False,
    )
    return web.ServerRunner(server, handle_signals=False, shutdown_timeout=SHUTDOWN_SECONDS)
