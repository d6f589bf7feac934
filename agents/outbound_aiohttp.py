"""The HTTP port over aiohttp: allowed addresses only, no redirects, bounded in time and size, failures told apart.

A host name is resolved once and the connection goes to the very address that was checked, so that a name cannot
point at a harmless address for the check and at an inner one for the call (DNS rebinding).
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent
from agents.outbound_hosts import HostRules

_READ_BYTES = 64 * 1024
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_BREAK = re.compile(r"[\r\n\0]")


_RESOLVER_THREADS = 32
"""A name server that hangs for one tenant must not take the threads that others, or the ledgers, need."""

_ADDRESSES_KEPT_SECONDS = 15
"""What is kept are checked addresses; look-ups of one name at the same time are one."""

LookUp = Callable[[str, int, socket.AddressFamily], Sequence[tuple[Any, Any, int, str, tuple[Any, ...]]]]
"""`socket.getaddrinfo` with three arguments, blocking."""


def _system(host: str, port: int, family: socket.AddressFamily) -> Any:
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)


class AddressRefused(OSError):
    """The name points at an address that may not be called."""


class _CheckedResolver(AbstractResolver):
    """Resolves in threads of its own, and hands out only addresses that may be called."""

    def __init__(self, rules: HostRules, look_up: LookUp) -> None:
        self._rules = rules
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        asked = asyncio.get_running_loop().run_in_executor(self._threads, self._look_up, host, port, family)
        results = [
            ResolveResult(
                hostname=host, host=str(sockaddr[0]), port=port, family=fam, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for fam, _, proto, _, sockaddr in await asked
            if self._rules.permits_address(str(sockaddr[0]), host)
        ]
        if not results:
            raise AddressRefused("no address that may be called")
        return results

    async def close(self) -> None:
        """Threads that hang in a look-up end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Progress:
    """Whether the first byte may have gone out."""

    sent = False


async def _about_to_send(_session: Any, context: Any, _params: Any) -> None:
    """Aiohttp calls this right before the first byte is written, never after."""
    context.trace_request_ctx.sent = True


class AiohttpClient:
    """The real `Http`. Close it at the end of the process."""

    def __init__(
        self, rules: HostRules, *, connections: int = 256, per_host: int = 64, look_up: LookUp = _system
    ) -> None:
        """Connections are pooled; nothing is connected yet."""
        self._rules = rules
        self._resolver = _CheckedResolver(rules, look_up)
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_about_to_send)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections,
                limit_per_host=per_host,
                resolver=self._resolver,
                ttl_dns_cache=_ADDRESSES_KEPT_SECONDS,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            trace_configs=[trace],
        )
        # aiohttp repeats PUT and DELETE by itself when a kept connection drops; a comment would be made twice.
        self._session._retry_connection = False  # noqa: SLF001 # there is no public switch

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `agents.outbound.Http`."""
        url = self._rules.check(request.url)
        if not all(_NAME.fullmatch(name) and not _BREAK.search(value) for name, value in request.headers.items()):
            raise NotSent("malformed")  # found by aiohttp only after it has said that it sends
        progress = _Progress()
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self._send(url, request, progress)
        except TimeoutError:
            raise _failure(progress, "timeout") from None
        except aiohttp.ClientConnectorDNSError as error:
            raise NotSent("not_allowed" if isinstance(error.os_error, AddressRefused) else "dns") from None
        except ssl.SSLError:
            raise _failure(progress, "tls") from None
        except aiohttp.ClientConnectorError:
            raise _failure(progress, "refused") from None
        except (aiohttp.ClientError, OSError):
            raise _failure(progress, "reset") from None
        except ValueError:
            raise _failure(progress, "malformed") from None

    async def _send(self, url: URL, request: HttpRequest, progress: _Progress) -> HttpResponse:
        async with self._session.request(
            request.method,
            url,
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
        await self._resolver.close()


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
