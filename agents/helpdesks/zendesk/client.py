"""Reading from Zendesk: authenticated requests, and lists to their end."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from agents.helpdesks.port import Account, HelpdeskUnavailable
from agents.helpdesks.wire import as_dict, as_text, rows, unavailable
from agents.helpdesks.zendesk.auth import Credentials
from agents.outbound import Http, HttpRequest, HttpResponse

PAGE_SIZE = 100
MAX_PAGES = 300
"""30,000 objects. What is longer is not complete, and says so."""


class ZendeskClient:
    """One account over one HTTP port. A 401 mints a new token, once."""

    def __init__(self, http: Http, account: Account, credentials: Credentials) -> None:
        """Cheap: made for each look-up."""
        self._http = http
        self._account = account
        self._credentials = credentials

    async def get(self, path: str, **query: str) -> HttpResponse:
        """The answer to a GET, whatever its status."""
        return await self.send("GET", self._url(path, query))

    async def write(self, method: str, path: str, body: Mapping[str, Any]) -> HttpResponse:
        """The answer to a write that may safely be repeated."""
        return await self.send(
            method, self._url(path, {}), json.dumps(body, ensure_ascii=False).encode(), "application/json"
        )

    async def send(
        self, method: str, url: str, content: bytes | None = None, content_type: str | None = None
    ) -> HttpResponse:
        """The answer to a request under this account's address."""
        headers = await self._credentials.headers(self._http, self._account)
        response = await self._http.send(self._request(method, url, headers, content, content_type))
        if response.status != 401:
            return response
        fresh = await self._credentials.headers(self._http, self._account, rejected=headers)
        if dict(fresh) == dict(headers):
            return response
        return await self._http.send(self._request(method, url, fresh, content, content_type))

    async def list(
        self,
        path: str,
        key: str,
        *,
        enough: Callable[[Sequence[Mapping[str, Any]]], bool] = lambda _page: False,
        **query: str,
    ) -> list[Mapping[str, Any]]:
        """All objects of a list, by cursor pages where the endpoint has them, else by numbered ones.

        Complete, or it raises: a page that is missing may hold the very ticket that was looked for. `enough`
        says of a page that none after it matters.
        """
        found: list[Mapping[str, Any]] = []
        url = self._url(path, {"page[size]": str(PAGE_SIZE), **query})
        for _ in range(MAX_PAGES):
            response = await self.send("GET", url)
            page = rows(response, key)
            found.extend(page)
            following = None if enough(page) else self._next(as_dict(response.json()))
            if following is None:
                return found
            url = following
        raise HelpdeskUnavailable("incomplete")

    async def show(self, path: str, key: str) -> Mapping[str, Any] | None:
        """One object; None where the answer is that it does not exist."""
        response = await self.get(path)
        body = as_dict(response.json())
        if response.status == 404 and body:
            return None
        if not response.ok or not as_dict(body.get(key)):
            raise unavailable(response)
        return as_dict(body[key])

    def _url(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self._account.base_url}{path}" + (f"?{urlencode(query)}" if query else "")

    def _next(self, body: Mapping[str, Any]) -> str | None:
        """The next page's address, which must be this account's: credentials go nowhere else."""
        meta = as_dict(body.get("meta"))
        if "has_more" in meta:
            found = as_text(as_dict(body.get("links")).get("next")) if meta["has_more"] else None
            if meta["has_more"] and found is None:
                raise HelpdeskUnavailable("incomplete")
        else:
            found = as_text(body.get("next_page"))
        if found is None:
            return None
        there, ours = urlsplit(found), urlsplit(self._account.base_url)
        if there.netloc.lower() != ours.netloc.lower():
            raise HelpdeskUnavailable("foreign_page")
        return ours._replace(path=there.path, query=there.query).geturl()

    def _request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, content_type: str | None
    ) -> HttpRequest:
        told = {"accept": "application/json", **headers}
        if content_type is not None:
            told["content-type"] = content_type
        return HttpRequest(method, url, told, content)
