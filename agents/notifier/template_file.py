"""Template files: read with line numbers, every placeholder checked, all that is wrong told at once."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter

import yaml

from streams.errors import Refused

Sheet = Mapping[str, str]
"""The texts of one language by path: `opened.default`, `duration.hours.other`, `weekdays.0`."""

KINDS = ("accepted", "opened", "attached", "delayed", "failed")
MAX_TEXT_CHARS = 2_000

_BRAND = frozenset({"brand"})
_WITH_TICKET = frozenset({"brand", "ticket", "response"})
_KIND_MARKS = {kind: _WITH_TICKET if kind in {"opened", "attached"} else _BRAND for kind in KINDS}
_MOMENT = frozenset({"weekday", "day", "month", "time", "hour", "minute", "zone"})
_NUMBER = frozenset({"n"})
_UNITS = ("minutes", "hours", "days", "business_minutes", "business_hours")
_FIXED: dict[str, frozenset[str]] = {
    "ask_for_address": _BRAND,
    "response.by": frozenset({"duration", "moment", "brand"}),
    "response.within": frozenset({"duration", "brand"}),
    "response.soon": _BRAND,
    **{f"duration.{unit}.{form}": _NUMBER for unit in _UNITS for form in ("one", "other")},
    "moment.near": _MOMENT,
    "moment.far": _MOMENT,
    "mail.subject": _BRAND,
    "mail.subject_with_ticket": frozenset({"brand", "ticket"}),
    "mail.body": frozenset({"brand", "text"}),
}
_LISTS = {"weekdays": 7, "months": 12}
_MUST_HAVE = {"opened": "ticket", "attached": "ticket", "mail.body": "text", "mail.subject_with_ticket": "ticket"}
_REASON = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*")

REQUIRED = frozenset(
    [f"{kind}.default" for kind in KINDS]
    + list(_FIXED)
    + [f"{name}.{index}" for name, length in _LISTS.items() for index in range(length)]
)
"""What a language needs to stand on its own."""


def read_sheet(text: str, name: str) -> Sheet:
    """One whole language from `text`, or `Refused`: one line `name:line: what is wrong` per problem."""
    reader = _Reader(name)
    root = reader.compose(text)
    sheet = reader.sheet(root) if root is not None else {}
    reader.complete(sheet, 1, "")
    reader.refuse()
    return sheet


def read_overrides(text: str, name: str, *, shipped: frozenset[str]) -> dict[str, Sheet]:
    """A tenant's own texts by language. A language that is not `shipped` has to be whole."""
    reader = _Reader(name)
    root = reader.compose(text)
    sheets: dict[str, Sheet] = {}
    for key, value, line in reader.pairs(root, ""):
        language = key.lower().replace("_", "-")
        if _LANGUAGE.fullmatch(language) is None:
            reader.complain(line, f"`{key}` is no language: the file's top level is `en:`, `de-at:` and so on")
            continue
        sheets[language] = reader.sheet(value, f"{key}.")
        if language.split("-")[0] not in shipped:
            reader.complete(sheets[language], line, f"{key}.")
    reader.refuse()
    return sheets


