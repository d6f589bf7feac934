"""The ticketing simulation by hand, for as long as you like.

python -m tests.support.ticketing_simulate --schedules 100000
python -m tests.support.ticketing_simulate --replay 4711
"""

import argparse
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.support.ticketing_checker import violations
from tests.support.ticketing_schedule import NeverQuiet, Plan, run

CHUNK = 500


def check(plan: Plan) -> list[str]:
    """What is wrong with a schedule, in words; empty: nothing."""
    try:
        return violations(run(plan))
    except NeverQuiet as error:
        return [f"never quiet: {error}"]


def failures(seeds: Iterable[int]) -> list[tuple[int, list[str]]]:
    """The seeds at which something was wrong."""
    return [(seed, wrong) for seed in seeds if (wrong := check(Plan(seed)))]


def replay(seed: int) -> int:
    """Show one schedule's history and what is wrong with it."""
    ran = run(Plan(seed))
    sys.stdout.write("\n".join([f"{ran.scenario}, {ran.steps} steps", *ran.sim.history, ""]))
    wrong = violations(ran)
    sys.stdout.write("\n".join(wrong or ["all promises kept"]) + "\n")
    return 1 if wrong else 0


def main() -> int:
    """Run many, or replay one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, help="show one schedule")
    chosen = parser.parse_args()
    if chosen.replay is not None:
        return replay(chosen.replay)
    started, done, bad = time.monotonic(), 0, 0
    chunks = [
        range(at, min(at + CHUNK, chosen.seed + chosen.schedules))
        for at in range(chosen.seed, chosen.seed + chosen.schedules, CHUNK)
    ]
    with ProcessPoolExecutor() as pool:
        for chunk, found in zip(chunks, pool.map(failures, chunks), strict=True):
            done += len(chunk)
            for seed, wrong in found:
                bad += 1
                sys.stdout.write(f"\nseed {seed}: {'; '.join(wrong)}\n")
            sys.stdout.write(f"\r{done} schedules, {bad} with violations, {time.monotonic() - started:.0f} s")
            sys.stdout.flush()
    sys.stdout.write("\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
