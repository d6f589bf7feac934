"""Which fault comes when: a schedule is a function of the run's seed and its own number, and of nothing else. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol


class Named(Protocol):
    """A fault, as far as planning knows it."""

    @property
    def name(self) -> str: ...

    @property
    def slow(self) -> bool: ...


@dataclass(frozen=True)
class Schedule:
    """One fault on a cluster under load."""

    seed: int
    number: int
    fault: str

    def random(self) -> Random:
        """The schedule's own chance: equal every time it is played."""
        return Random(f"{self.seed}/{self.number}")


def schedules(seed: int, catalogue: Sequence[Named], first: int, count: int) -> list[Schedule]:
    """`count` schedules from number `first` on. Every fault has its turn before one comes again.

    In each round those that leave a helpdesk in doubt for minutes come first: then a run need not wait long at its
    end.
    """
    planned = []
    for number in range(first, first + count):
        round_number, place = divmod(number, len(catalogue))
        shuffled = list(catalogue)
        Random(f"{seed}/round/{round_number}").shuffle(shuffled)
        shuffled.sort(key=lambda fault: not fault.slow)
        planned.append(Schedule(seed, number, shuffled[place].name))
    return planned


def sample(seed: int, catalogue: Sequence[Named], count: int) -> list[Schedule]:
    """`count` schedules spread over the families of faults, for a short run: `kill`, `step`, `zombie` and so on."""
    families: dict[str, list[Named]] = {}
    for fault in catalogue:
        families.setdefault(fault.name.partition(".")[0], []).append(fault)
    random = Random(f"{seed}/sample")
    for members in families.values():
        random.shuffle(members)
    chosen: list[Named] = []
    while len(chosen) < count and any(families.values()):
        chosen += [members.pop() for members in families.values() if members]
    chosen = sorted(chosen[:count], key=lambda fault: not fault.slow)
    return [Schedule(seed, number, fault.name) for number, fault in enumerate(chosen)]
