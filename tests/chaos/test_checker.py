"""The checker held to account: a history in order passes, and each single thing that is wrong is told by its kind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from streams.ids import action_id, escalation_id, notification_id
from tests.chaos.checks import deviations, totals
from tests.chaos.history import Chat, Due, History, Lag, Rec, Ticket, Webhook

KEY = "acme|c-1"
ESCALATION = escalation_id("acme", "c-1", "e-1")
OPEN = action_id(ESCALATION, "open")
APPENDS = [action_id(ESCALATION, f"append:e-{number}") for number in (3, 4)]
NOTE = action_id(ESCALATION, "note1")
TOLD = ("A person is coming.", "Your request is number 10432.")


def records(topic: str, *values: dict[str, Any] | None, key: str | list[str] = KEY) -> list[Rec]:
    keys = key if isinstance(key, list) else [key] * len(values)
    return [Rec(topic, 3, offset, keys[offset], value) for offset, value in enumerate(values)]


def event(number: int) -> dict[str, Any]:
    return {"event_id": f"e-{number}", "kind": "message"}


def command(action: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"action_id": action, "escalation_id": ESCALATION, "kind": kind, "mode": "live", **more}


def outcome(action: str, ticket: str = "10432") -> dict[str, Any]:
    return {"kind": "outcome", "action": "x", "action_id": action, "ticket_id": ticket, "escalation_id": ESCALATION}


def news(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "escalation_id": ESCALATION,
        "notification_id": notification_id(ESCALATION, kind),
        "ticket": {"id": "10432"},
    }


def step(kind: str, entry: str = "outcome", result: str = "done") -> dict[str, Any]:
    return {
        "kind": entry,
        "notification_id": notification_id(ESCALATION, kind),
        "step": "reply",
        "result": result,
        "tenant": "acme",
        "conversation_id": "c-1",
        "reason": "away",
    }


def healthy() -> History:
    """One conversation: asked for a person, got a ticket with a note, wrote twice more, was told twice."""
    actions = [OPEN, NOTE, *APPENDS]
    return History(
        records={
            "conversation.events": records("conversation.events", *(event(number) for number in (1, 2, 3, 4))),
            "escalation.commands": records(
                "escalation.commands",
                command(OPEN, "open_ticket", reason="human_requested"),
                *(command(each, "append_to_ticket") for each in APPENDS),
            ),
            "escalation.ledger": records(
                "escalation.ledger",
                *(outcome(each) for each in actions),
                key=[f"{KEY}|{each}|outcome|10432" for each in actions],
            ),
            "notification.events": records("notification.events", news("accepted"), news("opened")),
            "notification.ledger": records(
                "notification.ledger",
                step("accepted"),
                step("opened"),
                key=[f"{KEY}|{kind}|reply|outcome" for kind in ("accepted", "opened")],
            ),
            "escalation.commands.dead": [],
        },
        due=(
            Due(KEY, "open_ticket", OPEN, ESCALATION, "human_requested", ("e-2",), "conversation.events/3@1"),
            *(
                Due(KEY, "append_to_ticket", each, ESCALATION, "", (f"e-{place}",), f"conversation.events/3@{place}")
                for place, each in enumerate(APPENDS, start=2)
            ),
        ),
        tickets=(
            Ticket(
                "zendesk",
                "acme",
                "10432",
                frozenset({ESCALATION}),
                (frozenset({ESCALATION}), frozenset({NOTE}), *(frozenset({each}) for each in APPENDS)),
            ),
        ),
        chats=(Chat(KEY, "custom-llm", TOLD),),
        webhooks=(Webhook(1, KEY, ("e-1", "e-2")), Webhook(2, KEY, ("e-1", "e-2", "e-3")), Webhook(3, KEY, ("e-4",))),
        lags=(Lag("handoff-ticketing", "escalation.commands", 3, 3, 3),),
        escalating=(KEY,),
    )


def having(topic: str, change: Callable[[list[Rec]], list[Rec]]) -> History:
    """The healthy history with one topic changed."""
    history = healthy()
    return replace(history, records={**history.records, topic: change(list(history.of(topic)))})


def ticket(**changes: Any) -> History:
    history = healthy()
    return replace(history, tickets=(replace(history.tickets[0], **changes),))


def comments(*marks: str) -> History:
    return ticket(comments=tuple(frozenset({mark}) for mark in marks))


def told(*texts: str) -> History:
    return replace(healthy(), chats=(Chat(KEY, "custom-llm", texts),))


def again(offset: int, rec: Rec) -> Rec:
    return replace(rec, offset=offset)


def valued(rec: Rec, **more: Any) -> Rec:
    return replace(rec, value={**(rec.value or {}), **more})


def test_what_is_as_promised_passes_and_is_counted() -> None:
    assert deviations(healthy()) == []
    counted = totals(healthy())
    assert (counted["escalations due"], counted["tickets"], counted["appends due"]) == (1, 1, 2)


def test_repeats_inside_are_absorbed_and_counted() -> None:
    history = having("escalation.commands", lambda found: [*found, again(9, found[0])])
    assert deviations(history) == []
    assert totals(history)["commands repeated on their topic"] == 1


WRONG: dict[str, tuple[History, str]] = {
    "an accepted webhook is not on the topic": (
        having("conversation.events", lambda found: found[:3]),
        "webhook_lost",
    ),
    "events changed places": (
        having("conversation.events", lambda f: [f[0], f[1], again(9, f[2]), again(8, f[3])]),
        "event_out_of_order",
    ),
    "a command was never produced": (having("escalation.commands", lambda found: found[:2]), "command_lost"),
    "a command nobody owed": (
        having("escalation.commands", lambda f: [*f, replace(valued(f[0], action_id="x"), offset=9)]),
        "command_not_due",
    ),
    "a command for another reason": (
        having("escalation.commands", lambda f: [valued(f[0], reason="silence"), *f[1:]]),
        "command_differs",
    ),
    "commands changed places": (
        having("escalation.commands", lambda f: [f[0], again(9, f[1]), again(8, f[2])]),
        "command_out_of_order",
    ),
    "no ticket": (replace(healthy(), tickets=()), "ticket_lost"),
    "two tickets": (
        replace(healthy(), tickets=(healthy().tickets[0], replace(healthy().tickets[0], id="10433", comments=()))),
        "ticket_duplicated",
    ),
    "a ticket of nobody": (
        replace(
            healthy(),
            tickets=(healthy().tickets[0], Ticket("zendesk", "acme", "9", frozenset({"0" * 36}), ())),
        ),
        "ticket_not_due",
    ),
    "an append is missing": (comments(ESCALATION, NOTE, APPENDS[0]), "append_lost"),
    "an append stands twice": (comments(ESCALATION, NOTE, APPENDS[0], APPENDS[1], APPENDS[0]), "append_duplicated"),
    "appends changed places": (comments(ESCALATION, NOTE, APPENDS[1], APPENDS[0]), "append_out_of_order"),
    "a note stands twice": (comments(ESCALATION, NOTE, NOTE, *APPENDS), "comment_duplicated"),
    "the number is no news": (having("notification.events", lambda found: found[:1]), "news_lost"),
    "the promise comes after the number": (
        having("notification.events", lambda f: [again(9, f[0]), f[1]]),
        "news_out_of_order",
    ),
    "the customer was told nothing": (told(), "told_never"),
    "the customer was not told the number": (told(TOLD[0], "Something else."), "number_not_told"),
    "the customer was told the number twice": (told(*TOLD, TOLD[1]), "told_twice"),
    "the customer was promised a person twice": (told(TOLD[0], *TOLD), "told_twice"),
    "old news came after the number": (told(TOLD[1], TOLD[0]), "told_out_of_order"),
    "an INTENT without OUTCOME": (
        having(
            "escalation.ledger",
            lambda f: [*f, Rec(f[0].topic, 3, 9, "k|intent", outcome("other") | {"kind": "intent"})],
        ),
        "intent_open",
    ),
    "a step begun and not ended": (
        having("notification.ledger", lambda f: [*f, Rec(f[0].topic, 3, 9, "k", step("delayed", "intent"))]),
        "intent_open",
    ),
    "news that waits": (
        having("notification.ledger", lambda f: [*f, Rec(f[0].topic, 3, 9, "k", step("delayed", "deferred"))]),
        "news_waits",
    ),
    "two tickets in the ledger": (
        having("escalation.ledger", lambda f: [*f, Rec(f[0].topic, 3, 9, "k|outcome|10433", outcome(OPEN, "10433"))]),
        "outcomes_differ",
    ),
    "a dead letter": (
        having("escalation.commands.dead", lambda _: records("escalation.commands.dead", event(1))),
        "dead_letter",
    ),
    "a group behind its topic": (
        replace(healthy(), lags=(Lag("handoff-ticketing", "escalation.commands", 3, 2, 3),)),
        "lag",
    ),
    "a conversation of which nothing came": (replace(healthy(), escalating=(KEY, "acme|c-2")), "escalation_lost"),
}


@pytest.mark.parametrize("what", WRONG)
def test_each_thing_that_is_wrong_is_told(what: str) -> None:
    history, kind = WRONG[what]
    assert kind in {deviation.kind for deviation in deviations(history)}


def test_a_message_sent_at_most_once_may_be_there_or_not() -> None:
    unknown = having("notification.ledger", lambda f: [replace(f[0], value=step("accepted", result="unknown")), f[1]])
    assert deviations(unknown) == []
    assert deviations(replace(unknown, chats=(Chat(KEY, "custom-llm", TOLD[1:]),))) == []


def test_a_number_that_was_mailed_instead_is_told() -> None:
    steps = having("notification.ledger", lambda found: found[:1])
    mailed = replace(steps, chats=(Chat(KEY, "custom-llm", TOLD[:1], (TOLD[1],)),))
    assert deviations(mailed) == []
    twice = replace(steps, chats=(Chat(KEY, "custom-llm", TOLD[:1], (TOLD[1], TOLD[1])),))
    assert {deviation.kind for deviation in deviations(twice)} == {"told_twice"}


def test_an_intent_that_was_tombstoned_is_closed() -> None:
    key = f"{KEY}|x|intent"
    began = Rec("escalation.ledger", 3, 8, key, outcome("other") | {"kind": "intent"})
    ended = Rec("escalation.ledger", 3, 9, key, None)
    assert deviations(having("escalation.ledger", lambda found: [*found, began, ended])) == []


def test_what_is_only_observed_needs_no_ticket() -> None:
    observed = having("escalation.commands", lambda found: [valued(each, mode="observe") for each in found])
    empty = replace(observed, tickets=(), chats=(), records={**observed.records, "notification.events": []})
    kinds = {deviation.kind for deviation in deviations(empty)}
    assert "ticket_lost" not in kinds
    assert "news_lost" not in kinds
