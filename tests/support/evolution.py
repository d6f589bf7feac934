"""Whether a JSON Schema still accepts all that an earlier one accepted: the rules of compatible change, structurally.

Reads what pydantic writes: `$ref` into `$defs`, `anyOf`, `oneOf`, `enum`, `const`, bounds, `properties`, `items`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
_FLOORS = ("minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties")
_CEILINGS = ("maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties")
_SAME = ("pattern", "format", "multipleOf")


@dataclass(frozen=True)
class Evolution:
    """Two versions of one schema."""

    old: Schema
    new: Schema

    def narrowings(self) -> list[str]:
        """What the old one accepted and the new one does not, each with its place; empty: compatible."""
        return list(self._compare(self.old, self.new, ""))

    def _compare(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        old, new = _resolved(old, self.old), _resolved(new, self.new)
        alternatives = _alternatives(new, self.new)
        for each in _alternatives(old, self.old):
            tries = [list(self._one(each, other, where)) for other in alternatives]
            if all(tries):
                yield from min(tries, key=len)

    def _one(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        yield from _values(old, new, where)
        yield from _bounds(old, new, where)
        yield from self._object(old, new, where)
        if "items" in new and "items" in old:
            yield from self._compare(old["items"], new["items"], f"{where}[]")

    def _object(self, old: Schema, new: Schema, where: str) -> Iterator[str]:
        for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
            yield f"{where}.{name}: has become required"
        theirs, ours = old.get("properties", {}), new.get("properties", {})
        closed = new.get("additionalProperties") is False
        if closed and old.get("additionalProperties") is not False and "properties" in old:
            yield f"{where}: unknown fields are no longer taken"
        for name, schema in theirs.items():
            if name in ours:
                yield from self._compare(schema, ours[name], f"{where}.{name}")
            elif closed:
                yield f"{where}.{name}: is no longer taken"
        rest, now = old.get("additionalProperties"), new.get("additionalProperties")
        if isinstance(rest, Mapping) and isinstance(now, Mapping):
            yield from self._compare(rest, now, f"{where}.*")


def _resolved(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        found: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def _alternatives(schema: Schema, root: Schema) -> list[Schema]:
    """The ways in which a value may be right, one simple schema each."""
    schema = _resolved(schema, root)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return [each for part in schema[word] for each in _alternatives(part, root)]
    if isinstance(schema.get("type"), list):
        return [{**schema, "type": each} for each in schema["type"]]
    return [schema]


def _values(old: Schema, new: Schema, where: str) -> Iterator[str]:
    before, now = old.get("type"), new.get("type")
    if now is not None and before != now and not (before == "integer" and now == "number"):
        yield f"{where}: was {before or 'anything'}, is {now}"
    allowed = _listed(new)
    if allowed is not None:
        had = _listed(old)
        if had is None:
            yield f"{where}: was open, takes only {sorted(map(str, allowed))}"
        else:
            yield from (f"{where}: {value!r} is no longer taken" for value in had if value not in allowed)


def _listed(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    return list(schema["enum"]) if "enum" in schema else None


def _bounds(old: Schema, new: Schema, where: str) -> Iterator[str]:
    for word in _FLOORS:
        if word in new and (word not in old or old[word] < new[word]):
            yield f"{where}: {word} was {old.get(word, 'none')}, is {new[word]}"
    for word in _CEILINGS:
        if word in new and (word not in old or old[word] > new[word]):
            yield f"{where}: {word} was {old.get(word, 'none')}, is {new[word]}"
    for word in _SAME:
        if word in new and old.get(word) != new[word]:
            yield f"{where}: {word} was {old.get(word, 'none')}, is {new[word]}"
