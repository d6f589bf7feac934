"""Intercom's credentials, limits and errors.

Source: developers.intercom.com, "Rate limiting": spread over windows of ten seconds, `X-RateLimit-*` on every answer.
"""

import hmac

from agents.demo.simulators.calls import Call, Rejected, Reply
from agents.demo.simulators.desks import recent_requests

_WINDOW_SECONDS = 10


def refusal(call: Call, status: int, code: str, message: str) -> Rejected:
    """An `error.list`."""
    return Rejected(Reply(status, error_list(code, message, f"req-{int(call.at * 1000):x}")))


def error_list(code: str, message: str, request_id: str = "req-0") -> dict[str, object]:
    """The body of every error."""
    return {"type": "error.list", "request_id": request_id, "errors": [{"code": code, "message": message}]}


def guard(call: Call) -> None:
    """The bearer token, then the limit."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not hmac.compare_digest(
        token.strip().encode(), call.settings.intercom.token.encode()
    ):
        raise refusal(call, 401, "unauthorized", "Access Token Invalid")
    if _used(call) > call.settings.intercom.requests_per_10_seconds:
        raise refusal(call, 429, "rate_limit_exceeded", "The rate limit for the App has been exceeded")


def dress(call: Call, reply: Reply) -> Reply:
    """What is left of the window, and when it ends."""
    limit = call.settings.intercom.requests_per_10_seconds
    return reply.with_headers(
        {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - _used(call))),
            "X-RateLimit-Reset": str(_window(call) + _WINDOW_SECONDS),
            "Intercom-Version": call.headers.get("intercom-version", "2.16"),
        }
    )


def unknown_endpoint(path: str) -> Reply:
    """404 for a path."""
    del path
    return Reply(404, error_list("not_found", "Resource Not Found"))


def _window(call: Call) -> int:
    return int(call.at) // _WINDOW_SECONDS * _WINDOW_SECONDS


def _used(call: Call) -> int:
    return recent_requests(call.store, "intercom", call.account, _window(call) - 0.001)
