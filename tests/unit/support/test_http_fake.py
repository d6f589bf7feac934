"""The in-memory HTTP port behaves as the port says."""

import pytest

from agents.outbound import Ambiguous, HttpRequest, HttpResponse
from tests.support.http import FakeHttp, UnexpectedRequest, answer, query, routed, scripted, sent_json

GET = HttpRequest("GET", "https://desk.test/api/v2/tickets?external_id=e%201&page=2")


async def test_requests_are_kept_even_when_they_fail() -> None:
    http = FakeHttp(scripted(Ambiguous("timeout"), answer(200, {"ok": True})))
    with pytest.raises(Ambiguous):
        await http.send(GET)
    assert (await http.send(GET)).json() == {"ok": True}
    assert http.calls == ["GET /api/v2/tickets", "GET /api/v2/tickets"]
    assert query(GET) == {"external_id": "e 1", "page": "2"}


async def test_an_unforeseen_request_fails_the_test() -> None:
    for handler in (scripted(), routed({"POST /api/v2/tickets": answer(201)})):
        with pytest.raises(UnexpectedRequest):
            await FakeHttp(handler).send(GET)


async def test_handlers_may_be_coroutines() -> None:
    async def handle(request: HttpRequest) -> HttpResponse:
        return answer(200, sent_json(request))

    response = await FakeHttp(routed({"PUT /x": handle})).send(HttpRequest("PUT", "https://d.test/x", body=b"[1]"))
    assert response.json() == [1]


def test_text_and_bytes_stand_as_they_are() -> None:
    assert answer(200, "<html>").json() is None
    assert answer(200, b"{}").json() == {}
    assert answer(204).body == b""
