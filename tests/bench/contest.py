"""Contenders, the rounds in which they take turns, and whether all of them said what the stream says."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import count

from streams.kafka.connection import KafkaConnection
from tests.bench.feed import Topics, read_all, sizes_bytes
from tests.bench.figures import Setting
from tests.bench.machine import BENCH, ROOT
from tests.bench.marks import PROFILE, Task
from tests.bench.runner import Run, run

EVENTS = "bench.events"
SHORT = "bench.events.short"
"""The first part of the same stream: for engines that would need minutes for the whole."""

LOGS = BENCH / "logs"
_NUMBERS = count(1)


class Disagree(Exception):
    """A contender did not say what the others say: the figures mean nothing."""


@dataclass(frozen=True)
class Contender:
    """`command` makes its command line; `short`: it is given the short stream; `without`: why it cannot run here."""

    slug: str
    name: str
    command: Callable[[Task], list[str]]
    short: bool = False
    without: Callable[[], str | None] = lambda: None


@dataclass(frozen=True)
class Job:
    """`expected` gives the commands of the first so many events, by a replay that knows no engine.

    `weighed`: what a run left on its state topic is summed up.
    """

    name: str
    contenders: tuple[Contender, ...]
    expected: Callable[[int], list[str]]
    weighed: bool = False


@dataclass(frozen=True)
class Sizes:
    """Events of the whole stream and of the short one."""

    events: int
    short_events: int


@dataclass
class Outcome:
    """All runs of one contender."""

    contender: Contender
    runs: list[Run] = field(default_factory=list)
    commands: int = 0
    state_bytes: int = 0
    """Keys and values its last run wrote to its state topic, tombstones and what compaction drops included."""


def python(module: str, *more: str, interpreter: str = sys.executable) -> Callable[[Task], list[str]]:
    """The command line of a contender in Python."""
    return lambda task: [interpreter, "-m", f"tests.bench.contenders.{module}", json.dumps(asdict(task)), *more]


def canonical(value: bytes | None) -> str:
    """A command as a line that is equal for equal commands."""
    return json.dumps(json.loads(value or b"null"), sort_keys=True)


def hold(job: Job, setting: Setting, sizes: Sizes) -> list[Outcome]:
    """Every contender once per round, one after the other, each round from another start."""
    taking_part = _taking_part(job, setting)
    outcomes = {contender.slug: Outcome(contender) for contender in taking_part}
    expected = {events: job.expected(events) for events in {_events(c, sizes) for c in taking_part}}
    for number in range(setting.rounds):
        first = number % len(taking_part)
        for contender in (*taking_part[first:], *taking_part[:first]):
            setting.say(f"{job.name} job, round {number + 1} of {setting.rounds}: {contender.name}")
            events = _events(contender, sizes)
            spent, told, state_bytes = _one(job, contender, setting, events)
            compare(contender, told, expected[events])
            outcomes[contender.slug].runs.append(spent)
            outcomes[contender.slug].commands = len(told)
            outcomes[contender.slug].state_bytes = state_bytes
            setting.say(f"  {summary(spent)}, {len(told)} commands, as they should be")
    return list(outcomes.values())


async def held(job: Job, setting: Setting, sizes: Sizes) -> list[Outcome]:
    """The same, for a section."""
    return await asyncio.to_thread(hold, job, setting, sizes)


def summary(spent: Run) -> str:
    """One run in a line."""
    return (
        f"{spent.events_per_second:,.0f} events/s, {spent.cpu_seconds_per_million:.1f} CPU seconds per million, "
        f"{spent.peak_rss_bytes / 1e6:.0f} MB"
    )


def _events(contender: Contender, sizes: Sizes) -> int:
    return sizes.short_events if contender.short else sizes.events


def _taking_part(job: Job, setting: Setting) -> list[Contender]:
    found = []
    for contender in job.contenders:
        if setting.contenders and contender.slug not in setting.contenders:
            continue
        if (reason := contender.without()) is not None:
            setting.say(f"{contender.name} is left out: {reason}")
            continue
        found.append(contender)
    if not found:
        raise SystemExit(
            f"nobody is left for the {job.name} job; there are {', '.join(c.slug for c in job.contenders)}"
        )
    return found


def _one(job: Job, contender: Contender, setting: Setting, events: int) -> tuple[Run, list[str], int]:
    task = task_of(setting.connection, contender, events)
    profile = LOGS / f"{job.name}-{contender.slug}.profile.txt"
    spent = play(job, contender, setting, task, {PROFILE: str(profile)} if setting.profile else {})
    if setting.profile and profile.exists():
        setting.say(f"  profile: {profile}")
    told = [canonical(value) for _, value in read_all(setting.connection, task.commands)]
    return spent, told, sizes_bytes(read_all(setting.connection, task.state)) if job.weighed else 0


def play(job: Job, contender: Contender, setting: Setting, task: Task, environment: Mapping[str, str]) -> Run:
    """One run; what it says is not looked at."""
    Topics(setting.connection).make(task.commands, task.state)
    LOGS.mkdir(parents=True, exist_ok=True)
    return run(
        contender.command(task),
        events=task.events,
        log=LOGS / f"{job.name}-{contender.slug}.log",
        progress=lambda seen: setting.say(f"  {seen:>9,} of {task.events:,} events"),
        environment={"PYTHONPATH": str(ROOT), **environment},
    )


def task_of(connection: KafkaConnection, contender: Contender, events: int) -> Task:
    """Topics and a group that nobody had before: nothing of an earlier run can be in the way."""
    name = f"bench.{next(_NUMBERS)}.{contender.slug}"
    return Task(
        bootstrap_servers=connection.bootstrap_servers,
        source=SHORT if contender.short else EVENTS,
        commands=f"{name}.commands",
        state=f"{name}.state",
        group=name,
        events=events,
    )


def compare(contender: Contender, told: list[str], expected: list[str]) -> None:
    """`Disagree` unless these are the same commands, each as often."""
    missing, extra = Counter(expected) - Counter(told), Counter(told) - Counter(expected)
    if missing or extra:
        shown = next(iter((missing or extra).elements()))[:300]
        raise Disagree(
            f"{contender.name} left out {missing.total()} of {len(expected)} commands and sent {extra.total()} that "
            f"do not follow from the stream, for one: {shown}"
        )
