"""`make bench`: Handoff beside other engines on one real Kafka, in one run."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from streams.kafka.admin import create
from streams.topology import POLICY_VERSIONS
from tests.bench.contest import Disagree
from tests.bench.figures import Setting, sections
from tests.bench.machine import BENCH, ROOT, described, idle
from tests.bench.page import write
from tests.bench.runner import Failed
from tests.bench.terminal import shown
from tests.support.kafka import RealKafka, missing

RESULTS = BENCH / "results.json"
QUICK_RESULTS = BENCH / "results-quick.json"
ROUNDS = 3


def say(line: str) -> None:
    """Live progress."""
    sys.stderr.write(f"[{time.strftime('%H:%M:%S')}] {line}\n")
    sys.stderr.flush()


def options(argv: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="make bench")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--quick", action="store_true", help="under two minutes: one round of a short stream, no page")
    parser.add_argument("--only", default="", help="these sections, by comma; the others keep their last figures")
    parser.add_argument("--contenders", default="", help="these contenders alone, by comma: handoff,bare,...; no page")
    parser.add_argument("--rounds", type=int, help=f"default {ROUNDS}, quick 1")
    kind.add_argument("--write", action="store_true", help="write deploy/performance.md from what is found")
    parser.add_argument("--page", action="store_true", help="measure nothing: the page, from the last results")
    parser.add_argument(
        "--busy", action="store_true", help="measure although the machine is not idle; the page says so"
    )
    parser.add_argument("--profile", action="store_true", help="Handoff under a profiler, into .bench/logs; not stored")
    return parser.parse_args(argv)


async def measured(asked: argparse.Namespace, load: float) -> dict[str, Any]:
    """Run the sections, one after the other on one broker; results as they are stored."""
    chosen = sections(_names(asked.only))
    rounds = asked.rounds or (1 if asked.quick else ROUNDS)
    found: dict[str, Any] = described(load) | {"quick": asked.quick, "rounds": rounds, "sections": {}}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, RealKafka(Path(folder) / "kafka") as broker:
        connection = broker.connection()
        create(connection, (POLICY_VERSIONS,), replication=1, min_insync_replicas=1)
        setting = Setting(connection, Path(folder), say, rounds, _names(asked.contenders), asked.profile)
        for section in chosen:
            say(f"section {section.name}")
            result = await section.run(setting, asked.quick)
            found["sections"][section.name] = {**_stamp(found), "result": result}
            sys.stdout.write(shown(section, result))
            sys.stdout.flush()
    return found


def _names(text: str) -> frozenset[str]:
    return frozenset(name for name in text.split(",") if name)


def _stamp(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("at", "revision", "load", "idle", "rounds")}


def kept(found: dict[str, Any], path: Path) -> dict[str, Any]:
    """`found`, with the sections of the last run that this one left out, each with its own time and revision."""
    if path.exists():
        found["sections"] = json.loads(path.read_text())["sections"] | found["sections"]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found, indent=1) + "\n")
    return found


def main() -> int:
    """Exit status 1 when contenders disagree or fail, 2 when the bench cannot run here; a missed target is no error."""
    asked = options()
    if asked.page:
        write(json.loads(RESULTS.read_text()), ROOT / "deploy")
        return 0
    load = os.getloadavg()[0]
    if (reason := missing()) is not None:
        sys.stderr.write(reason + "\n")
        return 2
    if not idle(load):
        say(f"the machine is not idle (load average {load:.1f}): ratios and CPU seconds tell something, rates do not")
        if asked.write and not asked.busy:
            sys.stderr.write("no page is made of that; wait, or say --busy\n")
            return 2
    try:
        found = asyncio.run(measured(asked, load))
    except (Disagree, Failed) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if asked.contenders or asked.profile:
        return 0
    found = kept(found, QUICK_RESULTS if asked.quick else RESULTS)
    if asked.write:
        write(found, ROOT / "deploy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
