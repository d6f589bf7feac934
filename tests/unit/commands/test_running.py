"""A hop as a process: whatever it does while it starts, runs or ends, the process ends in time and says why."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from agents.commands import running as under_test
from agents.commands.reloading import Reloading
from agents.commands.running import FAILED, Liveliness, serve
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.settings import AdminSettings, Settings, TenantBook
from agents.settings_file import Loaded
from streams.errors import HandoffError, Refused
from tests.support.gateway import logged


@dataclass
class FakeHop:
    """Records what is done to it; fails or hangs where it is told to."""

    fails: dict[str, BaseException] = field(default_factory=dict)
    hangs: set[str] = field(default_factory=set)
    did: list[str] = field(default_factory=list)
    alive: str | None = None
    ready: str | None = "starting"

    async def _step(self, name: str) -> None:
        self.did.append(name)
        if name in self.hangs:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.did.append(f"{name} cancelled")
                raise
        if name in self.fails:
            raise self.fails[name]

    async def start(self) -> None:
        await self._step("start")
        self.ready = None

    async def run(self) -> None:
        await self._step("run")

    async def stop(self) -> None:
        await self._step("stop")

    def not_alive(self) -> str | None:
        return self.alive

    def not_ready(self) -> str | None:
        return self.ready


@dataclass
class Process:
    """One `serve` under way."""

    task: asyncio.Task[int]
    metrics: Metrics
    port: int
    left: list[int]


@asynccontextmanager
async def serving(hop: FakeHop, port: int | None = None) -> AsyncIterator[Process]:
    chosen = port if port is not None else free_port()
    metrics, left, log = Metrics(), list[int](), Log("test")
    reloading = Reloading(Loaded(Settings(), ()), TenantBook({}), metrics, log)
    task = asyncio.create_task(
        serve(
            hop,
            name="gateway",
            admin=AdminSettings(port=chosen),
            reloading=reloading,
            metrics=metrics,
            log=log,
            version="9.9.9",
            leave=left.append,
        )
    )
    try:
        yield Process(task, metrics, chosen, left)
    finally:
        task.cancel()
        await asyncio.wait({task})


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def until(hop: FakeHop, step: str) -> None:
    async with asyncio.timeout(5):
        while step not in hop.did:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_running_hop_in_order(number: signal.Signals) -> None:
    hop = FakeHop(hangs={"run"})
    async with serving(hop) as process:
        await until(hop, "run")
        os.kill(os.getpid(), number)
        assert await asyncio.wait_for(process.task, 5) == 0
    assert hop.did == ["start", "run", "run cancelled", "stop"]
    assert process.left == []


async def test_a_signal_ends_a_hop_that_is_still_starting() -> None:
    """Brokers that never answer must not keep a pod from going."""
    hop = FakeHop(hangs={"start"})
    async with serving(hop) as process:
        await until(hop, "start")
        os.kill(os.getpid(), signal.SIGTERM)
        assert await asyncio.wait_for(process.task, 5) == 0
    assert hop.did == ["start", "start cancelled", "stop"]


@pytest.mark.parametrize("step", ["start", "run"])
@pytest.mark.parametrize(
    "error", [HandoffError("the brokers said no"), OSError(98, "Address already in use"), RuntimeError("customer text")]
)
async def test_a_failure_ends_the_process_with_70_and_says_why(step: str, error: Exception) -> None:
    hop = FakeHop(fails={step: error})
    with logged() as log:
        async with serving(hop) as process:
            assert await asyncio.wait_for(process.task, 5) == FAILED
    assert hop.did[-1] == "stop", "what was begun is given back"
    said = log.getvalue()
    assert ("process.start_failed" if step == "start" else "process.failed") in said
    assert type(error).__name__ in said
    assert ("the brokers said no" in said) == isinstance(error, HandoffError)
    assert "customer text" not in said
    assert '"process.stopped", "failed": true' in said


async def test_what_must_be_refused_is_refused_after_everything_is_given_back() -> None:
    hop = FakeHop(fails={"start": Refused("policy.yaml:3: wrong")})
    async with serving(hop) as process:
        with pytest.raises(Refused, match=r"policy.yaml:3: wrong"):
            await asyncio.wait_for(asyncio.shield(process.task), 5)
    assert hop.did == ["start", "stop"]


async def test_a_hop_that_ends_by_itself_has_failed() -> None:
    hop = FakeHop()
    async with serving(hop) as process:
        assert await asyncio.wait_for(process.task, 5) == FAILED


async def test_an_end_that_takes_too_long_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(under_test, "STOP_SECONDS", 0.1)
    hop = FakeHop(hangs={"run", "stop"})
    with logged() as log:
        async with serving(hop) as process:
            await until(hop, "run")
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(process.task, 5)
    assert process.left == [FAILED]
    assert "process.stop_timed_out" in log.getvalue()


async def test_an_end_that_fails_is_an_end_all_the_same() -> None:
    hop = FakeHop(hangs={"run"}, fails={"stop": RuntimeError("customer text")})
    with logged() as log:
        async with serving(hop) as process:
            await until(hop, "run")
            os.kill(os.getpid(), signal.SIGTERM)
            assert await asyncio.wait_for(process.task, 5) == 0
    assert "process.stop_failed" in log.getvalue()
    assert "customer text" not in log.getvalue()


async def test_a_taken_admin_port_is_refused_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        hop = FakeHop()
        async with serving(hop, taken.getsockname()[1]) as process:
            with pytest.raises(Refused, match=r"admin: cannot listen on 127\.0\.0\.1"):
                await asyncio.wait_for(asyncio.shield(process.task), 5)
    assert hop.did == []


async def answered(process: Process, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{process.port}{path}") as response,
    ):
        return response.status, await response.text()


async def test_health_tells_apart_starting_ready_and_stuck() -> None:
    hop = FakeHop(hangs={"start"})
    async with serving(hop) as process:
        await until(hop, "start")
        assert await answered(process, "/healthz") == (200, '{"status": "ok"}')
        assert await answered(process, "/readyz") == (503, '{"status": "starting"}')
        hop.ready = None
        assert await answered(process, "/readyz") == (200, '{"status": "ok"}')
        hop.alive = "stalled"
        assert await answered(process, "/healthz") == (503, '{"status": "stalled"}')
        assert (await answered(process, "/nothing"))[0] == 404
        assert (await answered(process, "/"))[0] == 404


async def test_the_exposition_names_the_build_and_feels_the_loop() -> None:
    hop = FakeHop(hangs={"run"})
    async with serving(hop) as process:
        await until(hop, "run")
        status, text = await answered(process, "/metrics")
        assert status == 200
        assert 'handoff_build_info{hop="gateway",version="9.9.9"} 1.0' in text
        async with asyncio.timeout(5):
            while (
                process.metrics.registry.get_sample_value("handoff_event_loop_lag_seconds", {"hop": "gateway"}) is None
            ):
                await asyncio.sleep(0.02)


async def test_nothing_is_left_running_behind() -> None:
    before = asyncio.all_tasks()
    hop = FakeHop(hangs={"run"})
    async with serving(hop) as process:
        await until(hop, "run")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(process.task, 5)
        await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == set()


def test_a_number_that_stands_still_for_too_long_is_stuck() -> None:
    now = [0.0]
    lively = Liveliness(lambda: now[0], 60.0)
    assert not lively.stuck(0)
    now[0] = 59.0
    assert not lively.stuck(0)
    now[0] = 61.0
    assert lively.stuck(0)
    assert not lively.stuck(1), "it moved"
    now[0] = 500.0
    assert not lively.stuck(2), "nobody asked for long, and it moved meanwhile"
