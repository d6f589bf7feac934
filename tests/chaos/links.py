"""TCP links that can be broken: one in front of each listener the hops use. Ours knows Kafka's frames.

A Kafka link can be armed with a `CrashPoint`: the n-th produce request to a topic (or the n-th offset commit) is
held, either before the broker gets it or after the broker has carried it out and before the answer is let through.
At that moment exactly what the name says is durable, and the harness kills the process.

Frames: a length (int32), then api key, api version and correlation id in a request, correlation id in an answer.
Source: https://kafka.apache.org/protocol (Protocol Primitives, Request Header).
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

PRODUCE, OFFSET_COMMIT = 0, 8
_HEAD = struct.Struct(">hhi")
_CHUNK = 64 * 1024


@dataclass
class CrashPoint:
    """Where a connection stands still. `topic` None: any request of that kind."""

    api: int
    where: Literal["before", "after"]
    topic: str | None = None
    nth: int = 1
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: int = 0

    def meets(self, frame: bytes) -> bool:
        """Whether `frame` is the request that is meant; counts."""
        if self.reached.is_set() or struct.unpack_from(">h", frame)[0] != self.api:
            return False
        if self.topic is not None and not any(mark in frame for mark in _marks(self.topic)):
            return False
        self._seen += 1
        return self._seen == self.nth


def _marks(topic: str) -> tuple[bytes, bytes]:
    """A topic's name as older and as flexible versions of the protocol write it: with its length before it."""
    raw = topic.encode()
    return struct.pack(">h", len(raw)) + raw, bytes([len(raw) + 1]) + raw


class Link:
    """Listens on loopback and hands everything on to `target`."""

    def __init__(self, name: str, target: int, *, kafka: bool = False) -> None:
        """`target` is a loopback port. Nothing listens yet."""
        self.name = name
        self._target = target
        self._kafka = kafka
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._point: CrashPoint | None = None
        self._held = asyncio.Event()
        self.port = 0
        self.latency_seconds = 0.0

    async def start(self, port: int = 0) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close everything."""
        await self.cut()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut(self) -> None:
        """Refuse connections and reset those there are."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.reset()

    async def restore(self) -> None:
        """Listen again, let everything flow, disarm."""
        self.disarm()
        self.latency_seconds = 0.0
        self._flowing.set()
        if self._server is None:
            await self.start(self.port)

    def freeze(self) -> None:
        """Connections stay open, and nothing comes through either way."""
        self._flowing.clear()

    def reset(self) -> None:
        """Break every connection with a TCP reset."""
        for writer in list(self._open):
            with contextlib.suppress(OSError):
                raw = writer.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()

    def arm(self, point: CrashPoint) -> CrashPoint:
        """Stand still at `point`, once."""
        self._held = asyncio.Event()
        self._point = point
        return point

    def disarm(self) -> None:
        """Forget the crash point; what is held is broken off, not sent on."""
        self._point = None
        self._held.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        finally:
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        if self._server is None:  # cut while we were connecting
            for each in (writer, far_writer):
                each.transport.abort()
            return
        waited_for: set[int] = set()
        self._open |= {writer, far_writer}
        up, down = self._up(waited_for), self._down(waited_for)
        pumps = [
            asyncio.create_task(self._pump(reader, far_writer, up)),
            asyncio.create_task(self._pump(far_reader, writer, down)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
            self._open -= {writer, far_writer}
            for each in (writer, far_writer):
                each.transport.abort()

    def _up(self, waited_for: set[int]) -> Callable[[bytes], bool]:
        """Whether a request is to be held."""

        def held(frame: bytes) -> bool:
            point = self._point
            if point is None or not point.meets(frame):
                return False
            if point.where == "before":
                return True
            waited_for.add(_HEAD.unpack_from(frame)[2])
            return False

        return held

    def _down(self, waited_for: set[int]) -> Callable[[bytes], bool]:
        """Whether an answer is to be held."""
        return lambda frame: bool(waited_for) and struct.unpack_from(">i", frame)[0] in waited_for

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, held: Callable[[bytes], bool]
    ) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                data = await (self._frame(reader) if self._kafka else reader.read(_CHUNK))
                if not data:
                    return
                if self.latency_seconds:
                    await asyncio.sleep(self.latency_seconds)
                await self._flowing.wait()
                if self._kafka and held(data[4:]):
                    assert self._point is not None
                    self._point.reached.set()
                    await self._held.wait()
                    return
                writer.write(data)
                await writer.drain()

    @staticmethod
    async def _frame(reader: asyncio.StreamReader) -> bytes:
        size = await reader.readexactly(4)
        return size + await reader.readexactly(struct.unpack(">i", size)[0])
