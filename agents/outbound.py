"""The one port through which anything outside is called over HTTP.

The adapters of platforms and helpdesks build `HttpRequest`s and read `HttpResponse`s; `aiohttp` lives behind
the port (`agents.outbound_aiohttp`), and tests answer it from memory (`tests.support.http`).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from streams.errors import HandoffError


@dataclass(frozen=True)
class HttpRequest:
    """One request. `headers` may hold credentials: it is never logged and never shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    timeout_seconds: float = 10.0
    max_response_bytes: int = 4 * 1024 * 1024


@dataclass(frozen=True)
class HttpResponse:
    """An answer, read whole. Header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> Any:
        """The body as JSON, or None where it is empty or something else, whatever its Content-Type says.

        Zendesk answers uploads as text/plain and errors in HTML at times; no caller may assume JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


class OutboundError(HandoffError):
    """No usable answer came."""

    def __init__(self, reason: str) -> None:
        """`reason`: dns, refused, timeout, reset, tls, too_large, malformed, not_allowed."""
        super().__init__(reason)
        self.reason = reason


class NotSent(OutboundError):
    """The request certainly did not reach the other side: connecting failed, or the address is not allowed."""


class Ambiguous(OutboundError):
    """The request may have been carried out: it timed out, or the connection broke after it was sent."""


class Http(Protocol):
    """What adapters are given."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Every status is an answer; `NotSent` and `Ambiguous` are the two ways of not getting one.

        Redirects are not followed: a 3xx is returned as it is.
        """
        ...
