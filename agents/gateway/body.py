"""A request's body, read within limits of size, time and memory, before anything is known of its sender."""

import asyncio

from aiohttp import web

_PIECE_BYTES = 64 * 1024


class TooLarge(Exception):
    """More than the limit; the rest is not read."""


class TooSlow(Exception):
    """Not whole in time: a broken line, or a client that drips on purpose."""


class NoRoom(Exception):
    """All bodies together hold too much memory just now."""


class Broken(Exception):
    """The connection ended, or the framing was wrong, before the body was whole."""


class Room:
    """The memory that all bodies being read or waiting for the brokers share."""

    def __init__(self, limit_bytes: int) -> None:
        """Empty."""
        self._limit_bytes = limit_bytes
        self.used_bytes = 0

    def take(self, size_bytes: int) -> None:
        """Reserve, or raise `NoRoom`."""
        if self.used_bytes + size_bytes > self._limit_bytes:
            raise NoRoom
        self.used_bytes += size_bytes

    def give(self, size_bytes: int) -> None:
        """Give back what was reserved."""
        self.used_bytes -= size_bytes


class Body:
    """The body of one request, and the room it holds until it is let go."""

    def __init__(self, room: Room) -> None:
        """Nothing is read."""
        self._room = room
        self._held_bytes = 0

    async def read(self, request: web.BaseRequest, *, limit_bytes: int, timeout_seconds: float) -> bytes:
        """All of it, as it came over the wire: never decompressed."""
        if request.content_length is not None and request.content_length > limit_bytes:
            raise TooLarge
        try:
            if request.content.is_eof():  # all of it came with the headers, as most webhooks do
                return self._taken(request.content.read_nowait(), limit_bytes)
            async with asyncio.timeout(timeout_seconds):
                return await self._read(request, limit_bytes)
        except TimeoutError:
            raise TooSlow from None
        except (ConnectionError, web.RequestPayloadError):
            raise Broken from None

    async def _read(self, request: web.BaseRequest, limit_bytes: int) -> bytes:
        parts = request.content.iter_chunked(_PIECE_BYTES)
        return b"".join([self._taken(part, limit_bytes) async for part in parts])

    def _taken(self, part: bytes, limit_bytes: int) -> bytes:
        self._room.take(len(part))
        self._held_bytes += len(part)
        if self._held_bytes > limit_bytes:
            raise TooLarge
        return part

    def let_go(self) -> None:
        """Its room is free again."""
        self._room.give(self._held_bytes)
        self._held_bytes = 0
