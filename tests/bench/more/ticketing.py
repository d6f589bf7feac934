"""Tickets per second at a helpdesk that takes 200 ms for every call, beside what its slowness allows."""

import asyncio
import json
import pstats
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from agents.escalation.emit import SOURCE
from agents.observability.catalogue import IN_FLIGHT
from streams.codec import encode, headers_for
from streams.contracts.escalation_commands import OpenTicket
from streams.kafka.admin import create
from streams.kafka.connection import KafkaConnection
from streams.kafka.producer import AckedProducer
from streams.topology import ESCALATION_COMMANDS, TOPICS
from streams.trace import new_traceparent
from tests.bench.figures import Figure, Result, Setting, Table, Target
from tests.bench.hops import measured
from tests.bench.hops.outside import Outside
from tests.bench.machine import ROOT
from tests.bench.profiling import Share, by_function, shares
from tests.capacity.process import HopProcess
from tests.support.kafka import RealKafka, free_port

name = "ticketing"
title = "Ticketing"
about = (
    "One process, one Zendesk account whose every call takes 200 ms, commands of conversations that have nothing to do "
    "with each other, all waiting on their topic. Counted until the last call of the last command: notes follow their "
    "tickets, and in a backlog they give way to the tickets of others. The limit is what that many calls at once can "
    "come to: concurrency ÷ (calls per ticket × 0.2 s), with the calls that were really made. The functions are those "
    "of one more run at 64 under Python's profiler, start included; a function's share is its own time and that of the "
    "C functions it calls."
)
CALL_SECONDS = 0.2
CONCURRENCIES = (8, 16, 64)
SECONDS, QUICK_SECONDS = 12.0, 3.0
CALLS_EXPECTED = 5
LOOK_SECONDS = 1.0
FUNCTIONS = 16
_COLUMNS = (
    "calls at once",
    "tickets/s",
    "limit",
    "calls per ticket",
    "all done after, s",
    "last ticket after, s",
    "CPU ms a ticket",
)
PATIENCE_SECONDS = 120.0
_EXAMPLE = ROOT / "tests" / "contract" / "examples-0.1.0" / "escalation.commands" / "open_ticket.json"


