"""Examples, JSON Schemas and the AsyncAPI document agree with the models."""

import json
from pathlib import Path

import jsonschema
import pytest

from streams.asyncapi import HEADERS, document, schema_of
from streams.codec import decode, encode, headers_for
from streams.topology import TOPICS, Topic

EXAMPLES = Path("streams/contracts/examples")
ROWS = [(topic, path) for topic in TOPICS for path in sorted((EXAMPLES / topic.name).glob("*.json"))]


@pytest.mark.parametrize(("topic", "path"), ROWS, ids=[f"{topic.name}/{path.stem}" for topic, path in ROWS])
def test_an_example_is_valid_by_its_model_and_by_its_schema(topic: Topic, path: Path) -> None:
    value = json.loads(path.read_text())
    assert topic.adapter is not None
    decoded = decode(topic.adapter, json.dumps(value).encode())
    schema = schema_of(topic)
    assert schema is not None
    jsonschema.validate(value, schema, format_checker=jsonschema.FormatChecker())
    jsonschema.validate(json.loads(encode(decoded)), schema)


def test_every_kind_of_every_contract_has_an_example() -> None:
    for topic in TOPICS:
        schema = schema_of(topic)
        if schema is None or topic.name == "escalation.commands.parked":  # carries the records of another topic
            continue
        kinds = set(schema.get("discriminator", {}).get("mapping", {})) or {schema["properties"]["kind"]["const"]}
        shown = {json.loads(path.read_text())["kind"] for path in (EXAMPLES / topic.name).glob("*.json")}
        assert kinds == shown, topic.name


def test_schemas_are_valid_json_schema() -> None:
    for topic in TOPICS:
        schema = schema_of(topic)
        if schema is not None:
            jsonschema.Draft202012Validator.check_schema(schema)


def test_the_asyncapi_document_is_valid_by_the_specifications_own_schema() -> None:
    schema = json.loads(Path("tests/contract/specs/asyncapi-3.0.0.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(document("1"))


def test_every_reference_in_the_asyncapi_document_leads_somewhere() -> None:
    whole = document("1")
    found = []

    def walk(node: object) -> None:
        if isinstance(node, dict):
            for key, item in node.items():
                if key == "$ref" and isinstance(item, str):
                    found.append(item)
                elif key == "mapping" and isinstance(item, dict):
                    found.extend(item.values())
                else:
                    walk(item)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(whole)
    assert found
    for reference in found:
        node: object = whole
        for part in reference.removeprefix("#/").split("/"):
            assert isinstance(node, dict), reference
            assert part in node, reference
            node = node[part]


def test_the_asyncapi_document_names_every_topic_its_writers_and_its_readers() -> None:
    whole = document("1")
    assert whole["asyncapi"] == "3.0.0"
    assert {channel["address"] for channel in whole["channels"].values()} == {topic.name for topic in TOPICS}
    sends = [name for name, operation in whole["operations"].items() if operation["action"] == "send"]
    assert len(sends) == sum(len(topic.writers) for topic in TOPICS)


def test_the_headers_we_write_are_the_headers_we_document() -> None:
    from datetime import UTC, datetime

    from streams.trace import new_traceparent

    at = datetime(2026, 7, 11, tzinfo=UTC)
    headers = headers_for(event_id="e", source="s", kind="message", at=at, traceparent=new_traceparent())
    jsonschema.validate({name: value.decode() for name, value in headers}, HEADERS)
