"""Webhooks the simulated platforms send: recorded first, then delivered, repeated until answered 2xx or given up."""

import asyncio
import json

import aiohttp

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.settings import SimulatorSettings
from agents.demo.simulators.store import Store
from streams.clock import Clock


class Deliveries:
    """Sends in the order of `send` per conversation; conversations do not wait for each other."""

    def __init__(self, store: Store, settings: SimulatorSettings, clock: Clock) -> None:
        """Nothing is sent before `send`."""
        self._store = store
        self._settings = settings
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._tails: dict[tuple[str, str, str], asyncio.Task[None]] = {}

    def send(self, account: str, webhook: Webhook) -> int:
        """Record a webhook and deliver it in the background; its id."""
        webhook_id = self._store.run(
            "INSERT INTO webhooks (platform, account, session_id, event, url, headers, body, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            webhook.platform,
            account,
            webhook.session_id,
            webhook.event,
            webhook.url,
            json.dumps(dict(webhook.headers)),
            webhook.body,
            self._clock.now().timestamp(),
        )
        self._enqueue((webhook.platform, account, webhook.session_id), webhook_id)
        return webhook_id

    def again(self, webhook_id: int) -> bool:
        """Deliver the very same bytes and headers once more, as a platform's retry does; False if unknown."""
        row = self._store.row("SELECT platform, account, session_id FROM webhooks WHERE id = ?", webhook_id)
        if row is None:
            return False
        self._enqueue((row["platform"], row["account"], row["session_id"]), webhook_id)
        return True

    async def settled(self) -> None:
        """Return when nothing is under way."""
        while pending := [task for task in self._tails.values() if not task.done()]:
            await asyncio.gather(*pending)

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tails.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def _enqueue(self, key: tuple[str, str, str], webhook_id: int) -> None:
        before = self._tails.get(key)

        async def run() -> None:
            if before is not None:
                await asyncio.wait({before})
            await self._deliver(webhook_id)

        self._tails[key] = asyncio.get_running_loop().create_task(run())

    async def _deliver(self, webhook_id: int) -> None:
        for wait_seconds in (0.0, *self._settings.webhook_retry_seconds):
            await self._clock.sleep(wait_seconds)
            status = await self._attempt(webhook_id)
            self._store.run(
                "UPDATE webhooks SET attempts = attempts + 1, status = ?, answered_at = ? WHERE id = ?",
                status,
                self._clock.now().timestamp(),
                webhook_id,
            )
            if status is not None and (status < 300 or status == 410):
                return

    async def _attempt(self, webhook_id: int) -> int | None:
        row = self._store.row("SELECT url, headers, body FROM webhooks WHERE id = ?", webhook_id)
        assert row is not None
        self._session = self._session or aiohttp.ClientSession()
        timeout = aiohttp.ClientTimeout(total=self._settings.webhook_timeout_seconds)
        try:
            async with self._session.post(
                row["url"], data=row["body"], headers=json.loads(row["headers"]), timeout=timeout
            ) as response:
                await response.read()
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None
