"""The AsyncAPI 3.0 document and the JSON Schemas, generated from the map and the contracts.

Specification: https://www.asyncapi.com/docs/reference/specification/v3.0.0
Kafka bindings 0.5.0: https://github.com/asyncapi/bindings/tree/master/kafka
"""

from typing import Any

from streams.contracts.base import JsonObject
from streams.topology import TOPICS, Topic

HEADERS: JsonObject = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary mode, and W3C trace context",
    "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "content-type"],
    "properties": {
        "ce_specversion": {"type": "string", "const": "1.0"},
        "ce_id": {"type": "string", "description": "the event, action or notification id"},
        "ce_source": {"type": "string", "examples": ["handoff/gateway/intercom"]},
        "ce_type": {"type": "string", "pattern": "^handoff\\.", "examples": ["handoff.message"]},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"type": "string", "const": "application/json"},
        "traceparent": {"type": "string", "pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
    },
}


def schema_of(topic: Topic) -> JsonObject | None:
    """The JSON Schema (2020-12) of a topic's values; None where they are raw bytes."""
    if topic.adapter is None:
        return None
    schema: JsonObject = topic.adapter.json_schema(ref_template="#/$defs/{model}", mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": topic.name} | schema


def document(version: str) -> JsonObject:
    """The whole AsyncAPI document."""
    schemas: JsonObject = {}
    messages: JsonObject = {}
    channels: JsonObject = {}
    operations: JsonObject = {}
    for topic in TOPICS:
        name = _identifier(topic.name)
        channels[name] = _channel(topic, name)
        messages[name] = _message(topic, name, schemas)
        operations |= _operations(topic, name)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Handoff",
            "version": version,
            "description": "What flows between the hops of Handoff. Generated from streams/topology.py.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


def _identifier(name: str) -> str:
    return name.replace(".", "_")


def _channel(topic: Topic, name: str) -> JsonObject:
    config = topic.broker_config()
    kafka: JsonObject = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": {
            "cleanup.policy": [topic.cleanup],
            "max.message.bytes": int(config["max.message.bytes"]),
        },
        "bindingVersion": "0.5.0",
    }
    if topic.retention_ms is not None:
        kafka["topicConfiguration"]["retention.ms"] = topic.retention_ms
    return {
        "address": topic.name,
        "description": topic.about,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"kafka": kafka},
    }


def _message(topic: Topic, name: str, schemas: JsonObject) -> JsonObject:
    message: JsonObject = {
        "name": topic.name,
        "headers": HEADERS,
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}, "bindingVersion": "0.5.0"}},
    }
    schema = schema_of(topic)
    if schema is not None:
        schemas[name] = _moved(schema, f"#/components/schemas/{name}/$defs/")
        message["payload"] = {"$ref": f"#/components/schemas/{name}"}
    return message


def _operations(topic: Topic, name: str) -> JsonObject:
    operations: JsonObject = {}
    for action, hops in (("send", topic.writers), ("receive", topic.readers)):
        for hop in hops:
            operations[f"{hop.replace(' ', '_')}_{action}s_{name}"] = {
                "action": action,
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": f"{hop} {'writes' if action == 'send' else 'reads'} {topic.name}",
            }
    return operations


def _moved(value: Any, prefix: str) -> Any:
    """`value` with its local references below `prefix`, and discriminators as AsyncAPI has them: a field's name."""
    if isinstance(value, dict):
        return {key: _moved_entry(key, item, prefix) for key, item in value.items()}
    if isinstance(value, list):
        return [_moved(item, prefix) for item in value]
    return value


def _moved_entry(key: str, item: Any, prefix: str) -> Any:
    if key == "$ref" and isinstance(item, str):
        return prefix + item.removeprefix("#/$defs/")
    if key == "discriminator" and isinstance(item, dict):
        return item["propertyName"]
    return _moved(item, prefix)
