"""One contender under load: what each stage took, counted from the moment the webhook was due."""

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from streams.kafka.bulk import read_to_end
from streams.kafka.connection import KafkaConnection
from streams.topology import ESCALATION_COMMANDS, PARTITIONS
from tests.bench.hops import bare
from tests.bench.hops.load import Load
from tests.bench.hops.outside import Outside
from tests.bench.hops.schedule import ONE_IN, percentiles
from tests.bench.runner import Failed
from tests.capacity.process import HopProcess, base_configuration, cpu_seconds_of
from tests.support.kafka import free_port

SECRET = "whsec_bm90LWEtc2VjcmV0LW9ubHktZm9yLW1lYXN1cmluZw=="
HOPS = ("notifier", "ticketing", "escalation", "gateway")
STAGES = ("webhook", "command", "ticket", "all")
DRAIN_SECONDS = 20.0
START_SECONDS = 60.0
_PLENTY = 1_000_000


@dataclass(frozen=True)
class Contender:
    """What runs, and where its webhooks go. `cpu_seconds`: the processor time of its hops so far, by name."""

    port: int
    path: str
    commands: str
    outside: Outside
    cpu_seconds: Callable[[], dict[str, float]] = dict


def configuration(bootstrap_servers: str, port: int, outside: str) -> dict[str, Any]:
    """One live tenant with its own LLM application and Zendesk, and no limit in the way."""
    tenant = {
        "mode": "live",
        "limits": {"webhooks_per_second": _PLENTY, "tickets_per_hour": _PLENTY},
        "platforms": {
            "custom-llm": {
                "secrets": [SECRET],
                "options": {"bodies": "delta", "reply_url": outside + "/chat/{conversation_id}"},
            }
        },
        "helpdesk": {
            "name": "zendesk",
            "base_url": outside,
            "tokens": {"client_id": "bench", "client_secret": "loopback"},
        },
    }
    return base_configuration(bootstrap_servers, tenant) | {
        "gateway": {"host": "127.0.0.1", "port": port},
        "ticketing": {"calls_per_second": 10_000.0},
        "outbound": {"allow_loopback": True},
    }


@asynccontextmanager
async def handoff(bootstrap_servers: str, folder: Path) -> AsyncIterator[Contender]:
    """The four processes as shipped."""
    port = free_port()
    async with Outside() as outside, AsyncExitStack() as stack:
        made = configuration(bootstrap_servers, port, outside.base_url)
        hops = {hop: HopProcess(hop, folder, made) for hop in HOPS}
        await asyncio.gather(*(stack.enter_async_context(hop) for hop in hops.values()))

        def cpu_seconds() -> dict[str, float]:
            return {name: hop.cpu_seconds() for name, hop in hops.items()}

        yield Contender(port, "/v1/events/acme", ESCALATION_COMMANDS.name, outside, cpu_seconds)


@asynccontextmanager
async def bare_hops(bootstrap_servers: str, folder: Path) -> AsyncIterator[Contender]:
    """The same hops, bare."""
    async with Outside() as outside:
        task = bare.Bare(bootstrap_servers, free_port(), outside.base_url)
        given = json.dumps(asdict(task))
        processes: list[Process] = []
        try:
            for hop in bare.HOPS:
                with (folder / f"bare-{hop}.log").open("ab") as log:
                    command = [sys.executable, "-m", "tests.bench.hops.bare", hop, given]
                    processes.append(await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=log))
            await asyncio.gather(*(until_ready(process) for process in processes))
            pids = {name: process.pid for name, process in zip(bare.HOPS, processes, strict=True)}

            def cpu_seconds() -> dict[str, float]:
                return {name: cpu_seconds_of(pid) for name, pid in pids.items()}

            yield Contender(task.port, "/events", bare.COMMANDS, outside, cpu_seconds)
        finally:
            for process in processes:
                if process.returncode is None:
                    process.kill()
                await process.wait()


async def until_ready(process: Process) -> None:
    """Until a bare hop has said that it is."""
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = await process.stdout.readline()
    if line.decode().strip() != bare.READY:
        raise Failed("a bare hop ended while starting")


async def loaded(
    contender: Contender, name: str, rate: float, seconds: float, folder: Path, *, one_in: int = ONE_IN
) -> dict[str, Any]:
    """Play a schedule from another process, then wait until the last conversation has heard of its ticket."""
    result = folder / f"{name}.json"
    load = Load(name, contender.port, contender.path, SECRET, rate, seconds, str(result), one_in)
    log, before = folder / f"{name}.log", contender.cpu_seconds()
    with log.open("wb") as errors:
        command = [sys.executable, "-m", "tests.bench.hops.load", json.dumps(asdict(load))]
        process = await asyncio.create_subprocess_exec(*command, stdout=errors, stderr=errors)
        code = await process.wait()
    if code:
        raise Failed(f"the load ended with {code}:\n{log.read_text()[-1_500:]}")
    found: dict[str, Any] = json.loads(result.read_text())
    spent = contender.cpu_seconds()
    found["cpu_us"] = {hop: 1e6 * (spent[hop] - before[hop]) / len(found["webhooks"]) for hop in before}
    deadline = time.monotonic() + DRAIN_SECONDS
    while found["asked"].keys() - contender.outside.told.keys() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return found


def commands(connection: KafkaConnection, topic: str) -> dict[str, tuple[str, float]]:
    """By conversation: the escalation, and when its command was produced, to the millisecond. Blocks."""
    found: dict[str, tuple[str, float]] = {}
    for batch in read_to_end(connection, topic, list(range(PARTITIONS)), with_headers=True):
        for message in batch:
            conversation = (message.key or b"").decode().rpartition("|")[2]
            told = json.loads(message.value or b"{}")
            found.setdefault(conversation, (str(told.get("escalation_id", conversation)), message.timestamp_ms / 1000))
    return found


def stages(
    found: dict[str, Any], decided: dict[str, tuple[str, float]], outside: Outside, rate: float
) -> dict[str, Any]:
    """Percentiles in ms of each stage, counted from when the webhook was due. Missing ones are told, not hidden."""
    asked: dict[str, float] = found["asked"]
    ended: dict[str, list[float]] = {"webhook": found["webhooks"], "command": [], "ticket": [], "all": []}
    for conversation, due in asked.items():
        if conversation in decided:
            escalation, at = decided[conversation]
            ended["command"].append(at - due)
            if escalation in outside.tickets:
                ended["ticket"].append(outside.tickets[escalation] - due)
        if conversation in outside.told:
            ended["all"].append(outside.told[conversation] - due)
    return {
        "offered": rate,
        "achieved": len(found["webhooks"]) / found["seconds"],
        "refused": found["refused"],
        "late_ms": found["late"] * 1000,
        "cpu_us": found.get("cpu_us", {}),
        "escalations": len(asked),
        "missing": len(asked) - len(ended["all"]),
        "ms": {stage: [value * 1000 for value in percentiles(ended[stage])] for stage in STAGES if ended[stage]},
    }