@dataclass
class _Reader:
    """Reads one file and keeps what is wrong with it."""

    name: str
    problems: list[tuple[int, str]] = field(default_factory=list)

    def complain(self, line: int, message: str) -> None:
        self.problems.append((line, message))

    def refuse(self) -> None:
        """Raise what was found, in the order of the lines."""
        if self.problems:
            raise Refused("\n".join(f"{self.name}:{line}: {message}" for line, message in sorted(self.problems)))

    def compose(self, text: str) -> yaml.Node | None:
        try:
            return yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise Refused(f"{self.name}:{line}: not YAML: {error.problem}") from None
        except yaml.YAMLError:
            raise Refused(f"{self.name}:1: not YAML: it holds characters that no text file has") from None

    def pairs(self, node: yaml.Node | None, where: str) -> Iterator[tuple[str, yaml.Node, int]]:
        """Key, value and line of each entry of a mapping."""
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self.complain(_line(node), f"{where.rstrip('.') or 'the file'}: names and texts are expected here")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.complain(
                    _line(key), f"{where.rstrip('.') or 'the file'}: a name is a word, not a list or a mapping"
                )
                continue
            if key.value in seen:
                self.complain(_line(key), f"`{where}{key.value}` is given twice")
            seen.add(key.value)
            yield key.value, value, _line(key)

    def sheet(self, node: yaml.Node, prefix: str = "") -> dict[str, str]:
        """All texts below `node`, checked. `prefix` is for complaints alone."""
        found: dict[str, str] = {}
        for key, value, line in self.pairs(node, prefix):
            if key in KINDS:
                for reason, text, at in self.pairs(value, f"{prefix}{key}."):
                    if _REASON.fullmatch(reason) is None:
                        self.complain(at, f"`{prefix}{key}.{reason}`: a reason is lower case, digits and `_`")
                    self._text(found, f"{key}.{reason}", text, prefix, _KIND_MARKS[key])
            elif key in _LISTS:
                self._list(found, key, value, prefix)
            elif any(path == key or path.startswith(f"{key}.") for path in _FIXED):
                self._fixed(found, key, value, prefix)
            else:
                self.complain(line, f"`{prefix}{key}` is not one of: {', '.join(_sections())}")
        return found

    def complete(self, sheet: Sheet, line: int, prefix: str) -> None:
        missing = sorted(REQUIRED - sheet.keys())
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            self.complain(line, f"missing: {', '.join(prefix + path for path in missing[:5])}{more}")

    def _fixed(self, found: dict[str, str], path: str, node: yaml.Node, prefix: str) -> None:
        if path in _FIXED:
            self._text(found, path, node, prefix, _FIXED[path])
            return
        for key, value, line in self.pairs(node, f"{prefix}{path}."):
            below = f"{path}.{key}"
            if any(known == below or known.startswith(f"{below}.") for known in _FIXED):
                self._fixed(found, below, value, prefix)
            else:
                self.complain(line, f"`{prefix}{below}` is not known")

    def _list(self, found: dict[str, str], name: str, node: yaml.Node, prefix: str) -> None:
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != _LISTS[name]:
            self.complain(_line(node), f"`{prefix}{name}` is a list of {_LISTS[name]} names")
            return
        for index, item in enumerate(node.value):
            self._text(found, f"{name}.{index}", item, prefix, frozenset())

    def _text(self, found: dict[str, str], path: str, node: yaml.Node, prefix: str, marks: frozenset[str]) -> None:
        problem = _text_problem(node) or _mark_problem(node.value, path, marks)
        if problem is not None:
            self.complain(_line(node), f"`{prefix}{path}` {problem}")
            return
        found[path] = node.value.strip()


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _sections() -> list[str]:
    return sorted({*KINDS, *_LISTS, *(path.split(".")[0] for path in _FIXED)})


def _text_problem(node: yaml.Node) -> str | None:
    if not isinstance(node, yaml.ScalarNode):
        return "is one text; put it in quotes, braces have a meaning in YAML"
    if not node.value.strip():
        return "is empty"
    if len(node.value) > MAX_TEXT_CHARS:
        return f"is longer than {MAX_TEXT_CHARS} characters"
    if any((ord(char) < 0x20 and char != "\n") or 0x7F <= ord(char) < 0xA0 for char in node.value):
        return "holds a control character"
    return None


def _mark_problem(text: str, path: str, marks: frozenset[str]) -> str | None:
    """What is wrong with the placeholders of `text`."""
    allowed = ", ".join(f"{{{mark}}}" for mark in sorted(marks)) or "none"
    used = set()
    try:
        for _, mark, spec, conversion in Formatter().parse(text):
            if mark is None:
                continue
            if mark not in marks:
                return f"uses {{{mark}}}, which there is none of here; allowed: {allowed}"
            if spec or conversion:
                return f"may not format {{{mark}}}: write it bare"
            used.add(mark)
    except ValueError:
        return "has a brace without its partner; a brace in the text itself is written twice"
    needed = _MUST_HAVE.get(path) or _MUST_HAVE.get(path.split(".", maxsplit=1)[0])
    return f"has no {{{needed}}}: it is what this text is for" if needed and needed not in used else None
