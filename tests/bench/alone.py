"""What a webhook costs that comes alone: the same request after a pause, in which the caches forget the code it needs.

`python -m tests.bench.webhook` has the same webhook among others.
"""

import asyncio
import time
from collections.abc import Callable
from statistics import median

from tests.bench.webhook import Served, Wire, headers_of, requests_of, turns

PAUSES_MS = (0, 1, 10)
WEBHOOKS = 200
UNCOUNTED = 20

Figures = dict[str, list[tuple[int, float]]]
"""By handler: the pause in ms, and the median CPU µs of a webhook after it."""


async def alone() -> Figures:
    """The gateway as it is served and the bare handler, one connection each, one request at a time."""
    given = [(body, headers_of("custom-llm", body)) for body in turns()[:WEBHOOKS]]
    async with Served() as served:
        handlers = {
            "gateway": (served.gateway, requests_of("/v1/events/acme", given)),
            "bare": (served.bare, requests_of("/events", given)),
        }
        return {
            name: [(pause_ms, await _after(pause_ms / 1000, make, requests)) for pause_ms in PAUSES_MS]
            for name, (make, requests) in handlers.items()
        }


async def _after(pause_seconds: float, make: Callable[[], asyncio.Protocol], requests: list[bytes]) -> float:
    """The thread rests for `pause_seconds` before each request: what it costs then is what is measured."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[bytes] = loop.create_future()
    wire = Wire(make(), lambda _wire, data: answer.set_result(data))
    spent = []
    for request in requests:
        answer = loop.create_future()
        time.sleep(pause_seconds)  # noqa: ASYNC251 -- the rest is what is measured: nothing else may run meanwhile
        started = time.thread_time()
        wire.protocol.data_received(request)
        assert (await answer).startswith(b"HTTP/1.1 200")
        spent.append(time.thread_time() - started)
    wire.protocol.connection_lost(None)
    return median(spent[UNCOUNTED:]) * 1e6
