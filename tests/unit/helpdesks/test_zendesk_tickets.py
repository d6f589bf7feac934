"""Finding tickets and comments at Zendesk: complete, or an error."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from agents.helpdesks import tags
from agents.helpdesks.port import HelpdeskUnavailable, Requester, TicketKey
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.outbound import HttpRequest, HttpResponse
from streams.clock import SystemClock
from tests.support.drafts import ESCALATION, START, zendesk_account
from tests.support.http import FakeHttp, answer, query, routed

ACCOUNT = zendesk_account(tokens={"email": SecretStr("bot@acme.example"), "api_token": SecretStr("k")})
KEY = TicketKey(ESCALATION, None, START)
TICKETS = "/api/v2/tickets"
REQUESTED = "GET /api/v2/users/9/tickets/requested"


def desk() -> Zendesk:
    return Zendesk(SystemClock())


def item(ticket_id: int, **more: Any) -> dict[str, Any]:
    created = f"2026-11-22T14:{ticket_id:02d}:00Z"
    return {
        "id": ticket_id,
        "status": "open",
        "created_at": created,
        "tags": ["handoff"],
        "external_id": ESCALATION,
    } | more


def listed(*items: dict[str, Any]) -> HttpResponse:
    return answer(200, {"tickets": list(items), "meta": {"has_more": False}, "links": {"next": None}})


async def test_tickets_are_found_by_external_id_oldest_first() -> None:
    other = item(3, external_id="another")
    http = FakeHttp(routed({f"GET {TICKETS}": listed(item(5), item(2), other)}))
    found = await desk().find_ticket(http, ACCOUNT, KEY)
    assert [ref.id for ref in found] == ["2", "5"]
    assert found[0].url == "https://acme.zendesk.com/agent/tickets/2"
    assert query(http.requests[0])["external_id"] == ESCALATION
    assert http.requests[0].headers["authorization"].startswith("Basic ")


async def test_all_pages_are_read_by_cursor() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        if "page[after]" in query(request):
            return listed(item(2))
        following = "https://acme.zendesk.com/api/v2/tickets?page%5Bafter%5D=abc"
        return answer(200, {"tickets": [item(1)], "meta": {"has_more": True}, "links": {"next": following}})

    assert [ref.id for ref in await desk().find_ticket(FakeHttp(handle), ACCOUNT, KEY)] == ["1", "2"]


async def test_all_pages_are_read_by_number_where_there_is_no_cursor() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        if query(request).get("page") == "2":
            return answer(200, {"tickets": [item(2)], "next_page": None, "count": 2})
        return answer(200, {"tickets": [item(1)], "next_page": "https://acme.zendesk.com/api/v2/tickets?page=2"})

    assert [ref.id for ref in await desk().find_ticket(FakeHttp(handle), ACCOUNT, KEY)] == ["1", "2"]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (answer(200, "<html>Sign in</html>"), "unusable_answer"),
        (answer(200, '{"tickets":[{"id":1'), "unusable_answer"),
        (answer(200, {"tickets": None}), "unusable_answer"),
        (answer(200, {}), "unusable_answer"),
        (answer(200), "unusable_answer"),
        (answer(403, {"error": "Forbidden"}), "forbidden"),
        (answer(404), "http_404"),
        (answer(429, None, {"retry-after": "7"}), "rate_limited"),
        (answer(500), "http_500"),
        (answer(200, {"tickets": [], "meta": {"has_more": True}}), "incomplete"),
        (answer(200, {"tickets": [], "next_page": "https://evil.example/api/v2/tickets"}), "foreign_page"),
    ],
)
async def test_an_answer_that_proves_nothing_is_never_not_found(result: HttpResponse, reason: str) -> None:
    with pytest.raises(HelpdeskUnavailable) as error:
        await desk().find_ticket(FakeHttp(lambda _request: result), ACCOUNT, KEY)
    assert error.value.reason == reason


async def test_credentials_never_leave_for_another_host() -> None:
    page = answer(200, {"tickets": [], "next_page": "https://evil.example/api/v2/tickets?page=2"})
    http = FakeHttp(lambda _request: page)
    with pytest.raises(HelpdeskUnavailable):
        await desk().find_ticket(http, ACCOUNT, KEY)
    assert all(request.url.startswith("https://acme.zendesk.com/") for request in http.requests)


async def test_a_list_without_end_is_incomplete() -> None:
    endless = answer(200, {"tickets": [], "next_page": "https://acme.zendesk.com/api/v2/tickets?page=2"})
    with pytest.raises(HelpdeskUnavailable, match="incomplete"):
        await desk().find_ticket(FakeHttp(lambda _request: endless), ACCOUNT, KEY)


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ({"metadata": {"custom": {"handoff_action_id": "a-1"}}, "body": ""}, True),
        ({"plain_body": "text\nHandoff reference: a-1"}, True),
        ({"html_body": "<p><em>Handoff reference: a-1</em></p>"}, True),
        ({"body": "Handoff reference: a-2", "metadata": None}, False),
        ({}, False),
    ],
)
async def test_a_comment_is_found_by_its_action(comment: dict[str, Any], found: bool) -> None:
    page = answer(200, {"comments": [{"id": 1, "body": "hi"}, comment], "meta": {"has_more": False}})
    http = FakeHttp(routed({f"GET {TICKETS}/7/comments": page}))
    assert await desk().has_comment(http, ACCOUNT, "7", "a-1") is found


async def test_a_ticket_that_does_not_exist_is_none_and_a_strange_answer_is_an_error() -> None:
    gone = FakeHttp(lambda _request: answer(404, {"error": "RecordNotFound"}))
    assert await desk().get_ticket(gone, ACCOUNT, "7") is None
    for strange in (answer(404, "<html>"), answer(404), answer(200, {"ticket": None}), answer(502)):
        with pytest.raises(HelpdeskUnavailable):
            await desk().get_ticket(FakeHttp(routed({f"GET {TICKETS}/7": strange})), ACCOUNT, "7")


async def test_a_closed_ticket_is_known_as_such() -> None:
    http = FakeHttp(routed({f"GET {TICKETS}/7": answer(200, {"ticket": item(7, status="closed")})}))
    found = await desk().get_ticket(http, ACCOUNT, "7")
    assert found is not None
    assert found.closed
    assert found.escalation_id == ESCALATION


async def test_open_tickets_are_ours_and_unsolved_newest_first() -> None:
    page = listed(
        item(1), item(2, status="solved"), item(3, status="closed"), item(4, tags=["other"]), item(5, status="hold")
    )
    found = await desk().open_tickets(FakeHttp(routed({REQUESTED: page})), ACCOUNT, Requester("9"))
    assert [ref.id for ref in found] == ["5", "1"]


async def test_recent_tickets_are_read_until_older_ones_come() -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        page = int(query(request).get("page", "1"))
        following = f"https://acme.zendesk.com/api/v2/tickets?page={page + 1}"
        items = {1: [item(30), item(20, tags=[])], 2: [item(10), item(4)], 3: [item(3), item(2)]}
        return answer(200, {"tickets": items[page], "next_page": following})

    http = FakeHttp(handle)
    since = datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
    found = await desk().recent_tickets(http, ACCOUNT, since=since)
    assert [ref.id for ref in found] == ["10", "30"]
    assert query(http.requests[0])["sort"] == "-id"
    assert len(http.requests) == 3


async def test_the_newest_messaging_ticket_is_found() -> None:
    page = listed(
        item(1, via={"channel": "email"}),
        item(2, via={"channel": "native_messaging"}),
        item(3, via={"channel": "api"}, from_messaging_channel=True),
        item(4, via={"channel": "sunshine_conversations_api"}, status="closed"),
    )
    http = FakeHttp(routed({REQUESTED: page}))
    found = await desk().newest_messaging_ticket(http, ACCOUNT, "9", datetime(2026, 11, 22, 14, 2, tzinfo=UTC))
    assert found is not None
    assert found.id == "3"
    later = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    assert await desk().newest_messaging_ticket(http, ACCOUNT, "9", later) is None


async def test_a_messaging_ticket_touched_since_counts_though_it_is_older() -> None:
    page = listed(item(2, via={"channel": "native_messaging"}, updated_at="2026-11-22T15:30:00Z"))
    found = await desk().newest_messaging_ticket(
        FakeHttp(routed({REQUESTED: page})), ACCOUNT, "9", datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
    )
    assert found is not None


async def test_a_marked_ticket_is_found_by_tag_or_external_id() -> None:
    marked = item(4, tags=[tags.marker(ESCALATION)], external_id=None)
    page = listed(item(2, external_id="x"), marked)
    found = await desk().find_by_marker(FakeHttp(routed({REQUESTED: page})), ACCOUNT, "9", ESCALATION)
    assert found is not None
    assert found.id == "4"


async def test_ids_that_are_no_numbers_ask_nothing() -> None:
    http = FakeHttp(lambda _request: answer(500))
    assert await desk().get_ticket(http, ACCOUNT, "../users") is None
    assert await desk().has_comment(http, ACCOUNT, "x", "a") is False
    assert await desk().open_tickets(http, ACCOUNT, Requester("x")) == []
    assert http.requests == []
