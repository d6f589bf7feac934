"""What Fin made of a conversation, who holds it after that, and how it ends."""

from typing import Any

import pytest

from agents.platforms.intercom.normalise import from_snapshot
from agents.platforms.port import Normalized
from streams.contracts.conversation_events import AiOutcome, Ended
from tests.support.deliveries import RECEIVED_AT, connection, kinds, normalized
from tests.support.intercom import (
    CUSTOMER,
    FIN,
    OURSELVES,
    T0,
    TEAMMATE,
    WORKFLOW,
    assignment,
    conversation,
    notification,
    part,
)

SPOKE = "conversation.operator.replied"
CLOSED = "conversation.admin.closed"
ASSIGNED = "conversation.admin.assigned"


def told(topic: str, *parts: dict[str, Any], settings: dict[str, Any] | None = None, **fields: Any) -> Normalized:
    return normalized("intercom", notification(topic, conversation(*parts, **fields)), **(settings or {}))


def outcome(result: Normalized) -> AiOutcome:
    (found,) = (event for event in result.events if isinstance(event, AiOutcome))
    return found


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("escalated", "escalated"),
        ("procedure_handoff", "escalated"),
        ("routed_to_team", "escalated"),
        ("confirmed_resolution", "resolved"),
        ("assumed_resolution", "assumed_resolved"),
        ("negative_feedback", "unresolved"),
        ("abandoned", "unresolved"),
        ("handed_to_robot_dog", "handed_to_robot_dog"),
    ],
)
def test_fins_state_in_either_vocabulary_becomes_a_verdict_after_its_message(state: str, expected: str) -> None:
    result = told(SPOKE, part("p1", FIN, "One moment."), state=state)
    assert kinds(result) == ["message/ai", f"ai_outcome/{expected}"]
    assert outcome(result).reason == state


def test_no_state_is_no_verdict() -> None:
    assert kinds(told(SPOKE, part("p1", FIN, "Try restarting it."))) == ["message/ai"]


def test_the_custom_attributes_are_a_second_source_and_the_api_field_wins() -> None:
    noted = {"Fin AI Agent resolution state": "Escalated", "Fin AI Agent escalated reason": "User asked for a human"}
    result = told(SPOKE, part("p1", FIN, "ok"), ai_agent=None, custom_attributes=noted)
    assert (outcome(result).outcome, outcome(result).reason) == ("escalated", "User asked for a human")
    assert result.events[0].attributes == {"page_url": "https://app.acme.example/billing"}
    result = told(SPOKE, part("p1", FIN, "ok"), state="confirmed_resolution", custom_attributes=noted)
    assert outcome(result).outcome == "resolved"


def test_a_customers_turn_bears_no_verdict_since_the_state_beside_it_is_old_news() -> None:
    result = told("conversation.user.replied", part("p1", CUSTOMER, "hello again"), state="escalated")
    assert kinds(result) == ["message/customer"]


def test_a_teammates_turn_bears_no_verdict_and_takes_the_conversation() -> None:
    result = told("conversation.admin.replied", part("p1", TEAMMATE, "Hi, Priya here"), state="escalated")
    assert kinds(result) == ["message/human", "control_changed/human"]
    assert result.events[1].event_id == "p1:control_changed"


def test_one_verdict_has_one_id_under_every_topic_and_vocabulary_and_a_new_one_has_another() -> None:
    new = told(SPOKE, part("p1", FIN, "Passing you on."), state="escalated")
    old = told("conversation.admin.replied", part("p1", WORKFLOW, "<p>Passing you on.</p>"), state="routed_to_team")
    assert [event.event_id for event in new.events] == [event.event_id for event in old.events]
    changed = told(SPOKE, part("p1", FIN, "Passing you on."), state="confirmed_resolution")
    later = told(SPOKE, part("p2", FIN, "Passing you on again."), state="escalated")
    ids = {outcome(result).event_id for result in (new, changed, later)}
    assert len(ids) == 3


