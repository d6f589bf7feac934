"""Helpdesk and chat in one small server that answers at once and remembers when it was asked."""

import asyncio
import json
import re
import time
from collections import Counter
from itertools import count
from types import TracebackType
from typing import Any

from aiohttp import web

TICKETS = "/api/v2/tickets"
_NUMBER = re.compile(r"/\d+")


class Outside:
    """`tickets`: first request for a ticket, by escalation; `told`: first news of the ticket, by conversation."""

    def __init__(self, *, delay_seconds: float = 0.0) -> None:
        """`delay_seconds`: what every call to the helpdesk takes."""
        self._delay_seconds = delay_seconds
        self.first_at = 0.0
        self.last_at = 0.0
        self.tickets: dict[str, float] = {}
        self.told: dict[str, float] = {}
        self.calls: Counter[str] = Counter()
        self.base_url = ""
        self._ids = count(1)
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Outside":
        app = web.Application()
        app.router.add_post("/chat/{conversation}", self._chat)
        app.router.add_route("*", "/{path:.*}", self._helpdesk)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.Response:
        now = time.time()
        said = json.loads(await request.read())
        self.calls[f"chat {said.get('event')}"] += 1
        if said.get("event") == "ticket.created":
            self.told.setdefault(request.match_info["conversation"], now)
        return web.json_response({})

    async def _helpdesk(self, request: web.Request) -> web.Response:
        now = time.time()
        body = json.loads(await request.read() or b"{}")
        writes = request.method == "POST"
        self.calls[f"{request.method} {_NUMBER.sub('/…', request.path)}"] += 1
        if writes and request.path == TICKETS:
            self.tickets.setdefault(body["ticket"]["external_id"], now)
        self.first_at, self.last_at = self.first_at or now, now
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        return web.json_response(self._answer(request.path, writes=writes), status=201 if writes else 200)

    def _answer(self, path: str, *, writes: bool) -> dict[str, Any]:
        """Zendesk's shapes: nobody is known, no ticket is there, everything is made."""
        made = next(self._ids) if writes else 0
        if path == "/oauth/tokens":
            return {"access_token": "loopback", "token_type": "bearer", "expires_in": 3600}
        if path.startswith("/api/v2/users"):
            return {"user": {"id": made, "role": "end-user"}} if writes else {"users": [], "tickets": []}
        number = path.removeprefix(TICKETS + "/")
        if writes or number.isdecimal():
            ticket_id = made if writes else int(number)
            link = f"{self.base_url}{TICKETS}/{ticket_id}.json"
            return {"ticket": {"id": ticket_id, "url": link, "status": "new"}}
        return {"tickets": [], "comments": []}
