"""An in-memory `agents.outbound.Http`: a handler answers, every request is kept.

    http = FakeHttp(lambda request: answer(200, {"ticket": {"id": 1}}))
    http = FakeHttp(scripted(answer(429, headers={"retry-after": "3"}), Ambiguous("timeout"), answer(201, {...})))
    http = FakeHttp(routed({"GET /api/v2/users/search": answer(200, {"users": []})}))

A handler may return a response, return an awaitable of one, return an exception, or raise one.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from agents.outbound import HttpRequest, HttpResponse

Result = HttpResponse | Exception
Handler = Callable[[HttpRequest], Result | Awaitable[Result]]


class UnexpectedRequest(AssertionError):
    """The code under test asked for something the test did not foresee."""


class FakeHttp:
    """`requests` holds what was sent, in order, those that failed included."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[HttpRequest] = []

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        result = self.handler(request)
        if isawaitable(result):
            result = await result
        if isinstance(result, Exception):
            raise result
        return result

    @property
    def calls(self) -> list[str]:
        """`METHOD /path` of each request, without host and query."""
        return [called(request) for request in self.requests]


def answer(status: int = 200, body: Any = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A response. `body`: bytes and text stand as they are, None is an empty body, anything else becomes JSON."""
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    if body is None:
        raw = b""
    elif isinstance(body, bytes):
        raw = body
    elif isinstance(body, str):
        raw = body.encode()
    else:
        raw = json.dumps(body).encode()
        lowered.setdefault("content-type", "application/json; charset=utf-8")
    return HttpResponse(status=status, headers=lowered, body=raw)


def scripted(*results: Result) -> Handler:
    """Each request takes the next result; one request too many fails the test."""
    left = list(results)

    def handle(request: HttpRequest) -> Result:
        if not left:
            raise UnexpectedRequest(called(request))
        return left.pop(0)

    return handle


def routed(routes: Mapping[str, Result | Handler]) -> Handler:
    """Results by `METHOD /path` (the query plays no part); a route may be a handler of its own."""

    def handle(request: HttpRequest) -> Result | Awaitable[Result]:
        found = routes.get(called(request))
        if found is None:
            raise UnexpectedRequest(called(request))
        if isinstance(found, HttpResponse | Exception):
            return found
        return found(request)

    return handle


def called(request: HttpRequest) -> str:
    """`METHOD /path` of a request."""
    return f"{request.method} {urlsplit(request.url).path}"


def query(request: HttpRequest) -> dict[str, str]:
    """The query of a request; of a repeated name the last value."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.url).query).items()}


def sent_json(request: HttpRequest) -> Any:
    """The body of a request as JSON; fails where it is none."""
    assert request.body is not None, f"{called(request)} has no body"
    return json.loads(request.body)
