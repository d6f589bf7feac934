"""The calls to Intercom: what is sent, what the answers mean, how our own words are found again."""

from typing import Any

import pytest

from agents.outbound import Ambiguous, HttpRequest
from agents.platforms.intercom import OUTBOUND
from agents.platforms.port import Address, CallFailed, Notice, Unsupported
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection, sample
from tests.support.http import FakeHttp, answer, query, routed, scripted, sent_json
from tests.support.intercom import CONVERSATION_ID, CUSTOMER, FIN, OURSELVES, TEAMMATE, conversation, part

NOTICE = Notice("A person takes over.\n\nYour ticket is #10432 <b>.", "n-1", "e-1", ticket_id="10432")
GET = f"GET /conversations/{CONVERSATION_ID}"
REPLY = f"POST /conversations/{CONVERSATION_ID}/reply"
PARTS = f"POST /conversations/{CONVERSATION_ID}/parts"


def address(conversation_id: str = CONVERSATION_ID, **settings: Any) -> Address:
    settings.setdefault("tokens", {"access_token": "dG9rOjEyMw=="})
    settings.setdefault("options", {"admin_id": "8120055"})
    return Address(connection("intercom", **settings), conversation_id, "web", Customer(), Route())


async def test_a_reply_is_a_teammates_comment_in_safe_html() -> None:
    http = FakeHttp(routed({REPLY: answer(200, {})}))
    await OUTBOUND.reply(http, address(), NOTICE)
    (request,) = http.requests
    assert request.url.startswith("https://api.intercom.io/")
    assert request.headers["authorization"] == "Bearer dG9rOjEyMw=="
    assert request.headers["intercom-version"] == "2.16"
    sent = sent_json(request)
    assert {**sent, "body": ""} == {**sample("intercom/out.reply_comment.request.json"), "body": ""}
    assert "<p>" in sent["body"]
    assert "&lt;b&gt;" in sent["body"]


@pytest.mark.parametrize(("region", "host"), [("eu", "api.eu.intercom.io"), ("au", "api.au.intercom.io")])
async def test_each_region_has_its_host(region: str, host: str) -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    await OUTBOUND.reply(http, address(options={"admin_id": "1", "region": region}), NOTICE)
    assert http.requests[0].url == f"https://{host}/conversations/{CONVERSATION_ID}/reply"


async def test_without_a_configured_teammate_the_tokens_own_is_asked_for() -> None:
    http = FakeHttp(routed({"GET /me": answer(200, {"type": "admin", "id": 77}), REPLY: answer(200, {})}))
    await OUTBOUND.reply(http, address(options={}), NOTICE)
    assert sent_json(http.requests[-1])["admin_id"] == "77"


async def test_a_conversation_id_never_leaves_its_place_in_the_path() -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    await OUTBOUND.close(http, address("1/../../me?x=#"))
    assert http.calls == ["POST /conversations/1%2F..%2F..%2Fme%3Fx%3D%23/parts"]


async def test_closing_and_keeping_quiet() -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    await OUTBOUND.close(http, address())
    expected = sample("intercom/out.close.request.json")
    expected.pop("body")
    assert sent_json(http.requests[-1]) == expected
    await OUTBOUND.quiet(http, address())
    assert sent_json(http.requests[-1]) == {
        "message_type": "assignment",
        "type": "admin",
        "admin_id": "8120055",
        "assignee_id": "8120055",
    }
    await OUTBOUND.quiet(http, address(options={"admin_id": "8120055", "team_id": "501"}))
    assert sent_json(http.requests[-1])["type"] == "admin", "what a team holds would never be closed"
    assert http.calls == [PARTS, PARTS, PARTS]


async def test_a_team_takes_over_where_the_tenant_names_one() -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    options = {"admin_id": "8120055", "team_id": "5017691", "handover": "assign"}
    await OUTBOUND.quiet(http, address(options=options))
    await OUTBOUND.close(http, address(options=options))
    expected = sample("intercom/out.assign_to_team.request.json")
    assert [sent_json(request) for request in http.requests] == [expected, expected]


