"""Finding tickets and notes at Freshdesk: complete, or an error."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.helpdesks import tags
from agents.helpdesks.freshdesk.adapter import Freshdesk
from agents.helpdesks.port import HelpdeskUnavailable, Requester, TicketFile, TicketKey
from agents.outbound import HttpRequest, HttpResponse
from streams.clock import ManualClock
from tests.support.drafts import ESCALATION, START, freshdesk_account
from tests.support.http import FakeHttp, answer, called, query, routed

ACCOUNT = freshdesk_account()
WITH_FIELD = freshdesk_account(options={"fields": {"escalation_id": "cf_handoff"}})
KEY = TicketKey(ESCALATION, None, START)
LIST = "GET /api/v2/tickets"
MARKER = tags.marker(ESCALATION)


def desk() -> Freshdesk:
    return Freshdesk(ManualClock(datetime(2026, 11, 22, 15, 0, tzinfo=UTC)))


def item(ticket_id: int, *tagged: str, **more: Any) -> dict[str, Any]:
    created = f"2026-11-22T14:{ticket_id:02d}:00Z"
    return {"id": ticket_id, "status": 2, "tags": ["handoff", *tagged], "created_at": created} | more


async def test_tickets_are_found_by_tag_through_the_list_endpoint() -> None:
    http = FakeHttp(routed({LIST: answer(200, [item(30, MARKER), item(20), item(10, MARKER)])}))
    found = await desk().find_ticket(http, ACCOUNT, KEY)
    assert [(ref.id, ref.escalation_id) for ref in found] == [("10", ESCALATION), ("30", ESCALATION)]
    assert query(http.requests[0])["updated_since"] == "2026-11-22T13:55:09Z"
    assert http.requests[0].headers["authorization"] == "Basic azN5Olg="


async def test_tickets_are_found_by_field_and_minimal_ones_by_tag() -> None:
    by_field = item(30, custom_fields={"cf_handoff": ESCALATION})
    http = FakeHttp(routed({LIST: answer(200, [item(20, custom_fields={"cf_handoff": "x"}), by_field])}))
    assert [ref.id for ref in await desk().find_ticket(http, WITH_FIELD, KEY)] == ["30"]
    minimal = FakeHttp(routed({LIST: answer(200, [item(40, MARKER, custom_fields={"cf_handoff": None})])}))
    assert [ref.id for ref in await desk().find_ticket(minimal, WITH_FIELD, KEY)] == ["40"]


async def test_the_requesters_tickets_come_first_and_everybodys_after() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        return answer(200, [] if "requester_id" in query(request) else [item(10, MARKER)])

    http = FakeHttp(handle)
    found = await desk().find_ticket(http, ACCOUNT, TicketKey(ESCALATION, Requester("51"), START))
    assert [ref.id for ref in found] == ["10"]
    assert [query(request).get("requester_id") for request in http.requests] == ["51", None]


async def test_a_list_without_tags_is_no_proof_that_there_are_none() -> None:
    bare = {"id": 10, "status": 2, "created_at": "2026-11-22T14:30:00Z"}

    def handle(request: HttpRequest) -> HttpResponse:
        return answer(200, [bare] if called(request) == LIST else item(10, MARKER))

    assert [ref.id for ref in await desk().find_ticket(FakeHttp(handle), ACCOUNT, KEY)] == ["10"]


async def test_too_many_tickets_without_tags_are_incomplete() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        page = int(query(request)["page"])
        bare = [{"id": page * 100 + at, "created_at": "2026-11-22T14:30:00Z"} for at in range(100 if page < 3 else 1)]
        return answer(200, bare)

    with pytest.raises(HelpdeskUnavailable, match="incomplete"):
        await desk().find_ticket(FakeHttp(handle), ACCOUNT, KEY)


async def test_older_tickets_are_not_looked_into() -> None:
    old = {"id": 5, "created_at": "2026-11-20T14:30:00Z"}
    http = FakeHttp(routed({LIST: answer(200, [old])}))
    assert await desk().find_ticket(http, ACCOUNT, KEY) == []
    assert len(http.requests) == 1


async def test_all_pages_are_read() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        page = int(query(request)["page"])
        items = [item(10) for _ in range(100)] if page == 1 else [item(30, MARKER)]
        return answer(200, items)

    http = FakeHttp(handle)
    assert [ref.id for ref in await desk().find_ticket(http, ACCOUNT, KEY)] == ["30"]
    assert len(http.requests) == 2


async def test_a_short_page_that_names_a_next_one_is_not_the_last() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        link = {"link": '<https://acme.freshdesk.com/api/v2/tickets?page=2>; rel="next"'}
        return answer(200, [], link) if query(request)["page"] == "1" else answer(200, [item(30, MARKER)])

    assert [ref.id for ref in await desk().find_ticket(FakeHttp(handle), ACCOUNT, KEY)] == ["30"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (answer(200, "<html>"), "unusable_answer"),
        (answer(200, {"tickets": []}), "unusable_answer"),
        (answer(200), "unusable_answer"),
        (answer(401, {"code": "invalid_credentials"}), "unauthorized"),
        (answer(403), "forbidden"),
        (answer(404), "http_404"),
        (answer(429, None, {"retry-after": "30"}), "rate_limited"),
        (answer(500), "http_500"),
    ],
)
async def test_an_answer_that_proves_nothing_is_never_not_found(result: HttpResponse, reason: str) -> None:
    with pytest.raises(HelpdeskUnavailable) as error:
        await desk().find_ticket(FakeHttp(lambda _request: result), ACCOUNT, KEY)
    assert error.value.reason == reason


async def test_a_note_is_found_by_its_action() -> None:
    page = answer(200, [{"body_text": "hi"}, {"body": "<p><em>Handoff reference: a-1</em></p>"}, {"body": None}])
    http = FakeHttp(routed({"GET /api/v2/tickets/7/conversations": page}))
    assert await desk().has_comment(http, ACCOUNT, "7", "a-1")
    assert not await desk().has_comment(http, ACCOUNT, "7", "a-2")


async def test_a_ticket_that_does_not_exist_is_none_and_a_page_is_an_error() -> None:
    show = "GET /api/v2/tickets/7"
    assert await desk().get_ticket(FakeHttp(routed({show: answer(404)})), ACCOUNT, "7") is None
    for strange in (answer(404, "<html>"), answer(200, "[]"), answer(500)):
        with pytest.raises(HelpdeskUnavailable):
            await desk().get_ticket(FakeHttp(routed({show: strange})), ACCOUNT, "7")
    there = await desk().get_ticket(FakeHttp(routed({show: answer(200, item(7, MARKER, status=5))})), ACCOUNT, "7")
    assert there is not None
    assert (there.closed, there.escalation_id) == (True, ESCALATION)


async def test_open_tickets_are_ours_and_unsolved_newest_first() -> None:
    listed = [item(10), item(20, status=4), item(30, tags=["other"]), item(40, status=3), item(50, spam=True)]
    http = FakeHttp(routed({LIST: answer(200, listed)}))
    assert [ref.id for ref in await desk().open_tickets(http, ACCOUNT, Requester("51"))] == ["40", "10"]
    assert query(http.requests[0])["updated_since"] == "2026-10-23T15:00:00Z"


async def test_recent_tickets_carry_their_escalations() -> None:
    listed = [item(10, MARKER), item(20, tags=[]), item(30)]
    http = FakeHttp(routed({LIST: answer(200, listed)}))
    found = await desk().recent_tickets(http, ACCOUNT, since=START.replace(minute=0))
    assert [(ref.id, ref.escalation_id) for ref in found] == [("10", ESCALATION), ("30", None)]


async def test_a_file_and_its_note_are_one_request() -> None:
    http = FakeHttp(routed({"POST /api/v2/tickets/7/notes": answer(201, {"id": 99, "ticket_id": 7})}))
    file = TicketFile('in"voice\r\nX: y.pdf', "text/html\r\nX: y", b"\x00\xff")
    got = await desk().attach_file(http, ACCOUNT, "7", file, action_id="a-1")
    assert (got.verdict, got.ticket and got.ticket.id) == ("done", "7")
    sent = http.requests[0]
    assert sent.headers["content-type"] == "multipart/form-data; boundary=handoff-a-1"
    body = sent.body or b""
    assert (
        b'name="attachments[]"; filename="in_voice X: y.pdf"\r\nContent-Type: application/octet-stream\r\n\r\n' in body
    )
    assert b"\x00\xff\r\n--handoff-a-1--\r\n" in body
    assert b'name="private"\r\n\r\ntrue\r\n' in body
    assert b"Handoff reference: a-1" in body


async def test_a_file_too_large_is_refused_without_a_call() -> None:
    http = FakeHttp(lambda _request: answer(500))
    file = TicketFile("a.bin", "application/octet-stream", b"x" * (15 * 1024 * 1024 + 1))
    assert (await desk().attach_file(http, ACCOUNT, "7", file, action_id="a")).reason == "file_too_large"
    assert http.requests == []


async def test_ids_that_are_no_numbers_ask_nothing() -> None:
    http = FakeHttp(lambda _request: answer(500))
    assert await desk().get_ticket(http, ACCOUNT, "../agents") is None
    assert not await desk().has_comment(http, ACCOUNT, "x", "a")
    assert await desk().open_tickets(http, ACCOUNT, Requester("x")) == []
    assert http.requests == []
