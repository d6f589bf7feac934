"""Run as `make audit`, or with `--offline` as part of `make check`."""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path

from deploy.audit import advisories
from deploy.audit.licences import REVIEWED, licence_of, permitted
from deploy.audit.lock import Locked, disagreements, normal, read

SHIPPED, TESTS, TOOLS = "requirements.lock", "requirements-dev.lock", "requirements-deploy.lock"
BENCH = "tests/bench/requirements-bench.lock"
"""Other engines, in an environment of their own: what they need may differ from what we need."""

FAULTY, NOT_ASKED = 1, 3


@dataclass
class Audit:
    """What was looked at, and what was found."""

    locks: dict[str, list[Locked]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def offline(root: Path, installed: Iterable[Distribution]) -> Audit:
    """Everything that can be said without asking anybody: pins, hashes, agreement, licences."""
    audit = Audit()
    for name in (SHIPPED, TESTS, TOOLS, BENCH):
        locked, faults = read((root / name).read_text(encoding="utf-8"))
        audit.locks[name] = locked
        audit.faults += [f"{name}: {fault}" for fault in faults]
        audit.said.append(f"{name}: {len(locked)} releases pinned, {sum(len(each.hashes) for each in locked)} hashes")
    audit.faults += disagreements({name: audit.locks[name] for name in (SHIPPED, TESTS, TOOLS)})
    _licences(audit, {normal(each.metadata["Name"]): each for each in installed})
    return audit


def _licences(audit: Audit, installed: dict[str, Distribution]) -> None:
    """Of what is shipped and what tests with it; the tools of deploy/ are run and never shipped."""
    shipped = {each.name for each in audit.locks[SHIPPED]}
    read_of, absent = 0, []
    for one in audit.locks[TESTS]:
        there = installed.get(one.name)
        if there is None:
            if one.marker:
                absent.append(one.name)
            else:
                audit.faults.append(f"{one.name} is locked and not installed here: run `make dev`")
            continue
        if there.version != one.version:
            audit.faults.append(f"{one.name}: {there.version} is installed, {one.version} is locked: run `make dev`")
        licence = licence_of(one.name, there.metadata)
        read_of += 1
        if licence is None:
            audit.faults.append(f"{one.name} {one.version} names no licence that is known: read it, then `REVIEWED`")
        elif one.name not in REVIEWED and not permitted(licence, shipped=one.name in shipped):
            audit.faults.append(f"{one.name} {one.version} is under {licence}")
    missing = sorted(shipped - {each.name for each in audit.locks[TESTS]})
    audit.faults += [f"{name} is in {SHIPPED} and not in {TESTS}" for name in missing]
    beside = f"; not read, as not needed on this system: {', '.join(absent)}" if absent else ""
    audit.said.append(f"licences of {read_of} installed releases read{beside}")


def run(root: Path, ask: Callable[[list[Locked]], list[str]] | None, say: Callable[[str], object]) -> int:
    """Print what was looked at and what was found. `ask`: for known weaknesses; None leaves that out, and says so."""
    audit = offline(root, distributions())
    for line in audit.said:
        say(f"  {line}")
    status = 0
    every = sorted({one for locked in audit.locks.values() for one in locked})
    if ask is None:
        say("  known weaknesses and withdrawn releases: NOT LOOKED FOR (offline); `make audit` asks PyPI")
    else:
        try:
            told = ask(every)
        except advisories.NotReached as error:
            say(f"  known weaknesses and withdrawn releases: NOT LOOKED FOR: {advisories.SERVICE}: {error}.")
            say("  Nothing is known of them. Run this again where PyPI can be reached, before you deploy.")
            status = NOT_ASKED
        else:
            audit.faults += told
            say(f"  known weaknesses and withdrawn releases: PyPI was asked about {len(every)} releases")
    for fault in audit.faults:
        say(f"FAULT {fault}")
    return FAULTY if audit.faults else status


def main() -> int:
    """0: nothing found; 1: faults; 3: nothing found, and the advisory service was not reached."""
    parser = argparse.ArgumentParser(prog="python -m deploy.audit", description=main.__doc__)
    parser.add_argument("--offline", action="store_true", help="ask nobody")
    asked = parser.parse_args()
    return run(Path(), None if asked.offline else advisories.found, lambda line: sys.stdout.write(f"{line}\n"))


if __name__ == "__main__":
    sys.exit(main())
