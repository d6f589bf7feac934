"""A collector on loopback that keeps what it is sent (OTLP/HTTP, https://opentelemetry.io/docs/specs/otlp/#otlphttp)."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
ERROR = 2


@dataclass(frozen=True)
class Received:
    """One span, ids as hex; `parent` is empty for the first of a trace."""

    service: str
    name: str
    kind: str
    trace: str
    span: str
    parent: str
    attributes: dict[str, Any]
    failed: bool


@dataclass
class Collector:
    """What came. `status` is what it answers."""

    url: str = ""
    status: int = 200
    spans: list[Received] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    raw: bytes = b""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.paths.append(request.path)
        if self.status == 200:
            self.raw += body
            self.spans.extend(_spans(body))
        return web.Response(status=self.status, content_type="application/x-protobuf")

    async def until(self, holds: Callable[[list[Received]], bool], seconds: float = 30.0) -> None:
        """Return when what has come is enough."""
        async with asyncio.timeout(seconds):
            while not holds(self.spans):
                await asyncio.sleep(0.05)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens."""
    collector = Collector()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/{tail:.*}", collector.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield collector
    finally:
        await runner.cleanup()


def _spans(body: bytes) -> list[Received]:
    found = []
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = str(_values(resource.resource.attributes).get("service.name", ""))
        for scope in resource.scope_spans:
            for span in scope.spans:
                found.append(  # noqa: PERF401 # four levels in one comprehension are no easier to read
                    Received(
                        service,
                        span.name,
                        KINDS[span.kind],
                        span.trace_id.hex(),
                        span.span_id.hex(),
                        span.parent_span_id.hex(),
                        _values(span.attributes),
                        span.status.code == ERROR,
                    )
                )
    return found


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, str(one.value.WhichOneof("value"))) for one in attributes}
