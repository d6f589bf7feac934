"""Basic authentication with the API key as the user name, and the account's limit.

Failed calls count against the limit.
"""

import base64
import binascii
import hmac

from agents.demo.simulators.calls import Call, Rejected, Reply
from agents.demo.simulators.desks import recent_requests
from agents.demo.simulators.freshdesk import errors


def guard(call: Call) -> None:
    """The key first, then the limit."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    try:
        user_name = base64.b64decode(value.strip(), validate=True).decode().partition(":")[0]
    except (ValueError, binascii.Error):
        user_name = ""
    if scheme.lower() != "basic" or not hmac.compare_digest(
        user_name.encode(), call.settings.freshdesk.api_key.encode()
    ):
        raise errors.refusal(401, "invalid_credentials", "You have to be logged in to perform this action.")
    if _used(call) > call.settings.freshdesk.requests_per_minute:
        headers = {"Retry-After": str(60 - int(call.at) % 60)}
        raise Rejected(Reply(429, "You have exceeded the limit of requests per minute", headers))


def dress(call: Call, reply: Reply) -> Reply:
    """The headers that say what is left."""
    limit = call.settings.freshdesk.requests_per_minute
    return reply.with_headers(
        {
            "X-Freshdesk-API-Version": "latest=v2; requested=v2",
            "X-RateLimit-Total": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - _used(call))),
            "X-RateLimit-Used-CurrentRequest": "1",
        }
    )


def _used(call: Call) -> int:
    return recent_requests(call.store, "freshdesk", call.account, call.at - 60)
