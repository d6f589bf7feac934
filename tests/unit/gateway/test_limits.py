"""Clients that drip, flood, hang up or say nothing; and a gateway that is full, or on its way out."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from agents.platforms import registry
from tests.support.gateway import BODIES, PLATFORMS, MemoryWriter, Running, Written, logged, running, signed, tenant

BODY = BODIES["intercom"]


class Holding(MemoryWriter):
    """Acknowledges when it is told to; `asked` counts who waits."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.released = asyncio.Event()

    async def acknowledge(self, record: Written) -> None:
        self.asked += 1
        await self.released.wait()


def head(gateway: Running, length: int, body: bytes = BODY) -> bytes:
    """The head of a signed Intercom webhook that announces `length` bytes."""
    headers = signed("intercom", body, gateway.clock.now()) | {"Host": "x", "Content-Length": str(length)}
    lines = [f"{name}: {value}" for name, value in headers.items()]
    return ("POST /v1/webhooks/intercom/acme HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode()


@asynccontextmanager
async def connected(gateway: Running) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def until(what: str, gateway: Running, in_flight: int) -> None:
    async with asyncio.timeout(5):
        while gateway.gateway.in_flight != in_flight:
            await asyncio.sleep(0.005)
    assert gateway.gateway.in_flight == in_flight, what


async def test_a_body_that_drips_is_given_up_and_asked_for_again() -> None:
    writer = MemoryWriter()
    async with running(writer=writer, body_timeout_seconds=0.2) as gateway:
        async with connected(gateway) as (reader, out):
            out.write(head(gateway, len(BODY)) + BODY[:20])
            answer = await asyncio.wait_for(reader.read(4_000), 5)
            assert answer.startswith(b"HTTP/1.1 503")
            assert b'"body_too_slow"' in answer
            assert b"Connection: close" in answer
        assert gateway.counted(outcome="later", reason="body_too_slow") == 1
        assert gateway.gateway.in_flight == 0
    assert not writer.written


async def test_headers_that_drip_are_hung_up_on() -> None:
    async with running(writer=MemoryWriter(), idle_seconds=0.2) as gateway, connected(gateway) as (reader, out):
        out.write(b"POST /v1/webhooks/intercom/acme HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_connection_that_says_nothing_is_hung_up_on() -> None:
    async with running(writer=MemoryWriter(), idle_seconds=0.2) as gateway, connected(gateway) as (reader, _):
        assert await asyncio.wait_for(reader.read(), 5) == b""


async def test_a_sender_that_hangs_up_in_the_middle_is_no_fault_of_ours() -> None:
    writer = MemoryWriter()
    with logged() as log:
        async with running(writer=writer) as gateway:
            async with connected(gateway) as (_, out):
                out.write(head(gateway, len(BODY)) + BODY[:20])
                await out.drain()
                await until("reading", gateway, 1)
            await until("given up", gateway, 0)
            assert gateway.counted(outcome="later", reason="body_broken") == 1
    assert "webhook.failed" not in log.getvalue()
    assert not writer.written


async def test_chunks_without_end_are_cut_off_at_the_limit() -> None:
    async with running(writer=MemoryWriter(), max_body_bytes=10_000) as gateway, connected(gateway) as (reader, out):
        announced = head(gateway, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        out.write(announced + b"7d0\r\n" + b"x" * 2_000 + b"\r\n")
        with contextlib.suppress(ConnectionError):
            for _ in range(100):
                out.write(b"7d0\r\n" + b"x" * 2_000 + b"\r\n")
                await out.drain()
        answer = await asyncio.wait_for(reader.read(4_000), 5)
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n",
        b"POST /v1/events/acme HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/events/acme HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST /v1/events/acme HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n",
        b"POST /v1/events/acme HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST /v1/events/acme HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 500 + b"\r\n",
        b"POST " + b"/a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_is_no_http_gets_a_400_and_fills_no_log(raw: bytes) -> None:
    with logged() as log:
        async with running(writer=MemoryWriter()) as gateway, connected(gateway) as (reader, out):
            out.write(raw)
            answer = await asyncio.wait_for(reader.read(4_000), 5)
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert "error" not in log.getvalue()


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_past_its_limit_of_requests_the_gateway_asks_to_come_again(platform: str) -> None:
    writer = Holding()
    async with running(writer=writer, max_in_flight=2) as gateway:
        waiting = [asyncio.create_task(gateway.post("intercom", BODY)) for _ in range(2)]
        await until("both wait", gateway, 2)
        answer = await gateway.post(platform, BODIES[platform])
        codes = registry.inbound(platform).codes
        assert (answer.status, answer.json) == (codes.retry_later, {"error": "overloaded"})
        assert gateway.counted(platform=platform, outcome="later", reason="overloaded") == 1
        writer.released.set()
        assert {(await one).status for one in waiting} == {200}
        assert (await gateway.post(platform, BODIES[platform])).status == 200


async def test_bodies_together_hold_no_more_memory_than_allowed_and_give_it_back() -> None:
    writer = Holding()
    async with running(writer=writer, max_in_flight_bytes=len(BODY) + 10) as gateway:
        first = asyncio.create_task(gateway.post("intercom", BODY))
        while not writer.asked:
            await asyncio.sleep(0.005)
        full = await gateway.post("intercom", BODY)
        assert (full.status, full.json) == (503, {"error": "overloaded"})
        writer.released.set()
        assert (await first).status == 200
        assert (await gateway.post("intercom", BODY)).status == 200


async def test_one_tenant_above_its_rate_holds_nobody_else() -> None:
    tenants = {"acme": tenant(limits={"webhooks_per_second": 1}), "birch": tenant()}
    async with running(writer=MemoryWriter(), tenants=tenants) as gateway:
        acme = [(await gateway.post("intercom", BODY)).status for _ in range(4)]
        birch = [(await gateway.post("intercom", BODY, tenant="birch")).status for _ in range(4)]
    assert acme == [200, 200, 503, 503]
    assert birch == [200] * 4


async def test_on_its_way_out_it_finishes_what_is_under_way_and_takes_nothing_new() -> None:
    writer = Holding()
    async with running(writer=writer) as gateway, connected(gateway) as (reader, out):
        out.write(head(gateway, len(BODY)) + BODY)
        while not writer.asked:
            await asyncio.sleep(0.005)
        stopping = asyncio.create_task(gateway.server.stop())
        while not gateway.gateway.draining:
            await asyncio.sleep(0.005)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.released.set()
        answer = await asyncio.wait_for(reader.read(4_000), 5)
        await asyncio.wait_for(stopping, 5)
    assert answer.startswith(b"HTTP/1.1 200")
    assert len(writer.written) == 1


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_what_still_comes_while_it_drains_is_asked_to_come_again_elsewhere(platform: str) -> None:
    writer = MemoryWriter()
    async with running(writer=writer) as gateway:
        gateway.gateway.draining = True
        answer = await gateway.post(platform, BODIES[platform])
    codes = registry.inbound(platform).codes
    assert (answer.status, answer.json) == (codes.retry_later, {"error": "draining"})
    assert answer.headers["Connection"] == "close"
    assert not writer.written


async def test_a_brokerless_end_is_bounded() -> None:
    """Requests that wait for dead brokers do not hold the process past its grace period."""
    async with running(writer=Holding(), produce_timeout_seconds=0.3) as gateway:
        request = asyncio.create_task(gateway.post("intercom", BODY))
        await until("waiting", gateway, 1)
        started = asyncio.get_running_loop().time()
        await gateway.server.stop()
        assert asyncio.get_running_loop().time() - started < 5
        assert (await request).status == 503
