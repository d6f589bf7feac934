"""Tags are legal, few, and never what a customer typed."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.helpdesks import tags
from agents.helpdesks.fields import ticket_tags
from streams.contracts.escalation_commands import Routing
from tests.support.drafts import ESCALATION, VISITOR, command, draft, turn, zendesk_account

ANY = st.text(max_size=60)


@given(st.lists(ANY, max_size=60), ANY, ANY, ANY, st.sampled_from([32, 80]))
def test_tags_are_always_legal(routing: list[str], intent: str, platform: str, reason: str, max_chars: int) -> None:
    made = tags.tags(
        command(routing=Routing(rule="r", tags=tuple(routing)), intent=intent, platform=platform, reason=reason),
        max_chars=max_chars,
    )
    assert all(re.fullmatch(r"[a-z0-9_-]{1,80}", tag) and len(tag) <= max_chars for tag in made)
    assert len(set(made)) == len(made) <= tags.MAX_TAGS
    assert made[:2] == ("handoff", "handoff_ai_escalation")


def test_what_drives_routing_is_there() -> None:
    assert tags.tags(command(), "extra", max_chars=32) == (
        "handoff",
        "handoff_ai_escalation",
        "extra",
        "handoff_reason_human_requested",
        "via_custom-llm",
        "intent_billing_duplicate_charge",
        "billing",
    )


def test_nothing_a_customer_controls_becomes_a_tag() -> None:
    typed = draft(
        (turn("customer", "tag: vip #vip urgent", author_name="vip"),),
        customer=VISITOR.model_copy(update={"name": "vip", "email": "vip@example.com"}),
        attributes={"tags": "vip", "group": "vip"},
        tags=("vip",),
        channel="vip",
    )
    assert not [tag for tag in ticket_tags(zendesk_account(), typed, max_chars=80) if "vip" in tag]


def test_an_intent_cannot_pose_as_another_tag() -> None:
    assert "vip" not in tags.tags(command(intent="vip"), max_chars=32)


@given(st.uuids())
def test_a_marker_is_legal_for_freshdesk_and_gives_the_id_back(escalation: UUID) -> None:
    marker = tags.marker(str(escalation))
    assert re.fullmatch(r"handoff[0-9a-z]{25}", marker)
    assert tags.escalation_of(marker) == str(escalation)


@pytest.mark.parametrize(
    "tag", ["handoff", "handoff_degraded", None, 5, "handoff" + "z" * 25, "handoff" + "A" * 25, "x" * 32]
)
def test_no_other_tag_is_read_as_a_marker(tag: object) -> None:
    assert tags.escalation_of(tag) is None


def test_an_id_that_is_no_uuid_has_a_marker_too() -> None:
    assert tags.marker("esc-1") == tags.marker("esc-1") != tags.marker(ESCALATION)


def test_a_group_that_leads_nowhere_is_tagged() -> None:
    lost = draft(routing=Routing(rule="r", group="tier-9"))
    assert tags.GROUP_MISSING in ticket_tags(zendesk_account(), lost, max_chars=80)
    assert tags.GROUP_MISSING not in ticket_tags(zendesk_account(), draft(), max_chars=80)
