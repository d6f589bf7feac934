"""What one webhook costs: µs of this process's CPU time, by phase and by platform, without sockets and Kafka.

    .venv/bin/python -m tests.bench.webhook [--profile [PHASE]] [--rounds N]

The phases are what the gateway does in turn. `the whole` is a request's bytes into aiohttp's own protocol object of
the app as it is served, 64 connections taking turns, until the answer's bytes are written; records are acknowledged
by a writer in memory, logs go to `/dev/null`. `bare` is the handler of `make bench ONLY=gateway` in the same place.
Every figure is the best of the rounds.
"""

import argparse
import asyncio
import cProfile
import json
import logging
import pstats
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web
from pydantic import SecretStr

from agents.gateway.intake import Accepted, Intake
from agents.gateway.listening import runner
from agents.gateway.producing import encoded
from agents.gateway.server import Gateway
from agents.gateway.strict_json import loads
from agents.gateway.telling import Sender, Teller
from agents.observability.log import JsonFormatter, Log
from agents.observability.metrics import Metrics
from agents.platforms import registry
from agents.platforms.port import Delivery
from agents.platforms.signatures import sign_standard
from agents.settings import GatewaySettings, TenantBook, TenantSettings
from streams.clock import SystemClock
from streams.codec import Headers
from streams.trace import new_traceparent
from tests.bench.decision import best
from tests.bench.hops.measured import SECRET as STANDARD_SECRET
from tests.bench.hops.schedule import planned
from tests.support.gateway import BODIES, SECRET, signed

WEBHOOKS = 400
CONNECTIONS = 64
DEPTH = 64
SAMPLES = Path("tests/samples")
LARGER = {
    "intercom": "intercom/conversation.user.replied.html.human_request.json",
    "zendesk-sunco": "zendesk-sunco/conversation_message.user.text.authenticated.includeFullUser.json",
    "custom-llm": "custom-llm/openai_chat.session_ended.unresolved.low_confidence.json",
}


class Acknowledging:
    """A writer whose records are acknowledged on the event loop's next turn."""

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        """See `RecordWriter`."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        loop.call_soon(done.set_result, None)
        await done


def tenants() -> TenantBook:
    """One tenant on all platforms, without a limit in the way."""
    platforms: dict[str, Any] = {name: {"secrets": [SECRET]} for name in registry.NAMES}
    platforms["custom-llm"] = {"secrets": [STANDARD_SECRET], "options": {"bodies": "delta"}}
    limits = {"webhooks_per_second": 1_000_000}
    return TenantBook({"acme": TenantSettings.model_validate({"platforms": platforms, "limits": limits})})


def turns() -> list[bytes]:
    """The bodies of the gateway's bench."""
    return [event.body() for event in planned("bench", WEBHOOKS, 1.0)]


def bodies() -> dict[str, tuple[str, list[bytes]]]:
    """Platform and bodies by what a table calls them."""
    found = {"custom-llm, the bench's": ("custom-llm", turns())}
    for platform, path in LARGER.items():
        found[path] = (platform, [(SAMPLES / path).read_bytes()] * 100)
    for platform, body in BODIES.items():
        found[platform] = (platform, [body] * 100)
    return found


def delivery_of(platform: str, body: bytes) -> Delivery:
    """`body` as it came, signed now."""
    return Delivery(body, {name.lower(): value for name, value in headers_of(platform, body).items()}, _now())


def headers_of(platform: str, body: bytes) -> dict[str, str]:
    """What proves the sender."""
    if platform == "custom-llm":
        return sign_standard(SecretStr(STANDARD_SECRET), message_id="msg_1", at=_now(), body=body)
    return signed(platform, body, _now())


def _now() -> datetime:
    return datetime.now(UTC)


class Phases:
    """The phases of the handler for some bodies of a platform, one after the other."""

    def __init__(self, platform: str, given: list[bytes]) -> None:
        """What each phase gets from the one before is made once."""
        self._clock = SystemClock()
        self._log = Log("gateway")
        self._metrics = Metrics()
        self._intake = Intake(registry.inbound, tenants().get, max_json_depth=DEPTH)
        self._platform = platform
        self._deliveries = [delivery_of(platform, body) for body in given]
        found = self._intake.find(platform, "acme")
        assert isinstance(found, tuple)
        self._inbound, self._connection, _ = found
        self._parsed = [loads(body, max_depth=DEPTH) for body in given]
        read = [self._intake.read(self._inbound, self._connection, delivery) for delivery in self._deliveries]
        self._read = [one for one in read if isinstance(one, Accepted)]
        assert len(self._read) == len(read), read

    def all(self) -> dict[str, Callable[[], object]]:
        """In the order of the handler."""
        inbound, connection = self._inbound, self._connection
        tell = Teller(self._clock, self._metrics, self._log)
        sender = Sender(self._platform, "acme", inbound.codes, 0.0)
        trace = new_traceparent()
        pairs = list(zip(self._deliveries, self._parsed, strict=True))
        return {
            "find": lambda: [self._intake.find(self._platform, "acme") for _ in pairs],
            "verify": lambda: [self._intake.verify(inbound, connection, one) for one in self._deliveries],
            "strict JSON": lambda: [loads(one.body, max_depth=DEPTH) for one in self._deliveries],
            "normalise": lambda: [inbound.normalize(one, parsed, connection) for one, parsed in pairs],
            "encode": lambda: [encoded(read.events, trace, self._platform) for read in self._read],
            "count, log, answer": lambda: [tell.accepted(sender, read) for read in self._read],
        }


