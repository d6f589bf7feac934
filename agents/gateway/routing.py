"""What a path means. Two forms, told apart by their words: patterns tried in turn would cost each request more."""

from typing import NamedTuple
from urllib.parse import unquote

from aiohttp import web

CUSTOM = "custom-llm"

WEBHOOKS, EVENTS = "/v1/webhooks/{platform}/{tenant}", "/v1/events/{tenant}"
METHODS = {WEBHOOKS: ("HEAD", "POST"), EVENTS: ("POST",)}
"""All there is; `HEAD` for platforms that look before they post."""


class Place(NamedTuple):
    """Whom a request is for: names as the sender spells them, known or not."""

    route: str
    platform: str
    tenant: str


def place(raw_path: str) -> Place | None:
    """What stands at `raw_path`, as it came over the wire; None: nothing."""
    parts = raw_path.split("/")
    if len(parts) == 4 and parts[1] == "v1" and parts[2] == "events" and parts[3]:  # custom LLM apps, in fewer words
        return Place(EVENTS, CUSTOM, unquote(parts[3]))
    if len(parts) == 5 and parts[1] == "v1" and parts[2] == "webhooks" and parts[3] and parts[4]:
        return Place(WEBHOOKS, unquote(parts[3]), unquote(parts[4]))
    return None


async def expected(request: web.BaseRequest, expectation: str) -> None:
    """Tell a sender that waits for it to go on with the body; it can wait for nothing else (RFC 9110 §10.1.1)."""
    if request.version != (1, 1):
        return
    if expectation.strip().lower() != "100-continue":
        raise web.HTTPExpectationFailed(headers={"Server": "handoff"})
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0  # the answer itself has not begun
