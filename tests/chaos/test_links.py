"""The link in front of a broker stands still exactly where it is told to."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from tests.chaos.links import PRODUCE, CrashPoint, Link

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """Answers each frame with its correlation id, and remembers what came."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                size = struct.unpack(">i", await reader.readexactly(4))[0]
                frame = await reader.readexactly(size)
                self.frames.append(frame)
                writer.write(struct.pack(">i", 4) + frame[4:8])
        except (asyncio.IncompleteReadError, OSError):
            writer.close()


@asynccontextmanager
async def linked(*, kafka: bool = True) -> AsyncIterator[tuple[Link, Echo, Pair]]:
    echo = Echo()
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    link = Link("test", server.sockets[0].getsockname()[1], kafka=kafka)
    await link.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    try:
        yield link, echo, (reader, writer)
    finally:
        writer.transport.abort()
        await link.stop()
        server.close()


def request(number: int, topic: str, *, api: int = PRODUCE, flexible: bool = False) -> bytes:
    name = topic.encode()
    sized = bytes([len(name) + 1]) + name if flexible else struct.pack(">h", len(name)) + name
    body = struct.pack(">hhi", api, 9, number) + b"client" + sized + b"rest"
    return struct.pack(">i", len(body)) + body


async def answered(pair: Pair, number: int) -> bool:
    try:
        async with asyncio.timeout(0.3):
            return await pair[0].readexactly(8) == struct.pack(">ii", 4, number)
    except TimeoutError:
        return False


@pytest.mark.parametrize("flexible", [False, True])
@pytest.mark.parametrize(("where", "arrives"), [("before", 1), ("after", 2)])
async def test_the_nth_produce_is_held_before_or_after_the_broker_has_it(
    where: Literal["before", "after"], arrives: int, flexible: bool
) -> None:
    async with linked() as (link, echo, pair):
        point = link.arm(CrashPoint(PRODUCE, where, "the.topic", nth=2))
        pair[1].write(request(1, "the.topic", flexible=flexible))
        assert await answered(pair, 1)
        assert not point.reached.is_set()
        pair[1].write(request(2, "the.topic", flexible=flexible))
        async with asyncio.timeout(2):
            await point.reached.wait()
        assert not await answered(pair, 2)
        assert len(echo.frames) == arrives


async def test_other_topics_and_other_requests_pass() -> None:
    async with linked() as (link, echo, pair):
        point = link.arm(CrashPoint(PRODUCE, "before", "the.topic"))
        for number, frame in enumerate(
            (request(1, "the.topic.dead"), request(2, "other"), request(3, "the.topic", api=1)), start=1
        ):
            pair[1].write(frame)
            assert await answered(pair, number)
        assert not point.reached.is_set()
        assert len(echo.frames) == 3


async def test_what_was_held_is_broken_off_and_never_sent_on() -> None:
    async with linked() as (link, echo, pair):
        point = link.arm(CrashPoint(PRODUCE, "before", "the.topic"))
        pair[1].write(request(1, "the.topic"))
        async with asyncio.timeout(2):
            await point.reached.wait()
        link.disarm()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await pair[0].readexactly(8)
        assert echo.frames == []


async def test_a_frozen_link_keeps_connections_open_and_passes_nothing_until_restored() -> None:
    async with linked() as (link, _, pair):
        link.freeze()
        pair[1].write(request(1, "the.topic"))
        assert not await answered(pair, 1)
        await link.restore()
        assert await answered(pair, 1)


async def test_a_cut_link_refuses_and_comes_back_on_the_same_port() -> None:
    async with linked() as (link, _, pair):
        await link.cut()
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await pair[0].readexactly(1)
        with pytest.raises(OSError):
            await asyncio.open_connection("127.0.0.1", link.port)
        await link.restore()
        again = await asyncio.open_connection("127.0.0.1", link.port)
        again[1].write(request(1, "x"))
        assert await answered(again, 1)
        again[1].transport.abort()
