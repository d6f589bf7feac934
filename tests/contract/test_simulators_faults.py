"""Faults do what they are named for: what the caller sees, and what stands in the store afterwards."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agents.demo.simulators.settings import SimulatorSettings
from streams.clock import SystemClock
from tests.support.simulators import FRESHDESK_AUTH, INTERCOM_AUTH, ZENDESK_AUTH, Answer, Simulators, running

TICKETS = "/zendesk/acme/api/v2/tickets"
CREATE = "zendesk.create_ticket"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Simulators]:
    async with running(tmp_path, SimulatorSettings(), SystemClock()) as simulators:
        yield simulators


async def create(desk: Simulators, key: str = "key-1", account: str = "acme", **options: Any) -> Answer:
    body = {"ticket": {"external_id": "esc-1", "comment": {"body": "x"}}}
    headers = ZENDESK_AUTH | {"Idempotency-Key": key}
    return await desk.call("POST", f"/zendesk/{account}/api/v2/tickets", body, auth=headers, **options)


async def listed(desk: Simulators) -> list[int]:
    answer = await desk.call("GET", f"{TICKETS}?external_id=esc-1", auth=ZENDESK_AUTH)
    return [ticket["id"] for ticket in answer.json["tickets"]]


def last_request(desk: Simulators) -> dict[str, Any]:
    return desk.records.requests(CREATE)[-1]


async def test_committed_and_then_silent_until_the_caller_gives_up(desk: Simulators) -> None:
    await desk.fault("commit_then_timeout", CREATE)
    with pytest.raises(TimeoutError):
        await create(desk, timeout_seconds=0.3)
    logged = last_request(desk)
    assert (logged["committed"], logged["status"], logged["fault"]) == (1, None, "commit_then_timeout")
    again = await create(desk)
    assert again.headers["x-idempotency-lookup"] == "hit"
    assert await listed(desk) == [again.json["ticket"]["id"]]


async def test_committed_and_then_reset(desk: Simulators) -> None:
    await desk.fault("commit_then_reset", CREATE)
    with pytest.raises(aiohttp.ClientError):
        await create(desk)
    assert len(await listed(desk)) == 1


async def test_reset_before_anything_happened(desk: Simulators) -> None:
    await desk.fault("reset_before_commit", CREATE)
    with pytest.raises(aiohttp.ClientError):
        await create(desk)
    assert await listed(desk) == []
    assert last_request(desk)["committed"] == 0


async def test_a_held_request_is_committed_and_can_be_released(desk: Simulators) -> None:
    await desk.fault("commit_then_hold", CREATE)
    asked = asyncio.create_task(create(desk))
    waited = await desk.call("GET", f"/_holds/wait?operation={CREATE}&timeout_seconds=3")
    (held,) = waited.json["holds"]
    assert len(await listed(desk)) == 1
    assert not asked.done()
    assert (await desk.call("POST", "/_holds/release", {"request_id": held["request_id"]})).json == {"released": 1}
    assert (await asked).status == 201
    assert (await desk.call("GET", "/_holds")).json == {"holds": []}


async def test_a_caller_that_dies_while_held_leaves_its_effect(desk: Simulators) -> None:
    await desk.fault("commit_then_hold", CREATE)
    asked = asyncio.create_task(create(desk))
    assert await desk.server.holds.wait(operation=CREATE, timeout_seconds=3)
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    async with asyncio.timeout(3):
        while desk.server.holds.now():
            await asyncio.sleep(0.01)
    assert len(await listed(desk)) == 1
    assert last_request(desk)["committed"] == 1


async def test_waiting_for_a_hold_that_never_comes_ends(desk: Simulators) -> None:
    assert (await desk.call("GET", "/_holds/wait?timeout_seconds=0.05")).json == {"holds": []}


@pytest.mark.parametrize("status", [401, 403, 409, 422, 429, 500, 502, 503, 504])
async def test_a_status_is_answered_and_nothing_happens(desk: Simulators, status: int) -> None:
    await desk.fault("status", CREATE, status=status, retry_after_seconds=7)
    answer = await create(desk)
    assert (answer.status, answer.headers["Retry-After"]) == (status, "7")
    assert isinstance(answer.json, dict)
    assert await listed(desk) == []


async def test_the_body_of_a_status_can_be_anything(desk: Simulators) -> None:
    details = {"error": "RecordInvalid", "details": {"group": [{"description": "Group: is invalid"}]}}
    await desk.fault("status", CREATE, status=502, body="html")
    await desk.fault("status", CREATE, status=503, body="text")
    await desk.fault("status", CREATE, status=500, body="empty")
    await desk.fault("status", CREATE, status=422, details=details)
    answers = [await create(desk) for _ in range(4)]
    assert [answer.status for answer in answers] == [502, 503, 500, 422]
    assert answers[0].headers["Content-Type"].startswith("text/html")
    assert answers[1].headers["Content-Type"].startswith("text/plain")
    assert answers[2].raw == b""
    assert answers[3].json == details


async def test_a_server_error_may_come_after_the_effect(desk: Simulators) -> None:
    await desk.fault("status", CREATE, status=502, body="html", commits=True)
    assert (await create(desk)).status == 502
    assert len(await listed(desk)) == 1


async def test_a_login_page_comes_with_200(desk: Simulators) -> None:
    await desk.fault("html_200", "zendesk.*")
    answer = await create(desk)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"Sign in" in answer.raw
    assert await listed(desk) == []


async def test_a_body_is_cut_off_after_the_effect(desk: Simulators) -> None:
    await desk.fault("truncated_body", CREATE)
    with pytest.raises(aiohttp.ClientError):
        await create(desk)
    assert len(await listed(desk)) == 1


async def test_a_body_is_empty_after_the_effect(desk: Simulators) -> None:
    await desk.fault("empty", CREATE)
    answer = await create(desk)
    assert (answer.status, answer.raw) == (200, b"")
    assert len(await listed(desk)) == 1


async def test_a_slow_answer_is_a_good_one(desk: Simulators) -> None:
    await desk.fault("slow", CREATE, seconds=0.15)
    before = asyncio.get_running_loop().time()
    assert (await create(desk)).status == 201
    assert asyncio.get_running_loop().time() - before >= 0.15


async def test_a_new_ticket_is_not_listed_for_a_while_but_shown(desk: Simulators) -> None:
    await desk.fault("lookup_lag", CREATE, seconds=0.3)
    made = (await create(desk)).json["ticket"]["id"]
    assert await listed(desk) == []
    assert (await desk.call("GET", f"{TICKETS}/{made}", auth=ZENDESK_AUTH)).status == 200
    async with asyncio.timeout(3):
        while not await listed(desk):
            await asyncio.sleep(0.05)


async def test_a_new_comment_is_not_listed_for_a_while(desk: Simulators) -> None:
    made = (await create(desk)).json["ticket"]["id"]
    await desk.fault("lookup_lag", "zendesk.update_ticket", seconds=3600)
    await desk.call("PUT", f"{TICKETS}/{made}", {"ticket": {"comment": {"body": "y"}}}, auth=ZENDESK_AUTH)
    comments = await desk.call("GET", f"{TICKETS}/{made}/comments", auth=ZENDESK_AUTH)
    assert [comment["plain_body"] for comment in comments.json["comments"]] == ["x"]
    assert [comment["body"] for comment in desk.records.tickets()[0].comments] == ["x", "y"]


async def test_an_answer_names_another_ticket(desk: Simulators) -> None:
    await desk.fault("wrong_id", CREATE)
    answer = await create(desk)
    assert answer.status == 201
    assert answer.json["ticket"]["id"] not in await listed(desk)
    assert "Location" not in answer.headers
    await desk.fault("wrong_id", "freshdesk.create_ticket")
    body = {"subject": "s", "description": "d", "email": "a@b.test"}
    wrong = await desk.call("POST", "/freshdesk/acme/api/v2/tickets", body, auth=FRESHDESK_AUTH)
    assert wrong.json["id"] != 1


async def test_faults_meet_the_nth_request_of_an_account_whose_body_matches(desk: Simulators) -> None:
    await desk.fault("status", CREATE, account="acme", nth=2, contains="esc-1")
    statuses = [
        (await create(desk, "a", account="globex")).status,
        (await create(desk, "a")).status,
        (await create(desk, "b")).status,
        (await create(desk, "c")).status,
    ]
    assert statuses == [201, 201, 503, 201]


async def test_faults_meet_the_next_requests_one_after_the_other(desk: Simulators) -> None:
    await desk.fault("status", CREATE, status=429, next=2)
    await desk.fault("status", CREATE, status=500)
    assert [(await create(desk)).status for _ in range(4)] == [429, 429, 500, 201]
    planned = (await desk.call("GET", "/_faults")).json["faults"]
    assert [(entry["seen"], entry["fired"]) for entry in planned] == [(4, 2), (4, 1)]
    await desk.call("DELETE", "/_faults")
    assert (await desk.call("GET", "/_faults")).json == {"faults": []}


async def test_a_refused_credential_is_refused_even_where_a_fault_commits(desk: Simulators) -> None:
    await desk.fault("empty", CREATE)
    await desk.call("POST", TICKETS, {"ticket": {"comment": {"body": "x"}}})
    assert desk.records.tickets() == []
    assert last_request(desk)["committed"] == 0


async def test_chat_calls_can_fail_the_same_ways(desk: Simulators) -> None:
    await desk.step("intercom", "1", say={"author": "customer", "text": "hi"})
    await desk.fault("commit_then_reset", "intercom.reply")
    body = {"message_type": "comment", "type": "admin", "admin_id": "8120055", "body": "We are on it."}
    with pytest.raises(aiohttp.ClientError):
        await desk.call("POST", "/intercom/acme/conversations/1/reply", body, auth=INTERCOM_AUTH)
    seen = desk.records.conversation("intercom", "acme", "1")
    assert seen is not None
    assert [message["text"] for message in seen["messages"]] == ["hi", "We are on it."]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "explode"},
        {"kind": "commit_then_timeout", "commits": False},
        {"kind": "reset_before_commit", "commits": True},
        {"kind": "status", "status": 200},
        {"kind": "status", "unknown": 1},
    ],
)
async def test_a_fault_that_makes_no_sense_is_refused(desk: Simulators, fault: dict[str, Any]) -> None:
    assert (await desk.call("POST", "/_faults", {"faults": [fault]})).status == 422