async def test_without_a_token_nothing_is_sent() -> None:
    http = FakeHttp(scripted())
    for tokens in ({}, {"access_token": " "}):
        with pytest.raises(Unsupported) as refused:
            await OUTBOUND.reply(http, address(tokens=tokens), NOTICE)
        assert refused.value.reason == "no_access_token"
    assert http.requests == []


@pytest.mark.parametrize(
    ("status", "retryable"), [(401, False), (403, False), (404, False), (422, False), (429, True), (503, True)]
)
async def test_a_refused_reply_says_whether_it_may_be_tried_again(status: int, retryable: bool) -> None:
    http = FakeHttp(scripted(answer(status, {"type": "error.list"}, {"Retry-After": "7"})))
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.reply(http, address(), NOTICE)
    assert (failed.value.reason, failed.value.retryable) == (f"http_{status}", retryable)
    assert failed.value.retry_after_seconds == (7.0 if retryable else None)


async def test_a_server_error_may_have_told_the_customer_but_closing_can_be_repeated() -> None:
    with pytest.raises(Ambiguous):
        await OUTBOUND.reply(FakeHttp(scripted(answer(502, "<html>"))), address(), NOTICE)
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.close(FakeHttp(scripted(answer(502, "<html>"))), address())
    assert failed.value.retryable


async def read(item: dict[str, Any], max_turns: int = 100, **settings: Any) -> Any:
    http = FakeHttp(routed({GET: answer(200, item)}))
    return await OUTBOUND.transcript(http, address(**settings), max_turns=max_turns)


async def test_the_sample_transcript_shows_what_the_customer_saw_in_its_order() -> None:
    item = sample("intercom/GET_conversation.full_transcript.html.json")
    http = FakeHttp(lambda _: answer(200, item))
    told = await OUTBOUND.transcript(http, address(item["id"]), max_turns=100)
    assert [turn.event_id for turn in told.turns] == ["910101", "1", "4", "5", "6", "8", "11", "12"]
    assert [turn.author for turn in told.turns] == [
        "customer", "ai", "ai", "ai", "customer", "customer", "ai", "ai",
    ]  # fmt: skip
    assert told.turns[3].text == "[That helped] [Talk to a person]"
    assert told.turns[5].attachments[0].name == "receipt.png"
    assert told.human_holds, "a team is assigned"
    assert not told.closed
    assert not told.truncated
    assert told.customer is not None
    assert told.customer.external_id == "user_48213"
    assert query(http.requests[0]) == {"display_as": "plaintext"}


async def test_a_long_conversation_is_cut_at_its_old_end_and_says_so() -> None:
    item = conversation(*(part(f"p{n}", CUSTOMER, f"turn {n}", at=n) for n in range(5)))
    told = await read(item, max_turns=2)
    assert [turn.event_id for turn in told.turns] == ["p3", "p4"]
    assert told.truncated
    assert not (await read(item)).truncated
    item["conversation_parts"]["total_count"] = 501
    assert (await read(item)).truncated


@pytest.mark.parametrize(
    ("fields", "settings", "holds"),
    [
        ({"admin_assignee_id": 0, "team_assignee_id": 0}, {}, False),
        ({"admin_assignee_id": None}, {}, False),
        ({"admin_assignee_id": 8120077}, {}, True),
        ({"team_assignee_id": 501}, {}, True),
        ({"admin_assignee_id": 8120055}, {}, False),
        ({"admin_assignee_id": 9}, {"own_ids": ["9"]}, False),
        ({"team_assignee_id": 501}, {"options": {"ai_assignee_ids": ["501"]}}, False),
    ],
)
async def test_whether_people_hold_it(fields: dict[str, Any], settings: dict[str, Any], holds: bool) -> None:
    assert (await read(conversation(**fields), **settings)).human_holds is holds


