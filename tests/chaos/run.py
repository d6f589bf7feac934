"""A run: schedules one after the other on one cluster, checked at rest every so many, kept in a file."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp
from confluent_kafka import KafkaException

from agents.settings_file import load as load_settings
from streams.errors import HandoffError
from tests.chaos.checks import deviations, first_words_seconds, totals
from tests.chaos.cluster import HOPS, Cluster
from tests.chaos.faults import Broken, Context, Fault
from tests.chaos.history import Deviation, History
from tests.chaos.load import Load, Talk
from tests.chaos.plan import Schedule
from tests.chaos.quiet import told_number, until_quiet
from tests.chaos.reading import in_doubt, read_history
from tests.chaos.vendor_faults import TENANT

QUIET_SECONDS = 330.0
RECOVERY_SECONDS = 90.0
LOAD_PER_SECOND = 1.2
SAY_WAITING_SECONDS = 15.0
HELD = "first customers held back: Freshdesk may have been asked already"


@dataclass
class State:
    """What is known of a run so far; written after every check, so that it can be gone on with."""

    seed: int
    next_number: int = 0
    played: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    recovery_seconds: list[float] = field(default_factory=list)
    after_kill_seconds: list[float] = field(default_factory=list)
    """Those of the above that follow a SIGKILL to one of our processes, or to all."""
    exits: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    first_words_seconds: list[float] = field(default_factory=list)

    def write(self, path: Path) -> None:
        """Whole, or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(vars(self), indent=1))
        fresh.replace(path)

    @classmethod
    def read(cls, path: Path) -> "State":
        """As it was written."""
        raw = json.loads(path.read_text())
        return cls(**raw | {"counted": Counter(raw["counted"]), "exits": Counter(raw["exits"])})


class CannotTell(HandoffError):
    """The harness itself is broken, so that nothing is shown; the text says by what."""


