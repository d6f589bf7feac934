"""Calling out over real sockets: certainly not sent, or perhaps carried out; and answers that mean harm."""

import asyncio
import gzip
import resource
import socket
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents.outbound import Ambiguous, HttpRequest, NotSent, OutboundError
from agents.outbound_aiohttp import AiohttpClient
from agents.outbound_hosts import HostRules
from tests.support.raw_server import Line, RawServer, response, serving
from tests.support.tls import server_context


@pytest.fixture
async def client() -> AsyncIterator[AiohttpClient]:
    made = AiohttpClient(HostRules(allow_loopback=True))
    yield made
    await made.close()


def post(
    server: RawServer, body: bytes = b'{"ticket": 1}', timeout: float = 2.0, limit: int = 4_000_000
) -> HttpRequest:
    return HttpRequest("POST", server.url + "/x", {"x-key": "k"}, body, timeout, limit)


async def failure(client: AiohttpClient, request: HttpRequest) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        await client.send(request)
    return caught.value


async def test_an_answer_is_whole_with_names_in_lower_case(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response(b'{"id": 7}', "201 Created", "X-Request-Id: r1", "Content-Type: text/plain"))

    async with serving(script) as server:
        answer = await client.send(post(server))
    assert (answer.status, answer.json(), answer.headers["x-request-id"]) == (201, {"id": 7}, "r1")
    assert b"POST /x HTTP/1.1" in server.requests[0]
    assert b"x-key: k" in server.requests[0]
    assert server.requests[0].endswith(b'{"ticket": 1}')


async def test_a_port_nobody_listens_on_was_not_sent(client: AiohttpClient) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
        error = await failure(client, HttpRequest("POST", f"http://127.0.0.1:{port}/x", {}, b"{}", 2.0))
    assert (type(error), error.reason) == (NotSent, "refused")


async def test_a_line_that_ends_before_a_byte_was_read_may_have_been_carried_out(client: AiohttpClient) -> None:
    """The bytes may lie in the other side's buffer: only connecting tells that nothing was sent."""

    async def script(line: Line) -> None:
        line.reset()

    async with serving(script) as server:
        error = await failure(client, post(server))
    assert isinstance(error, Ambiguous | NotSent)
    assert error.reason in {"reset", "refused"}
    assert not server.requests


@pytest.mark.parametrize("how", ["close", "reset"])
async def test_a_line_that_ends_after_the_request_was_read_is_ambiguous(client: AiohttpClient, how: str) -> None:
    async def script(line: Line) -> None:
        await line.head()
        if how == "reset":
            line.reset()

    async with serving(script) as server:
        error = await failure(client, post(server))
    assert (type(error), error.reason) == (Ambiguous, "reset")
    assert len(server.requests) == 1, "not sent again"


async def test_a_server_that_never_answers_is_ambiguous_in_time(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await asyncio.sleep(60)

    async with serving(script) as server:
        started = asyncio.get_running_loop().time()
        error = await failure(client, post(server, timeout=0.2))
        assert asyncio.get_running_loop().time() - started < 2.0
    assert (type(error), error.reason) == (Ambiguous, "timeout")


async def test_a_server_that_drips_its_answer_is_cut_off_in_time(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1_000):
            await line.say(b"x")
            await asyncio.sleep(0.02)

    async with serving(script) as server:
        error = await failure(client, post(server, timeout=0.3))
    assert (type(error), error.reason) == (Ambiguous, "timeout")


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{",
        b'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n',
        b"HTTP/1.1 201 Created\r\nContent-Le",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 999999 What\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 50_000 + b"\r\n\r\n",
    ],
)
async def test_an_answer_that_cannot_be_read_is_ambiguous(client: AiohttpClient, raw: bytes) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(raw)

    async with serving(script) as server:
        error = await failure(client, post(server))
    assert (type(error), error.reason) == (Ambiguous, "reset")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "HEAD"])
