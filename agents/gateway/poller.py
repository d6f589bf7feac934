"""Every connection that can be polled, asked side by side; begun, looked after and ended with the gateway.

Each replica of the gateway asks for itself: what two of them tell is one event id, and absorbed. Only a replica
that took a webhook in reads its conversation again.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agents.gateway.asking import Asking, Means
from agents.gateway.intake import connection_of
from agents.observability import catalogue
from agents.platforms.polling import Pollable
from agents.platforms.port import Connection
from agents.settings import TenantBook
from streams.contracts.conversation_events import AnyEvent
from streams.errors import Refused

LOOK_SECONDS = 5.0
"""Between two looks at the settings, which may have changed, and at the tasks, which may have failed."""


@dataclass
class _Running:
    asking: Asking
    task: asyncio.Task[None]


class Poller:
    """Asks for what webhooks never told."""

    def __init__(self, tenants: TenantBook, means: Means, pollable: Callable[[str], Pollable | None]) -> None:
        """Nothing is asked before `start`. `pollable` raises `Refused` for an unknown platform."""
        self._tenants = tenants
        self._means = means
        self._pollable = pollable
        self._running: dict[tuple[str, str], _Running] = {}
        self._wrong: set[tuple[str, str]] = set()
        self._keeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the running event loop."""
        self._keeper = asyncio.create_task(self._keep(), name="poller")

    async def stop(self) -> None:
        """Stop at once: what was under way is asked for again after the next start."""
        tasks = [running.task for running in self._running.values()]
        if self._keeper is not None:
            tasks.append(self._keeper)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running.clear()

    def heard(self, platform: str, tenant: str, events: Iterable[AnyEvent]) -> None:
        """A webhook told these events, and the brokers have them."""
        running = self._running.get((platform, tenant))
        if running is not None:
            running.asking.heard(events)

    async def _keep(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(LOOK_SECONDS)

    def look(self) -> None:
        """Begin what is new, end what is gone, begin again what has failed."""
        wanted = set()
        for tenant in self._tenants.names():
            settings = self._tenants.get(tenant)
            for platform in settings.platforms if settings is not None else ():
                if self._look_at(platform, tenant):
                    wanted.add((platform, tenant))
        for key in self._running.keys() - wanted:
            self._running.pop(key).task.cancel()

    def _look_at(self, platform: str, tenant: str) -> bool:
        """Whether this connection is to be polled; it is, then."""
        connection = self._connection(platform, tenant)
        running = self._running.get((platform, tenant))
        if connection is None:
            return running is not None  # it rests meanwhile: a kill switch is turned back
        try:
            pollable = self._pollable(platform)
            options = None if pollable is None else pollable.options(connection)
        except (Refused, ValueError):  # pydantic's error is a ValueError; its text may quote the options
            if (platform, tenant) not in self._wrong:
                self._means.log.error("poll.wrong_options", platform=platform, tenant=tenant)
            self._wrong.add((platform, tenant))
            return False
        if pollable is None or options is None:
            return False
        if running is not None and not running.task.done():
            return True
        if running is not None:
            self._mourn(platform, tenant, running.task)
        asking = Asking(
            pollable,
            options,
            self._means,
            tenant=tenant,
            platform=platform,
            connection=lambda: self._connection(platform, tenant),
        )
        task = asyncio.create_task(asking.run(), name=f"poll {platform} {tenant}")
        self._running[platform, tenant] = _Running(asking, task)
        return True

    def _mourn(self, platform: str, tenant: str, task: asyncio.Task[None]) -> None:
        """A fault of ours: told by its type alone, and begun anew from the look-back of a start."""
        error = None if task.cancelled() else task.exception()
        self._means.metrics.count(catalogue.POLLS, platform=platform, tenant=tenant, result="failed")
        self._means.log.error("poll.failed", platform=platform, tenant=tenant, error=type(error).__name__)

    def _connection(self, platform: str, tenant: str) -> Connection | None:
        """The connection as it is now; None while the tenant allows no calls."""
        settings = self._tenants.get(tenant)
        if settings is None or settings.kill_switch:
            return None
        return connection_of(tenant, platform, settings)
