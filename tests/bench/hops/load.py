"""The load, in a process of its own: a fixed schedule, whatever the answers do. `python -m tests.bench.hops.load JSON`.

A webhook's latency counts from the moment it was due, not from the moment a connection was free for it: an answer that
comes late makes those behind it late too, and that is measured.
"""

import asyncio
import json
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.platforms.signatures import sign_standard
from tests.bench.hops.schedule import ONE_IN, Planned, planned

CONNECTIONS = 64
AGAIN_SECONDS = 0.05
"""After which a webhook that was turned away comes again."""

BEGIN_SECONDS = 0.2
WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Load:
    """What to send, and where. `result`: the file for what was found; `one_in`: so many events one asks."""

    name: str
    port: int
    path: str
    secret: str
    rate: float
    seconds: float
    result: str
    one_in: int = ONE_IN


@dataclass
class Shot:
    """One request, ready to be written."""

    event: Planned
    request: bytes
    due: float = 0.0
    answered: float = 0.0


@dataclass
class Gun:
    """Idle connections, and what waits for one."""

    idle: list["Connection"] = field(default_factory=list)
    waiting: deque[Shot] = field(default_factory=deque)
    left: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def fire(self, shot: Shot) -> None:
        """Now, or as soon as a connection is free."""
        if self.idle:
            self.idle.pop().send(shot)
        else:
            self.waiting.append(shot)

    def answered(self, connection: "Connection", shot: Shot, status: int) -> None:
        """An answer is complete."""
        if 200 <= status < 300:
            shot.answered = time.time()
            self.left -= 1
            if not self.left:
                self.over.set()
        else:
            self.refused += 1
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self.fire, shot)
        if self.waiting:
            connection.send(self.waiting.popleft())
        else:
            self.idle.append(connection)


class Connection(asyncio.Protocol):
    """Keep-alive, one request at a time; answers carry their length."""

    def __init__(self, gun: Gun) -> None:
        self._gun = gun
        self._transport: asyncio.Transport | None = None
        self._shot: Shot | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, shot: Shot) -> None:
        """Write a request."""
        assert self._transport is not None
        self._shot = shot
        self._transport.write(shot.request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        status = complete(self._read)
        if status is None or self._shot is None:
            return
        shot, self._shot, self._read = self._shot, None, b""
        self._gun.answered(self, shot, status)

    def connection_lost(self, exc: Exception | None) -> None:
        self._gun.lost.append(repr(exc))
        self._gun.over.set()


def complete(answer: bytes) -> int | None:
    """The status of a whole answer; None while more must come."""
    head, ended, body = answer.partition(b"\r\n\r\n")
    if not ended:
        return None
    lines = head.lower().split(b"\r\n")
    length = next((int(line.partition(b":")[2]) for line in lines[1:] if line.startswith(b"content-length:")), 0)
    return int(lines[0].split()[1]) if len(body) >= length else None


def loaded(load: Load) -> list[Shot]:
    """All requests, signed beforehand."""
    shots = []
    for event in planned(load.name, load.rate, load.seconds, one_in=load.one_in):
        body = event.body()
        signed = sign_standard(SecretStr(load.secret), message_id=event.event_id, at=datetime.now(UTC), body=body)
        headers = {"host": f"127.0.0.1:{load.port}", "content-type": "application/json", **signed}
        headers["content-length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        shots.append(Shot(event, f"POST {load.path} HTTP/1.1\r\n{head}\r\n".encode() + body))
    return shots


async def play(load: Load, shots: list[Shot]) -> dict[str, Any]:
    """Send everything at its time; returns when everything is answered 2xx. `late`: how late we were ourselves."""
    gun = Gun(left=len(shots))
    loop = asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        _, made = await loop.create_connection(lambda: Connection(gun), "127.0.0.1", load.port)
        gun.idle.append(made)
    begin, late = time.time() + BEGIN_SECONDS, 0.0
    for shot in shots:
        shot.due = begin + shot.event.at_seconds
        if (ahead := shot.due - time.time()) > 0:
            await asyncio.sleep(ahead)
        late = max(late, time.time() - shot.due)
        gun.fire(shot)
    async with asyncio.timeout(WAIT_SECONDS):
        await gun.over.wait()
    if gun.lost:
        raise SystemExit(f"a connection was lost: {gun.lost[0]}")
    return {
        "webhooks": [shot.answered - shot.due for shot in shots],
        "asked": {shot.event.conversation_id: shot.due for shot in shots if shot.event.asks},
        "seconds": max(shot.answered for shot in shots) - begin,
        "refused": gun.refused,
        "late": late,
    }


def main() -> None:
    """Load, send, tell."""
    load = Load(**json.loads(sys.argv[1]))
    shots = loaded(load)
    Path(load.result).write_text(json.dumps(asyncio.run(play(load, shots))))


if __name__ == "__main__":
    main()