def test_a_poller_that_reads_the_whole_conversation_makes_the_ids_its_notifications_made() -> None:
    customer, fin = part("p1", CUSTOMER, "a person please", at=20), part("p2", FIN, "Passing you on.", at=25)
    moved = assignment("p3", WORKFLOW, {"type": "team", "id": "501"}, at=26)
    closing = part("p4", TEAMMATE, None, part_type="close", at=90)
    whole = conversation(customer, fin, moved, closing, state="escalated")
    whole["state"] = "closed"
    polled = from_snapshot(whole, connection("intercom"), RECEIVED_AT)
    notified = [
        *told("conversation.user.created").events,
        *told("conversation.user.replied", customer).events,
        *told(SPOKE, fin, state="escalated").events,
        *told(ASSIGNED, moved, ai_agent_participated=False, ai_agent=None).events,
        *told(CLOSED, closing, state="escalated").events,
    ]
    assert [event.event_id for event in polled.events] == [event.event_id for event in notified]
    assert all(event.repeats for event in polled.events)


def test_a_poller_sees_an_escalation_that_fin_never_put_into_words() -> None:
    whole = conversation(part("p1", CUSTOMER, "a person please"), state="escalated")
    first = from_snapshot(whole, connection("intercom"), RECEIVED_AT)
    again = from_snapshot({**whole, "updated_at": T0 + 999}, connection("intercom"), RECEIVED_AT)
    assert outcome(first).event_id == outcome(again).event_id == "p1:ai_outcome:escalated"


def test_fins_notification_without_a_part_still_brings_the_verdict() -> None:
    assert kinds(told(SPOKE, state="escalated")) == ["ai_outcome/escalated"]
    silent = part("p1", FIN, None, part_type="custom_action_finished")
    assert outcome(told(SPOKE, silent, state="escalated")).event_id == "p1:ai_outcome:escalated"


def test_handing_over_to_a_team_is_the_verdict_first_and_the_change_of_hands_after_it() -> None:
    moved = assignment("p1", WORKFLOW, {"type": "team", "id": "501"}, body="<p>Passing you on.</p>")
    result = told(ASSIGNED, moved, state="escalated")
    assert kinds(result) == ["message/ai", "ai_outcome/escalated", "control_changed/human"]


def test_an_assignment_by_a_bot_after_an_answer_of_fins_is_itself_the_handing_over() -> None:
    moved = assignment("p1", WORKFLOW, {"type": "team", "id": "501"})
    answered = {"last_answer_type": "ai_answer", "resolution_state": None}
    result = told(ASSIGNED, moved, ai_agent=answered)
    assert kinds(result) == ["ai_outcome/escalated", "control_changed/human"]
    assert outcome(result).reason == "assigned"


def test_an_assignment_by_a_bot_before_fin_has_answered_is_sorting() -> None:
    moved = assignment("p1", WORKFLOW, {"type": "team", "id": "501"})
    assert kinds(told(ASSIGNED, moved)) == []


@pytest.mark.parametrize(
    ("to", "settings", "expected"),
    [
        ({"type": "admin", "id": "8120077"}, {}, ["control_changed/human"]),
        ({"type": "team", "id": 501}, {}, ["control_changed/human"]),
        ({"type": "admin", "id": "0"}, {}, []),
        ({"type": "nobody_admin", "id": None}, {}, []),
        (None, {}, []),
        ({"type": "bot", "id": "7301184"}, {}, ["control_changed/ai"]),
        ({"type": "team", "id": "501"}, {"options": {"ai_assignee_ids": ["501"]}}, ["control_changed/ai"]),
        ({"type": "admin", "id": "8120055"}, {"own_ids": ["8120055"]}, []),
    ],
)
def test_who_holds_it_after_a_teammate_assigned_it(to: Any, settings: dict[str, Any], expected: list[str]) -> None:
    assert kinds(told(ASSIGNED, assignment("p1", TEAMMATE, to), settings=settings)) == expected


