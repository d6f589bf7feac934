"""Every conversation of the demo, through all four processes, on the embedded broker."""

import pytest

from agents.demo.judging import misses, tickets_of
from agents.demo.scenarios import LAST_ACT, Row
from tests.flow.demo_rows import ALL_ROWS, Played, play


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("demo"))


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.label for row in ALL_ROWS])
def test_a_conversation_ends_as_it_has_to(played: Played, row: Row) -> None:
    assert misses(row, played.found(row)) == [], played.explain(row)


def test_every_process_ends_cleanly_on_sigterm(played: Played) -> None:
    assert set(played.exit_codes.values()) == {0}, played.exit_codes


def test_the_killed_process_left_one_ticket_and_told_the_customer_once(played: Played) -> None:
    seen = played.seen[LAST_ACT.conversation_id]
    opened = {news.notification_id for news in seen.notifications if news.kind == "opened"}
    assert len(opened) == 1
    texts = [
        message["text"]
        for chat in played.state["conversations"]
        if chat["id"] == LAST_ACT.conversation_id
        for message in chat["messages"]
        if message["author"] == "human"
    ]
    assert len(texts) == len(set(texts)) == 2


def test_nothing_hostile_reached_a_ticket(played: Played) -> None:
    for ticket in played.state["tickets"]:
        written = " ".join(str(comment["html_body"]) + str(comment["text"]) for comment in ticket["comments"])
        for forbidden in ("<script", "javascript:", "evil.example/pixel.gif", "4111 1111 1111 1111", "<img"):
            assert forbidden not in written, (ticket["id"], forbidden)


def test_every_ticket_belongs_to_a_conversation_that_escalated(played: Played) -> None:
    ours = set()
    for row in ALL_ROWS:
        escalations = {command.escalation_id for command in played.seen[row.conversation_id].commands}
        ours |= {(t["helpdesk"], t["account"], t["id"]) for t in tickets_of(played.state, row, escalations)}
    everything = {(t["helpdesk"], t["account"], t["id"]) for t in played.state["tickets"]}
    assert everything == ours


def test_an_observing_tenant_touched_nobody(played: Played) -> None:
    assert not [ticket for ticket in played.state["tickets"] if ticket["account"] == "cedar"]
    for chat in played.state["conversations"]:
        if chat["account"] == "cedar":
            assert [message["author"] for message in chat["messages"]] == ["customer"]


def test_the_address_a_visitor_gave_is_known_to_the_helpdesk(played: Played) -> None:
    requesters = [ticket["requester"] for ticket in played.state["tickets"] if ticket["helpdesk"] == "freshdesk"]
    assert "visitor.nine@example.com" in {requester["email"] for requester in requesters if requester}


def test_one_trace_leads_from_the_webhook_to_the_notification(played: Played) -> None:
    seen = played.seen[LAST_ACT.conversation_id]
    events = seen.traces["conversation.events"]
    for topic in ("escalation.commands", "notification.events", "notification.ledger"):
        assert seen.traces[topic], topic
        assert seen.traces[topic] <= events, topic