@dataclass(frozen=True)
class Done:
    """One run: tickets, calls, and the seconds from the first call until all is done, and to the last ticket."""

    concurrency: int
    tickets: int
    calls: int
    seconds: float
    tickets_seconds: float
    cpu_seconds: float


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Each on a broker of its own: a group begins at the first command."""
    found = []
    for concurrency in CONCURRENCIES[-1:] if quick else CONCURRENCIES:
        folder = setting.folder / f"{name}-{concurrency}"
        folder.mkdir()
        tickets = int(concurrency / (CALLS_EXPECTED * CALL_SECONDS) * (QUICK_SECONDS if quick else SECONDS))
        done = await _one(folder, concurrency, tickets)
        setting.say(f"ticketing, {concurrency} calls at once: {done.tickets / done.seconds:.1f} tickets/s")
        found.append(vars(done))
    return {"runs": found, "functions": [] if quick else await _functions(setting, tickets)}


async def _functions(setting: Setting, tickets: int) -> list[Share]:
    setting.say("ticketing under the profiler")
    folder, profile = setting.folder / f"{name}-profiled", setting.folder / f"{name}.prof"
    folder.mkdir()
    await _one(folder, CONCURRENCIES[-1], tickets, profile_into=profile)
    return shares(pstats.Stats(str(profile)), FUNCTIONS)


async def _one(folder: Path, concurrency: int, tickets: int, *, profile_into: Path | None = None) -> Done:
    broker = RealKafka(folder / "kafka")
    await asyncio.to_thread(broker.start)
    try:
        connection = broker.connection()
        await asyncio.to_thread(create, connection, TOPICS, replication=1, min_insync_replicas=1)
        await _commanded(connection, tickets)
        async with Outside(delay_seconds=CALL_SECONDS) as outside:
            made = measured.configuration(broker.bootstrap_servers, free_port(), outside.base_url)
            made["ticketing"] |= {"concurrency_per_account": concurrency}
            async with HopProcess("ticketing", folder, made, profile_into=profile_into) as process:
                before = process.cpu_seconds()
                async with asyncio.timeout(PATIENCE_SECONDS):
                    while len(outside.tickets) < tickets or await process.metric(IN_FLIGHT.name):
                        await asyncio.sleep(LOOK_SECONDS)
                return Done(
                    concurrency,
                    tickets,
                    outside.calls.total() - outside.calls["POST /oauth/tokens"],
                    outside.last_at + CALL_SECONDS - outside.first_at,
                    max(outside.tickets.values()) + CALL_SECONDS - outside.first_at,
                    process.cpu_seconds() - before,
                )
    finally:
        await asyncio.to_thread(broker.stop)


async def _commanded(connection: KafkaConnection, tickets: int) -> None:
    producer = AckedProducer(connection)
    raw: dict[str, Any] = json.loads(_EXAMPLE.read_text())
    for number in range(tickets):
        command = _command(raw, number)
        headers = headers_for(
            event_id=command.action_id,
            source=SOURCE,
            kind=command.kind,
            at=command.decided_at,
            traceparent=new_traceparent(),
        )
        key = f"{command.tenant}|{command.conversation_id}"
        await producer.send(ESCALATION_COMMANDS.name, key, encode(command), headers=headers)
    await producer.close()


def _command(raw: dict[str, Any], number: int) -> OpenTicket:
    """The contract's example, of another person in another conversation."""
    own = {
        "conversation_id": f"conv-{number}",
        "platform": "custom-llm",
        "route": {},
        "decided_at": datetime.now(UTC),
        "escalation_id": str(uuid5(NAMESPACE_URL, f"escalation-{number}")),
        "action_id": str(uuid5(NAMESPACE_URL, f"action-{number}")),
        "customer": {"id": f"customer-{number}", "name": "Kim Doe", "email": f"kim.{number}@example.com"},
    }
    return OpenTicket.model_validate(raw | own)


def limit(concurrency: int, tickets: int, calls: int) -> float:
    """Tickets per second that so many calls at once allow."""
    return concurrency / (calls / tickets * CALL_SECONDS)


def rows(result: Result) -> list[Figure]:
    """The share of the limit that is reached."""
    found = []
    for one in result["runs"]:
        share = one["tickets"] / one["seconds"] / limit(one["concurrency"], one["tickets"], one["calls"])
        target = Target(0.9) if one["concurrency"] == CONCURRENCIES[-1] else None
        label = f"share of the limit at {one['concurrency']} calls at once"
        found.append(Figure(label, share, "×", target, _because(one)))
    return sorted(found, key=lambda figure: figure.target is None)


def _because(one: Result) -> str:
    more_ms = (one["concurrency"] * one["seconds"] / one["calls"] - CALL_SECONDS) * 1000
    return f"beside the helpdesk's 200 ms every call takes {more_ms:.0f} ms of ours, see the functions"


def tables(result: Result) -> list[Table]:
    """A row per concurrency; where the time goes."""
    cells = tuple(
        (
            str(one["concurrency"]),
            f"{one['tickets'] / one['seconds']:.1f}",
            f"{limit(one['concurrency'], one['tickets'], one['calls']):.1f}",
            f"{one['calls'] / one['tickets']:.2f}",
            f"{one['seconds']:.1f}",
            f"{one['tickets_seconds']:.1f}",
            f"{one['cpu_seconds'] / one['tickets'] * 1000:.1f}",
        )
        for one in result["runs"]
    )
    functions = result["functions"]
    return [Table(_COLUMNS, cells), *([by_function("function, ticketing", functions)] if functions else [])]
