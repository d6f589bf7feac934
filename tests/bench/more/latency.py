"""End to end: webhook, command, ticket request, notification, beside the same hops done bare."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from streams.kafka.admin import create
from streams.kafka.connection import KafkaConnection
from streams.topology import TOPICS
from tests.bench.feed import Topics
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.hops import bare, measured
from tests.support.kafka import RealKafka

name = "latency"
title = "Latency, webhook to notification"
about = (
    "Four processes on one broker, a helpdesk and a chat on loopback that answer at once. Webhooks come on a fixed "
    "schedule from a process of their own; every time counts from the moment the webhook was due. One in a hundred "
    "asks for a person. Bare: an aiohttp handler that produces and awaits the acknowledgement, then three loops that "
    "consume, act with one call, flush and commit; no signature, no state, no guarantee. Handoff's notification is "
    "the one that names the ticket."
)
CONTENDERS = {"bare": "bare hops", "handoff": "Handoff"}
RUNS = ((100, 20.0), (500, 25.0), (2_000, 15.0))
QUICK_RUNS = ((500, 3.0),)
WARM_RATE, WARM_SECONDS, QUICK_WARM_SECONDS = 200, 6.0, 2.0
WARM_ONE_IN = 5
"""While warming up more ask for a person: after the first few kilobytes of a partition a broker makes the files of its
index, which holds up what comes then, once; each of the twelve partitions of each topic has to be past that."""

JUDGED = frozenset({500, 2_000})
LIMIT = Target(1.5, at_most=True)
_PERCENTILES = ("p50", "p99", "p99.9")


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """On a broker of its own: other sections leave records in the topics of the map."""
    folder = setting.folder / name
    folder.mkdir()
    broker = RealKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        connection = broker.connection()
        await asyncio.to_thread(create, connection, TOPICS, replication=1, min_insync_replicas=1)
        await asyncio.to_thread(Topics(connection).make, bare.EVENTS, bare.COMMANDS, bare.NEWS)
        runs = QUICK_RUNS if quick else RUNS
        return {key: await _contender(key, setting, connection, folder, runs) for key in CONTENDERS}
    finally:
        await asyncio.to_thread(broker.stop)


async def _contender(
    key: str, setting: Setting, connection: KafkaConnection, folder: Path, runs: tuple[tuple[int, float], ...]
) -> dict[str, Any]:
    found: dict[int, dict[str, Any]] = {}
    async with _started(key, connection.bootstrap_servers, folder) as contender:
        warm_seconds = QUICK_WARM_SECONDS if runs is QUICK_RUNS else WARM_SECONDS
        await measured.loaded(contender, f"{key}-warm", WARM_RATE, warm_seconds, folder, one_in=WARM_ONE_IN)
        for rate, seconds in runs:
            setting.say(f"latency: {CONTENDERS[key]}, {rate:,} events/s for {seconds:g} s")
            found[rate] = await measured.loaded(contender, f"{key}-{rate}", rate, seconds, folder)
        decided = await asyncio.to_thread(measured.commands, connection, contender.commands)
        outside = contender.outside
        told = {str(rate): measured.stages(one, decided, outside, rate) for rate, one in found.items()}
        return {"rates": told, "calls": dict(outside.calls)}


def _started(key: str, servers: str, folder: Path) -> AbstractAsyncContextManager[measured.Contender]:
    return measured.handoff(servers, folder) if key == "handoff" else measured.bare_hops(servers, folder)


def rows(result: Result) -> list[Figure]:
    """p99 of all hops against the bare ones, then what it is in milliseconds."""
    figures = []
    for rate, ours in result["handoff"]["rates"].items():
        theirs = result["bare"]["rates"][rate]
        if "all" not in ours["ms"] or "all" not in theirs["ms"]:
            continue
        judged = int(rate) in JUDGED
        ratio = ours["ms"]["all"][1] / theirs["ms"]["all"][1]
        why = _why(ours, theirs) if judged else ""
        figures.append(Figure(f"p99 at {rate} events/s against bare hops", ratio, "×", LIMIT if judged else None, why))
        figures.append(Figure(f"p99 at {rate} events/s", ours["ms"]["all"][1], "ms"))
    return sorted(figures, key=lambda figure: figure.target is None)


def _why(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """The stage in which most of the difference arises."""
    before, most = 0.0, ("", 0.0)
    for stage in ("command", "ticket", "all"):
        more = ours["ms"][stage][0] - theirs["ms"][stage][0]
        if more - before > most[1]:
            most = (stage, more - before)
        before = more
    names = {"command": "up to the command", "ticket": "up to the ticket request", "all": "after the ticket request"}
    load = "" if ours["achieved"] >= 0.98 * ours["offered"] else f"only {ours['achieved']:,.0f}/s were achieved; "
    return f"{load}of the median, {most[1]:.1f} ms more arise {names[most[0]]}" if most[0] else load.strip("; ")


def tables(result: Result) -> list[Table]:
    """A row per rate, contender and stage."""
    cells = []
    for rate in result["handoff"]["rates"]:
        for key, label in CONTENDERS.items():
            one = result[key]["rates"][rate]
            achieved = f"{one['achieved']:,.0f}/s"
            for stage, times in one["ms"].items():
                cells.append((f"{int(rate):,}/s", label, stage, *(f"{time:,.1f}" for time in times), achieved))
    return [
        Table(
            ("offered", "", "until", *(f"{each}, ms" for each in _PERCENTILES), "achieved"),
            tuple(cells),
            _below(result),
        ),
        *_spent(result),
    ]


def _spent(result: Result) -> list[Table]:
    """What each hop spends of the processor on a webhook, and all of them of one core."""
    cells = []
    for rate in result["handoff"]["rates"]:
        for key, label in CONTENDERS.items():
            one = result[key]["rates"][rate]
            spent = one.get("cpu_us", {})
            if spent:
                cores = sum(spent.values()) * one["achieved"] / 1e6
                told = ", ".join(f"{hop} {us:,.0f}" for hop, us in sorted(spent.items()))
                cells.append((f"{int(rate):,}/s", label, told, f"{cores:.2f}"))
    below = "As the operating system counts it; broker, load, helpdesk and chat are on the same cores."
    return [Table(("offered", "", "CPU µs a webhook", "cores in all"), tuple(cells), below)] if cells else []


def _below(result: Result) -> str:
    told = [
        "`webhook`: its 2xx, all events; the others: events that ask for a person. A p99.9 of few is their slowest."
    ]
    for key, label in CONTENDERS.items():
        for rate, one in result[key]["rates"].items():
            told.append(
                f"{label} at {int(rate):,}/s: {one['escalations']} escalations, {one['missing']} not through in time, "
                f"{one['refused']} webhooks turned away and sent again, generator late by {one['late_ms']:.0f} ms."
            )
    tickets = result["handoff"].get("calls", {}).get("POST /api/v2/tickets", 0)
    if tickets:
        calls = sorted(result["handoff"]["calls"].items())
        told.append("Handoff's calls per ticket: " + ", ".join(f"{n / tickets:.1f} {call}" for call, n in calls) + ".")
    return " ".join(told)
