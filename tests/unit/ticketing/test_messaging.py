"""Handing over at Zendesk Messaging over the real adapters: what is asked, sent and understood."""

import json
from collections.abc import Mapping

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import Account, Draft, HelpdeskUnavailable
from agents.helpdesks.registry import helpdesks
from agents.helpdesks.tags import marker
from agents.observability.metrics import Metrics
from agents.outbound import Ambiguous, HttpResponse, NotSent
from agents.platforms.port import Address, Connection
from agents.ticketing.bulkhead import Bulkhead
from agents.ticketing.limits import Bucket, Limits
from agents.ticketing.line import Line
from agents.ticketing.live_desk import LiveDesk
from agents.ticketing.messaging import MessagingHandover, handover_of
from streams.clock import ManualClock
from streams.contracts.escalation_commands import Routing
from streams.contracts.people import Customer, Route
from streams.kafka.lease import Lease
from tests.support.http import FakeHttp, Handler, answer, routed, scripted, sent_json
from tests.support.ticketing_values import ESCALATION, NOW, opening, turn

CONVERSATION = "/sc/v2/apps/app1/conversations/c1"
COMMAND = opening(
    platform="zendesk-sunco",
    intent="broken router",
    routing=Routing(rule="technical", group="Tier 2", priority="high", tags=("vip",)),
)


def desk(http: FakeHttp, name: str = "zendesk") -> LiveDesk:
    clock = ManualClock(NOW)
    bulkhead = Bulkhead(
        http=http,
        limits=Limits(Bucket(100, 100), patience_seconds=10, probe_seconds=10),
        slots=Line(4),
        clock=clock,
        lease=Lease(45),
        metrics=Metrics(),
        tenant="acme",
        helpdesk=name,
        busy_seconds=1.0,
        line_seconds=1.0,
    )
    tokens = {"email": SecretStr("bot@example.com"), "api_token": SecretStr("t"), "api_key": SecretStr("k")}
    options = {"fields": {"escalation_id": 11}} if name == "zendesk" else {}
    account = Account("acme", name, "https://acme.example", tokens=tokens, groups={"Tier 2": 42}, options=options)
    return LiveDesk(helpdesks(clock)[name], account, bulkhead, call_seconds=10, attempt_seconds=13)


def address(**options: object) -> Address:
    tokens = {"key_id": SecretStr("i"), "key_secret": SecretStr("s")}
    connection = Connection(
        "acme", "zendesk-sunco", tokens=tokens, options={"subdomain": "acme", "app_id": "app1"} | options
    )
    return Address(connection, "c1", "web", Customer(id="u1"), Route())


def handing(handler: Handler) -> tuple[MessagingHandover, FakeHttp]:
    http = FakeHttp(handler)
    made = handover_of(http, address(), desk(http), COMMAND, lambda: None)
    assert made is not None
    return made, http


def active(kind: str | None) -> HttpResponse:
    holder = {"activeSwitchboardIntegration": {"integrationType": kind, "name": kind}} if kind else {}
    return answer(200, {"conversation": {"id": "c1"} | holder})


@pytest.mark.parametrize(
    ("kind", "who"), [("zd:answerBot", "bot"), ("zd:agentWorkspace", "agent_workspace"), (None, "nobody")]
)
async def test_who_holds_the_conversation(kind: str | None, who: str) -> None:
    handover, _ = handing(routed({f"GET {CONVERSATION}": active(kind)}))
    assert await handover.who_is_active() == who


@pytest.mark.parametrize("result", [answer(500), answer(403), NotSent("dns"), Ambiguous("timeout"), answer(200, "x")])
async def test_a_platform_that_does_not_say_is_no_reason_to_guess(result: HttpResponse | Exception) -> None:
    handover, _ = handing(scripted(result))
    with pytest.raises(HelpdeskUnavailable):
        await handover.who_is_active()