class Run:
    """Plays schedules. `stopping` is set by Ctrl-C: the schedule under way ends, and the check still comes."""

    def __init__(
        self, cluster: Cluster, faults: Sequence[Fault], state: State, cache: Path, say: Callable[[str], None]
    ) -> None:
        """`say` prints a line."""
        self._cluster = cluster
        self._faults = {fault.name: fault for fault in faults}
        self._state = state
        self._cache = cache
        self._say = say
        self._load = Load(cluster, Random(f"{state.seed}/load/{state.next_number}"), per_second=LOAD_PER_SECOND)
        self._checked: set[str] = set()
        self._before: Counter[str] = Counter()
        self._told_waiting = 0.0
        self._words = 0
        self.quiet_seconds = QUIET_SECONDS
        self.stopping = asyncio.Event()

    async def play(self, planned: Sequence[Schedule], *, check_every: int, kept: Path) -> None:
        """All of them, or until `stopping`."""
        started = time.monotonic()
        for index, schedule in enumerate(planned):
            if self.stopping.is_set():
                break
            if index % check_every == 0:
                self._load.start()
            await self._one(schedule, index + 1, len(planned))
            self._state.played += 1
            self._state.next_number = schedule.number + 1
            last = index + 1 == len(planned) or self.stopping.is_set()
            if last or (index + 1) % check_every == 0:
                await self.check()
                self._state.seconds += time.monotonic() - started
                started = time.monotonic()
                self._state.write(kept)

    async def _one(self, schedule: Schedule, place: int, of: int) -> None:
        self._load.schedule = schedule.number
        context = Context(self._cluster, self._load, schedule.random(), self._cache)
        began = time.monotonic()
        try:
            async with asyncio.timeout(180):
                what = await self._faults[schedule.fault].play(context)
        except (Broken, TimeoutError) as error:
            what = f"{type(error).__name__}: {error}"
            self._wrong(Deviation("fault", what, f"{schedule.seed}/{schedule.number} {schedule.fault}"))
        broken_seconds = time.monotonic() - began
        await self._cluster.heal()
        recovered = await self._recovered()
        if recovered is None:
            where = f"{schedule.seed}/{schedule.number} {schedule.fault}"
            self._wrong(Deviation("no_recovery", f"no steady flow {RECOVERY_SECONDS:.0f} s after it was healed", where))
        else:
            self._state.recovery_seconds.append(round(recovered, 1))
            if "SIGKILL" in what and not schedule.fault.startswith("broker."):
                self._state.after_kill_seconds.append(round(recovered, 1))
        shown = "never" if recovered is None else f"{recovered:4.1f} s"
        self._say(
            f"{place:4}/{of} {schedule.seed}/{schedule.number:<4} {schedule.fault:44} {broken_seconds:5.1f} s broken, "
            f"flow again after {shown}  {what}"
        )

    async def _recovered(self) -> float | None:
        """Seconds from now until one new customer of each tenant has their ticket's number."""
        began = time.monotonic()
        missing = [self._load.begin(kind="request", tenant=tenant) for tenant in TENANT.values()]
        told_after = None
        while time.monotonic() - began < RECOVERY_SECONDS:
            told = [probe for probe in missing if await asyncio.to_thread(self._was_told, probe)]
            if told:
                missing = [probe for probe in missing if probe not in told]
                told_after = time.monotonic() - began
            if not missing:
                return told_after
            await asyncio.sleep(0.3)
        for probe in missing:
            if not await asyncio.to_thread(self._is_held, probe):
                return None
            self._state.counted[HELD] += 1
            self._say(f"     {probe.tenant} {probe.conversation_id}: {HELD}")
        return told_after

    def _was_told(self, probe: Talk) -> bool:
        return told_number(self._cluster, probe.tenant, probe.conversation_id)

    def _is_held(self, probe: Talk) -> bool:
        """By design: what a helpdesk without idempotency keys may have been asked is not asked again for minutes."""
        link = self._cluster.broker.connection()
        return probe.tenant == TENANT["freshdesk"] and in_doubt(link, probe.tenant, probe.conversation_id)

    async def check(self) -> None:
        """Stop the load, wait for rest, judge everything since the cluster began. Raises `CannotTell`."""
        await self._load.stop()
        try:
            await self._check()
        except (KafkaException, HandoffError, aiohttp.ClientError, OSError) as error:
            raise CannotTell(self._why(error)) from error

    def _why(self, error: Exception) -> str:
        code = self._cluster.broker.ended
        if code is not None:
            return f"the broker ended by itself with code {code}; its log: {self._cluster.broker.log}"
        return f"nothing can be judged: {type(error).__name__}: {error}"

    async def _check(self) -> None:
        for failure in self._load.failures:
            self._wrong(Deviation("load", failure, "harness"))
        self._load.failures.clear()
        await asyncio.gather(*(self._cluster.until_ready(hop) for hop in HOPS), return_exceptions=True)
        began = time.monotonic()
        quiet = await until_quiet(self._cluster, self.quiet_seconds, self._say_waiting)
        if not quiet:
            self._wrong(
                Deviation("no_rest", f"work is left {self.quiet_seconds:.0f} s after the load ended", "cluster")
            )
        history = await asyncio.to_thread(self._history)
        found = deviations(history)
        for deviation in found:
            if str(deviation) not in self._checked:
                self._checked.add(str(deviation))
                self._wrong(deviation)
        counted, words = totals(history), first_words_seconds(history)
        known = self._state.first_words_seconds[: len(self._state.first_words_seconds) - self._words]
        self._state.first_words_seconds, self._words = [*known, *words], len(words)
        self._state.counted += counted - self._before
        self._before = counted
        for ended in self._cluster.ended:
            self._state.exits[f"{ended.name} {ended.code}"] += 1
        self._cluster.ended.clear()
        verdict = f"{len(found)} deviations" if found else "all as promised"
        self._say(f"     at rest after {time.monotonic() - began:.0f} s: {verdict}; " + _listed(counted))

    def _say_waiting(self, waits: str) -> None:
        if time.monotonic() - self._told_waiting > SAY_WAITING_SECONDS:
            self._told_waiting = time.monotonic()
            self._say(f"     waiting: {waits}")

    def _history(self) -> History:
        settings = load_settings(self._cluster.configuration("ticketing"))
        escalating = [_key(talk) for talk in self._load.talks if talk.escalates]
        return read_history(self._cluster.broker.connection(), settings, self._cluster.database, escalating)

    def _wrong(self, deviation: Deviation) -> None:
        self._state.wrong.append(str(deviation))
        self._say(f"  !! {deviation}")


def _key(talk: Talk) -> str:
    return f"{talk.tenant}|{talk.conversation_id}"


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{number} {name}" for name, number in counted.items())
