"""The catalogue of faults. Each is one coroutine that breaks something and says what it did.

A fault leaves nothing broken behind: what it kills the supervisor starts again, and `Cluster.heal` follows it.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from tests.chaos import vendor_faults
from tests.chaos.cluster import HOPS, Cluster
from tests.chaos.links import OFFSET_COMMIT, PRODUCE, CrashPoint
from tests.chaos.load import Load
from tests.chaos.setting import SESSION_TIMEOUT_MS

ZOMBIE_SECONDS = SESSION_TIMEOUT_MS / 1000 + 3.0
REACH_SECONDS = 12.0
"""How long a crash point may take to be reached."""

WRITES = {
    "gateway": ("conversation.events",),
    "escalation": ("escalation.commands", "escalation.state"),
    "ticketing": ("notification.events", "escalation.ledger"),
    "notifier": ("notification.ledger",),
}
FAKETIME = Path("usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True)
class Context:
    """What a fault has to work with."""

    cluster: Cluster
    load: Load
    random: Random
    cache: Path

    async def some_time(self, most_seconds: float = 1.5) -> None:
        """Until the load is anywhere in its work."""
        await asyncio.sleep(self.random.uniform(0.0, most_seconds))


Play = Callable[[Context], Awaitable[str]]


@dataclass(frozen=True)
class Fault:
    """`slow`: it may leave a call without an idempotency key in doubt, which takes two minutes to settle."""

    name: str
    play: Play
    slow: bool = False


async def kill(hop: str, context: Context) -> str:
    await context.some_time()
    context.cluster.signal(hop, signal.SIGKILL)
    return f"SIGKILL to {hop}"


async def kill_all(context: Context) -> str:
    await context.some_time()
    for hop in HOPS:
        context.cluster.signal(hop, signal.SIGKILL)
    return "SIGKILL to all four hops"


async def kill_twice(hop: str, context: Context) -> str:
    """Again while it recovers."""
    await kill(hop, context)
    await asyncio.sleep(context.random.uniform(1.5, 8.0))
    context.cluster.signal(hop, signal.SIGKILL)
    return f"SIGKILL to {hop}, and again while it recovered"


async def step(hop: str, topic: str | None, where: str, context: Context) -> str:
    """Kill at a named step: see `links.CrashPoint`."""
    api = OFFSET_COMMIT if topic is None else PRODUCE
    nth = context.random.randint(1, 1 if topic is None else 6)
    point = CrashPoint(api, "before" if where == "before" else "after", topic, nth)
    link = context.cluster.links[hop]
    link.arm(point)
    what = f"{where} {hop}'s {f'{nth}. produce to {topic}' if topic else 'offset commit'}"
    try:
        async with asyncio.timeout(REACH_SECONDS):
            await point.reached.wait()
    except TimeoutError:
        return f"{what}: not reached"
    context.cluster.signal(hop, signal.SIGKILL)
    await asyncio.sleep(0.05)
    link.disarm()
    return f"SIGKILL {what}"


async def stall(hop: str, topic: str, where: str, context: Context) -> str:
    """Not killed: the connection breaks off at a named step, and the client has to sort it out."""
    point = CrashPoint(PRODUCE, "before" if where == "before" else "after", topic, context.random.randint(1, 4))
    link = context.cluster.links[hop]
    link.arm(point)
    try:
        async with asyncio.timeout(REACH_SECONDS):
            await point.reached.wait()
    except TimeoutError:
        return "not reached"
    await asyncio.sleep(context.random.uniform(0.5, 3.0))
    link.disarm()
    return f"connection broken off {where} {hop}'s produce to {topic}"


async def zombie(hop: str, context: Context) -> str:
    """Stopped beyond its session; another worker takes over; then it wakes up."""
    await context.some_time()
    if hop != "gateway":
        await context.cluster.start_hop(f"{hop}.2")
        await asyncio.sleep(2.0)
    context.cluster.signal(hop, signal.SIGSTOP)
    await asyncio.sleep(ZOMBIE_SECONDS + context.random.uniform(0.0, 2.0))
    context.cluster.signal(hop, signal.SIGCONT)
    await asyncio.sleep(2.0)
    if hop != "gateway":
        await context.cluster.stop_hop(f"{hop}.2")
    return f"{hop} stopped for {ZOMBIE_SECONDS:.0f} s and more, another worker beside it"


async def nap(hop: str, context: Context) -> str:
    """Stopped for less than its session."""
    await context.some_time()
    context.cluster.signal(hop, signal.SIGSTOP)
    await asyncio.sleep(context.random.uniform(1.0, SESSION_TIMEOUT_MS / 1000 - 2.0))
    context.cluster.signal(hop, signal.SIGCONT)
    return f"{hop} stopped for less than its session"


async def sigterm(hop: str, context: Context) -> str:
    """Drained and started again, within the promised time."""
    await context.some_time()
    code, seconds = await context.cluster.stop_hop(hop)
    await context.cluster.start_hop(hop)
    if code != 0 or seconds > 20.0:
        raise Broken(f"{hop} took SIGTERM for {seconds:.1f} s and ended with code {code}")
    return f"SIGTERM to {hop}: code {code} after {seconds:.1f} s"


async def sigterm_storm(context: Context) -> str:
    """All at once, twice. A process that gets it while Python is still starting has begun nothing: it just ends."""
    slowest = 0.0
    fine = {0}
    for _ in range(2):
        ended = await asyncio.gather(*(context.cluster.stop_hop(hop) for hop in HOPS))
        for hop in HOPS:
            await context.cluster.start_hop(hop)
        bad = [hop for hop, (code, seconds) in zip(HOPS, ended, strict=True) if code not in fine or seconds > 20.0]
        if bad:
            raise Broken(f"SIGTERM: {', '.join(bad)} ended with another code than 0, or late: {ended}")
        slowest = max(slowest, *(seconds for _, seconds in ended))
        fine = {0, -signal.SIGTERM}
        await asyncio.sleep(context.random.uniform(0.5, 4.0))
    return f"SIGTERM to all four, twice: slowest {slowest:.1f} s"


class Broken(Exception):
    """The fault itself showed that a promise does not hold."""


async def move(hop: str, context: Context) -> str:
    """Partitions go to a second worker and come back, under load."""
    await context.cluster.start_hop(f"{hop}.2")
    await context.cluster.until_ready(f"{hop}.2")
    await context.some_time(3.0)
    code, seconds = await context.cluster.stop_hop(hop)
    await context.cluster.start_hop(hop)
    await context.some_time(2.0)
    second, _ = await context.cluster.stop_hop(f"{hop}.2")
    if (code, second) != (0, 0) or seconds > 20.0:
        raise Broken(f"{hop} ended with codes {code} and {second}, the first after {seconds:.1f} s")
    return f"{hop}'s partitions moved to a second worker and back"


async def broker_kill(context: Context) -> str:
    await context.some_time()
    await asyncio.to_thread(context.cluster.broker.kill)
    await asyncio.sleep(context.random.uniform(0.0, 2.0))
    await asyncio.to_thread(context.cluster.broker.start)
    return "SIGKILL to the broker, started again"


async def broker_restart(context: Context) -> str:
    await asyncio.to_thread(context.cluster.broker.stop)
    await asyncio.to_thread(context.cluster.broker.start)
    return "broker restarted"


async def broker_pause(context: Context) -> str:
    context.cluster.broker.pause()
    seconds = context.random.uniform(2.0, 9.0)
    await asyncio.sleep(seconds)
    context.cluster.broker.resume()
    return f"broker stopped for {seconds:.1f} s"


async def net(link: str, how: str, context: Context) -> str:
    """A link that misbehaves for a few seconds."""
    cluster, random = context.cluster, context.random
    target, toxics = cluster.links[link], cluster.toxiproxy
    if how == "reset":
        for _ in range(random.randint(1, 4)):
            target.reset()
            await context.some_time(1.0)
    elif how == "cut":
        await target.cut()
        await asyncio.sleep(random.uniform(0.5, 5.0))
    elif how == "freeze":
        target.freeze()
        await asyncio.sleep(random.uniform(1.0, 10.0))
    elif how == "latency" or toxics is None:
        target.latency_seconds = random.uniform(0.05, 0.4)
        await asyncio.sleep(3.0)
    elif how == "slice":
        for stream in ("upstream", "downstream"):
            await toxics.poison(link, "slicer", stream, average_size=200, size_variation=150, delay=300)
        await asyncio.sleep(3.0)
    elif how == "half_open":
        await toxics.poison(link, "timeout", random.choice(("upstream", "downstream")), timeout=0)
        await asyncio.sleep(random.uniform(1.0, 8.0))
    elif how == "limit":
        await toxics.poison(link, "limit_data", "downstream", bytes=random.randint(500, 20_000))
        await asyncio.sleep(3.0)
    return f"{link}: {how}"


async def clock(hop: str, context: Context) -> str:
    """A worker whose clock is off, and jumps while it works; then one whose clock is right again."""
    cluster, off = context.cluster, context.random.choice((-4.0, -2.0, 2.0, 4.0))
    where = cluster.folder / "faketime"
    where.write_text("+0s\n")
    library = context.cache / "faketime" / FAKETIME
    await cluster.stop_hop(hop)
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(where),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    await cluster.start_hop(hop, environment)
    await cluster.until_ready(hop)
    await asyncio.sleep(1.0)
    where.write_text(f"{off:+.0f}s\n")
    await asyncio.sleep(4.0)
    cluster.signal(hop, signal.SIGKILL)
    return f"{hop}'s clock jumped by {off:+.0f} s, then SIGKILL"


def catalogue(cache: Path) -> tuple[Fault, ...]:
    """Every fault that this machine can play, in a fixed order."""
    made = [Fault(f"kill.{hop}", partial(kill, hop)) for hop in HOPS]
    made += [Fault("kill.all", kill_all)]
    made += [Fault(f"kill.again.{hop}", partial(kill_twice, hop)) for hop in HOPS[1:]]
    for hop, topics in WRITES.items():
        for where in ("before", "after"):
            made += [Fault(f"step.{hop}.{topic}.{where}", partial(step, hop, topic, where)) for topic in topics]
            made += [Fault(f"stall.{hop}.{topic}.{where}", partial(stall, hop, topic, where)) for topic in topics]
            if hop != "gateway":
                made.append(Fault(f"step.{hop}.commit.{where}", partial(step, hop, None, where)))
    made += [Fault(f"zombie.{hop}", partial(zombie, hop)) for hop in HOPS]
    made += [Fault(f"nap.{hop}", partial(nap, hop)) for hop in HOPS]
    made += [Fault(f"sigterm.{hop}", partial(sigterm, hop)) for hop in HOPS]
    made += [Fault("sigterm.storm", sigterm_storm)]
    made += [Fault(f"move.{hop}", partial(move, hop)) for hop in HOPS[1:]]
    made += [Fault("broker.kill", broker_kill), Fault("broker.restart", broker_restart)]
    made += [Fault("broker.pause", broker_pause)]
    made += [Fault(name, play, slow) for name, play, slow in vendor_faults.catalogue(ZOMBIE_SECONDS)]
    hows = ("reset", "cut", "freeze", "latency") + (("slice", "half_open", "limit") if (cache / "bin").exists() else ())
    for link in (*HOPS, "helpdesk", "chat"):
        made += [Fault(f"net.{link}.{how}", partial(net, link, how), slow=link == "helpdesk") for how in hows]
    if (cache / "faketime" / FAKETIME).exists() and os.uname().machine == "x86_64":
        made += [Fault(f"clock.{hop}", partial(clock, hop)) for hop in HOPS[1:]]
    return tuple(made)
