"""Requests to Intercom's REST API, version 2.16.

https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from agents.outbound import Http, HttpRequest
from agents.platforms.answers import send, send_for_json
from agents.platforms.intercom.options import API_HOSTS, IntercomOptions
from agents.platforms.port import Connection, Unsupported

API_VERSION = "2.16"
READ_TIMEOUT_SECONDS = 4.0
"""A transcript may take five seconds in all."""


class Api:
    """One workspace. Without the token `access_token` nothing can be called: `Unsupported`."""

    def __init__(self, http: Http, connection: Connection) -> None:
        self._http = http
        self._connection = connection
        self.options: IntercomOptions = connection.options_as(IntercomOptions)

    async def get(self, path: str, *, timeout_seconds: float = READ_TIMEOUT_SECONDS) -> dict[str, Any]:
        """The object at `path`."""
        return await send_for_json(self._http, self._request("GET", path, None, timeout_seconds))

    async def search(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A search: a POST that changes nothing, and may be repeated."""
        return await send_for_json(self._http, self._request("POST", path, body, READ_TIMEOUT_SECONDS))

    async def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> None:
        """Carry out `body`. Intercom takes no idempotency key: what is not repeatable may end `Ambiguous`."""
        await send(self._http, self._request("POST", path, body, 10.0), repeatable=repeatable)

    async def admin_id(self) -> str:
        """The teammate we write as: configured, else the one the token belongs to."""
        if self.options.admin_id:
            return self.options.admin_id
        found = (await self.get("/me")).get("id")
        if not isinstance(found, str | int):
            raise Unsupported("no_admin_id")
        return str(found)

    def _request(self, method: str, path: str, body: Mapping[str, Any] | None, timeout_seconds: float) -> HttpRequest:
        token = self._connection.tokens.get("access_token")
        if token is None or not token.get_secret_value().strip():
            raise Unsupported("no_access_token")
        headers = {
            "authorization": f"Bearer {token.get_secret_value().strip()}",
            "accept": "application/json",
            "intercom-version": API_VERSION,
        }
        base = self.options.base_url or API_HOSTS[self.options.region]
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            headers["content-type"] = "application/json"
        url = base.rstrip("/") + path
        return HttpRequest(method, url, headers=headers, body=raw, timeout_seconds=timeout_seconds)


def conversation_path(conversation_id: str, action: str = "") -> str:
    """`/conversations/{id}` and what follows, the id made safe for a path."""
    return f"/conversations/{quote(conversation_id, safe='')}{action}"


def contact_path(contact_id: str) -> str:
    """`/contacts/{id}`, the id made safe for a path."""
    return f"/contacts/{quote(contact_id, safe='')}"
