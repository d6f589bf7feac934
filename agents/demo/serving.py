"""`handoff demo --serve`: the page over the running demo, with a box to write as the customer."""

import asyncio
import signal
from collections.abc import Callable
from typing import Any

from aiohttp import web

from agents.demo.judging import tickets_of
from agents.demo.page.routes import add_page_routes
from agents.demo.page.views import Entry, Key, Signal, State, conversation_views
from agents.demo.scenarios import LAST_ACT, ROWS, Row
from agents.demo.stage import Stage
from agents.demo.watching import Seen, Watcher

_ROWS = {row.conversation_id: row for row in (*ROWS, LAST_ACT)}


class Served:
    """What the page asks, answered from the simulators and the topics."""

    def __init__(self, stage: Stage, watcher: Watcher) -> None:
        """Both keep running."""
        self._stage = stage
        self._watcher = watcher

    async def state(self) -> State:
        """See `agents.demo.page.routes.DemoApi`."""
        state = await self._stage.get("/_state")
        tickets: dict[Key, list[tuple[str, int]]] = {}
        timelines: dict[Key, list[Entry]] = {}
        titles: dict[Key, str] = {}
        for row in _ROWS.values():
            key: Key = (row.shown_on or row.platform, row.account, row.conversation_id)
            seen = self._watcher.seen(row.conversation_id)
            escalations = {command.escalation_id for command in seen.commands}
            tickets[key] = [(found["helpdesk"], found["id"]) for found in tickets_of(state, row, escalations)]
            timelines[key] = timeline(seen)
            titles[key] = row.label[:1].upper() + row.label[1:]
        shown = [chat for chat in state["conversations"] if not _told_elsewhere(chat)]
        views = conversation_views(
            {**state, "conversations": shown}, tickets_of=tickets, timelines=timelines, titles=titles
        )
        note = f"{len(views)} conversations over six platforms. Write to any of them."
        return {"title": "Handoff demo", "note": note, "conversations": views}

    async def say(self, conversation_id: str, text: str) -> None:
        """The customer of a conversation writes."""
        platform, account, session = conversation_id.split("/", 2)
        row = _ROWS.get(session)
        if row is None or row.account != account:
            raise KeyError(conversation_id)
        step = {"say": {"author": "customer", "text": text}}
        if row.shown_on is not None:
            await self._stage.post(f"/_chat/{row.shown_on}/{account}/{session}", step | {"deliver": False})
            platform = row.platform
        await self._stage.post(f"/_chat/{platform}/{account}/{session}", step)


def _told_elsewhere(chat: Any) -> bool:
    """A conversation that is shown on another platform than the one that tells of it."""
    row: Row | None = _ROWS.get(chat["id"])
    return row is not None and row.shown_on is not None and chat["platform"] != row.shown_on


def timeline(seen: Seen) -> list[Entry]:
    """What happened between chat and ticket, in words. Pure."""
    first = {event.event_id: event for event in reversed(seen.events) if event.kind not in {"message", "tick"}}
    entries: list[Entry] = [
        {"stage": "event", "at": event.occurred_at.timestamp(), "title": _event(event)} for event in first.values()
    ]
    entries += _words(seen)
    entries += [_decision(command) for command in seen.commands]
    entries += [_ticket(news) for news in seen.notifications if news.kind != "accepted"]
    entries += [_step(step) for step in seen.steps if step.kind == "outcome"]
    entries += [
        {
            "stage": "session",
            "at": outcome.ended_at.timestamp(),
            "title": outcome.outcome.replace("_", " ").capitalize(),
        }
        for outcome in seen.outcomes
    ]
    return sorted(entries, key=lambda entry: entry["at"])


def _event(event: Any) -> str:
    if event.kind == "ai_outcome":
        return f"The AI's verdict: {event.outcome.replace('_', ' ')}"
    if event.kind == "ended":
        return "Session ended"
    title: str = event.kind.replace("_", " ").capitalize()
    return title


def _words(seen: Seen) -> list[Entry]:
    """The customer's messages that a decision rests on."""
    behind = {number for command in seen.commands for number in _events_behind(command)}
    said = {event.event_id: event for event in seen.events if event.kind == "message" and event.author == "customer"}
    return [
        {"stage": "event", "at": event.occurred_at.timestamp(), "title": "Customer wrote", "detail": event.text[:120]}
        for number, event in said.items()
        if number in behind
    ]


def _events_behind(command: Any) -> tuple[str, ...]:
    if command.kind == "append_to_ticket":
        return (command.turn.event_id,)
    return tuple(number for evidence in command.evidence if evidence.fired for number in evidence.event_ids)


def _decision(command: Any) -> Entry:
    at = command.decided_at.timestamp()
    if command.kind == "append_to_ticket":
        return {"stage": "decision", "at": at, "title": "Append to the ticket"}
    signals = [_signal(evidence) for evidence in command.evidence if evidence.fired or evidence.value is not None]
    title = f"Escalate: {command.reason.replace('_', ' ')}"
    if command.mode == "observe":
        title += " (observed only)"
    return {"stage": "decision", "at": at, "title": title, "evidence": signals, "tone": "good"}


def _signal(evidence: Any) -> Signal:
    made: Signal = {"name": evidence.signal.replace("_", " "), "fired": evidence.fired}
    if evidence.span:
        made["quote"] = evidence.span
    elif evidence.value is not None:
        made["value"] = str(evidence.value)
    if evidence.threshold is not None:
        made["threshold"] = str(evidence.threshold)
    return made


def _ticket(news: Any) -> Entry:
    at = news.occurred_at.timestamp()
    if news.kind in {"opened", "attached"}:
        title = f"{news.ticket.helpdesk.capitalize()} #{news.ticket.id} {news.kind}"
        return {"stage": "ticket", "at": at, "title": title, "detail": news.group or "default group", "tone": "good"}
    return {"stage": "ticket", "at": at, "title": news.kind.capitalize(), "detail": news.cause, "tone": "warn"}


_STEPS = {
    "reply": "Told in the chat",
    "email": "Told by e-mail",
    "pause": "AI is quiet",
    "close": "AI session handed over",
}


def _step(step: Any) -> Entry:
    stage = "session" if step.step in {"pause", "close"} else "notification"
    entry: Entry = {
        "stage": "session" if stage == "session" else "notification",
        "at": step.recorded_at.timestamp(),
        "title": _STEPS[step.step],
    }
    if step.result not in {"done", "found"}:
        entry["detail"] = f"{step.result}: {step.cause or ''}".replace("_", " ")
    return entry


async def serve(stage: Stage, watcher: Watcher, port: int, say: Callable[[str], None]) -> None:
    """Serve the page until SIGINT or SIGTERM."""
    app = web.Application()
    add_page_routes(app, Served(stage, watcher))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    say(f"Open http://127.0.0.1:{runner.addresses[0][1]}/ and write as a customer. Ctrl-C ends it.")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()