async def test_nothing_is_repeated_when_a_kept_line_drops(client: AiohttpClient, method: str) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response())
        await line.head()
        line.reset()

    async with serving(script) as server:
        request = HttpRequest(method, server.url + "/x", {}, b"{}" if method in {"PUT", "POST"} else None, 2.0)
        await client.send(HttpRequest("GET", server.url + "/x", {}, None, 2.0))
        error = await failure(client, request)
        assert (type(error), error.reason) == (Ambiguous, "reset")
        assert server.connections == 1, "no second line was opened for it"
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_an_answer_and_leads_nowhere(client: AiohttpClient, status: str) -> None:
    async def script(line: Line) -> None:
        while await line.head():
            await line.say(response(b"", status, "Location: http://169.254.169.254/latest/meta-data/"))

    async with serving(script) as server:
        answer = await client.send(HttpRequest("GET", server.url + "/x", {}, None, 2.0))
    assert answer.status == int(status[:3])
    assert len(server.requests) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_above_the_limit_is_cut_off(client: AiohttpClient, announced: bool) -> None:
    async def script(line: Line) -> None:
        await line.head()
        length = b"Content-Length: 1000000000" if announced else b"Connection: close"
        await line.say(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n\r\n")
        for _ in range(200):
            await line.say(b"x" * 65_536)

    async with serving(script) as server:
        error = await failure(client, post(server, limit=100_000))
    assert (type(error), error.reason) == (Ambiguous, "too_large")


async def test_an_answer_of_exactly_the_limit_is_read(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response(b"x" * 100_000))

    async with serving(script) as server:
        assert len((await client.send(post(server, limit=100_000))).body) == 100_000


def _bomb(encoding: str) -> bytes:
    """Half a gigabyte of zeros in half a megabyte."""
    if encoding == "gzip":
        return gzip.compress(b"\0" * 512 * 1024 * 1024, compresslevel=1)
    return zlib.compress(b"\0" * 512 * 1024 * 1024, 1)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_decompression_bomb_costs_neither_memory_nor_time(client: AiohttpClient, encoding: str) -> None:
    bomb = _bomb(encoding)

    async def script(line: Line) -> None:
        await line.head()
        await line.say(response(bomb, "200 OK", f"Content-Encoding: {encoding}"))

    async with serving(script) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        error = await failure(client, post(server, timeout=5.0, limit=1_000_000))
        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (type(error), error.reason) == (Ambiguous, "too_large")
    assert grown_kib < 64 * 1024


async def test_a_packed_answer_of_ordinary_size_is_unpacked(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response(gzip.compress(b'{"id": 1}'), "200 OK", "Content-Encoding: gzip"))

    async with serving(script) as server:
        assert (await client.send(post(server))).json() == {"id": 1}


async def test_cookies_are_neither_kept_nor_shown_to_another_tenant(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        while await line.head():
            await line.say(response(b"{}", "200 OK", "Set-Cookie: session=acme; Path=/"))

    async with serving(script) as server:
        await client.send(post(server))
        await client.send(post(server))
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


async def test_the_environment_s_proxy_is_not_used(client: AiohttpClient, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(line: Line) -> None:
        await line.head()
        await line.say(response())

    async with serving(script) as elsewhere, serving(script) as server:
        monkeypatch.setenv("http_proxy", elsewhere.url)
        await client.send(post(server))
    assert (len(server.requests), len(elsewhere.requests)) == (1, 0)


async def test_a_certificate_nobody_trusts_was_not_sent(client: AiohttpClient, tmp_path: Path) -> None:
    listener = await asyncio.start_server(lambda _r, w: w.close(), "127.0.0.1", 0, ssl=server_context(tmp_path))
    try:
        port = listener.sockets[0].getsockname()[1]
        error = await failure(client, HttpRequest("POST", f"https://localhost:{port}/x", {}, b"{}", 3.0))
    finally:
        listener.close()
        await listener.wait_closed()
    assert (type(error), error.reason) == (NotSent, "tls")


async def test_a_server_that_speaks_no_tls_was_not_sent(client: AiohttpClient) -> None:
    async def script(line: Line) -> None:
        await line.reader.read(100)
        await line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(script) as server:
        url = server.url.replace("http://", "https://") + "/x"
        error = await failure(client, HttpRequest("POST", url, {}, b"{}", 3.0))
    assert isinstance(error, NotSent)
    assert error.reason in {"tls", "refused"}


@pytest.mark.parametrize(
    "headers", [{"x": "a\r\nX-Other: b"}, {"x": "a\nb"}, {"x": "a\0b"}, {"bad name": "x"}, {"": "x"}]
)
async def test_a_header_no_request_can_carry_is_not_sent(client: AiohttpClient, headers: dict[str, str]) -> None:
    """A token from a file with a stray line break ends neither in a second header nor in a dead process."""

    async def script(line: Line) -> None:
        await line.head()
        await line.say(response())

    async with serving(script) as server:
        error = await failure(client, HttpRequest("POST", server.url + "/x", headers, b"{}", 2.0))
    assert (type(error), error.reason) == (NotSent, "malformed")
    assert not server.connections


async def test_an_address_that_is_not_allowed_is_not_even_looked_up(client: AiohttpClient) -> None:
    for url in ("https://evil.example/", "http://acme.zendesk.com/", "https://169.254.169.254/", "nonsense", ""):
        error = await failure(client, HttpRequest("GET", url))
        assert (type(error), error.reason) == (NotSent, "not_allowed")


async def test_no_error_tells_where_to_or_what(client: AiohttpClient) -> None:
    request = HttpRequest(
        "POST", "http://127.0.0.1:1/secret-path", {"authorization": "secret-key"}, b"secret-body", 1.0
    )
    error = await failure(client, request)
    assert "secret" not in f"{error!r} {error} {error.__cause__!r}"
    assert "secret-key" not in repr(request)
    assert "secret-body" not in repr(request)
