"""Bytes to contract and back; the only place a decode error is born.

Values are JSON in UTF-8. Headers are CloudEvents in binary mode
(https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md)
and `traceparent`.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from streams.errors import InvalidRecord

Headers = list[tuple[str, bytes]]
T = TypeVar("T")

CONTENT_TYPE = b"application/json"
_SPEC_VERSION, _CONTENT = ("ce_specversion", b"1.0"), ("content-type", CONTENT_TYPE)


def encode(value: BaseModel) -> bytes:
    """`value` as it stands on the topic. Absent optional fields are left out."""
    return value.__pydantic_serializer__.to_json(
        value, exclude_none=True
    )  # `model_dump_json` is this, and a copy as str


def decode(adapter: TypeAdapter[T], value: bytes | None) -> T:
    """The contract in `value`, or `InvalidRecord` with a reason and the fields at fault, never their contents."""
    if value is None:
        raise InvalidRecord("tombstone", "this topic carries no tombstones")
    try:
        return adapter.validate_json(value)
    except ValidationError as error:
        raise InvalidRecord(*_explain(error, adapter)) from None


def _explain(error: ValidationError, adapter: TypeAdapter[Any]) -> tuple[str, str]:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    kind = str(first["type"])
    if kind == "json_invalid":
        return "not_json", "the value is not JSON"
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        return "unknown_kind", "`kind` is missing or not one this build knows"
    named = _names(adapter)
    where = ".".join(str(part) if isinstance(part, int) or part in named else "…" for part in first["loc"])
    return "not_the_contract", f"{where}: {kind}"


@lru_cache(maxsize=64)
def _names(adapter: TypeAdapter[Any]) -> frozenset[str]:
    """The contract's own names. What else an error's place consists of are a map's keys: they may be a customer's."""
    found: set[str] = {"str", "int", "float", "bool"}
    nodes: list[Any] = [adapter.json_schema()]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            found.update(node["properties"] if isinstance(node.get("properties"), dict) else ())
            found.update(node["mapping"] if isinstance(node.get("mapping"), dict) else ())
            nodes.extend(node.values())
        elif isinstance(node, list):
            nodes.extend(node)
    return frozenset(found)


def headers_for(
    *,
    event_id: str,
    source: str,
    kind: str,
    at: datetime,
    traceparent: str,
    extra: dict[str, str] | None = None,
) -> Headers:
    """The headers of one record. `kind` becomes `ce_type`, prefixed `handoff.`."""
    headers = [
        _SPEC_VERSION,
        ("ce_id", event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", b"handoff." + kind.encode()),
        ("ce_time", at.astimezone(UTC).isoformat()[:-6].encode() + b"Z"),
        _CONTENT,
        ("traceparent", traceparent.encode()),
    ]
    if extra:
        headers.extend((name, value.encode()) for name, value in extra.items())
    return headers


def header(headers: Any, name: str) -> str | None:
    """The last header of that name as text, or None."""
    found = None
    for key, value in headers or ():
        if key == name and value is not None:
            found = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return found
