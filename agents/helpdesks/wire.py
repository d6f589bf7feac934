"""Reading what a helpdesk sent, without trusting its shape. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agents.helpdesks.limits import retry_after_seconds
from agents.helpdesks.port import HelpdeskUnavailable
from agents.outbound import HttpResponse


def as_dict(value: Any) -> Mapping[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_id(value: Any) -> str | None:
    """A helpdesk's id as text: a positive whole number, or digits."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if value > 0 else None
    return value if isinstance(value, str) and value.isascii() and value.isdecimal() else None


def as_text(value: Any) -> str | None:
    """`value` where it is a string that says something."""
    return value if isinstance(value, str) and value else None


def as_moment(value: Any) -> datetime | None:
    """An RFC 3339 time; None where it is none or has no offset."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def unavailable(response: HttpResponse) -> HelpdeskUnavailable:
    """Why this answer to a look-up cannot be used."""
    named = {401: "unauthorized", 403: "forbidden", 429: "rate_limited"}
    reason = "unusable_answer" if response.ok else named.get(response.status, f"http_{response.status}")
    return HelpdeskUnavailable(reason, retry_after_seconds=retry_after_seconds(response))


def rows(response: HttpResponse, key: str | None = None) -> list[Mapping[str, Any]]:
    """The objects a list endpoint answered, under `key` or bare; raises where the answer is anything else."""
    body = response.json()
    found = body if key is None else as_dict(body).get(key)
    if not response.ok or not isinstance(found, list):
        raise unavailable(response)
    return [as_dict(item) for item in found]
