"""The HTTP port over aiohttp: allowed hosts only, no redirects, bounded in time and size, failures told apart.

A host name is resolved once and the connection goes to the very address that was checked, so that a name cannot
point at a harmless address for the check and at an inner one for the call (DNS rebinding).
"""

import asyncio
import fnmatch
import ipaddress
import socket
import ssl
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent

HOSTED = (
    "*.zendesk.com",
    "*.freshdesk.com",
    "api.intercom.io",
    "api.eu.intercom.io",
    "api.au.intercom.io",
)
"""Hosts that need no entry of their own in `outbound.allow_hosts`."""

_READ_BYTES = 64 * 1024


class AddressRefused(OSError):
    """The name points at an address that may not be called."""


def is_public(address: str) -> bool:
    """Whether `address` is an ordinary, globally routed one. IPv4 inside IPv6 counts as what it carries."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast


class HostRules:
    """Which URLs may be called."""

    def __init__(self, allow_hosts: Iterable[str] = (), *, allow_loopback: bool = False) -> None:
        """`allow_hosts` are exact names; loopback is for the demo and for tests."""
        self._exact = frozenset(host.lower() for host in allow_hosts)
        self.allow_loopback = allow_loopback

    def check(self, url: str) -> None:
        """Return when `url` may be called; raise `NotSent("not_allowed")` otherwise."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").lower(), parts.port
        except ValueError:
            raise NotSent("not_allowed") from None
        if parts.username is not None or parts.password is not None:
            raise NotSent("not_allowed")
        if self.allow_loopback and host in {"127.0.0.1", "::1", "localhost"} and parts.scheme in {"http", "https"}:
            return
        known = host in self._exact or any(fnmatch.fnmatchcase(host, pattern) for pattern in HOSTED)
        if not known or parts.scheme != "https" or port not in {None, 443}:
            raise NotSent("not_allowed")

    def permits_address(self, address: str) -> bool:
        """Whether a resolved address may be connected to."""
        if is_public(address):
            return True
        return self.allow_loopback and ipaddress.ip_address(address).is_loopback


class _CheckedResolver(AbstractResolver):
    """Resolves, and hands out only addresses that may be called."""

    def __init__(self, rules: HostRules) -> None:
        self._rules = rules

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        results = [
            ResolveResult(
                hostname=host, host=str(sockaddr[0]), port=port, family=fam, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for fam, _, proto, _, sockaddr in found
            if self._rules.permits_address(str(sockaddr[0]))
        ]
        if not results:
            raise AddressRefused("no address that may be called")
        return results

    async def close(self) -> None:
        """Nothing is held."""


class _Progress:
    """Whether the first byte may have gone out."""

    sent = False


async def _about_to_send(_session: Any, context: Any, _params: Any) -> None:
    """Aiohttp calls this right before the first byte is written, never after."""
    context.trace_request_ctx.sent = True


class AiohttpClient:
    """The real `Http`. Close it at the end of the process."""

    def __init__(self, rules: HostRules, *, connections: int = 256, per_host: int = 64) -> None:
        """Connections are pooled; nothing is connected yet."""
        self._rules = rules
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_about_to_send)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, limit_per_host=per_host, resolver=_CheckedResolver(rules), use_dns_cache=False
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            trace_configs=[trace],
        )
        # aiohttp repeats PUT and DELETE by itself when a kept connection drops; a comment would be made twice.
        self._session._retry_connection = False  # noqa: SLF001 # there is no public switch

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `agents.outbound.Http`."""
        self._rules.check(request.url)
        progress = _Progress()
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self._send(request, progress)
        except TimeoutError:
            raise _failure(progress, "timeout") from None
        except aiohttp.InvalidURL:
            raise NotSent("not_allowed") from None
        except ssl.SSLError:
            raise _failure(progress, "tls") from None
        except aiohttp.ClientConnectorError:
            raise _failure(progress, "refused") from None
        except (aiohttp.ClientError, OSError):
            raise _failure(progress, "reset") from None

    async def _send(self, request: HttpRequest, progress: _Progress) -> HttpResponse:
        async with self._session.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            data=request.body,
            allow_redirects=False,
            trace_request_ctx=progress,
        ) as response:
            body = await _read(response, request.max_response_bytes)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpResponse(response.status, headers, body)

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


def _failure(progress: _Progress, reason: str) -> NotSent | Ambiguous:
    return Ambiguous(reason) if progress.sent else NotSent(reason)


async def _read(response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
    parts = []
    size = 0
    async for part in response.content.iter_chunked(_READ_BYTES):
        size += len(part)
        if size > limit_bytes:
            raise Ambiguous("too_large")
        parts.append(part)
    return b"".join(parts)
