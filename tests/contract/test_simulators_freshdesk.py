"""The simulated Freshdesk answers as developers.freshdesk.com documents."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.settings import AccountSettings, FreshdeskAccount, SimulatorSettings
from tests.support.simulators import FRESHDESK_AUTH, Answer, Simulators, basic, running

API = "/freshdesk/acme/api/v2"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path) as simulators:
        yield simulators


async def create(desk: Simulators, **changes: Any) -> Answer:
    body = {"subject": "Charged twice", "description": "<p>Twice</p>", "email": "maya@example.com", **changes}
    return await desk.call("POST", f"{API}/tickets", body, auth=FRESHDESK_AUTH)


async def get(desk: Simulators, path: str) -> Answer:
    return await desk.call("GET", f"{API}/{path}", auth=FRESHDESK_AUTH)


async def test_a_ticket_is_201_bare_with_location_and_defaults(desk: Simulators) -> None:
    answer = await create(desk)
    assert answer.status == 201
    assert answer.headers["Location"] == f"{desk.url}{API}/tickets/{answer.json['id']}"
    assert (answer.json["status"], answer.json["priority"], answer.json["source"]) == (2, 1, 2)
    assert answer.json["description_text"] == "Twice"
    contact = (await get(desk, f"contacts/{answer.json['requester_id']}")).json
    assert contact["email"] == "maya@example.com"


async def test_what_is_sent_twice_is_there_twice(desk: Simulators) -> None:
    headers = FRESHDESK_AUTH | {"Idempotency-Key": "k"}
    body = {"subject": "s", "description": "d", "email": "a@b.test"}
    for _ in range(2):
        assert (await desk.call("POST", f"{API}/tickets", body, auth=headers)).status == 201
    assert len(desk.records.tickets(helpdesk="freshdesk")) == 2
    assert len((await get(desk, "contacts?email=a%40b.test")).json) == 1


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"group_id": 1}, "group_id", "invalid_value"),
        ({"priority": 9}, "priority", "invalid_value"),
        ({"email": None}, "requester_id", "missing_field"),
        ({"email": None, "phone": "+1555"}, "name", "missing_field"),
        ({"subject": None}, "subject", "missing_field"),
        ({"nonsense": 1}, "nonsense", "invalid_field"),
        ({"custom_fields": {"without_prefix": "x"}}, "without_prefix", "invalid_field"),
        ({"tags": ["t" * 33]}, "tags", "invalid_value"),
        ({"tags": "billing"}, "tags", "datatype_mismatch"),
        ({"requester_id": 5}, "requester_id", "invalid_value"),
    ],
)
async def test_what_is_wrong_is_named_field_by_field(
    desk: Simulators, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = await create(desk, **changes)
    assert (answer.status, answer.json["description"]) == (400, "Validation failed")
    assert (field, code) in [(problem["field"], problem["code"]) for problem in answer.json["errors"]]
    assert desk.records.tickets() == []


async def test_custom_fields_must_exist(tmp_path: Path) -> None:
    account = AccountSettings(freshdesk=FreshdeskAccount(field_names=("cf_handoff",)))
    async with running(tmp_path, SimulatorSettings(default=account)) as desk:
        assert (await create(desk, custom_fields={"cf_handoff": "e-1"})).status == 201
        assert (await create(desk, custom_fields={"cf_other": "e-1"})).status == 400
        assert [ticket.id for ticket in desk.records.tickets_by_escalation("e-1")] == [1]


async def test_lists_are_immediate_and_search_lags(desk: Simulators) -> None:
    made = (await create(desk, tags=["handoff"])).json
    for query in ("email=maya%40example.com", f"requester_id={made['requester_id']}", "updated_since=2026-07-11"):
        listed = (await get(desk, f"tickets?{query}")).json
        assert [ticket["id"] for ticket in listed] == [made["id"]], query
        assert "description" not in listed[0]
    search = "search/tickets?query=%22tag:'handoff'%20AND%20status:2%22"
    assert (await get(desk, search)).json == {"total": 0, "results": []}
    desk.advance(181)
    assert [ticket["id"] for ticket in (await get(desk, search)).json["results"]] == [made["id"]]


async def test_a_list_shows_thirty_days_unless_a_time_is_given(desk: Simulators) -> None:
    made = (await create(desk)).json
    desk.advance(31 * 86_400)
    assert (await get(desk, f"tickets?requester_id={made['requester_id']}")).json == []
    query = f"tickets?requester_id={made['requester_id']}&updated_since=2026-07-01T00:00:00Z"
    assert len((await get(desk, query)).json) == 1


async def test_pages_are_linked_in_a_header(desk: Simulators) -> None:
    for _ in range(3):
        await create(desk)
    first = await get(desk, "tickets?updated_since=2026-01-01&per_page=2&order_type=asc")
    assert [ticket["id"] for ticket in first.json] == [1, 2]
    address = first.headers["Link"].partition(">")[0].removeprefix(f"<{desk.url}{API}/")
    second = await get(desk, address)
    assert [ticket["id"] for ticket in second.json] == [3]
    assert "Link" not in second.headers
    assert (await get(desk, "tickets?per_page=101")).status == 400


async def test_notes_are_private_unless_said_and_replies_are_mailed(desk: Simulators) -> None:
    made = (await create(desk)).json
    path = f"{API}/tickets/{made['id']}"
    note = await desk.call("POST", f"{path}/notes", {"body": "<p>n</p><!--x-->"}, auth=FRESHDESK_AUTH)
    assert (note.status, note.json["private"], note.json["body_text"]) == (201, True, "n")
    assert "<!--" not in note.json["body"]
    reply = await desk.call("POST", f"{path}/reply", {"body": "hello"}, auth=FRESHDESK_AUTH)
    assert reply.status == 201
    listed = (await get(desk, f"tickets/{made['id']}/conversations")).json
    assert [entry["body_text"] for entry in listed] == ["n", "hello"]
    subjects = [mail["subject"] for mail in desk.records.mails("freshdesk")]
    assert subjects == ["Ticket Received - [#1] Charged twice", "Re: [#1] Charged twice"]
    empty = await desk.call("POST", f"{path}/notes", {"private": True}, auth=FRESHDESK_AUTH)
    assert empty.json["errors"][0]["field"] == "body"


async def test_an_update_works_on_a_closed_ticket_too(desk: Simulators) -> None:
    made = (await create(desk)).json
    await desk.call("POST", f"/_agent/freshdesk/acme/{made['id']}", {"status": "closed"})
    answer = await desk.call("PUT", f"{API}/tickets/{made['id']}", {"status": 2, "priority": 4}, auth=FRESHDESK_AUTH)
    assert (answer.status, answer.json["status"], answer.json["priority"]) == (200, 2, 4)


async def test_a_contact_needs_one_way_to_be_known_and_is_unique(desk: Simulators) -> None:
    made = await desk.call(
        "POST", f"{API}/contacts", {"name": "Visitor", "unique_external_id": "v-1"}, auth=FRESHDESK_AUTH
    )
    assert (made.status, made.json["email"]) == (201, None)
    nobody = await desk.call("POST", f"{API}/contacts", {"unique_external_id": "v-2"}, auth=FRESHDESK_AUTH)
    assert (nobody.status, nobody.json["errors"][0]["code"]) == (400, "missing_field")
    again = await desk.call("POST", f"{API}/contacts", {"name": "x", "unique_external_id": "v-1"}, auth=FRESHDESK_AUTH)
    assert again.status == 409
    assert again.json["errors"][0]["additional_info"] == {"user_id": made.json["id"]}
    ticket = (await create(desk, email=None, unique_external_id="v-1")).json
    assert ticket["requester_id"] == made.json["id"]


async def test_a_contact_learns_an_address(desk: Simulators) -> None:
    made = (await desk.call("POST", f"{API}/contacts", {"name": "V"}, auth=FRESHDESK_AUTH)).json
    await desk.call("PUT", f"{API}/contacts/{made['id']}", {"email": "v@b.test"}, auth=FRESHDESK_AUTH)
    assert [found["id"] for found in (await get(desk, "contacts?email=v%40b.test")).json] == [made["id"]]


async def test_files_come_as_multipart_with_bracketed_lists(desk: Simulators) -> None:
    fields = {
        "subject": "s",
        "description": "d",
        "email": "a@b.test",
        "tags[]": "handoff",
        "priority": "3",
        "custom_fields[cf_handoff]": "e-1",
    }
    parts = [f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append(
        '--B\r\nContent-Disposition: form-data; name="attachments[]"; filename="a.txt"\r\n'
        "Content-Type: text/plain\r\n\r\nhello"
    )
    body = ("\r\n".join(parts) + "\r\n--B--\r\n").encode()
    headers = FRESHDESK_AUTH | {"Content-Type": "multipart/form-data; boundary=B"}
    answer = await desk.call("POST", f"{API}/tickets", body, auth=headers)
    assert answer.status == 201, answer.raw
    assert (answer.json["tags"], answer.json["priority"]) == (["handoff"], 3)
    (file,) = answer.json["attachments"]
    assert (file["name"], file["content_type"], file["size"]) == ("a.txt", "text/plain", 5)


async def test_errors_have_freshdesks_shapes(desk: Simulators) -> None:
    wrong = await desk.call("GET", f"{API}/tickets", auth=basic("nobody", "X"))
    assert (wrong.status, wrong.json["code"]) == (401, "invalid_credentials")
    missing = await get(desk, "tickets/99")
    assert (missing.status, missing.raw) == (404, b"")
    no_json = await desk.call("POST", f"{API}/tickets", b"{", auth=FRESHDESK_AUTH)
    assert (no_json.status, no_json.json["code"]) == (400, "invalid_json")
    kind = await desk.call("POST", f"{API}/tickets", b"x", auth=FRESHDESK_AUTH | {"Content-Type": "text/plain"})
    assert (kind.status, kind.json["code"]) == (415, "invalid_content_type")


async def test_failed_calls_count_and_past_the_limit_comes_429(tmp_path: Path) -> None:
    account = AccountSettings(freshdesk=FreshdeskAccount(requests_per_minute=2))
    async with running(tmp_path, SimulatorSettings(default=account)) as desk:
        assert (await get(desk, "tickets/99")).headers["X-RateLimit-Remaining"] == "1"
        assert (await get(desk, "groups")).headers["X-RateLimit-Total"] == "2"
        late = await get(desk, "groups")
        assert late.status == 429
        assert int(late.headers["Retry-After"]) > 0
        with pytest.raises(ValueError, match="Expecting value"):
            _ = late.json


@pytest.mark.parametrize("path", ["groups", "products", "ticket_fields"])
async def test_the_account_can_be_looked_at(desk: Simulators, path: str) -> None:
    assert isinstance((await get(desk, path)).json, list)
    assert (await get(desk, "agents/me")).json["contact"]["active"] is True


async def test_merging_closes_the_others(desk: Simulators) -> None:
    for _ in range(2):
        await create(desk)
    body = {"primary_id": 1, "ticket_ids": [2]}
    assert (await desk.call("PUT", f"{API}/tickets/merge", body, auth=FRESHDESK_AUTH)).status == 204
    assert [ticket.status for ticket in desk.records.tickets()] == ["2", "5"]
