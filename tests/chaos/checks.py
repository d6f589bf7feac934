"""The checker: promises against a history. Pure. Every deviation says what, where, and why it is one.

A history is judged at rest: no webhook under way, nothing waiting. What is at most repeated inside (a command
twice on its topic, a notification twice on its own) is no deviation: only what somebody outside sees is.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from tests.chaos.history import Deviation, Due, History, Rec, Ticket
from tests.chaos.ledger_checks import customer_told, ledgers_settled


def accepted_webhooks_are_on_the_topic(history: History) -> Iterator[Deviation]:
    """P1: what was answered 2xx is on the topic, under its conversation's key."""
    there = {(rec.key, rec.value["event_id"]) for rec in history.of("conversation.events") if rec.value}
    for webhook in history.webhooks:
        for event_id in webhook.event_ids:
            if (webhook.key, event_id) not in there:
                what = f"event {event_id} of webhook {webhook.id} was answered 2xx and is not on the topic"
                yield Deviation("webhook_lost", what, webhook.key)


def events_keep_their_order(history: History) -> Iterator[Deviation]:
    """P3: turns of a conversation stand on the topic in the order in which its platform told them first.

    Only turns: a verdict is a state, which a conversation that is read again tells with its newest turn.
    """
    first: dict[tuple[str, str], tuple[int, int]] = {}
    for rec in history.of("conversation.events"):
        if rec.value and rec.value["kind"] == "message":
            first.setdefault((rec.key, rec.value["event_id"]), (rec.partition, rec.offset))
    told: dict[str, list[str]] = {}
    for webhook in sorted(history.webhooks, key=lambda each: each.id):
        told.setdefault(webhook.key, []).extend(webhook.event_ids)
    for key, event_ids in told.items():
        places = [(first[key, each], each) for each in dict.fromkeys(event_ids) if (key, each) in first]
        for (before, _), (after, event_id) in pairwise(places):
            if after < before:
                what = f"event {event_id} stands before the one that was told before it"
                yield Deviation("event_out_of_order", what, f"{key} conversation.events/{after[0]}@{after[1]}")


def commands_are_those_due(history: History) -> Iterator[Deviation]:
    """P2, P5: the commands on their topic are those the events call for, in that order, for the same reasons."""
    there: dict[str, Rec] = {}
    for rec in history.of("escalation.commands"):
        if rec.value and "redrive-id" not in rec.headers:
            there.setdefault(rec.value["action_id"], rec)
    due = {each.action_id: each for each in history.due}
    for action_id, each in due.items():
        found = there.get(action_id)
        if found is None or found.value is None:
            yield Deviation("command_lost", f"{each.kind} {action_id} is due and was never commanded", each.at)
        elif each.kind == "open_ticket" and found.value["reason"] != each.reason:
            what = f"{action_id} says {found.value['reason']}, its events say {each.reason}"
            yield Deviation("command_differs", what, found.at)
    for action_id, rec in there.items():
        if action_id not in due:
            yield Deviation("command_not_due", f"{action_id} was commanded and nothing calls for it", rec.at)
    yield from _in_order(history.due, there)


def _in_order(due: Sequence[Due], there: dict[str, Rec]) -> Iterator[Deviation]:
    last: dict[str, int] = {}
    for each in due:
        rec = there.get(each.action_id)
        if rec is None:
            continue
        if rec.offset < last.get(each.key, -1):
            yield Deviation("command_out_of_order", f"{each.action_id} stands before an earlier one", rec.at)
        last[each.key] = max(last.get(each.key, -1), rec.offset)


def _live(history: History) -> list[Due]:
    """What is due and touches somebody."""
    idle = {
        rec.value["action_id"]
        for rec in history.of("escalation.commands")
        if rec.value and (rec.value.get("mode") == "observe" or rec.value.get("test"))
    }
    return [each for each in history.due if each.action_id not in idle]


def one_ticket_per_escalation(history: History) -> Iterator[Deviation]:
    """P2: exactly one ticket, at the helpdesk itself."""
    by_mark: dict[str, list[Ticket]] = {}
    for ticket in history.tickets:
        for mark in ticket.marks:
            by_mark.setdefault(mark, []).append(ticket)
    opens = [each for each in _live(history) if each.kind == "open_ticket"]
    for each in opens:
        found = by_mark.get(each.escalation_id, [])
        if not found:
            yield Deviation("ticket_lost", f"escalation {each.escalation_id} has no ticket", f"{each.key} {each.at}")
        elif len(found) > 1:
            ids = ", ".join(f"{ticket.helpdesk} {ticket.id}" for ticket in found)
            yield Deviation("ticket_duplicated", f"escalation {each.escalation_id} has {ids}", f"{each.key} {each.at}")
    known = {each.escalation_id for each in opens}
    for ticket in history.tickets:
        if not ticket.marks & known:
            what = f"{ticket.helpdesk} {ticket.id} of {ticket.account} belongs to no escalation that is due"
            yield Deviation("ticket_not_due", what, f"{ticket.helpdesk}/{ticket.account}/{ticket.id}")


