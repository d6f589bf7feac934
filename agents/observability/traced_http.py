"""The HTTP port with a client span around each request that is part of something traced."""

from urllib.parse import urlsplit

from agents.observability.tracing import Tracer, Value
from agents.outbound import Http, HttpRequest, HttpResponse


class TracedHttp:
    """An `Http`. No trace context is sent along: our trace ids are nobody else's business."""

    def __init__(self, http: Http, tracer: Tracer) -> None:
        """`http` makes the calls."""
        self._http = http
        self._tracer = tracer

    async def send(self, request: HttpRequest) -> HttpResponse:
        """See `Http`. Path and query stay out of the span: they may hold addresses and secrets."""
        with self._tracer.child(request.method, "client", _attributes(request)) as span:
            response = await self._http.send(request)
            span.set({"http.response.status_code": response.status})
            if response.status >= 400:
                span.fail(str(response.status))
            return response


def traced(http: Http, tracer: Tracer) -> Http:
    """`http`, traced where anything is."""
    return TracedHttp(http, tracer) if tracer.enabled else http


def _attributes(request: HttpRequest) -> dict[str, Value]:
    found: dict[str, Value] = {"http.request.method": request.method}
    try:
        parts = urlsplit(request.url)
        host, port = parts.hostname, parts.port
    except ValueError:  # it will be refused; the span says so
        return found
    if host:
        found["server.address"] = host
        found["server.port"] = port or (80 if parts.scheme == "http" else 443)
    return found
