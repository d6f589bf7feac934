"""Handing over to Zendesk's agents, which is how a messaging ticket comes into being."""

import json
from typing import Any

import pytest

from agents.outbound import HttpRequest, HttpResponse
from agents.platforms.port import Address, CallFailed
from agents.platforms.zendesk_sunco.handover import (
    MAX_METADATA_BYTES,
    Holder,
    TicketFields,
    hand_over,
    pass_control_metadata,
    pass_control_request,
    render_pass_control,
    who_is_active,
)
from streams.contracts.people import Customer, Route
from tests.support.deliveries import connection, kinds, normalized
from tests.support.http import FakeHttp, answer, sent_json
from tests.support.zendesk_bodies import BOT, CONVERSATION, CUSTOM, WORKSPACE, switchboard, webhook

ESCALATION = "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11"
PATH = f"/v2/apps/app-1/conversations/{CONVERSATION}"
TICKET = TicketFields(
    ESCALATION,
    tags=("handoff", "billing"),
    priority="high",
    group_id=7,
    first_message_id="m1",
    fields={"442": "billing"},
)


def _address(**options: Any) -> Address:
    tokens = {"key_id": "k", "key_secret": "s"}
    held = connection("zendesk-sunco", tokens=tokens, options={"subdomain": "acme", "app_id": "app-1", **options})
    return Address(held, CONVERSATION, "web", Customer(), Route())


def test_the_request_is_the_same_bytes_each_time_and_carries_no_credentials() -> None:
    prepared = render_pass_control(_address(), TICKET)
    assert prepared == render_pass_control(_address(), TICKET)
    assert (prepared.method, prepared.path) == ("POST", f"{PATH}/passControl")
    assert json.loads(prepared.body) == {
        "switchboardIntegration": "zd:agentWorkspace",
        "metadata": {
            "handoff_escalation_id": ESCALATION,
            "first_message_id": "m1",
            "dataCapture.systemField.group_id": "7",
            "dataCapture.systemField.priority": "high",
            "dataCapture.systemField.tags": "handoff,billing",
            "dataCapture.ticketField.442": "billing",
        },
    }


def test_a_prepared_request_goes_out_byte_for_byte() -> None:
    prepared = render_pass_control(_address(), TICKET)
    request = pass_control_request(_address(), prepared)
    assert request.body == prepared.body.encode()
    assert request.url == f"https://acme.zendesk.com/sc{PATH}/passControl"
    assert request.headers["authorization"].startswith("Basic ")


def test_what_does_not_fit_is_left_out_and_the_marker_never() -> None:
    crowded = TicketFields(
        ESCALATION, tags=("handoff",), priority="high", fields={str(number): "ü" * 300 for number in range(40)}
    )
    metadata = pass_control_metadata(crowded)
    assert len(json.dumps(metadata, ensure_ascii=False, separators=(",", ":")).encode()) <= MAX_METADATA_BYTES
    assert metadata["handoff_escalation_id"] == ESCALATION
    assert metadata["dataCapture.systemField.priority"] == "high"
    assert 0 < sum(key.startswith("dataCapture.ticketField.") for key in metadata) < 40


def test_our_hand_over_comes_back_as_a_change_of_holder_alone() -> None:
    body = webhook(switchboard("passControl", WORKSPACE, metadata=pass_control_metadata(TICKET)))
    assert kinds(normalized("zendesk-sunco", body)) == ["control_changed/human"]


async def test_handing_over_passes_control_to_the_agent_workspace() -> None:
    http = FakeHttp(lambda _: answer(200, {}))
    await hand_over(http, _address(agent_workspace="zd-agentWorkspace"), pass_control_metadata(TICKET))
    assert sent_json(http.requests[0])["switchboardIntegration"] == "zd-agentWorkspace"


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (403, False), (429, True), (500, True), (503, True)])
async def test_a_failed_hand_over_may_be_repeated_unless_it_was_refused(status: int, retryable: bool) -> None:
    with pytest.raises(CallFailed) as failed:
        await hand_over(FakeHttp(lambda _: answer(status)), _address(), {})
    assert failed.value.retryable is retryable


@pytest.mark.parametrize(
    ("active", "holder"),
    [
        (WORKSPACE, "agent_workspace"),
        (BOT, "bot"),
        (CUSTOM, "bot"),
        (None, "nobody"),
        ({"name": "desk"}, "agent_workspace"),
    ],
)
async def test_the_conversation_says_who_is_active(active: Any, holder: Holder) -> None:
    def handle(request: HttpRequest) -> HttpResponse:
        assert request.method == "GET"
        held = {"activeSwitchboardIntegration": active} if active else {}
        return answer(200, {"conversation": {"id": CONVERSATION, **held}})

    assert await who_is_active(FakeHttp(handle), _address(human_integrations=["desk"])) == holder
