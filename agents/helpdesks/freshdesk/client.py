"""Reading from Freshdesk: authenticated requests, and lists to their end."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.wire import as_dict, rows, unavailable
from agents.outbound import Http, HttpRequest, HttpResponse

PAGE_SIZE = 100
MAX_PAGES = 300
"""The last page Freshdesk serves (https://developers.freshdesk.com/api/#list_all_tickets)."""


def headers(account: Account) -> Mapping[str, str]:
    """Basic, with the API key as the user and any password."""
    if "api_key" not in account.tokens:
        raise HelpdeskUnavailable("token_missing_api_key")
    pair = f"{account.tokens['api_key'].get_secret_value()}:X"
    return {"authorization": "Basic " + b64encode(pair.encode()).decode()}


class FreshdeskClient:
    """One account over one HTTP port."""

    def __init__(self, http: Http, account: Account) -> None:
        """Cheap: made for each look-up."""
        self._http = http
        self._account = account

    async def get(self, path: str, **query: str) -> HttpResponse:
        """The answer to a GET, whatever its status."""
        return await self.send("GET", path + (f"?{urlencode(query)}" if query else ""))

    async def write(self, method: str, path: str, body: Mapping[str, Any]) -> HttpResponse:
        """The answer to a write that may safely be repeated."""
        return await self.send(method, path, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    async def send(
        self, method: str, path: str, content: bytes | None = None, content_type: str | None = None
    ) -> HttpResponse:
        """The answer to a request under this account's address."""
        told = {"accept": "application/json", **headers(self._account)}
        if content_type is not None:
            told["content-type"] = content_type
        return await self._http.send(HttpRequest(method, self._account.base_url + path, told, content))

    async def list(self, path: str, **query: str) -> list[Mapping[str, Any]]:
        """All objects of a list, page by page until one is not full. Complete, or it raises."""
        found: list[Mapping[str, Any]] = []
        for page in range(1, MAX_PAGES + 1):
            response = await self.get(path, **query, per_page=str(PAGE_SIZE), page=str(page))
            here = rows(response)
            found.extend(here)
            if len(here) < PAGE_SIZE and 'rel="next"' not in response.headers.get("link", ""):
                return found
        raise HelpdeskUnavailable("incomplete")

    async def show(self, path: str) -> Mapping[str, Any] | None:
        """One object; None where the answer is that it does not exist: a 404 without a page."""
        response = await self.get(path)
        if response.status == 404 and response.body.lstrip()[:1] != b"<":
            return None
        body = as_dict(response.json())
        if not response.ok or not body:
            raise unavailable(response)
        return body
