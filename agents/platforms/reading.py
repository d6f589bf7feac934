"""Tolerant reading of JSON from outside: a wrong type in an optional place is as good as absent.

What a body cannot do without is read with `required_*`, which raise `BadBody` naming the field, never its
contents. Every text comes out free of lone surrogates, so that it can always be written as UTF-8.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from agents.platforms.port import BadBody
from streams.contracts.base import Scalar

MAX_ID_CHARS = 512
MAX_REFERENCE_CHARS = 400  # an event id adds a suffix and stays below 512
MAX_NAME_CHARS = 256
MAX_URL_CHARS = 2048
MAX_ATTRIBUTES = 64
MAX_ATTRIBUTE_CHARS = 1024
_SAFE_INTEGER = 2**53
_NUMBERS = (int, float, str)
_EARLIEST_SECONDS, _LATEST_SECONDS = 0.0, 253_402_300_799.0  # 1970 to 9999
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138; as milliseconds, 1973


def at(value: Any, *path: str) -> Any:
    """What stands at `path`, or None where a step is missing or no object.

    An object of JSON is a `dict`: asking for the abstract `Mapping` would cost more than all else here.
    """
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def text(value: Any, *path: str) -> str | None:
    """A string with something in it, as it stands; else None."""
    for step in path:  # as `at`: a call of it for each of dozens of fields would be felt
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    if not isinstance(value, str) or not value or value.isspace():
        return None
    return value if value.isascii() else _writable(value)


def name(value: Any, *path: str) -> str | None:
    """A short, single-line string: a person's name, a topic, an enum value."""
    for step in path:  # as `at`
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    if not isinstance(value, str) or not value:
        return None
    if value.isascii() and value.isprintable() and " " not in value:  # an enum value, an id, a first name
        return value[:MAX_NAME_CHARS]
    return " ".join(_printable(_writable(value)).split())[:MAX_NAME_CHARS] or None


def identifier(value: Any, *path: str) -> str | None:
    """An id, given as a string or a whole number; None where it is absent or unusable as a record key."""
    found = at(value, *path) if path else value
    if found is None:
        return None
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**30:
        found = str(found)
    if not isinstance(found, str):
        return None
    found = found.strip()
    return found if found and _is_usable_id(found) else None


def reference(value: Any, *path: str) -> str | None:
    """An id that is never part of a record key: it may hold `|`, as those of some identity providers do."""
    found = at(value, *path) if path else value
    if found is None:
        return None
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**30:
        found = str(found)
    if not isinstance(found, str):
        return None
    found = found.strip()
    return found if found and len(found) <= MAX_REFERENCE_CHARS and found.isprintable() else None


def required_id(value: Any, *path: str) -> str:
    """An id the body cannot do without."""
    found = at(value, *path)
    if found is None or found == "":
        raise BadBody("missing_field", ".".join(path))
    usable = identifier(found)
    if usable is None:
        raise BadBody("unusable_id" if isinstance(found, str) else "wrong_type", ".".join(path))
    return usable


def url(value: Any, *path: str) -> str | None:
    """An http or https address; whether it may be called is decided elsewhere."""
    found = text(value, *path)
    if found is None:
        return None
    found = found.strip()
    usable = found.lower().startswith(("http://", "https://")) and len(found) <= MAX_URL_CHARS
    return found if usable and _printable(found) == found and " " not in found else None


def email(value: Any, *path: str) -> str | None:
    """Something of the form of an address, in its own case; whether it exists is for others to say."""
    found = name(value, *path)
    if found is None or len(found) > 254 or found.count("@") != 1 or " " in found:
        return None
    local, domain = found.split("@")
    return found if local and "." in domain.strip(".") else None


def integer(value: Any, *path: str) -> int | None:
    """A whole number, also when it is written as a float without fraction or as digits."""
    found = number(value, *path)
    return int(found) if found is not None and found == int(found) else None


