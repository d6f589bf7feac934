"""`make chaos`: break a running system on purpose, and show that nothing is lost, doubled or out of order.

Short by default. `make chaos SCHEDULES=300` is long; Ctrl-C ends it after the schedule under way, with its check,
and `make chaos SCHEDULES=300 SEED=… RESUME=1` goes on. `FAULTS=kill.*` plays some only, `FROM=17` begins there.
`BROKEN=no-ledger` runs a build that is broken on purpose and succeeds when the checker notices.
"""

import argparse
import asyncio
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from streams.errors import HandoffError
from tests.chaos import plan
from tests.chaos.broken import BUILDS
from tests.chaos.cluster import Cluster
from tests.chaos.faults import FAKETIME, Fault, catalogue
from tests.chaos.run import Run, State
from tests.chaos.toxiproxy import binary
from tests.support.kafka import ROOT, missing

SHORT = 22
PROMISED_SECONDS = 10.0
BROKEN_QUIET_SECONDS = 45.0
"""A broken build may never come to rest."""

CACHE = ROOT / ".chaos"
LOST = ("webhook_lost", "escalation_lost", "command_lost", "ticket_lost", "append_lost", "news_lost", "told_never")
DUPLICATED = ("ticket_duplicated", "append_duplicated", "comment_duplicated", "told_twice", "outcomes_differ")


def say(text: str) -> None:
    """Print, at once."""
    print(text, flush=True)  # noqa: T201 # it talks to a person on a terminal


def main() -> int:
    """0: all as promised; 1: not; 2: this machine cannot."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--schedules", type=int, default=None)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--first", type=int, default=0, help="number of the first schedule")
    parser.add_argument("--faults", default="*", help="patterns of names, comma separated")
    parser.add_argument("--resume", action="store_true", help="go on with the run of this seed")
    parser.add_argument("--check-every", type=int, default=40, metavar="N")
    parser.add_argument("--protocol", choices=("cooperative-sticky", "consumer"), default="cooperative-sticky")
    parser.add_argument("--broken", choices=sorted(BUILDS), help="run a build that is broken on purpose")
    parser.add_argument("--list", action="store_true", help="print the faults and exit")
    given = parser.parse_args()
    reason = missing()
    if reason is not None:
        say(reason)
        return 2
    toxics = binary(CACHE)
    faketime()
    known = catalogue(CACHE)
    if given.list:
        say("\n".join(fault.name for fault in known))
        return 0
    say(
        "network faults: toxiproxy and our own links"
        if toxics
        else "network faults: our own links; no Go, no toxiproxy"
    )
    if not any(fault.name.startswith("clock.") for fault in known):
        say("clock jumps: left out, libfaketime could not be fetched from Debian's packages")
    try:
        return asyncio.run(_run(given, known, toxics))
    except asyncio.CancelledError:
        return 130


def faketime() -> None:
    """libfaketime out of Debian's package, into our cache; nothing is installed. Without it clocks do not jump."""
    where = CACHE / "faketime"
    if (where / FAKETIME).exists() or shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return
    where.mkdir(parents=True, exist_ok=True)
    subprocess.run(["apt-get", "download", "libfaketime"], cwd=where, check=False, capture_output=True)
    for package in where.glob("libfaketime_*.deb"):
        subprocess.run(["dpkg", "-x", str(package), str(where)], check=False, capture_output=True)


def _planned(given: argparse.Namespace, known: Sequence[Fault], state: State) -> list[plan.Schedule]:
    patterns = given.faults.split(",")
    chosen = [fault for fault in known if any(fnmatchcase(fault.name, pattern) for pattern in patterns)]
    if given.broken:
        names = BUILDS[given.broken].faults
        return [plan.Schedule(state.seed, number, name) for number, name in enumerate(names)]
    if given.schedules is None and given.faults == "*":
        return plan.sample(state.seed, chosen, SHORT)
    count = given.schedules if given.schedules is not None else len(chosen)
    return plan.schedules(state.seed, chosen, state.next_number, max(0, given.first + count - state.next_number))


