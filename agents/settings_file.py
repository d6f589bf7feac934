"""Reading `handoff.yaml`: secrets resolved, errors in one line with the place, nothing half read."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from agents.settings import Settings
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection

DEFAULT_PATH = "handoff.yaml"
_MAX_FILE_BYTES = 4 * 1024 * 1024
_MAX_VALUES = 200_000
"""Aliases are shared while they are read and copied when secrets are put in: without a bound they could explode."""

_TRUTH = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")

_QUOTED = re.compile(r"""(['"])(?!<).{2,}\1""", re.DOTALL)
"""What PyYAML repeats of the file; not its names of tokens, as in `'<scalar>'`, nor a single character."""


class _Loader(yaml.SafeLoader):
    """Safe, and without YAML 1.1's surprises.

    A key given twice is refused: the second would win in silence. `no` is a language and `on` a word, not truth
    values; a date stays the text it is.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if not tag.endswith((":bool", ":timestamp"))]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", _TRUTH, list("tTfF"))


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG001 # PyYAML's
    seen = set()
    for key_node, _ in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise Refused(f"{_place(key_node)}: a plain name is expected before the colon")
        if key_node.value in seen:
            raise Refused(f"{_place(key_node)}: `{_plain(key_node.value)}` is given twice")
        seen.add(key_node.value)
    return {str(key): value for key, value in loader.construct_mapping(node, deep=True).items()}


def _plain(name: str) -> str:
    """A name from the file as it can stand in one line."""
    return "".join(char if char.isprintable() else "?" for char in name)[:100]


def _place(node: yaml.Node) -> str:
    return f"{node.start_mark.name}:{node.start_mark.line + 1}"


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class Loaded:
    """Settings, and every file they were read from: when one of them changes, the settings may have."""

    settings: Settings
    files: tuple[Path, ...]


def load(path: Path, *, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `path`, or `Refused` with one line that says where and what."""
    return load_with_files(path, environ=environ).settings


def load_with_files(path: Path, *, environ: Mapping[str, str] | None = None) -> Loaded:
    """The same, with the files that were read."""
    name = str(path)
    raw = _parsed(_read(path), name)
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise Refused(f"{name}:1: a mapping is expected at the top")
    values = _Values(name, os.environ if environ is None else environ, [path])
    try:
        resolved = values.resolved(raw, "")
    except RecursionError:
        raise Refused(f"{name}: an alias holds itself") from None
    return Loaded(parse(resolved, name), tuple(values.files))


def _parsed(text: str, name: str) -> Any:
    try:
        loader = _Loader(text)
        loader.name = name
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refused(f"{name}:{line}: not YAML: {_unquoted(error.problem or 'it cannot be read')}") from None
    except yaml.YAMLError:
        raise Refused(f"{name}:1: not YAML: it holds characters that no text file has") from None
    except RecursionError:
        raise Refused(f"{name}: nested too deeply") from None
    except (ValueError, AttributeError, LookupError, TypeError):  # PyYAML's, of `!!timestamp x`, `!!bool x`, `0b`
        raise Refused(f"{name}: holds a value that looks like a number and is none: put it in quotes") from None


def _unquoted(problem: str) -> str:
    """PyYAML's complaint without what it quotes: `*` or `!` before a password makes that an alias or a tag."""
    return " ".join(_QUOTED.sub("…", problem).split())


def parse(raw: dict[str, Any], name: str) -> Settings:
    """Settings from plain data, or `Refused` naming the first thing that is wrong."""
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(_plain(str(part)) for part in first["loc"] if part != "[key]") or "the file"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise Refused(f"{name}: {where}: {_said(first)}{more}") from None


def _said(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return "is not a setting there is"
    if fault["type"] == "string_pattern_mismatch":
        return "has characters that are not allowed here"
    return fault["msg"].removeprefix("Value error, ")


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_FILE_BYTES + 1)  # a device or a pipe tells no size
        if len(raw) > _MAX_FILE_BYTES:
            raise Refused(f"{path}: larger than {_MAX_FILE_BYTES} bytes")
        return raw.decode("utf-8")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None
    except ValueError:  # a name with a null character in it
        raise Refused(f"{str(path)!r}: no file has such a name") from None


@dataclass
class _Values:
    """Puts in what `env:NAME` and `file:PATH` name."""

    name: str
    environ: Mapping[str, str]
    files: list[Path]
    count: int = 0

    def resolved(self, value: Any, where: str) -> Any:
        self.count += 1
        if self.count > _MAX_VALUES:
            raise Refused(f"{self.name}: more than {_MAX_VALUES} values")
        if isinstance(value, dict):
            return {key: self.resolved(item, f"{where}.{_plain(key)}".lstrip(".")) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolved(item, f"{where}[{index}]") for index, item in enumerate(value)]
        if isinstance(value, str) and value.startswith("env:"):
            return self._given(self.environ.get(value[4:]), f"the environment's {value[4:]}", where)
        if isinstance(value, str) and value.startswith("file:"):
            return self._given(self._content(Path(value[5:]), where), value[5:], where)
        return value

    def _content(self, path: Path, where: str) -> str:
        self.files.append(path)
        try:
            return _read(path).rstrip("\r\n")
        except Refused as error:
            raise Refused(f"{self.name}: {where}: {error}") from None

    def _given(self, value: str | None, what: str, where: str) -> str:
        """An empty secret is one that somebody forgot to fill in."""
        if value is None:
            raise Refused(f"{self.name}: {where}: {what} is not set")
        if not value.strip():
            raise Refused(f"{self.name}: {where}: {what} is empty")
        return value


def connection(settings: Settings, client_id: str) -> KafkaConnection:
    """How the process named `client_id` reaches the brokers."""
    kafka = settings.kafka
    return KafkaConnection(
        bootstrap_servers=kafka.bootstrap_servers,
        client_id=client_id,
        security={name: value.get_secret_value() for name, value in kafka.security.items()},
        group_protocol=kafka.group_protocol,
        session_timeout_ms=kafka.session_timeout_ms,
        instance_id=kafka.instance_id,
        embedded=kafka.embedded,
    )
