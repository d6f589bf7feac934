"""The part of the checker that reads the ledgers: nothing left in doubt, and each customer told once. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chaos.history import Chat, Deviation, History, Rec

SEEN = frozenset({"done", "found"})
_NUMBER = re.compile(r"\d+")


def _standing(records: Iterator[Rec] | list[Rec]) -> dict[str, Rec]:
    """A compacted topic as it stands: the last record of each key, tombstones gone."""
    standing: dict[str, Rec] = {}
    for rec in records:
        if rec.value is None:
            standing.pop(rec.key, None)
        else:
            standing[rec.key] = rec
    return standing


def ledgers_settled(history: History) -> Iterator[Deviation]:
    """At rest no INTENT stands without its OUTCOME, nothing waits, and no action has two tickets."""
    escalation = _standing(list(history.of("escalation.ledger")))
    outcomes: dict[str, set[str]] = {}
    for rec in escalation.values():
        if rec.value and rec.value["kind"] == "outcome":
            outcomes.setdefault(rec.value["action_id"], set()).add(rec.value["ticket_id"])
    for rec in escalation.values():
        if rec.value and rec.value["kind"] == "intent" and rec.value["action_id"] not in outcomes:
            what = f"{rec.value['action']} of {rec.value['escalation_id']}: INTENT without OUTCOME"
            yield Deviation("intent_open", what, rec.at)
    for action_id, tickets in outcomes.items():
        if len(tickets) > 1:
            yield Deviation("outcomes_differ", f"action {action_id} has {sorted(tickets)}", "escalation.ledger")
    notification = _standing(list(history.of("notification.ledger")))
    settled = {_step(rec.value) for rec in notification.values() if rec.value and rec.value["kind"] == "outcome"}
    for rec in notification.values():
        if rec.value and rec.value["kind"] == "intent" and _step(rec.value) not in settled:
            what = f"{rec.value['step']} of {rec.value['notification_id']}: INTENT without OUTCOME"
            yield Deviation("intent_open", what, rec.at)
        if rec.value and rec.value["kind"] == "deferred":
            yield Deviation("news_waits", f"{rec.value['notification_id']}: {rec.value['reason']}", rec.at)


def _step(value: Mapping[str, Any]) -> tuple[str, str]:
    return value["notification_id"], value["step"]


def customer_told(history: History) -> Iterator[Deviation]:
    """P9 and P2 for people: each piece of news once, the number once and last, whatever died in between.

    An OUTCOME `unknown` says openly that a message was sent at most once: it may be there or not.
    """
    results: dict[str, Counter[str]] = {}
    for rec in _standing(list(history.of("notification.ledger"))).values():
        if rec.value and rec.value["kind"] == "outcome" and rec.value["step"] == "reply":
            key = f"{rec.value['tenant']}|{rec.value['conversation_id']}"
            results.setdefault(key, Counter())[rec.value["result"]] += 1
    chats = {chat.key: chat for chat in history.chats}
    for key, counted in results.items():
        ours = chats[key].ours if key in chats else ()
        least = sum(counted[result] for result in SEEN)
        if not least <= len(ours) <= least + counted["unknown"]:
            what = f"{len(ours)} messages with the customer, {dict(counted)} in the ledger"
            yield Deviation("told_twice" if len(ours) > least else "told_never", what, key)
    yield from _numbers(history, chats)


def _numbers(history: History, chats: Mapping[str, Chat]) -> Iterator[Deviation]:
    tickets: dict[str, str] = {}
    for rec in history.of("notification.events"):
        if rec.value and rec.value["kind"] in {"opened", "attached"}:
            tickets.setdefault(rec.key, rec.value["ticket"]["id"])
    for key, number in tickets.items():
        chat = chats.get(key) or Chat(key, "", ())
        ours = chat.ours
        places = [place for place, text in enumerate(ours) if number in _NUMBER.findall(text)]
        mailed = sum(number in _NUMBER.findall(text) for text in chat.mails)
        if mailed and not places:
            if mailed > 1:
                yield Deviation("told_twice", f"ticket {number} was told in {mailed} mails", key)
        elif not places:
            yield Deviation("number_not_told", f"nobody told the customer of ticket {number}", key)
        elif len(places) + mailed > 1:
            yield Deviation("told_twice", f"ticket {number} was told {len(places) + mailed} times", key)
        elif places[0] != len(ours) - 1:
            yield Deviation("told_out_of_order", f"older news came after the number {number}", key)
    for key, chat in chats.items():
        for text, count in Counter(chat.ours).items():
            if count > 1:
                yield Deviation("told_twice", f"the same words {count} times: {text[:60]!r}", key)