async def test_a_conversation_assigned_to_the_tokens_own_teammate_is_not_held_by_people() -> None:
    item = conversation(admin_assignee_id=77, team_assignee_id=0)
    for me, holds in ((answer(200, {"id": "77"}), False), (answer(200, {"id": "78"}), True), (answer(500), True)):
        http = FakeHttp(routed({GET: answer(200, item), "GET /me": me}))
        told = await OUTBOUND.transcript(http, address(options={}), max_turns=9)
        assert told.human_holds is holds


async def test_what_the_contact_record_knows_beside_is_added_and_its_absence_is_no_failure() -> None:
    writer = {"type": "lead", "id": "c1"}
    item = conversation(part("p1", writer, "hi"))
    item["source"] = {**item["source"], "author": writer}
    item["contacts"]["contacts"][0]["external_id"] = None
    contact = {"type": "contact", "id": "c1", "email": "maya@example.com", "name": "Maya", "phone": "+49 1"}
    http = FakeHttp(routed({GET: answer(200, item), "GET /contacts/c1": answer(200, contact)}))
    found = (await OUTBOUND.transcript(http, address(), max_turns=9)).customer
    assert found is not None
    assert (found.email, found.name, found.phone, found.anonymous) == ("maya@example.com", "Maya", "+49 1", False)
    for failure in (answer(404), answer(200, "<html>"), Ambiguous("timeout")):
        http = FakeHttp(routed({GET: answer(200, item), "GET /contacts/c1": failure}))
        told = await OUTBOUND.transcript(http, address(), max_turns=9)
        assert told.customer is not None
        assert told.customer.anonymous
        assert len(told.turns) == 2


async def test_a_contact_is_asked_for_by_its_id_alone_whatever_that_holds() -> None:
    writer = {"type": "lead", "id": "c1/../x?y#z"}
    item = conversation(part("p1", writer, "hi"))
    item["source"] = {**item["source"], "author": writer}
    item["contacts"]["contacts"][0] |= {"id": writer["id"], "external_id": None}
    http = FakeHttp(routed({GET: answer(200, item), "GET /contacts/c1%2F..%2Fx%3Fy%23z": answer(404)}))
    assert (await OUTBOUND.transcript(http, address(), max_turns=9)).customer is not None
    assert http.calls[-1].startswith("GET /contacts/c1%2F")


async def test_a_transcript_that_is_no_json_may_be_asked_for_again() -> None:
    with pytest.raises(CallFailed) as failed:
        await OUTBOUND.transcript(FakeHttp(scripted(answer(200, "<html>sorry"))), address(), max_turns=9)
    assert failed.value.retryable


async def found(*parts: dict[str, Any], **settings: Any) -> bool:
    def handle(request: HttpRequest) -> Any:
        return answer(200, {"id": "8120055"} if request.url.endswith("/me") else conversation(*parts))

    return await OUTBOUND.find_own(FakeHttp(handle), address(**settings), NOTICE)


async def test_our_words_are_found_under_our_id_however_intercom_wrote_them_back() -> None:
    html = "<p>A person takes over.</p><p>Your ticket is #10432 &lt;b&gt;.</p>"
    assert await found(part("p1", OURSELVES, "A person takes over.\nYour ticket is #10432 <b>."))
    assert await found(part("p1", OURSELVES, "A person takes over. Your ticket is #10432 <b>."), options={})
    assert await found(part("p1", OURSELVES, html), options={"admin_id": "8120055"})


async def test_the_same_words_of_others_and_other_words_of_ours_are_not_the_notice() -> None:
    words = "A person takes over. Your ticket is #10432 <b>."
    assert not await found()
    for author in (TEAMMATE, FIN, CUSTOMER):
        assert not await found(part("p1", author, words))
    assert not await found(part("p1", OURSELVES, "A person takes over. Your ticket is #10431 <b>."))
    assert not await found(part("p1", OURSELVES, words, part_type="note"))