class Wire(asyncio.Transport):
    """A connection of which one end is here: what is written ends the request."""

    def __init__(self, protocol: asyncio.Protocol, answered: Callable[["Wire", bytes], None]) -> None:
        """Connected."""
        super().__init__({"peername": ("127.0.0.1", 1)})
        self._answered = answered
        self.protocol = protocol
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        self._answered(self, bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self._answered(self, b"".join(list_of_data))

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""

    def pause_reading(self) -> None:
        """Nothing comes before it is asked for."""

    def resume_reading(self) -> None:
        """See `pause_reading`."""


async def whole(make: Callable[[], asyncio.Protocol], requests: list[bytes]) -> None:
    """All requests answered, each connection taking the next as soon as it is free."""
    done = asyncio.get_running_loop().create_future()
    left = len(requests)
    waiting = iter(requests)
    loop = asyncio.get_running_loop()

    def answered(wire: Wire, data: bytes) -> None:
        nonlocal left
        assert data.startswith(b"HTTP/1.1 200"), data
        left -= 1
        following = next(waiting, None)
        if following is not None:
            loop.call_soon(wire.protocol.data_received, following)
        elif not left:
            done.set_result(None)

    wires = [Wire(make(), answered) for _ in range(CONNECTIONS)]
    for wire in wires:
        wire.protocol.data_received(next(waiting))
    await done
    for wire in wires:
        wire.protocol.connection_lost(None)


def requests_of(path: str, given: list[tuple[bytes, dict[str, str]]]) -> list[bytes]:
    """As the load of the bench writes them."""
    made = []
    for body, proof in given:
        headers = {"host": "127.0.0.1:8080", "content-type": "application/json", **proof}
        headers["content-length"] = str(len(body))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        made.append(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body)
    return made


async def _bare(request: web.Request) -> web.Response:
    """The bench's bare handler, with the writer in memory."""
    body = await request.read()
    json.loads(body)["session"]["id"].encode()
    await Acknowledging().send("bare.events", "", body)
    return web.json_response({})


class Served:
    """The app as it is served, and the bare one."""

    async def __aenter__(self) -> "Served":
        settings = GatewaySettings.model_validate({"host": "127.0.0.1", "port": 0})
        gateway = Gateway(
            intake=Intake(registry.inbound, tenants().get, max_json_depth=DEPTH),
            writer=Acknowledging(),
            settings=settings,
            clock=SystemClock(),
            metrics=Metrics(),
            log=Log("gateway"),
        )
        app = web.Application()
        app.router.add_post("/events", _bare)
        self._runners = (runner(gateway, idle_seconds=75.0), web.AppRunner(app, access_log=None))
        for one in self._runners:
            await one.setup()
        return self

    async def __aexit__(self, *_: object) -> None:
        for one in self._runners:
            await one.cleanup()

    def gateway(self) -> asyncio.Protocol:
        """A connection to the gateway."""
        return self._connection(0)

    def bare(self) -> asyncio.Protocol:
        """A connection to the bare handler."""
        return self._connection(1)

    def _connection(self, number: int) -> asyncio.Protocol:
        server = self._runners[number].server
        assert server is not None
        return server()


def measured_whole(given: list[bytes], rounds: int, profile: cProfile.Profile | None) -> tuple[float, float]:
    """µs per webhook of the gateway and of the bare handler."""
    with asyncio.Runner() as loops:
        loop = loops.get_loop()
        served = loops.run(Served().__aenter__())
        own = requests_of("/v1/events/acme", [(body, headers_of("custom-llm", body)) for body in given])
        bare = requests_of("/events", [(body, headers_of("custom-llm", body)) for body in given])
        found = [
            best(rounds, lambda: loop.run_until_complete(whole(served.gateway, own))) / len(own) / 1000,
            best(rounds, lambda: loop.run_until_complete(whole(served.bare, bare))) / len(bare) / 1000,
        ]
        if profile is not None:
            profile.runcall(loop.run_until_complete, whole(served.gateway, own))
        loops.run(served.__aexit__())
    return found[0], found[1]


def _show(what: str, micros: float, note: str = "") -> None:
    print(f"{what:<52} {micros:8.2f} µs {note}")  # noqa: T201 -- a bench prints


def quiet(to: TextIO) -> None:
    """Logs, made as the gateway makes them, go there."""
    handler = logging.StreamHandler(to)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--profile", nargs="?", const="the whole", help="a phase, or the whole")
    given = parser.parse_args()
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        quiet(nowhere)
        profile = cProfile.Profile()
        for name, (platform, found) in bodies().items():
            micros = {
                phase: best(given.rounds, run) / len(found) / 1000
                for phase, run in Phases(platform, found).all().items()
            }
            if name == "custom-llm, the bench's":
                for phase, spent in micros.items():
                    _show(f"  {phase}", spent)
            _show(name, sum(micros.values()), f"(normalise {micros['normalise']:.1f}; {len(found[0])} bytes)")
        own, bare = measured_whole(turns(), given.rounds, profile if given.profile == "the whole" else None)
        _show("the whole", own, f"({bare / own:.2f} of the bare handler's rate)")
        _show("bare", bare)
        if given.profile:
            if given.profile != "the whole":
                profile.runcall(Phases("custom-llm", turns()).all()[given.profile])
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