def number(value: Any, *path: str) -> float | None:
    """A finite number, or a string that is nothing else."""
    found = at(value, *path) if path else value
    if found is None or isinstance(found, bool) or not isinstance(found, _NUMBERS):
        return None
    try:
        as_float = float(found)
    except (ValueError, OverflowError):
        return None
    return as_float if math.isfinite(as_float) else None


def ratio(value: Any, *path: str) -> float | None:
    """A number from 0 to 1; anything else says nothing."""
    found = number(value, *path)
    return found if found is not None and 0.0 <= found <= 1.0 else None


def flag(value: Any, *path: str) -> bool | None:
    """True or false; None for everything else."""
    for step in path:  # as `at`
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value if isinstance(value, bool) else None


def object_(value: Any, *path: str) -> Mapping[str, Any]:
    """An object, empty where there is none."""
    found = at(value, *path) if path else value
    return found if isinstance(found, dict) else {}


def required_object(value: Any, *path: str) -> Mapping[str, Any]:
    """An object the body cannot do without."""
    found = at(value, *path)
    if isinstance(found, dict):
        return found
    where = ".".join(path) or "body"
    raise BadBody("missing_field" if found is None and path else "wrong_type", where)


def objects(value: Any, *path: str) -> list[Mapping[str, Any]]:
    """The objects in a list; what is no object, or no list, is left out."""
    found = at(value, *path)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def unix_time(value: Any, *path: str) -> datetime | None:
    """A time in unix seconds, or milliseconds where the figure is too large for seconds; zero is no time."""
    found = number(value, *path)
    if found is None:
        return None
    seconds = found / 1000 if abs(found) >= _MILLISECONDS_FROM else found
    if not _EARLIEST_SECONDS < seconds <= _LATEST_SECONDS:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def iso_time(value: Any, *path: str) -> datetime | None:
    """A time in ISO 8601, in UTC; one without offset is taken as UTC."""
    found = text(value, *path)
    if found is None or len(found) > 64:
        return None
    try:
        parsed = datetime.fromisoformat(found.strip())
        aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def any_time(value: Any, *path: str) -> datetime | None:
    """A time in either form."""
    found = at(value, *path) if path else value
    return None if found is None else iso_time(found) or unix_time(found)


def scalars(value: Any, *, prefix: str = "", limit: int = MAX_ATTRIBUTES) -> dict[str, Scalar]:
    """Nested structured data as flat attributes: keys joined with dots, lists by index, scalars only.

    At most `limit` entries, strings cut to `MAX_ATTRIBUTE_CHARS`; null and blank values are left out.
    """
    flat: dict[str, Scalar] = {}
    for key, leaf in _leaves(value, prefix, depth=0):
        if len(flat) >= limit:
            break
        if (kept := _scalar(leaf)) is not None:
            flat[key] = kept
    return flat


def _leaves(value: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    if depth > 6:
        return
    if isinstance(value, dict):
        pairs = [(str(key), item) for key, item in value.items()]
    elif isinstance(value, list):
        pairs = [(str(index), item) for index, item in enumerate(value)]
    else:
        if prefix:
            yield prefix, value
        return
    for key, item in pairs:
        step = " ".join(_printable(_writable(key)).split())
        yield from _leaves(item, f"{prefix}.{step}"[:MAX_NAME_CHARS].strip("."), depth + 1)


def _scalar(value: Any) -> Scalar:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else str(value) if abs(value) < 10**64 else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return _writable(value).strip()[:MAX_ATTRIBUTE_CHARS] or None
    return None


def _is_usable_id(value: str) -> bool:
    if value.isascii() and value.isprintable():  # nearly all of them
        return "|" not in value and len(value) <= MAX_ID_CHARS
    plain = not any(ord(char) < 0x20 or char == "|" or 0xD800 <= ord(char) <= 0xDFFF for char in value)
    return plain and len(value) <= MAX_ID_CHARS


def _writable(value: str) -> str:
    """`value` without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


def _printable(value: str) -> str:
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else " " for char in value)
