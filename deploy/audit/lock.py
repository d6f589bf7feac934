"""Lock files as pip reads them, and what is wrong with them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)\s*(?:;\s*([^\\]*?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})(?=\s|$)")


class Locked(NamedTuple):
    """One pinned release. `marker`: where it is needed at all, as pip spells it; empty for everywhere."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def normal(name: str) -> str:
    """A project's name as the index compares it
    (https://packaging.python.org/en/latest/specifications/name-normalization/).
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def read(text: str) -> tuple[list[Locked], list[str]]:
    """The releases of a lock file, and a line for everything in it that is none."""
    locked, faults = [], []
    for entry in _entries(text):
        first, _, rest = entry.partition("\n")
        match = _PIN.match(first)
        if match is None:
            shown = first.rstrip(" \\")[:60]
            faults.append(f"`{shown}` is no release pinned with `==`")
            continue
        found = Locked(normal(match[1]), match[2], (match[3] or "").strip(), tuple(_HASH.findall(rest)))
        locked.append(found)
        if not found.hashes:
            faults.append(f"{found.name} {found.version} has no sha256: pip would take whatever the index serves")
    return locked, faults


def _entries(text: str) -> Iterator[str]:
    """Each requirement with the lines that continue it; comments are left out."""
    entry: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace() and entry:
            yield "\n".join(entry)
            entry = []
        entry.append(line.strip())
    if entry:
        yield "\n".join(entry)


def disagreements(locks: Mapping[str, Iterable[Locked]]) -> list[str]:
    """A line for each project that two lock files pin apart, or with other hashes."""
    seen: dict[tuple[str, str], tuple[str, Locked]] = {}
    faults = []
    for file, locked in locks.items():
        for one in locked:
            where, other = seen.setdefault((one.name, one.marker), (file, one))
            if other.version != one.version or set(other.hashes) != set(one.hashes):
                faults.append(f"{one.name}: {other.version} in {where}, {one.version} in {file}")
    return faults
