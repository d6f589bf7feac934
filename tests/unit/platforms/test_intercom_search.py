"""Asking Intercom what changed, for notifications that never came."""

from datetime import UTC, datetime

from agents.platforms.intercom.api import Api
from agents.platforms.intercom.search import Changed, changed, conversation, page_of, search_body
from tests.support.deliveries import connection
from tests.support.http import FakeHttp, answer, routed, sent_json

SINCE, UNTIL = datetime.fromtimestamp(1000, UTC), datetime.fromtimestamp(2000, UTC)


def test_a_search_asks_for_fins_conversations_of_a_window_oldest_first() -> None:
    body = search_body(SINCE, UNTIL, cursor="WzE")
    assert body["query"]["operator"] == "AND"
    assert [(one["field"], one["operator"], one["value"]) for one in body["query"]["value"]] == [
        ("updated_at", ">", 1000),
        ("updated_at", "<", 2000),
        ("ai_agent_participated", "=", True),
    ]
    assert body["sort"] == {"field": "updated_at", "order": "ascending"}
    assert body["pagination"] == {"per_page": 150, "starting_after": "WzE"}
    assert "starting_after" not in search_body(SINCE, UNTIL)["pagination"]


def test_a_page_names_its_conversations_and_where_the_next_begins() -> None:
    page = page_of(
        {
            "type": "conversation.list",
            "conversations": [{"id": "1", "updated_at": 1500}, {"id": 2}, {"id": None}, "x"],
            "pages": {"next": {"starting_after": "WzI"}},
        }
    )
    assert page.changed == (Changed("1", datetime.fromtimestamp(1500, UTC)), Changed("2", None))
    assert page.cursor == "WzI"
    assert page_of({"conversations": None, "pages": {"next": None}}).cursor is None


async def test_the_two_calls_of_a_poll() -> None:
    http = FakeHttp(
        routed(
            {
                "POST /conversations/search": answer(200, {"conversations": [{"id": "1"}]}),
                "GET /conversations/1": answer(200, {"id": "1"}),
            }
        )
    )
    api = Api(http, connection("intercom", tokens={"access_token": "t"}))
    page = await changed(api, SINCE, UNTIL)
    assert sent_json(http.requests[0]) == search_body(SINCE, UNTIL)
    assert await conversation(api, page.changed[0].conversation_id) == {"id": "1"}
