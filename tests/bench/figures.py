"""What a section of the bench is, and what it hands over: the seam between the runner, the page and the measurements.

A section is a module with `name`, `title`, `about`, `async def run(setting, quick) -> dict` (plain JSON) and
`rows(result) -> list[Figure]`. It may also have `tables(result)` and `pictures(result)`. The runner finds those listed
in `SECTIONS` and every module in `tests/bench/more` that has a `name`.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from streams.kafka.connection import KafkaConnection

SECTIONS = ("tests.bench.engine", "tests.bench.real")
MORE = Path(__file__).parent / "more"

Result = dict[str, Any]
"""What a section found, as it stands in `.bench/results.json`."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """What a figure should be: at least `limit`, or at most."""

    limit: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Whether `value` is good enough. Judged as it is printed, with two decimals."""
        rounded = round(value, 2)
        return rounded <= self.limit if self.at_most else rounded >= self.limit

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.limit:g}"


@dataclass(frozen=True)
class Figure:
    """One measured value, and its target where it has one. `missed_because` is told beside a missed target."""

    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    missed_because: str = ""

    @property
    def met(self) -> bool:
        """No target is no fault."""
        return self.target is None or self.target.met(self.value)


@dataclass(frozen=True)
class Table:
    """Cells as they are shown; the first column names the row."""

    headings: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    below: str = ""


@dataclass(frozen=True)
class Setting:
    """Where a section runs: one broker for all, without topics of the map; a folder for its files; progress."""

    connection: KafkaConnection
    folder: Path
    say: Say
    rounds: int
    contenders: frozenset[str] = frozenset()
    """Only these run; empty: all that can."""
    profile: bool = False
    """Handoff runs under a profiler, which makes it slower: to see where time goes, not how much."""


class Section(Protocol):
    """A module."""

    name: str
    title: str
    about: str

    async def run(self, setting: Setting, quick: bool) -> Result:  # a module's function
        """Measure. Raises when outputs are wrong: then the figures mean nothing."""
        ...

    def rows(self, result: Result) -> list[Figure]:
        """The figures, those with a target first."""
        ...


def sections(only: frozenset[str] = frozenset()) -> list[Section]:
    """All sections, or those named, in the order of the page."""
    names = [*SECTIONS]
    if MORE.is_dir():
        names += sorted(f"tests.bench.more.{found.name}" for found in pkgutil.iter_modules([str(MORE)]))
    modules = [importlib.import_module(name) for name in names]
    found = [cast("Section", module) for module in modules if hasattr(module, "name") and hasattr(module, "run")]
    unknown = only - {section.name for section in found}
    if unknown:
        raise SystemExit(f"no section {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in found)}")
    return [section for section in found if not only or section.name in only]


def tables_of(section: Section, result: Result) -> list[Table]:
    """What a section shows beside its figures."""
    make = getattr(section, "tables", None)
    return [] if make is None else make(result)


def pictures_of(section: Section, result: Result) -> dict[str, str]:
    """SVG documents by file name, without the suffix."""
    make = getattr(section, "pictures", None)
    return {} if make is None else make(result)
