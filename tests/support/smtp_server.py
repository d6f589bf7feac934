"""An SMTP server on a loopback port, with the answers a test wants."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

GREETING = "220 mail.test ESMTP"


@dataclass
class SmtpServer:
    """Takes mails into `mails`. `answers` replaces the answer to a verb, `END` being the end of the text.

    The answer `drop` closes the connection; `hang` never answers.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8")
    tls: ssl.SSLContext | None = None
    mails: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0
    _talking: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def verbs(self) -> list[str]:
        """What was asked, in order."""
        return [command.split(" ")[0].split(":")[0].upper() for command in self.commands]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["SmtpServer"]:
        """Serve on a free port."""
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in list(self._talking):
                task.cancel()
            await asyncio.gather(*self._talking, return_exceptions=True)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        try:
            if await self._say(writer, self.answers.get("CONNECT", GREETING)):
                while line := await reader.readline():
                    if not await self._answer(line.decode().rstrip("\r\n"), reader, writer):
                        break
        except (ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            self._talking.discard(task)
            writer.close()

    async def _answer(self, command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.commands.append(command)
        verb = self.verbs[-1]
        if verb in self.answers:
            return await self._say(writer, self.answers[verb])
        if verb == "EHLO":
            starttls = ("STARTTLS",) if self.tls is not None else ()
            lines = ["mail.test", *self.extensions, *starttls, "AUTH PLAIN"]
            return await self._say(
                writer,
                "\r\n".join(f"250{' ' if line is lines[-1] else '-'}{line}" for line in lines),
            )
        if verb == "STARTTLS" and self.tls is not None:
            await self._say(writer, "220 go ahead")
            await writer.start_tls(self.tls)
            return True
        if verb == "AUTH":
            return await self._say(writer, "235 welcome")
        if verb == "DATA":
            await self._say(writer, "354 go on")
            text = await reader.readuntil(b"\r\n.\r\n")
            answer = self.answers.get("END", "250 taken")
            if answer.startswith("2") or answer in {"drop", "hang"}:
                self.mails.append(text.removesuffix(b".\r\n"))
            return await self._say(writer, answer)
        return await self._say(writer, "221 bye" if verb == "QUIT" else "250 fine") and verb != "QUIT"

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer == "drop":
            return False
        if answer == "hang":
            await asyncio.sleep(3600)
        writer.write(answer.encode() + b"\r\n")
        await writer.drain()
        return True
