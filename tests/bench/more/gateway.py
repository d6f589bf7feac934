"""Webhooks per second through the gateway, beside an aiohttp handler that only produces and awaits the answer."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from streams.kafka.admin import create
from streams.topology import TOPICS
from tests.bench.feed import Topics
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.hops import bare, measured
from tests.bench.hops.load import Load
from tests.bench.runner import Failed
from tests.capacity.process import HopProcess
from tests.support.kafka import RealKafka, free_port

name = "gateway"
title = "The gateway"
about = (
    "Signed webhooks of one turn each, made beforehand and sent by a process of their own over 64 connections, each "
    "as soon as one is free. The bare handler is aiohttp's: it reads the body, produces it, awaits the acknowledgement "
    "and answers; it verifies, masks, normalises and counts nothing."
)
CONTENDERS = {"bare": "bare aiohttp handler", "handoff": "Handoff"}
WEBHOOKS, QUICK_WEBHOOKS, WARM_WEBHOOKS = 12_000, 2_000, 500
AT_ONCE_RATE = 1_000_000.0
"""All are due at once: the connections alone set the pace."""


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Both stand throughout; they take turns."""
    folder = setting.folder / name
    folder.mkdir()
    broker = RealKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        connection = broker.connection()
        await asyncio.to_thread(create, connection, TOPICS, replication=1, min_insync_replicas=1)
        await asyncio.to_thread(Topics(connection).make, bare.EVENTS)
        ports = {"bare": free_port(), "handoff": free_port()}
        made = measured.configuration(broker.bootstrap_servers, ports["handoff"], "http://127.0.0.1:9")
        rates: dict[str, list[float]] = {key: [] for key in CONTENDERS}
        async with HopProcess("gateway", folder, made), _bare(broker.bootstrap_servers, ports["bare"], folder):
            for number in range(setting.rounds + 1):
                for key in (*CONTENDERS,) if number % 2 else (*reversed(CONTENDERS),):
                    webhooks = (QUICK_WEBHOOKS if quick else WEBHOOKS) if number else WARM_WEBHOOKS
                    rate = await _sent(key, f"{key}-{number}", ports[key], webhooks, folder)
                    if number:
                        rates[key].append(rate)
                        setting.say(f"gateway, round {number} of {setting.rounds}: {CONTENDERS[key]} {rate:,.0f}/s")
        return {key: {"rates": found, "rate": median(found)} for key, found in rates.items()}
    finally:
        await asyncio.to_thread(broker.stop)


@asynccontextmanager
async def _bare(servers: str, port: int, folder: Path) -> AsyncIterator[None]:
    task = bare.Bare(servers, port, "")
    with (folder / "bare.log").open("wb") as log:
        command = [sys.executable, "-m", "tests.bench.hops.bare", "gateway", json.dumps(asdict(task))]
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=log)
    try:
        await measured.until_ready(process)
        yield
    finally:
        process.kill()
        await process.wait()


async def _sent(key: str, told: str, port: int, webhooks: int, folder: Path) -> float:
    """Webhooks per second, from the first to the last answer."""
    result = folder / f"{told}.json"
    path = "/events" if key == "bare" else "/v1/events/acme"
    load = Load(told, port, path, measured.SECRET, AT_ONCE_RATE, webhooks / AT_ONCE_RATE, str(result))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.hops.load", json.dumps(asdict(load))
    )
    if await process.wait():
        raise Failed("the load ended before its time")
    found: dict[str, Any] = json.loads(result.read_text())
    if found["refused"]:
        raise Failed(f"{found['refused']} webhooks were turned away")
    return webhooks / float(found["seconds"])


def rows(result: Result) -> list[Figure]:
    """The ratio."""
    ratio = result["handoff"]["rate"] / result["bare"]["rate"]
    why = "it verifies a signature, masks, normalises, validates and counts what the bare handler passes on unread"
    return [Figure("rate against the bare handler", ratio, "×", Target(0.7), why)]


def tables(result: Result) -> list[Table]:
    """A row each."""
    cells = tuple(
        (label, f"{result[key]['rate']:,.0f}", ", ".join(f"{rate:,.0f}" for rate in result[key]["rates"]))
        for key, label in CONTENDERS.items()
    )
    return [Table(("", "webhooks/s, median", "rounds"), cells)]
