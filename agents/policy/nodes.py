"""A YAML document read with its line numbers, so that every complaint can point at its place."""

import difflib
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple, TypeVar

import yaml

from streams.contracts.base import Scalar
from streams.errors import Refused

MAX_POLICY_CHARS = 1_000_000
MAX_DEPTH = 30
_YAML = "tag:yaml.org,2002:"
_DURATION = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m)?\s*(?:(\d+)s)?")
_UNIT_MS = (86_400_000, 3_600_000, 60_000, 1_000)
T = TypeVar("T", bound=str)


class Problem(NamedTuple):
    """One thing that is wrong, and where."""

    line: int
    message: str


class PolicyError(Refused):
    """The file cannot be used. `problems` are in the order of their lines; the text has one line for each."""

    def __init__(self, filename: str, problems: Iterable[Problem]) -> None:
        """See the class."""
        self.filename = filename
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(f"{filename}:{p.line}: {p.message}" for p in self.problems))


class Entry:
    """A node, its path from the top, and the list complaints go to.

    Every reading method answers with something usable: where the value is wrong it complains and gives the
    default, so that one pass finds everything that is wrong.
    """

    __slots__ = ("_problems", "node", "path")

    def __init__(self, node: yaml.Node, path: str, problems: list[Problem]) -> None:
        self.node = node
        self.path = path
        self._problems = problems

    @property
    def line(self) -> int:
        """Counted from one."""
        return int(self.node.start_mark.line) + 1

    def complain(self, message: str) -> None:
        """Note that this entry `message`, e.g. "must be a number"."""
        self._problems.append(Problem(self.line, f"{self.path or 'the policy'} {message}"))

    def _is(self, *tags: str) -> bool:
        return self.node.tag in {_YAML + tag for tag in tags}

    @property
    def is_mapping(self) -> bool:
        """Whether it holds names and values."""
        return isinstance(self.node, yaml.MappingNode)

    @property
    def is_text(self) -> bool:
        """Whether it holds one plain value that is not empty."""
        return isinstance(self.node, yaml.ScalarNode) and bool(self.node.value.strip())

    @property
    def is_list(self) -> bool:
        """Whether it holds a list."""
        return isinstance(self.node, yaml.SequenceNode)

    def fields(self, known: Collection[str] | None = None, required: Iterable[str] = ()) -> dict[str, "Entry"]:
        """Name -> entry. `known`: the names there are; None: any name will do."""
        if not isinstance(self.node, yaml.MappingNode):
            self.complain("must be a mapping (names, each with a value)")
            return {}
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            name = str(key.value)
            entry = Entry(value, f"{self.path}.{name}" if self.path else name, self._problems)
            if not isinstance(key, yaml.ScalarNode):
                Entry(key, self.path, self._problems).complain("has a name that is not plain text")
            elif name in found:
                Entry(key, entry.path, self._problems).complain("is given twice")
            elif known is not None and name not in known:
                Entry(key, entry.path, self._problems).complain(_unknown(name, known))
            else:
                found[name] = entry
        for name in required:
            if name not in found:
                self.complain(f"needs `{name}`")
        return found

    def items(self) -> list["Entry"]:
        """The entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.complain("must be a list")
            return []
        return [Entry(node, f"{self.path}[{index}]", self._problems) for index, node in enumerate(self.node.value)]

    def text(self, default: str = "") -> str:
        """Plain text; a bare number or `no` is taken by its letters."""
        if not isinstance(self.node, yaml.ScalarNode) or self._is("null") or not self.node.value.strip():
            self.complain("must be text")
            return default
        return str(self.node.value).strip()

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of them."""
        if self.is_list:
            if not self.node.value:
                self.complain("must name at least one")
            return tuple(text for item in self.items() if (text := item.text()))
        text = self.text()
        return (text,) if text else ()

    def choice(self, options: Collection[T], default: T) -> T:
        """One of `options`."""
        text = self.text()
        for option in options:
            if text == option:
                return option
        if text:
            self.complain(f"is '{text}'; it must be one of {', '.join(options)}{_meant(text, options)}")
        return default

    def number(self, minimum: float, maximum: float, default: float) -> float:
        """A number between the two, both included."""
        value = self._number("int", "float")
        if value is None or not minimum <= value <= maximum:
            self.complain(f"must be {'' if value is not None else 'a number '}between {minimum:g} and {maximum:g}")
            return default
        return value

    def integer(self, minimum: int, maximum: int, default: int, why: str = "") -> int:
        """A whole number between the two, both included. `why` is added to the complaint."""
        value = self._number("int")
        if value is None or not minimum <= value <= maximum:
            tail = f" ({why})" if why else ""
            bounds = f"a whole number between {minimum} and {maximum}" if minimum < maximum else f"{minimum}"
            self.complain(f"must be {bounds}{tail}")
            return default
        return int(value)

    def _number(self, *tags: str) -> float | None:
        if not isinstance(self.node, yaml.ScalarNode) or not self._is(*tags):
            return None
        try:
            value = yaml.safe_load(self.node.value)
        except (yaml.YAMLError, ValueError):
            return None
        return value if isinstance(value, int | float) and value == value else None  # noqa: PLR0124 -- NaN

    def flag(self, *, default: bool) -> bool:
        """True or false."""
        if not isinstance(self.node, yaml.ScalarNode) or not self._is("bool"):
            self.complain("must be true or false")
            return default
        return bool(yaml.safe_load(self.node.value))

    def scalar(self) -> Scalar:
        """Whatever plain value it is."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.complain("must be a plain value")
            return None
        if self._is("int", "float"):
            return self._number("int", "float")
        if self._is("bool"):
            return bool(yaml.safe_load(self.node.value))
        return None if self._is("null") else str(self.node.value)

    def duration_ms(self, minimum_ms: int, maximum_ms: int, default_ms: int) -> int:
        """A time such as `90s`, `15m`, `4h`, `1h30m`, `2d`."""
        text = str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else ""
        match = _DURATION.fullmatch(text.strip())
        if match is None or not any(match.groups()):
            self.complain("must be a time such as 90s, 15m, 4h or 2d")
            return default_ms
        value = sum(int(part) * unit for part, unit in zip(match.groups(), _UNIT_MS, strict=True) if part)
        if not minimum_ms <= value <= maximum_ms:
            self.complain(f"must be between {as_duration(minimum_ms)} and {as_duration(maximum_ms)}")
            return default_ms
        return value


@lru_cache(maxsize=1_000)
def as_duration(value_ms: int) -> str:
    """`value_ms` as a policy file writes it."""
    parts = []
    rest = value_ms
    for unit, letter in zip(_UNIT_MS, "dhms", strict=True):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count}{letter}")
    return "".join(parts) or "0s"


def _meant(name: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else ""


def _unknown(name: str, known: Collection[str]) -> str:
    return f"is not a name this version knows{_meant(name, known) or '; known: ' + ', '.join(sorted(known))}"


def meant(name: str, known: Collection[str]) -> str:
    """The end of a complaint about `name`: what was probably meant, or nothing."""
    return _meant(name, known)


def parse(text: str, filename: str, problems: list[Problem]) -> Entry:
    """The document's top entry, or `PolicyError`."""
    if len(text) > MAX_POLICY_CHARS:
        raise PolicyError(filename, [Problem(1, f"is longer than {MAX_POLICY_CHARS} characters")])
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _refuse_cleverness(event, filename)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise PolicyError(filename, [Problem(_line(event), "is nested too deeply")])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyError(filename, [Problem(line, f"is not YAML: {error.problem}")]) from None
    except (yaml.YAMLError, RecursionError):
        raise PolicyError(filename, [Problem(1, "is not YAML")]) from None
    if node is None:
        raise PolicyError(filename, [Problem(1, "the policy is empty")])
    return Entry(node, "", problems)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _refuse_cleverness(event: yaml.Event, filename: str) -> None:
    line = _line(event)
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        message = "anchors and aliases (& and *) are not read here; write it out, or quote the text"
        raise PolicyError(filename, [Problem(line, message)])
    if getattr(event, "tag", None):
        raise PolicyError(filename, [Problem(line, "tags (!) are not read here; quote the text")])