async def _run(given: argparse.Namespace, known: Sequence[Fault], toxics: Path | None) -> int:
    seed = given.seed if given.seed is not None else int(time.time()) % 1_000_000
    kept = CACHE / f"run-{seed}.json"
    state = State.read(kept) if given.resume and kept.exists() else State(seed, next_number=given.first)
    planned = _planned(given, known, state)
    folder = Path(tempfile.mkdtemp(prefix="handoff-chaos-"))
    say(f"seed {seed}, {len(planned)} schedules of {len(known)} faults; {given.protocol}; logs in {folder}")
    cluster = Cluster(folder, group_protocol=given.protocol, toxiproxy=toxics, broken=given.broken)
    started = time.monotonic()
    try:
        await cluster.start()
        say(f"broker, simulators and four hops are ready after {time.monotonic() - started:.0f} s")
        run = Run(cluster, known, state, CACHE, say)
        if given.broken:
            run.quiet_seconds = BROKEN_QUIET_SECONDS
        _stop_on_signals(run)
        await run.play(planned, check_every=given.check_every, kept=kept)
    except HandoffError as error:  # the broker did not start, or is gone
        state.wrong.append(f"harness: {error}")
        say(f"  !! harness: {error}")
    finally:
        codes = await cluster.stop()
    for hop, code in codes.items():
        if code != 0:
            state.wrong.append(f"exit: {hop} ended with code {code} after SIGTERM")
    state.write(kept)
    _report(state, given)
    if given.broken:
        return _judge_broken(given.broken, state)
    return 1 if state.wrong else 0


def _stop_on_signals(run: Run) -> None:
    task = asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if run.stopping.is_set():
            task.cancel()
            return
        run.stopping.set()
        say("stopping after this schedule and its check; once more to leave at once")

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop)


def _report(state: State, given: argparse.Namespace) -> None:
    kinds = Counter(line.partition(":")[0] for line in state.wrong)
    say(f"\nseed {state.seed}: {state.played} schedules in {state.seconds:.0f} s, {given.protocol}")
    for name, number in state.counted.items():
        say(f"  {number:7} {name}")
    for what, found in (
        ("flow again", state.recovery_seconds),
        ("flow again after a SIGKILL", state.after_kill_seconds),
    ):
        slow = sorted(found)
        if slow:
            median, high = slow[len(slow) // 2], slow[int(len(slow) * 0.95)]
            say(f"  {what}: {len(slow)} times, median {median:.1f} s, 95 % {high:.1f} s, worst {slow[-1]:.1f} s")
    words = sorted(state.first_words_seconds)
    if words:
        late = sum(seconds > PROMISED_SECONDS for seconds in words)
        median, high = words[len(words) // 2], words[int(len(words) * 0.95)]
        over = f"{late} of {len(words)} over ten seconds"
        say(f"  first word to the customer: median {median:.1f} s, 95 % {high:.1f} s, {over}")
    if state.exits:
        exits = ", ".join(f"{name}: {n}" for name, n in sorted(state.exits.items()))
        say(f"  processes that ended by themselves (name, code): {exits}")
    lost, doubled = sum(kinds[kind] for kind in LOST), sum(kinds[kind] for kind in DUPLICATED)
    order = sum(number for kind, number in kinds.items() if kind.endswith("out_of_order"))
    other = kinds.total() - lost - doubled - order
    say(f"  lost {lost}, duplicated {doubled}, out of order {order}, other deviations {other}")
    for kind, number in kinds.most_common():
        say(f"    {number} {kind}")


def _judge_broken(name: str, state: State) -> int:
    kinds = {line.partition(":")[0] for line in state.wrong}
    caught = kinds & BUILDS[name].kinds
    say(f"{name}: caught by {', '.join(sorted(caught))}" if caught else f"{name}: NOT caught; the checker is blind")
    return 0 if caught else 1


if __name__ == "__main__":
    sys.exit(main())
