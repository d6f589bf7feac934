"""Lists in pages: by number (`page`, `per_page`) or by cursor (`page[size]`, `page[after]`).

Source: developer.zendesk.com, "Pagination": at most 100 a page; by number at most 10,000 records, then 400.
"""

import base64
import binascii
from collections.abc import Sequence
from urllib.parse import urlencode

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import errors

_LARGEST_PAGE = 100
_RECORDS_BY_NUMBER = 10_000


def paged(call: Call, name: str, records: Sequence[Json]) -> Reply:
    """One page of `records` under `name`, in the way the query asks for."""
    if any(parameter.startswith("page[") for parameter in call.query):
        return Reply(200, _by_cursor(call, name, records))
    return Reply(200, _by_number(call, name, records))


def _by_number(call: Call, name: str, records: Sequence[Json]) -> Json:
    page, size = _number(call, "page", 1), min(_number(call, "per_page", _LARGEST_PAGE), _LARGEST_PAGE)
    if page * size > _RECORDS_BY_NUMBER:
        raise errors.bad_request("Invalid page", "Offset pagination is limited to the first 10000 records")
    first = (page - 1) * size
    more = first + size < len(records)
    return {
        name: list(records[first : first + size]),
        "next_page": _address(call, page=page + 1) if more else None,
        "previous_page": _address(call, page=page - 1) if page > 1 else None,
        "count": len(records),
    }


def _by_cursor(call: Call, name: str, records: Sequence[Json]) -> Json:
    size = min(_number(call, "page[size]", _LARGEST_PAGE), _LARGEST_PAGE)
    first = _position(call.query.get("page[after]"))
    chosen = list(records[first : first + size])
    more = first + size < len(records)
    after = _cursor(first + len(chosen)) if chosen else None
    address = _address(call, **{"page[after]": after or "", "page[size]": size}) if more else None
    return {
        name: chosen,
        "meta": {"has_more": more, "after_cursor": after, "before_cursor": _cursor(first) if chosen else None},
        "links": {"prev": None, "next": address},
    }


def _number(call: Call, name: str, usual: int) -> int:
    value = call.query.get(name, "")
    if not value:
        return usual
    if not value.isdecimal() or int(value) < 1:
        raise errors.bad_request("Invalid attribute", f"You passed an invalid value for the {name} attribute.")
    return int(value)


def _address(call: Call, **changes: object) -> str:
    query = {**call.query, **{name: str(value) for name, value in changes.items()}}
    endpoint = call.path.rsplit("/api/v2/", 1)[-1].removesuffix(".json")
    return f"{call.base_url}/api/v2/{endpoint}.json?{urlencode(query)}"


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"after:{position}".encode()).decode()


def _position(cursor: str | None) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("after:"))
    except (ValueError, binascii.Error):
        raise errors.bad_request("Invalid cursor", "page[after] is not a valid cursor") from None