async def test_the_call_carries_our_marker_and_where_the_ticket_goes() -> None:
    handover, http = handing(routed({f"POST {CONVERSATION}/passControl": answer(200, {})}))
    draft = Draft(COMMAND, (turn("m1"),), 0, "platform", Customer(email="ann@example.com", name="Ann"), None)
    prepared = handover.render(draft)
    told = await handover.pass_control(prepared)
    assert told.verdict == "done"
    assert http.requests[0].body == prepared.body.encode()
    sent = sent_json(http.requests[0])
    metadata: Mapping[str, str] = sent["metadata"]
    assert sent["switchboardIntegration"] == "zd:agentWorkspace"
    assert marker(ESCALATION) in metadata["dataCapture.systemField.tags"].split(",")
    assert "vip" in metadata["dataCapture.systemField.tags"].split(",")
    assert metadata["dataCapture.systemField.group_id"] == "42"
    assert metadata["dataCapture.systemField.priority"] == "high"
    assert metadata["dataCapture.systemField.requester.email"] == "ann@example.com"
    assert metadata["dataCapture.ticketField.11"] == ESCALATION
    assert metadata["first_message_id"] == "m1"
    assert ESCALATION in json.dumps(metadata)


def test_equal_drafts_give_equal_bytes() -> None:
    handover, _ = handing(scripted())
    draft = Draft(COMMAND, (turn("m1"),), 0, "platform", Customer(), None)
    assert handover.render(draft) == handover.render(draft)


@pytest.mark.parametrize(
    ("result", "verdict"),
    [
        (answer(200, {}), "done"),
        (answer(404, {"errors": []}), "refused"),
        (answer(403, {}), "unavailable"),
        (answer(429, headers={"retry-after": "3"}), "rate_limited"),
        (answer(503), "unavailable"),
        (answer(500), "ambiguous"),
        (Ambiguous("timeout"), "ambiguous"),
        (NotSent("refused"), "unavailable"),
    ],
)
async def test_what_the_answer_to_passing_control_means(result: HttpResponse | Exception, verdict: str) -> None:
    handover, _ = handing(scripted(result))
    told = await handover.pass_control(handover.render(Draft(COMMAND, (), 0, "events", Customer(), None)))
    assert told.verdict == verdict


TICKETS = [
    {"id": 1, "status": "open", "created_at": "2026-03-02T08:00:00Z", "tags": [], "via": {"channel": "web"}},
    {
        "id": 2,
        "status": "open",
        "created_at": "2026-03-02T08:59:00Z",
        "tags": [],
        "via": {"channel": "native_messaging"},
    },
    {"id": 3, "status": "open", "created_at": "2026-03-02T08:58:00Z", "tags": ["handoff", marker(ESCALATION)]},
]


async def test_the_ticket_is_found_by_its_marker_first() -> None:
    handover, _ = handing(scripted(answer(200, {"tickets": TICKETS})))
    found = await handover.find("77", NOW.replace(hour=8), newest=True)
    assert found is not None
    assert found.id == "3"


async def test_else_as_the_requesters_newest_from_messaging_and_only_where_people_hold_it() -> None:
    answers = [answer(200, {"tickets": TICKETS[:2]})] * 3
    handover, _ = handing(scripted(*answers))
    assert await handover.find("77", NOW.replace(hour=8), newest=False) is None
    found = await handover.find("77", NOW.replace(hour=8), newest=True)
    assert found is not None
    assert found.id == "2"


async def test_a_requester_that_is_not_known_is_no_obstacle_to_the_marker() -> None:
    handover, _ = handing(scripted(answer(200, {"tickets": TICKETS, "meta": {"has_more": False}})))
    found = await handover.find(None, NOW.replace(hour=8), newest=True)
    assert found is not None
    assert found.id == "3"


def test_handing_over_is_for_messaging_with_zendesk_where_the_options_say_so() -> None:
    http = FakeHttp(scripted())
    assert handover_of(http, address(), desk(http), COMMAND, lambda: None) is not None
    assert handover_of(http, address(handover="none"), desk(http), COMMAND, lambda: None) is None
    assert handover_of(http, address(), desk(http, "freshdesk"), COMMAND, lambda: None) is None
    assert handover_of(http, address(), desk(http), opening(platform="intercom"), lambda: None) is None
    assert handover_of(http, None, desk(http), COMMAND, lambda: None) is None
    assert handover_of(http, address(), None, COMMAND, lambda: None) is None
