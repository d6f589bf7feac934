"""Lists in pages: `page` and `per_page`, at most 100 and 300 pages, the next one in the `Link` header.

Search has 30 a page, ten pages, and a query of at most 512 characters in double quotes.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlencode

from agents.demo.simulators.calls import Call, Reply
from agents.demo.simulators.freshdesk import errors
from agents.demo.simulators.store import Json

_USUAL_PAGE, _LARGEST_PAGE, _MOST_PAGES = 30, 100, 300
_SEARCH_PAGE, _SEARCH_PAGES, _LONGEST_QUERY = 30, 10, 512
_TERM = re.compile(r"(\w+):\s*(?:'([^']*)'|(null|[<>]?\d+))")


def paged(call: Call, records: Sequence[Json]) -> Reply:
    """One page, as a bare list."""
    page, size = _number(call, "page", 1, _MOST_PAGES), _number(call, "per_page", _USUAL_PAGE, _LARGEST_PAGE)
    first = (page - 1) * size
    more = first + size < len(records)
    query = urlencode({**call.query, "page": page + 1, "per_page": size})
    link = {"Link": f'<{call.base_url}{call.path.split(call.account, 1)[1]}?{query}>; rel="next"'} if more else {}
    return Reply(200, list(records[first : first + size]), link)


def searched(call: Call, records: Sequence[Json]) -> Reply:
    """The records that match the query: terms `field:'value'` or `field:number`, joined with AND or OR."""
    query = call.query.get("query", "")
    if not (query.startswith('"') and query.endswith('"')) or len(query) > _LONGEST_QUERY:
        raise errors.validation(
            errors.problem("query", 'Query should be in the format "(field:value)"', "invalid_value")
        )
    page = _number(call, "page", 1, _SEARCH_PAGES)
    found = [record for record in records if _matches(record, query[1:-1])]
    first = (page - 1) * _SEARCH_PAGE
    return Reply(200, {"total": len(found), "results": found[first : first + _SEARCH_PAGE]})


def _matches(record: Json, query: str) -> bool:
    return any(
        all(_holds(record, *term) for term in _TERM.findall(part)) and bool(_TERM.search(part))
        for part in re.split(r"\s+OR\s+", query)
    )


def _holds(record: Json, field: str, quoted: str, bare: str) -> bool:
    wanted = quoted or bare
    if field == "tag":
        return wanted in (record.get("tags") or [])
    value = record.get(field, (record.get("custom_fields") or {}).get(field))
    if field in {"created_at", "updated_at"} and wanted[:1] in "<>":
        day = str(value)[:10]
        return day >= wanted[1:] if wanted[0] == ">" else day <= wanted[1:]
    return value is None if wanted == "null" else str(value) == wanted


def _number(call: Call, name: str, usual: int, most: int) -> int:
    value = call.query.get(name, "")
    if not value:
        return usual
    if not value.isdecimal() or not 1 <= int(value) <= most:
        message = f"It should be a Positive Integer less than or equal to {most}"
        raise errors.validation(errors.problem(name, message, "invalid_value"))
    return int(value)