def appends_once_and_in_order(history: History) -> Iterator[Deviation]:
    """P2, P3: each later turn stands in its ticket once, behind those before it."""
    tickets = {mark: ticket for ticket in history.tickets for mark in ticket.marks}
    last: dict[str, int] = {}
    for each in _live(history):
        ticket = tickets.get(each.escalation_id)
        if each.kind != "append_to_ticket" or ticket is None:
            continue
        places = [place for place, marks in enumerate(ticket.comments) if each.action_id in marks]
        where = f"{each.key} {ticket.helpdesk} {ticket.id}"
        if not places:
            yield Deviation("append_lost", f"append {each.action_id} of {each.at} is not in the ticket", where)
            continue
        if len(places) > 1:
            yield Deviation("append_duplicated", f"append {each.action_id} stands in comments {places}", where)
        if places[0] < last.get(each.escalation_id, -1):
            yield Deviation("append_out_of_order", f"append {each.action_id} stands before an earlier turn", where)
        last[each.escalation_id] = max(last.get(each.escalation_id, -1), places[0])


def notes_once(history: History) -> Iterator[Deviation]:
    """P2: no comment of ours stands in a ticket twice, whichever action it belongs to."""
    actions = {rec.value["action_id"] for rec in history.of("escalation.ledger") if rec.value}
    for ticket in history.tickets:
        counted = Counter(mark for marks in ticket.comments for mark in marks & actions)
        for action_id, count in counted.items():
            if count > 1:
                where = f"{ticket.helpdesk}/{ticket.account}/{ticket.id}"
                yield Deviation("comment_duplicated", f"action {action_id} stands in {count} comments", where)


def news_is_on_its_topic(history: History) -> Iterator[Deviation]:
    """P9: of each escalation `accepted` and then the ticket's number."""
    first: dict[tuple[str, str], Rec] = {}
    for rec in history.of("notification.events"):
        if rec.value:
            kind = "opened" if rec.value["kind"] == "attached" else rec.value["kind"]
            first.setdefault((rec.value["escalation_id"], kind), rec)
    for each in _live(history):
        if each.kind != "open_ticket":
            continue
        accepted, opened = first.get((each.escalation_id, "accepted")), first.get((each.escalation_id, "opened"))
        for name, found in (("accepted", accepted), ("opened", opened)):
            if found is None:
                yield Deviation(
                    "news_lost", f"escalation {each.escalation_id} has no `{name}`", f"{each.key} {each.at}"
                )
        if accepted is not None and opened is not None and opened.offset < accepted.offset:
            yield Deviation("news_out_of_order", f"`opened` of {each.escalation_id} before `accepted`", opened.at)


def no_dead_letters(history: History) -> Iterator[Deviation]:
    """P4: nothing in a schedule is beyond processing, so nothing may die."""
    for topic, records in history.records.items():
        if topic.endswith(".dead"):
            for rec in records:
                reason = f"{rec.headers.get('dlq-reason')} {rec.headers.get('dlq-detail', '')}".strip()
                yield Deviation("dead_letter", f"{rec.key} died of {reason}", rec.at)


def offsets_at_the_end(history: History) -> Iterator[Deviation]:
    """At rest every group has committed everything."""
    for lag in history.lags:
        if lag.committed != lag.end:
            what = f"{lag.group} has committed {lag.committed} of {lag.end}"
            yield Deviation("lag", what, f"{lag.topic}/{lag.partition}")


def expected_conversations_escalated(history: History) -> Iterator[Deviation]:
    """What the load knows by itself, without any of the product's code: these conversations end in a ticket."""
    opened = {each.key for each in history.due if each.kind == "open_ticket"}
    for key in history.escalating:
        if key not in opened:
            yield Deviation("escalation_lost", "the conversation asks for a person and nothing came of it", key)


CHECKS: tuple[Callable[[History], Iterator[Deviation]], ...] = (
    accepted_webhooks_are_on_the_topic,
    events_keep_their_order,
    commands_are_those_due,
    one_ticket_per_escalation,
    appends_once_and_in_order,
    notes_once,
    news_is_on_its_topic,
    customer_told,
    ledgers_settled,
    no_dead_letters,
    offsets_at_the_end,
    expected_conversations_escalated,
)


def deviations(history: History) -> list[Deviation]:
    """Everything that is not as promised; empty when all is well."""
    return [found for check in CHECKS for found in check(history)]


def totals(history: History) -> Counter[str]:
    """What the history is made of, for the report."""
    live = _live(history)
    counted = Counter[str]()
    counted["webhooks accepted"] = len({webhook.id for webhook in history.webhooks})
    counted["events"] = len(history.of("conversation.events"))
    counted["escalations due"] = sum(each.kind == "open_ticket" for each in live)
    counted["tickets"] = len(history.tickets)
    counted["appends due"] = sum(each.kind == "append_to_ticket" for each in live)
    counted["messages to customers"] = sum(len(chat.ours) for chat in history.chats)
    commands = [rec.value["action_id"] for rec in history.of("escalation.commands") if rec.value]
    counted["commands repeated on their topic"] = len(commands) - len(set(commands))
    news = [rec.value["notification_id"] for rec in history.of("notification.events") if rec.value]
    counted["news repeated on its topic"] = len(news) - len(set(news))
    counted["commands parked"] = len(history.of("escalation.commands.parked"))
    return counted


def first_words_seconds(history: History) -> list[float]:
    """From each decision to the customer having been told that a person is coming, whatever was broken meanwhile."""
    decided = {
        rec.value["notification_id"]: rec.value["decided_at"]
        for rec in history.of("notification.events")
        if rec.value and rec.value["kind"] == "accepted"
    }
    told: dict[str, str] = {}
    for rec in history.of("notification.ledger"):
        if rec.value and rec.value["kind"] == "outcome" and rec.value.get("result") in {"done", "found"}:
            told.setdefault(rec.value["notification_id"], rec.value["recorded_at"])
    return sorted(
        (datetime.fromisoformat(told[each]) - datetime.fromisoformat(at)).total_seconds()
        for each, at in decided.items()
        if each in told
    )
