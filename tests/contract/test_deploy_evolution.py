"""Contracts change compatibly: what the last release wrote is read by this one, and the other way round.

`schemas-<version>/` and `examples-<version>/` are what a release shipped; `deploy/upgrade.md` says when they are taken.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from streams.asyncapi import schema_of
from streams.codec import decode
from streams.topology import TOPICS
from tests.support.evolution import Evolution

HERE = Path("tests/contract")
SCHEMAS = sorted(HERE.glob("schemas-*/*.json"))
EXAMPLES = sorted(HERE.glob("examples-*/*/*.json"))
BY_NAME = {topic.name: topic for topic in TOPICS}


def _now(name: str) -> dict[str, Any]:
    schema = schema_of(BY_NAME[name])
    assert schema is not None
    return schema


def test_the_last_release_is_kept() -> None:
    assert SCHEMAS
    assert EXAMPLES
    kept = {path.stem for path in SCHEMAS if path.parent.name == "schemas-0.1.0"}
    assert kept <= {topic.name for topic in TOPICS if topic.adapter is not None}, "a topic has gone"


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_a_release_accepted_is_still_accepted(path: Path) -> None:
    assert Evolution(json.loads(path.read_text()), _now(path.stem)).narrowings() == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-3:]))
def test_what_a_release_wrote_is_still_read(path: Path) -> None:
    topic = BY_NAME[path.parent.name]
    assert topic.adapter is not None
    decode(topic.adapter, path.read_bytes())


@pytest.mark.parametrize("name", [topic.name for topic in TOPICS if topic.adapter is not None])
def test_an_older_build_reads_a_newer_ones_additions(name: str) -> None:
    topic = BY_NAME[name]
    assert topic.adapter is not None
    carried = name.removesuffix(".parked")
    for path in sorted(Path("streams/contracts/examples", carried).glob("*.json")):
        value = json.loads(path.read_text()) | {"a_field_of_a_later_release": {"deep": [1]}}
        decode(topic.adapter, json.dumps(value).encode())


@pytest.mark.parametrize("name", [topic.name for topic in TOPICS if topic.adapter is not None])
def test_a_schema_is_compatible_with_itself(name: str) -> None:
    assert Evolution(_now(name), _now(name)).narrowings() == []


def _changed(change: str) -> tuple[dict[str, Any], dict[str, Any]]:
    old = _now("conversation.events")
    new = deepcopy(old)
    message = new["$defs"]["Message"]
    if change == "required":
        message["required"].append("channel")
    elif change == "enum":
        message["properties"]["author"] = {"type": "string", "enum": ["customer"]}
    elif change == "kind":
        new["oneOf"] = [each for each in new["oneOf"] if each["$ref"] != "#/$defs/Rated"]
    elif change == "bound":
        message["properties"]["event_id"]["maxLength"] = 100
    elif change == "type":
        message["properties"]["untimed"] = {"type": "string"}
    elif change == "null":
        message["properties"]["locale"] = {"type": "string"}
    elif change == "closed":
        message["additionalProperties"] = False
    elif change == "nested":
        new["$defs"]["Attachment"].setdefault("required", []).append("a_new_one")
    return old, new


@pytest.mark.parametrize("change", ["required", "enum", "kind", "bound", "type", "null", "closed", "nested"])
def test_an_incompatible_change_is_noticed(change: str) -> None:
    assert Evolution(*_changed(change)).narrowings()


def test_a_new_optional_field_a_wider_bound_and_a_new_kind_are_compatible() -> None:
    old = _now("conversation.events")
    new = deepcopy(old)
    new["$defs"]["Message"]["properties"]["mood"] = {"type": "string", "default": "calm"}
    new["$defs"]["Message"]["properties"]["event_id"]["maxLength"] = 2_000
    new["$defs"]["Whisper"] = {"type": "object", "properties": {"kind": {"const": "whisper"}}, "required": ["kind"]}
    new["oneOf"].append({"$ref": "#/$defs/Whisper"})
    assert Evolution(old, new).narrowings() == []
