"""A mail server on loopback that keeps what it is given: EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT (RFC 5321).

Faults meet `smtp.data`: `status` answers that code instead of 250 (421 to 554), the `commit_then_*` kinds keep the
mail and then say nothing, or break the connection.
"""

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import default

from agents.demo.simulators.faults import Fault, FaultPlan
from agents.demo.simulators.store import Store
from streams.clock import Clock

_LARGEST_BYTES = 10 * 1024 * 1024
_ACCOUNT = "mail"


@dataclass
class _Envelope:
    sender: str | None = None
    recipients: list[str] = field(default_factory=list)


class _Broken(Exception):
    pass


class MailSink:
    """Listens until closed. Mails are committed before they are acknowledged."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Nothing listens before `start`."""
        self._store = store
        self._clock = clock
        self._faults = FaultPlan(store)
        self._server: asyncio.Server | None = None
        self._connected: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_LARGEST_BYTES)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def close(self) -> None:
        """Stop listening and drop whoever is connected."""
        if self._server is not None:
            self._server.close()
            for writer in self._connected:
                writer.transport.abort()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected.add(writer)
        with contextlib.suppress(_Broken, ConnectionError, ValueError):  # ValueError: a line without end
            await self._converse(reader, writer)
        self._connected.discard(writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _say(writer, "220 mail.demo ESMTP")
        envelope = _Envelope()
        while line := (await reader.readline()).decode("utf-8", "replace").rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            if verb.upper() == "QUIT":
                await _say(writer, "221 Bye")
                return
            if verb.upper() == "DATA" and envelope.sender is not None and envelope.recipients:
                await _say(writer, "354 End data with <CR><LF>.<CR><LF>")
                await self._data(reader, writer, envelope)
                envelope = _Envelope()
            else:
                answer, envelope = _answer(verb.upper(), rest, envelope)
                await _say(writer, answer)

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, envelope: _Envelope) -> None:
        lines = []
        while (line := await reader.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        if line == b"":
            raise _Broken  # cut off inside the mail: it was never accepted
        raw = _unstuffed(b"".join(lines))
        with self._store.transaction():
            fault = self._faults.take("smtp.data", _ACCOUNT, raw)
            if fault is None or fault.has_effect:
                self._keep(envelope, raw)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        await self._acknowledge(reader, writer, fault)

    async def _acknowledge(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None
    ) -> None:
        kind = fault.kind if fault is not None else None
        if kind in {"commit_then_reset", "reset_before_commit"}:
            _reset(writer)
            raise _Broken
        if kind in {"commit_then_timeout", "commit_then_hold"}:
            await reader.read()  # until the other side gives up
            raise _Broken
        if fault is not None and kind == "status":
            await _say(writer, f"{fault.status} Refused on purpose")
            return
        await _say(writer, "250 OK")

    def _keep(self, envelope: _Envelope, raw: bytes) -> None:
        message = message_from_bytes(raw, policy=default)
        self._store.run(
            "INSERT INTO mails (via, sender, recipients, message_id, subject, raw, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            "smtp",
            envelope.sender or "",
            json.dumps(envelope.recipients),
            message.get("Message-ID"),
            message.get("Subject"),
            raw,
            self._clock.now().timestamp(),
        )


def _answer(verb: str, rest: str, envelope: _Envelope) -> tuple[str, _Envelope]:
    if verb == "EHLO":
        return f"250-mail.demo\r\n250-SIZE {_LARGEST_BYTES}\r\n250-8BITMIME\r\n250 SMTPUTF8", _Envelope()
    if verb == "HELO":
        return "250 mail.demo", _Envelope()
    if verb == "MAIL" and rest.upper().startswith("FROM:"):
        return "250 OK", _Envelope(_address(rest[5:]))
    if verb == "RCPT" and rest.upper().startswith("TO:") and envelope.sender is not None:
        address = _address(rest[3:])
        if "@" not in address:
            return "553 No such address", envelope
        return "250 OK", _Envelope(envelope.sender, [*envelope.recipients, address])
    if verb == "RSET":
        return "250 OK", _Envelope()
    if verb == "NOOP":
        return "250 OK", envelope
    if verb in {"MAIL", "RCPT", "DATA"}:
        return "503 Bad sequence of commands", envelope
    return "502 Command not implemented", envelope


def _address(text: str) -> str:
    """What stands between the angle brackets; empty for the null sender `<>`."""
    return text.partition("<")[2].partition(">")[0].strip()


def _unstuffed(raw: bytes) -> bytes:
    return b"\r\n".join(line[1:] if line.startswith(b"..") else line for line in raw.split(b"\r\n"))


def _reset(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()


async def _say(writer: asyncio.StreamWriter, line: str) -> None:
    writer.write(line.encode() + b"\r\n")
    await writer.drain()
