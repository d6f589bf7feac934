"""Where the processor's time goes in the engine job and in a webhook, as a profiler sees it."""

import asyncio
import cProfile
import json
import pstats
import sys
from pathlib import Path
from statistics import median

from tests.bench import engine
from tests.bench.alone import Figures, alone
from tests.bench.contest import Contender, play, task_of
from tests.bench.decision import best
from tests.bench.figures import Figure, Result, Setting, Table
from tests.bench.marks import PROFILE, THREADS
from tests.bench.profiling import by_function, shares
from tests.bench.webhook import Phases, measured_whole, quiet, turns
from tests.bench.workload import fed

name = "where"
title = "Where the time goes"
about = (
    "The engine job and the gateway's webhook once more. Threads and phases are measured without a profiler, functions "
    "under Python's own, in another run: it makes small functions dearer than they are and sees the main thread "
    "alone, so read the order rather than the digits. A function's share is its own time and that of the C functions "
    "it calls, of the time in which the thread did not rest. The webhook is measured in one process, without sockets "
    "and Kafka (`python -m tests.bench.webhook`); the last table has it alone, after the thread has rested."
)
MOST = 16
WEBHOOK_ROUNDS = 15
BESIDE = ("handoff", "bare")
LEAST_SECONDS = 0.01


async def run(setting: Setting, quick: bool) -> Result:  # the seam's signature
    """Nothing in the quick bench, which makes no page."""
    if quick:
        return {}
    sizes = await fed(setting, quick=False)
    found = await asyncio.to_thread(_engine, setting, sizes.events)
    setting.say("a webhook, by phase and by function")
    child = await asyncio.create_subprocess_exec(sys.executable, "-m", __name__, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    if child.returncode:
        raise SystemExit(f"the process that measures webhooks ended with {child.returncode}")
    webhook: Result = json.loads(out)
    return found | webhook


def _engine(setting: Setting, events: int) -> Result:
    contenders = {contender.slug: contender for contender in engine.JOB.contenders}
    threads = {slug: _threads(setting, contenders[slug], events) for slug in BESIDE}
    setting.say("engine job: Handoff under a profiler")
    target = setting.folder / "engine.profile.txt"
    task = task_of(setting.connection, contenders["handoff"], events)
    play(engine.JOB, contenders["handoff"], setting, task, {PROFILE: str(target)})
    return {"threads": threads, "engine": shares(pstats.Stats(str(target.with_suffix(".pstats"))), MOST)}


def _threads(setting: Setting, contender: Contender, events: int) -> dict[str, float]:
    """CPU seconds per million events by thread, each the median of the rounds."""
    target = setting.folder / "threads.json"
    found: list[dict[str, float]] = []
    for number in range(setting.rounds):
        setting.say(f"engine job by thread, round {number + 1} of {setting.rounds}: {contender.name}")
        task = task_of(setting.connection, contender, events)
        play(engine.JOB, contender, setting, task, {THREADS: str(target)})
        found.append(json.loads(target.read_text()))
    names = {name for one in found for name in one}
    return {name: median(one.get(name, 0.0) for one in found) / events * 1e6 for name in names}


def webhook() -> Result:
    """µs of one webhook by phase, as a whole and of the bare handler; its functions."""
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        quiet(nowhere)
        given = turns()
        phases = {
            phase: best(WEBHOOK_ROUNDS, play_phase) / len(given) / 1000
            for phase, play_phase in Phases("custom-llm", given).all().items()
        }
        profile = cProfile.Profile()
        whole, bare = measured_whole(given, WEBHOOK_ROUNDS, profile)
        resting = asyncio.run(alone())
    functions = shares(pstats.Stats(profile), MOST)
    return {"phases": phases, "whole": whole, "bare": bare, "webhook": functions, "alone": resting}


def rows(result: Result) -> list[Figure]:
    """Nothing here has a target."""
    return []


def tables(result: Result) -> list[Table]:
    """Threads, phases, the functions of both, and a webhook after a rest."""
    if not result:
        return []
    return [
        _by_thread(result["threads"]),
        by_function("function, engine job", result["engine"]),
        _by_phase(result["phases"], result["whole"], result["bare"]),
        by_function("function, webhook", result["webhook"]),
        _by_pause(result["alone"]),
    ]


def _by_thread(threads: dict[str, dict[str, float]]) -> Table:
    names = {contender.slug: contender.name for contender in engine.JOB.contenders}
    cells = tuple(
        (names[slug], thread, f"{seconds:.2f}")
        for slug, found in threads.items()
        for thread, seconds in sorted(found.items(), key=lambda item: -item[1])
        if seconds >= LEAST_SECONDS
    )
    return Table(("engine job", "thread", "CPU s per million events"), cells)


def _by_phase(phases: dict[str, float], whole: float, bare: float) -> Table:
    left = whole - sum(phases.values())
    cells = [(phase, f"{micros:.1f}") for phase, micros in phases.items()]
    cells += [("reading, routing, waiting for the acknowledgement, writing", f"{left:.1f}")]
    cells += [("all of it", f"{whole:.1f}"), ("the bare handler, all of it", f"{bare:.1f}")]
    return Table(("webhook", "CPU µs"), tuple(cells))


def _by_pause(resting: Figures) -> Table:
    pairs = zip(resting["gateway"], resting["bare"], strict=True)
    cells = tuple((f"{pause_ms} ms", f"{own:.0f}", f"{bare:.0f}") for (pause_ms, own), (_, bare) in pairs)
    return Table(("webhook alone, after a rest of", "gateway, CPU µs", "bare handler, CPU µs"), cells)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(webhook()) + "\n")
