"""What a platform's answer to one of our calls means."""

from typing import Any

from agents.outbound import Ambiguous, Http, HttpRequest, HttpResponse
from agents.platforms.port import CallFailed

_NOTHING_WAS_DONE = frozenset({408, 425, 429, 503})
"""Statuses by which a server says that it did not take the request on (RFC 9110, RFC 6585, RFC 8470)."""

MAX_RETRY_AFTER_SECONDS = 3600.0


async def send(http: Http, request: HttpRequest, *, repeatable: bool) -> HttpResponse:
    """The 2xx answer to `request`; anything else raises.

    `repeatable`: asking twice does no more than asking once (a GET, an idempotent call), so that an
    uncertain 5xx is an invitation to try again. Where it does more, a 5xx is `Ambiguous`.
    """
    response = await http.send(request)
    if response.ok:
        return response
    reason = f"http_{response.status}"
    if response.status in _NOTHING_WAS_DONE:
        raise CallFailed(reason, retryable=True, retry_after_seconds=retry_after_seconds(response))
    if response.status >= 500:
        if repeatable:
            raise CallFailed(reason, retryable=True)
        raise Ambiguous(reason)
    raise CallFailed(reason, retryable=False)


async def send_for_json(http: Http, request: HttpRequest) -> dict[str, Any]:
    """The JSON object answered to a repeatable request; an answer that is none is retryable."""
    response = await send(http, request, repeatable=True)
    body = response.json()
    if not isinstance(body, dict):
        raise CallFailed("not_json", retryable=True)
    return body


def retry_after_seconds(response: HttpResponse) -> float | None:
    """`Retry-After` in seconds, at most an hour; the HTTP date form is left to the caller's own back-off."""
    value = response.headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        return None
    return min(seconds, MAX_RETRY_AFTER_SECONDS) if seconds >= 0 else None