def test_an_assignment_whose_part_was_trimmed_is_read_from_the_conversation() -> None:
    result = told("conversation.admin.open.assigned", admin_assignee_id=8120077, team_assignee_id=0)
    assert kinds(result) == ["control_changed/human"]
    again = told("conversation.admin.open.assigned", admin_assignee_id=8120077, team_assignee_id=0)
    assert result.events[0].event_id == again.events[0].event_id
    assert kinds(told("conversation.admin.open.assigned", admin_assignee_id=0, team_assignee_id=0)) == []


def test_our_own_assignment_changes_nothing() -> None:
    moved = assignment("p1", OURSELVES, {"type": "team", "id": "501"})
    result = told(ASSIGNED, moved, team_assignee_id=501, settings={"own_ids": ["8120055"]})
    assert (result.events, result.ignored) == ((), ("own_echo",))


def test_a_teammate_who_reopens_it_holds_it() -> None:
    reopened = part("p1", TEAMMATE, None, part_type="open")
    assert kinds(told("conversation.admin.opened", reopened)) == ["control_changed/human"]


@pytest.mark.parametrize(("closer", "by"), [(TEAMMATE, "human"), (WORKFLOW, "ai"), (FIN, "ai"), (CUSTOMER, "customer")])
def test_who_ended_it(closer: dict[str, Any], by: str) -> None:
    closing = part("p1", closer, None, part_type="close")
    result = told(CLOSED, closing, ai_agent_participated=False, ai_agent=None)
    assert kinds(result) == [f"ended/{by}"]
    assert result.events[0].event_id == "p1:ended"


def test_a_session_closed_without_any_answer_of_fins_was_unresolved() -> None:
    closing = part("p1", TEAMMATE, "Closing for now.", part_type="close")
    result = told(CLOSED, closing)
    assert kinds(result) == ["message/human", "ai_outcome/unresolved", "ended/human"]
    assert kinds(told(CLOSED, closing, ai_agent_participated=False, ai_agent=None)) == ["message/human", "ended/human"]


def test_a_resolution_that_only_the_closing_shows_is_told_before_the_end() -> None:
    closing = part("p1", WORKFLOW, None, part_type="close")
    assert kinds(told(CLOSED, closing, state="assumed_resolution")) == ["ai_outcome/assumed_resolved", "ended/ai"]


def test_a_teammate_who_closes_an_escalated_conversation_does_not_escalate_it_again() -> None:
    closing = part("p1", TEAMMATE, None, part_type="close")
    assert kinds(told(CLOSED, closing, state="escalated")) == ["ended/human"]


def test_our_own_closing_ends_nothing_and_judges_nothing() -> None:
    ours = part("p2", OURSELVES, "We continue on ticket 10432.", part_type="close", at=61)
    result = told(CLOSED, part("p1", CUSTOMER, "ok"), ours, settings={"own_ids": ["8120055"]})
    assert kinds(result) == ["message/customer"]
    assert result.ignored == ("own_echo",)


@pytest.mark.parametrize(
    ("statistics", "expected"),
    [
        (None, ["ended/human"]),
        ({"last_closed_by": {"type": "bot", "id": "1"}}, ["ended/ai"]),
        ({"last_closed_by": {"type": "admin", "id": "8120055"}}, []),
    ],
)
def test_a_closing_whose_part_was_trimmed_goes_by_the_statistics(statistics: Any, expected: list[str]) -> None:
    result = told(CLOSED, statistics=statistics, state="confirmed_resolution", settings={"own_ids": ["8120055"]})
    assert [kind for kind in kinds(result) if kind.startswith("ended")] == expected


def test_fins_last_words_in_a_conversation_it_closed_end_the_session() -> None:
    item = conversation(part("p1", FIN, "Closing this now."), state="assumed_resolution")
    item["state"] = "closed"
    result = normalized("intercom", notification(SPOKE, item))
    assert kinds(result) == ["message/ai", "ai_outcome/assumed_resolved", "ended/ai"]
    assert isinstance(result.events[-1], Ended)
