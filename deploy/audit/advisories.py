"""Known weaknesses and withdrawn releases, as PyPI tells them of each release.

https://docs.pypi.org/api/json/: `vulnerabilities` are those of the Python Packaging Advisory Database and OSV.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deploy.audit.lock import Locked

SERVICE = "https://pypi.org/pypi"
TIMEOUT_SECONDS = 15.0

ACCEPTED: Mapping[str, str] = {}
"""Advisories that do not touch us, each with the reason a person gave."""

Fetch = Callable[[str], bytes]


class NotReached(Exception):
    """The service gives no answer that can be used; nothing may be concluded from that."""


def fetch(url: str) -> bytes:
    """The body at `url`, or `NotReached`."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 # https alone, see SERVICE
            return bytes(response.read())
    except urllib.error.HTTPError as error:
        raise NotReached(f"it answered {error.code}") from None
    except OSError as error:
        raise NotReached(f"no connection ({type(error).__name__})") from None


def found(locked: Sequence[Locked], get: Fetch = fetch) -> list[str]:
    """A line for each advisory and each withdrawn release. `NotReached` where one of them gets no answer.

    The first that is not answered ends it: half an answer would look like a whole one.
    """
    faults = []
    for one in locked:
        answer = _answered(one, get)
        label = f"{one.name} {one.version}"
        for each in answer["vulnerabilities"]:
            names = {str(each.get("id")), *map(str, each.get("aliases") or ())}
            if not each.get("withdrawn") and not names & set(ACCEPTED):
                mended = ", ".join(map(str, each.get("fixed_in") or ())) or "no release yet"
                faults.append(f"{label}: {each.get('id')}, mended in {mended}")
        yanked = [file for file in answer["urls"] if file.get("yanked")]
        if yanked:
            faults.append(f"{label} was withdrawn: {yanked[0].get('yanked_reason') or 'no reason given'}")
    return faults


def _answered(one: Locked, get: Fetch) -> dict[str, Any]:
    raw = get(f"{SERVICE}/{one.name}/{one.version}/json")
    try:
        answer = json.loads(raw)
    except ValueError:
        raise NotReached("it answers with something that is no JSON") from None
    lists = isinstance(answer, dict) and all(isinstance(answer.get(key), list) for key in ("vulnerabilities", "urls"))
    if not lists:
        raise NotReached("its answers are not those of PyPI's JSON interface")
    return dict(answer)
