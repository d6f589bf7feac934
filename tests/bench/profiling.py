"""What a profile says, in shares: each Python function's own time with that of the C functions it calls."""

import pstats
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from tests.bench.figures import Table

WAITING = ("select.epoll", "'_thread.lock'", "time.sleep")
"""C functions in which a thread rests."""
INTERPRETER = "~"
"""The file of a function in C, as `pstats` has it."""

Function = tuple[str, int, str]
"""File, line, name: the key of `pstats`."""


class Share(NamedTuple):
    """`where` is a file and a function; `share` its part of the time in which the thread did not rest."""

    where: str
    share: float


def shares(stats: pstats.Stats, most: int) -> list[Share]:
    """The dearest functions, the dearest first."""
    spent = _own_seconds(stats)
    whole = sum(spent.values())
    dearest = sorted(spent.items(), key=lambda item: -item[1])[:most]
    return [Share(told(function), seconds / whole) for function, seconds in dearest]


def by_function(heading: str, found: Sequence[tuple[str, float]]) -> Table:
    """A row per function. `found` are shares, as results keep them."""
    return Table((heading, "share"), tuple((f"`{where}`", f"{share:.1%}") for where, share in found))


def _own_seconds(stats: pstats.Stats) -> dict[Function, float]:
    found: dict[Function, float] = defaultdict(float)
    entries: dict[Function, Any] = stats.stats  # type: ignore[attr-defined] # typeshed leaves it out
    for function, (_, _, own, _, callers) in entries.items():
        if function[0] != INTERPRETER:
            found[function] += own
        elif not any(name in function[2] for name in WAITING):
            for caller, (_, _, seconds, _) in callers.items():
                found[caller] += seconds
    return found


def told(function: Function) -> str:
    """The file from where its package begins, without the machine's folders, and the function's name."""
    path, _, name = function
    for root in ("/site-packages/", "/lib/python3"):
        _, found, rest = path.rpartition(root)
        if found:
            path = rest if root == "/site-packages/" else rest.partition("/")[2]
            return f"{path} {name}"
    for package in ("/agents/", "/streams/", "/tests/"):
        _, found, rest = path.partition(package)
        if found:
            return f"{package[1:]}{rest} {name}"
    return name if path == INTERPRETER else f"{path} {name}"
