"""The simulated Zendesk answers about tickets as developer.zendesk.com documents."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.settings import AccountSettings, SimulatorSettings, ZendeskAccount
from tests.support.simulators import ZENDESK_AUTH, Answer, Simulators, running

TICKETS = "/zendesk/acme/api/v2/tickets"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path) as simulators:
        yield simulators


def ticket(**changes: Any) -> dict[str, Any]:
    return {
        "ticket": {
            "subject": "Charged twice",
            "comment": {"html_body": "<p>I was charged <strong>twice</strong></p>", "public": False},
            "requester": {"name": "Maya Okafor", "email": "maya@example.com"},
            "external_id": "esc-1",
            **changes,
        }
    }


async def create(desk: Simulators, key: str | None = None, **changes: Any) -> Answer:
    headers = ZENDESK_AUTH | ({"Idempotency-Key": key} if key else {})
    return await desk.call("POST", TICKETS, ticket(**changes), auth=headers)


async def test_a_ticket_is_created_with_201_location_and_its_audit(desk: Simulators) -> None:
    answer = await create(desk, tags=["Handoff", "billing"], priority="high", group_id=360_002)
    made = answer.json["ticket"]
    assert answer.status == 201
    assert answer.headers["Location"] == f"{desk.url}/zendesk/acme/api/v2/tickets/{made['id']}.json"
    assert (made["external_id"], made["priority"], made["group_id"]) == ("esc-1", "high", 360_002)
    assert made["tags"] == ["billing", "handoff"]
    assert made["via"]["channel"] == "api"
    assert made["description"] == "I was charged twice"
    assert answer.json["audit"]["events"][0]["type"] == "Comment"
    assert "x-idempotency-lookup" not in answer.headers


async def test_the_same_key_and_body_give_the_cached_answer_for_two_hours(desk: Simulators) -> None:
    first = await create(desk, "key-1")
    desk.advance(7_199)
    again = await create(desk, "key-1")
    desk.advance(2)
    late = await create(desk, "key-1")
    lookups = [answer.headers["x-idempotency-lookup"] for answer in (first, again, late)]
    assert lookups == ["miss", "hit", "miss"]
    assert again.json == first.json
    assert again.status == 201
    assert late.json["ticket"]["id"] != first.json["ticket"]["id"]


async def test_the_same_key_with_another_body_is_refused(desk: Simulators) -> None:
    await create(desk, "key-1")
    answer = await create(desk, "key-1", subject="Another")
    assert answer.status == 400
    assert answer.json == {
        "error": "IdempotentRequestError",
        "description": "Request parameters don't match the given idempotency key",
    }
    assert len(desk.records.tickets()) == 1


async def test_a_refused_request_does_not_use_up_its_key(desk: Simulators) -> None:
    assert (await create(desk, "key-1", group_id=1)).status == 422
    assert (await create(desk, "key-1", group_id=360_001)).headers["x-idempotency-lookup"] == "miss"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"group_id": 1}, "group"),
        ({"brand_id": 1}, "brand"),
        ({"ticket_form_id": 1}, "ticket_form_id"),
        ({"priority": "asap"}, "priority"),
        ({"comment": {"body": " "}}, "base"),
        ({"requester": {"name": "Nobody"}}, "requester"),
        ({"requester_id": 17}, "requester"),
        ({"comment": {"body": "x", "uploads": ["no-such-token"]}}, "uploads"),
    ],
)
async def test_what_the_account_does_not_know_is_422_record_invalid_and_leaves_nothing(
    desk: Simulators, changes: dict[str, Any], field: str
) -> None:
    answer = await create(desk, **changes)
    assert answer.status == 422
    assert answer.json["error"] == "RecordInvalid"
    assert answer.json["description"] == "Record validation errors"
    assert field in answer.json["details"]
    assert desk.records.tickets() == []
    assert desk.store.rows("SELECT * FROM users") == []


async def test_markup_that_is_not_allowed_is_gone_and_the_rest_comes_back_wrapped(desk: Simulators) -> None:
    html = '<p onclick="x()">Hi</p><script>alert(1)</script><!-- mark --><a href="javascript:x()">go</a>'
    made = (await create(desk, comment={"html_body": html})).json
    comments = (await desk.call("GET", f"{TICKETS}/{made['ticket']['id']}/comments", auth=ZENDESK_AUTH)).json
    shown = comments["comments"][0]["html_body"]
    assert shown.startswith('<div class="zd-comment" dir="auto"><p>Hi</p>')
    assert not any(word in shown for word in ("script", "onclick", "mark", "javascript"))


async def test_a_plain_body_is_read_as_markdown(desk: Simulators) -> None:
    made = await create(desk, comment={"body": "**Now** [here](https://x.test)"})
    event = made.json["audit"]["events"][0]
    assert "<strong>Now</strong>" in event["html_body"]
    assert 'href="https://x.test"' in event["html_body"]


async def test_the_list_by_external_id_may_hold_several_and_is_paged(desk: Simulators) -> None:
    for number in range(3):
        await create(desk, external_id="same", subject=f"n{number}")
    await create(desk, external_id="other")
    page = await desk.call("GET", f"{TICKETS}?external_id=same&per_page=2", auth=ZENDESK_AUTH)
    assert [found["subject"] for found in page.json["tickets"]] == ["n0", "n1"]
    assert page.json["count"] == 3
    rest = await desk.call("GET", page.json["next_page"].removeprefix(desk.url), auth=ZENDESK_AUTH)
    assert [found["subject"] for found in rest.json["tickets"]] == ["n2"]
    assert rest.json["next_page"] is None
    assert rest.json["previous_page"]


async def test_cursor_pages_follow_links_until_has_more_is_false(desk: Simulators) -> None:
    for _ in range(5):
        await create(desk)
    path, seen = f"{TICKETS}?external_id=esc-1&page[size]=2", []
    while path:
        page = (await desk.call("GET", path, auth=ZENDESK_AUTH)).json
        seen += [found["id"] for found in page["tickets"]]
        path = (page["links"]["next"] or "").removeprefix(desk.url)
        assert page["meta"]["has_more"] == bool(path)
    assert len(set(seen)) == 5


async def test_both_forms_of_a_path_answer_and_an_unknown_one_does_not(desk: Simulators) -> None:
    assert (await desk.call("GET", f"{TICKETS}.json", auth=ZENDESK_AUTH)).status == 200
    unknown = await desk.call("GET", "/zendesk/acme/api/v2/nothing", auth=ZENDESK_AUTH)
    assert (unknown.status, unknown.json["error"]) == (404, "InvalidEndpoint")
    missing = await desk.call("GET", f"{TICKETS}/99", auth=ZENDESK_AUTH)
    assert (missing.status, missing.json) == (404, {"error": "RecordNotFound", "description": "Not found"})


async def test_an_update_adds_a_comment_each_time_it_is_sent(desk: Simulators) -> None:
    made = (await create(desk)).json["ticket"]
    note = {"ticket": {"comment": {"html_body": "<p>More</p>", "public": False}, "status": "open"}}
    note["ticket"]["metadata"] = {"custom": {"action": "a-1"}}
    for _ in range(2):
        answer = await desk.call("PUT", f"{TICKETS}/{made['id']}", note, auth=ZENDESK_AUTH)
        assert answer.status == 200
        assert answer.json["ticket"]["status"] == "open"
    listed = (await desk.call("GET", f"{TICKETS}/{made['id']}/comments", auth=ZENDESK_AUTH)).json["comments"]
    assert [comment["plain_body"] for comment in listed] == ["I was charged twice", "More", "More"]
    assert [comment["public"] for comment in listed] == [False, False, False]
    assert listed[1]["metadata"]["custom"] == {"action": "a-1"}
    audits = (await desk.call("GET", f"{TICKETS}/{made['id']}/audits", auth=ZENDESK_AUTH)).json["audits"]
    assert audits[1]["metadata"]["custom"] == {"action": "a-1"}


async def test_whether_later_comments_are_public_follows_the_first(desk: Simulators) -> None:
    for public in (True, False):
        made = (await create(desk, comment={"body": "x", "public": public})).json["ticket"]
        body = {"ticket": {"comment": {"body": "y"}}}
        answer = await desk.call("PUT", f"{TICKETS}/{made['id']}", body, auth=ZENDESK_AUTH)
        assert answer.json["audit"]["events"][0]["public"] is public


async def test_a_closed_ticket_takes_nothing_and_can_be_followed_up(desk: Simulators) -> None:
    made = (await create(desk)).json["ticket"]
    early = await create(desk, via_followup_source_id=made["id"])
    assert early.status == 422
    await desk.call("POST", f"/_agent/zendesk/acme/{made['id']}", {"status": "closed"})
    body = {"ticket": {"comment": {"body": "more"}}}
    answer = await desk.call("PUT", f"{TICKETS}/{made['id']}", body, auth=ZENDESK_AUTH)
    assert answer.status == 422
    assert answer.json["details"]["status"][0]["description"] == "Status: closed prevents ticket update"
    follow_up = (await create(desk, via_followup_source_id=made["id"])).json["ticket"]
    assert follow_up["via"]["source"]["rel"] == "follow_up"
    assert follow_up["via"]["source"]["from"]["ticket_id"] == made["id"]


async def test_a_public_first_comment_by_an_agent_is_mailed_by_the_standard_trigger(desk: Simulators) -> None:
    await create(desk, comment={"body": "the transcript", "public": True})
    await create(desk, comment={"body": "hidden", "public": False})
    mails = desk.records.mails("zendesk")
    assert [(mail["recipients"], mail["raw"]) for mail in mails] == [(["maya@example.com"], b"the transcript")]


async def test_a_tag_can_keep_the_trigger_from_firing(tmp_path: Path) -> None:
    zendesk = ZendeskAccount(proactive_trigger_excludes=("handoff",))
    async with running(tmp_path, SimulatorSettings(default=AccountSettings(zendesk=zendesk))) as desk:
        await create(desk, comment={"body": "x", "public": True}, tags=["handoff"])
        assert desk.records.mails() == []
        triggers = await desk.call("GET", "/zendesk/acme/api/v2/triggers/active", auth=ZENDESK_AUTH)
        excluded = {"field": "current_tags", "operator": "not_includes", "value": "handoff"}
        assert excluded in triggers.json["triggers"][0]["conditions"]["all"]


async def test_one_ticket_takes_thirty_updates_in_ten_minutes(desk: Simulators) -> None:
    made = (await create(desk)).json["ticket"]
    body = {"ticket": {"tags": ["x"]}}
    statuses = [(await desk.call("PUT", f"{TICKETS}/{made['id']}", body, auth=ZENDESK_AUTH)).status for _ in range(31)]
    assert statuses == [200] * 30 + [429]
    desk.advance(601)
    assert (await desk.call("PUT", f"{TICKETS}/{made['id']}", body, auth=ZENDESK_AUTH)).status == 200


async def test_keys_that_do_not_exist_are_named_in_a_header(desk: Simulators) -> None:
    answer = await create(desk, nonsense=1)
    assert answer.status == 201
    assert "nonsense" in answer.headers["X-Zendesk-API-Warn"]


async def test_a_body_that_is_no_json_is_400_in_plain_text(desk: Simulators) -> None:
    answer = await desk.call("POST", TICKETS, b"{", auth=ZENDESK_AUTH)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/plain")
    envelope = await desk.call("POST", TICKETS, {"subject": "x"}, auth=ZENDESK_AUTH)
    assert (envelope.status, envelope.json["error"]["title"]) == (400, "Invalid attribute")


async def test_search_shows_a_ticket_only_when_its_index_has_caught_up(desk: Simulators) -> None:
    await create(desk, tags=["handoff"])
    path = "/zendesk/acme/api/v2/search?query=type:ticket%20tags:handoff"
    assert (await desk.call("GET", path, auth=ZENDESK_AUTH)).json["count"] == 0
    desk.advance(61)
    assert (await desk.call("GET", path, auth=ZENDESK_AUTH)).json["count"] == 1


async def test_merging_closes_the_others_and_points_to_the_one(desk: Simulators) -> None:
    first, second = [(await create(desk)).json["ticket"]["id"] for _ in range(2)]
    answer = await desk.call("POST", f"{TICKETS}/{first}/merge", {"ids": [second]}, auth=ZENDESK_AUTH)
    assert (answer.status, answer.json["job_status"]["status"]) == (200, "queued")
    kept, merged = desk.records.tickets()
    assert (kept.status, merged.status) == ("new", "closed")
    assert "closed_by_merge" in merged.tags
    assert f"#{second}" in kept.comments[-1]["body"]
