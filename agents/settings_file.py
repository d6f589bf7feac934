"""Reading `handoff.yaml`: secrets resolved, errors in one line with the place, nothing half read."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from agents.settings import Settings
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection

DEFAULT_PATH = "handoff.yaml"
_MAX_FILE_BYTES = 4 * 1024 * 1024


class _Loader(yaml.SafeLoader):
    """Safe, and refuses a key given twice: the second would win in silence."""


def _mapping(loader: _Loader, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # PyYAML's signature
    seen = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise Refused(f"{key_node.start_mark.name}:{key_node.start_mark.line + 1}: `{key}` is given twice")
        seen.add(key)
    return loader.construct_mapping(node, deep)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load(path: Path, *, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in `path`, or `Refused` with one line that says where and what."""
    text = _read(path)
    try:
        loader = _Loader(text)
        loader.name = str(path)
        raw = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Refused(f"{path}:{line}: not YAML: {error.problem}") from None
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise Refused(f"{path}:1: a mapping is expected at the top")
    return parse(_resolve(raw, os.environ if environ is None else environ, str(path), ""), str(path))


def parse(raw: dict[str, Any], name: str) -> Settings:
    """Settings from plain data, or `Refused` naming the first thing that is wrong."""
    try:
        return Settings.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise Refused(f"{name}: {where}: {first['msg']}{more}") from None


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MAX_FILE_BYTES:
            raise Refused(f"{path}: larger than {_MAX_FILE_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
    except UnicodeDecodeError:
        raise Refused(f"{path}: not UTF-8") from None


def _resolve(value: Any, environ: Mapping[str, str], name: str, where: str) -> Any:
    """`value` with every `env:NAME` and `file:PATH` replaced by what it names."""
    if isinstance(value, dict):
        return {key: _resolve(item, environ, name, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, environ, name, f"{where}[{index}]") for index, item in enumerate(value)]
    if isinstance(value, str) and value.startswith("env:"):
        if value[4:] not in environ:
            raise Refused(f"{name}: {where}: the environment has no {value[4:]}")
        return environ[value[4:]]
    if isinstance(value, str) and value.startswith("file:"):
        return _read(Path(value[5:])).rstrip("\n")
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
