"""The simulated vendors on a free loopback port, and a caller for them.

async with running(tmp_path) as simulators:
    answer = await simulators.call("GET", "/zendesk/acme/api/v2/groups", auth=ZENDESK_AUTH)
"""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from agents.demo.simulators.app import SERVER, build_app
from agents.demo.simulators.serving import Server
from agents.demo.simulators.settings import AccountSettings, SimulatorSettings
from agents.demo.simulators.store import Records, Store
from streams.clock import Clock, ManualClock

START = datetime(2026, 7, 11, 10, 0, tzinfo=UTC)
_DEFAULTS = AccountSettings()


def basic(user_name: str, password: str) -> dict[str, str]:
    """The header of basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user_name}:{password}".encode()).decode()}


ZENDESK_AUTH = basic(f"{_DEFAULTS.zendesk.token_email}/token", str(_DEFAULTS.zendesk.api_token))
SUNSHINE_AUTH = basic(_DEFAULTS.zendesk.sunshine_key_id, _DEFAULTS.zendesk.sunshine_secret)
FRESHDESK_AUTH = basic(_DEFAULTS.freshdesk.api_key, "X")
INTERCOM_AUTH = {"Authorization": f"Bearer {_DEFAULTS.intercom.token}", "Intercom-Version": "2.16"}
WIDGET_AUTH = {"Authorization": _DEFAULTS.zendesk.ai_agents_key}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass(frozen=True)
class Simulators:
    """Running simulators."""

    url: str
    store: Store
    server: Server
    clock: Clock
    session: aiohttp.ClientSession
    records: Records

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        auth: Mapping[str, str] | None = None,
        timeout_seconds: float = 5.0,
    ) -> Answer:
        """One request; `body` is sent as JSON, bytes as they are."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(auth or {})}
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        async with self.session.request(
            method, self.url + path, data=raw, headers=headers, timeout=timeout, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def fault(self, kind: str, operation: str = "*", **more: Any) -> None:
        """Plan one fault."""
        answer = await self.call("POST", "/_faults", {"faults": [{"kind": kind, "operation": operation, **more}]})
        assert answer.status == 200, answer.raw

    async def step(self, platform: str, conversation: str, **step: Any) -> list[int]:
        """One step in a chat of the account `acme`; the ids of its webhooks."""
        answer = await self.call("POST", f"/_chat/{platform}/acme/{conversation}", step)
        assert answer.status == 200, answer.raw
        ids: list[int] = answer.json["webhooks"]
        return ids

    def advance(self, seconds: float) -> None:
        """Move the simulators' clock, where it is a manual one."""
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(seconds)


@asynccontextmanager
async def running(
    folder: Path, settings: SimulatorSettings | None = None, clock: Clock | None = None
) -> AsyncIterator[Simulators]:
    """Simulators with a database in `folder`; the clock stands still at `START` unless another is given."""
    store = Store(folder / "simulators.db")
    used_clock = clock or ManualClock(START)
    app = build_app(store, settings, used_clock)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    records = Records(store.path)
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
            port = runner.addresses[0][1]
            yield Simulators(f"http://127.0.0.1:{port}", store, app[SERVER], used_clock, session, records)
    finally:
        await runner.cleanup()
        records.close()
        store.close()
