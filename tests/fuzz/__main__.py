"""`make fuzz`: every target in turn, for as long as one likes; what is found goes into the corpus.

python -m tests.fuzz --minutes 30
python -m tests.fuzz --target webhook-intercom --examples 100000 --seed 7
"""

import argparse
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from tests.fuzz.all_targets import TARGETS
from tests.fuzz.keeping import keep, kept
from tests.fuzz.target import Target

ROUND = 500
"""Examples of one target before the next has its turn."""


@dataclass
class Course:
    """How it goes with one target."""

    target: Target
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    fresh: dict[str, bytes] = field(default_factory=dict)
    """The shortest input of each outcome that the corpus has none for."""
    last: bytes = b""

    def replay(self) -> None:
        for _, data in kept(self.target.name):
            self.outcomes[self.target.run(data)] += 1

    def round(self, examples: int, seed: int) -> None:
        """Try `examples` new inputs; the exception of the first that breaks, made as small as can be."""

        @seeded(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(self.target.inputs)
        def tries(data: bytes) -> None:
            self.last = data
            self.tried += 1
            outcome = self.target.run(data)
            known = self.fresh.get(outcome)
            if outcome not in self.outcomes or (known is not None and len(data) < len(known)):
                self.fresh[outcome] = data
            self.outcomes[outcome] += 1

        tries()

    def settle(self) -> int:
        """Keep what was new; how many that were."""
        paths = [keep(self.target.name, data, broke=False) for data in self.fresh.values()]
        self.fresh.clear()
        return sum(path is not None for path in paths)


def main() -> int:
    """Exit 1 when something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, help="for all targets together")
    parser.add_argument("--examples", type=int, help="of each target; default 2000 where no time is given")
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="may be repeated; default: all")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**32))
    given_ = parser.parse_args()
    courses = [Course(TARGETS[name]) for name in given_.target or TARGETS]
    examples = given_.examples or (None if given_.minutes else 2_000)
    until = time.monotonic() + given_.minutes * 60 if given_.minutes else None
    _say(f"seed {given_.seed}, {len(courses)} targets")
    broken: list[str] = []
    for course in courses:
        course.replay()
    number = 0
    while courses:
        for course in list(courses):
            size = ROUND if examples is None else min(ROUND, examples - course.tried)
            late = until is not None and time.monotonic() > until
            if late or size <= 0:
                courses.remove(course)
                _tell(course)
                continue
            number += 1
            try:
                course.round(size, given_.seed + number)
            except Exception as error:  # noqa: BLE001 # whatever it is, it is what was looked for
                path = keep(course.target.name, course.last, broke=True)
                broken.append(f"{course.target.name}: {type(error).__name__}: {error} ({path})")
                _say(f"  BROKE {broken[-1]}")
                courses.remove(course)
                _tell(course)
    _say("\n".join(["", *broken, f"{len(broken)} targets broke" if broken else "nothing broke"]))
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _tell(course: Course) -> None:
    fresh = course.settle()
    _say(f"  {course.target.name}: {course.tried} tried, {len(course.outcomes)} outcomes, {fresh} new in the corpus")


if __name__ == "__main__":
    sys.exit(main())
