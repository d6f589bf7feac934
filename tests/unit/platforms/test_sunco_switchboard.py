"""Who holds a conversation in Zendesk Messaging, as its switchboard tells it."""

from typing import Any

import pytest

from agents.platforms.port import Normalized
from streams.contracts.conversation_events import AiOutcome, ControlChanged, Ended
from tests.support.deliveries import kinds, normalized
from tests.support.zendesk_bodies import (
    ADVANCED_BOT,
    BOT,
    CUSTOM,
    WORKSPACE,
    conversation,
    element,
    switchboard,
    webhook,
)

ESCALATION = "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11"


def _told(kind: str, active: Any, settings: dict[str, Any] | None = None, **payload: Any) -> Normalized:
    return normalized("zendesk-sunco", webhook(switchboard(kind, active, **payload)), **(settings or {}))


def _offered(pending: Any, settings: dict[str, Any] | None = None, **payload: Any) -> Normalized:
    held = conversation(BOT, pendingSwitchboardIntegration=pending)
    body = webhook(element("switchboard:offerControl", {"conversation": held, **payload}))
    return normalized("zendesk-sunco", body, **(settings or {}))


def test_passing_control_to_people_is_the_ais_verdict_and_then_the_change() -> None:
    told = _told(
        "passControl",
        WORKSPACE,
        metadata={
            "dataCapture.systemField.tags": "ai_escalated,billing",
            "dataCapture.systemField.priority": "high",
            "dataCapture.ticketField.442": "billing",
            "first_message_id": "m1",
            "escalation_reason": "asked twice",
            "intent": "refund",
        },
    )
    verdict, changed = told.events
    assert isinstance(verdict, AiOutcome)
    assert isinstance(changed, ControlChanged)
    assert (verdict.outcome, verdict.reason, verdict.intent) == ("escalated", "asked twice", "refund")
    assert verdict.tags == ("ai_escalated", "billing")
    assert verdict.attributes["ticketField.442"] == "billing"
    assert verdict.attributes["priority"] == "high"
    assert changed.holder == "human"
    assert [event.event_id.rpartition(":")[2] for event in told.events] == ["ai_outcome", "control_changed"]


@pytest.mark.parametrize("name", [{"name": "zd-agentWorkspace"}, {"integrationType": "zd:agentWorkspace"}])
def test_the_agent_workspace_is_known_by_type_or_by_name(name: dict[str, str]) -> None:
    assert kinds(_told("passControl", {"id": "x", **name}))[-1] == "control_changed/human"


def test_our_own_handing_over_changes_the_holder_and_is_no_verdict() -> None:
    told = _told("passControl", WORKSPACE, metadata={"handoff_escalation_id": ESCALATION})
    assert kinds(told) == ["control_changed/human"]


def test_a_bot_that_says_handoff_in_its_metadata_still_gives_its_verdict() -> None:
    told = _told("passControl", WORKSPACE, metadata={"handoff": True, "handoff_reason": "billing"})
    assert kinds(told) == ["ai_outcome/escalated", "control_changed/human"]
    assert told.events[0].attributes == {"handoff_reason": "billing"}


@pytest.mark.parametrize("settings", [{"own_ids": ["c2"]}, {"options": {"own_integration": "acme-bot"}}])
def test_our_own_taking_of_control_is_an_echo(settings: dict[str, Any]) -> None:
    assert _told("passControl", CUSTOM, settings).ignored == ("own_echo",)
    assert _told("passControl", CUSTOM, metadata={"handoff": "quiet"}).ignored == ("own_echo",)


@pytest.mark.parametrize("holder", [BOT, ADVANCED_BOT, CUSTOM])
def test_control_to_a_bot_is_the_ais_again(holder: Any) -> None:
    assert kinds(_told("passControl", holder)) == ["control_changed/ai"]


@pytest.mark.parametrize("reason", ["ticketClosed", "transferToEmail"])
def test_control_back_to_the_bot_after_the_ticket_ends_the_peoples_part(reason: str) -> None:
    told = _told("passControl", BOT, reason=reason)
    ended = told.events[0]
    assert kinds(told) == ["ended/human", "control_changed/ai"]
    assert isinstance(ended, Ended)
    assert ended.reason == reason
    assert len({event.event_id for event in told.events}) == 2


def test_a_passing_that_names_nobody_is_counted() -> None:
    assert _told("passControl", None).ignored == ("nobody_in_control",)
    assert _told("acceptControl", None).ignored == ("nobody_in_control",)


@pytest.mark.parametrize(
    ("payload", "by"), [({"reason": "ticketClosed"}, "human"), ({}, "system"), ({"reason": "botIsTired"}, "system")]
)
def test_released_control_is_an_end(payload: dict[str, Any], by: str) -> None:
    assert kinds(_told("releaseControl", None, **payload)) == [f"ended/{by}"]


def test_our_own_release_is_an_echo() -> None:
    assert _told("releaseControl", None, metadata={"handoff": "close"}).ignored == ("own_echo",)


def test_an_offer_to_people_or_to_us_is_the_ais_verdict() -> None:
    assert kinds(_offered(WORKSPACE)) == ["ai_outcome/escalated"]
    assert kinds(_offered(CUSTOM, {"own_ids": ["c1"]})) == ["ai_outcome/escalated"]
    assert _offered(CUSTOM).ignored == ("control_offered",)
    assert _offered(None).ignored == ("control_offered",)
    assert _offered(WORKSPACE, metadata={"handoff_escalation_id": ESCALATION}).ignored == ("own_echo",)


def test_an_accepted_offer_changes_the_holder() -> None:
    assert kinds(_told("acceptControl", WORKSPACE)) == ["control_changed/human"]
    assert kinds(_told("acceptControl", BOT)) == ["control_changed/ai"]
    assert _told("acceptControl", CUSTOM, {"own_ids": ["c1"]}).ignored == ("own_echo",)


def test_a_tenant_names_further_desks_with_people() -> None:
    told = _told("passControl", CUSTOM, {"options": {"human_integrations": ["acme-bot"]}})
    assert kinds(told) == ["ai_outcome/escalated", "control_changed/human"]
