"""Event subscriptions of Zendesk Support: messages of messaging tickets, and what becomes of tickets."""

from typing import Any

import pytest

from agents.platforms.port import Normalized
from streams.contracts.conversation_events import ControlChanged, Ended, Message
from streams.contracts.people import Customer
from tests.support.deliveries import kinds, normalized
from tests.support.zendesk_bodies import subscribed

ESCALATION = "0d7d1a4e-6c0a-5b8e-9a77-0c1b8b0c7f11"


def _told(body: dict[str, Any], **settings: Any) -> Normalized:
    return normalized("zendesk-events", body, **settings)


def _said(actor: dict[str, Any], body: str | None = "hi", **message: Any) -> dict[str, Any]:
    event = {"actor": actor, "conversation_id": "c-1", "message": {"id": "m1", "body": body, **message}}
    return subscribed("messaging_ticket.message_added", event)


def _comment(*, staff: bool | None, public: bool = True, **detail: Any) -> dict[str, Any]:
    author: dict[str, Any] = {"id": 8447388090495, "name": "Priya"} | ({} if staff is None else {"is_staff": staff})
    event = {"comment": {"id": 1, "body": "We are on it", "is_public": public, "author": author}}
    return subscribed("ticket.comment_added", event, **{"external_id": "c-1", **detail})


@pytest.mark.parametrize(
    ("actor", "author"),
    [
        ({"type": "end_user", "id": "1"}, "customer"),
        ({"type": "agent", "id": "2"}, "human"),
        ({"type": "system", "id": "zd:answerBot"}, "ai"),
        ({"type": "agent", "id": "zd:answerBot"}, "ai"),
        ({"type": "system", "id": "3"}, "system"),
        ({"type": "trigger", "id": "4"}, "system"),
        ({"type": "hologram"}, "system"),
        ({}, "system"),
    ],
)
def test_the_actor_says_who_wrote(actor: dict[str, Any], author: str) -> None:
    (turn,) = _told(_said(actor)).events
    assert isinstance(turn, Message)
    assert (turn.author, turn.event_id, turn.conversation_id) == (author, "m1", "c-1")


def test_a_customers_message_names_them_and_the_ticket() -> None:
    body = _said({"type": "end_user", "id": 30045042291606, "name": "Maya"})
    (turn,) = _told(body, options={"subdomain": "acme"}).events
    assert turn.customer == Customer(helpdesk_id="30045042291606", name="Maya")
    assert turn.attributes == {"ticket_id": "10432"}
    assert turn.route is not None
    assert turn.route.conversation_url == "https://acme.zendesk.com/agent/tickets/10432"
    assert turn.occurred_at.microsecond == 254571


def test_what_our_own_user_wrote_is_an_echo() -> None:
    assert _told(_said({"type": "agent", "id": "7"}), own_ids=["7"]).ignored == ("own_echo",)


def test_a_customers_file_without_words_is_a_turn_still() -> None:
    assert kinds(_told(_said({"type": "end_user", "id": "1"}, None))) == ["message/customer"]
    assert _told(_said({"type": "agent", "id": "1"}, " ")).ignored == ("empty_message",)


def test_a_message_without_a_conversation_is_counted() -> None:
    body = subscribed("messaging_ticket.message_added", {"actor": {"type": "end_user"}, "message": {"body": "hi"}})
    assert _told(body).ignored == ("no_conversation",)


@pytest.mark.parametrize("detail", [{"external_id": "c-1"}, {"external_id": "acme|c-1"}, {"conversation_id": "c-1"}])
def test_a_closed_ticket_ends_the_conversation_it_belongs_to(detail: dict[str, str]) -> None:
    (ended,) = _told(subscribed("ticket.status_changed", {"current": "CLOSED", "previous": "SOLVED"}, **detail)).events
    assert isinstance(ended, Ended)
    assert (ended.conversation_id, ended.by) == ("c-1", "human")


def test_a_closed_ticket_of_ours_ends_it_too() -> None:
    body = subscribed("ticket.status_changed", {"current": "CLOSED"}, external_id="acme|c-1", tags=["handoff", "vip"])
    (ended,) = _told(body).events
    assert ended.tags == ("vip",)


@pytest.mark.parametrize("external_id", [ESCALATION, "other|c-1", None, ""])
def test_a_ticket_that_names_no_conversation_is_counted(external_id: str | None) -> None:
    body = subscribed("ticket.status_changed", {"current": "CLOSED"}, external_id=external_id)
    assert _told(body).ignored == ("no_conversation",)


@pytest.mark.parametrize(
    ("current", "reason"), [("SOLVED", "ticket_solved"), ("OPEN", "event_not_used"), (None, "event_not_used")]
)
def test_a_ticket_that_is_not_closed_ends_nothing(current: str | None, reason: str) -> None:
    assert _told(subscribed("ticket.status_changed", {"current": current}, external_id="c-1")).ignored == (reason,)


@pytest.mark.parametrize("current", ["235324", 235324, {"id": 235324}])
def test_an_agent_who_takes_the_ticket_holds_the_conversation(current: Any) -> None:
    (changed,) = _told(subscribed("ticket.agent_assignment_changed", {"current": current}, external_id="c-1")).events
    assert isinstance(changed, ControlChanged)
    assert (changed.holder, changed.ticket_id) == ("human", "10432")


@pytest.mark.parametrize("current", [None, "", 0, "0"])
def test_an_unassigned_ticket_changes_nobody(current: Any) -> None:
    told = _told(subscribed("ticket.agent_assignment_changed", {"current": current}, external_id="c-1"))
    assert told.ignored == ("event_not_used",)


def test_a_ticket_assigned_to_our_own_user_is_an_echo() -> None:
    body = subscribed("ticket.agent_assignment_changed", {"current": "7"}, external_id="c-1")
    assert _told(body, own_ids=["7"]).ignored == ("own_echo",)


@pytest.mark.parametrize(("staff", "kind"), [(True, "message/human"), (False, "message/customer")])
def test_a_public_comment_is_a_turn(staff: bool, kind: str) -> None:
    assert kinds(_told(_comment(staff=staff))) == [kind]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_comment(staff=True, public=False), "internal_note"),
        (_comment(staff=True, tags=["handoff"]), "own_echo"),
        (_comment(staff=True, tags=["handoff_ai_escalation"]), "own_echo"),
        (_comment(staff=True, actor_id="7"), "own_echo"),
        (_comment(staff=None), "event_not_used"),
        (_comment(staff=True, via={"channel": "native_messaging"}), "event_not_used"),
        (_comment(staff=True, external_id=ESCALATION), "no_conversation"),
    ],
)
def test_comments_that_are_no_turns_are_counted(body: dict[str, Any], reason: str) -> None:
    assert _told(body, own_ids=["7"]).ignored == (reason,)


@pytest.mark.parametrize(
    "kind", ["ticket.created", "ticket.priority_changed", "user.created", "messaging_ticket.x", ""]
)
def test_events_of_no_use_are_counted(kind: str) -> None:
    assert _told(subscribed(kind, {}, external_id="c-1")).ignored == ("event_not_used",)
