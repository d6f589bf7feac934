"""Conversations whose webhooks Intercom never sends, through all four processes, on the embedded broker."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from agents.demo.judging import find, misses
from agents.demo.run import Demo
from agents.demo.scenarios import Ending, Row, ai, beats, customer, person
from agents.demo.show import Paint
from agents.demo.stage import Stage
from agents.demo.watching import Seen

NEVER = {"deliver": False}
SILENT_ROWS = (
    Row(
        "a request nobody was told of",
        "intercom",
        "acme",
        "215470000000901",
        beats(
            customer("My parcel never arrived, order 88231.", customer=person(901, "Maya Okafor"), **NEVER),
            ai("Parcels take five days on average.", **NEVER),
            customer("Can I talk to a real person please?", **NEVER),
        ),
        Ending(tickets=1, reason="human_requested", group="Logistics"),
    ),
    Row(
        "closed by Fin without a word",
        "intercom",
        "acme",
        "215470000000902",
        beats(
            customer("My export has been stuck for two hours.", customer=person(902, "Tom Adeyemi")),
            ai("Please try again later."),
            {"verdict": "unresolved", "end": "ai", "reason": "negative feedback", **NEVER},
        ),
        Ending(tickets=1, reason="unresolved"),
    ),
    Row(
        "escalated and closed by Fin without a word",
        "intercom",
        "birch",
        "215470000000903",
        beats(
            customer("The lamp I ordered flickers in every room.", customer=person(903, "Ines Caballero"), **NEVER),
            ai("I could not find anything about that.", **NEVER),
            {"verdict": "escalated", "end": "ai", **NEVER},
        ),
        Ending(tickets=1, reason="platform_escalated"),
    ),
    Row(
        "resolved and closed without a word",
        "intercom",
        "acme",
        "215470000000904",
        beats(
            customer("How do I change my password?", customer=person(904, "Ada Lindqvist"), **NEVER),
            ai("Settings, then Security, then Change password.", **NEVER),
            customer("That worked, thanks!", **NEVER),
            {"verdict": "resolved", "end": "customer", **NEVER},
        ),
        Ending(outcome="resolved", told=0, quiet=False),
    ),
    Row(
        "told by webhook, and found by the search as well",
        "intercom",
        "birch",
        "215470000000905",
        beats(
            customer("Which shops do you have in Porto?", customer=person(905, "Rui Tavares")),
            customer("Let me speak to a person"),
        ),
        Ending(tickets=1, reason="human_requested"),
    ),
)


@dataclass(frozen=True)
class Ended:
    """How everything stood once the searches had seen it all twice."""

    state: Mapping[str, Any]
    seen: Mapping[str, Seen]
    polled: Mapping[str, float]
    exit_codes: Mapping[str, int]


async def _play(folder: Path) -> Ended:
    stage = Stage(folder)
    try:
        await stage.start()
        demo = Demo(stage, lambda _line: None, Paint(colours=False))
        demo.watcher.start()
        await asyncio.gather(*(demo.play(row) for row in SILENT_ROWS))
        await asyncio.gather(*(demo.ended(row) for row in SILENT_ROWS))
        before = (await _polled(stage))["done"]
        async with asyncio.timeout(60):
            while (await _polled(stage))["done"] < before + 9:  # three accounts, three searches each
                await asyncio.sleep(0.5)
        state, polled = await stage.get("/_state"), await _polled(stage)
        demo.watcher.stop()
    finally:
        codes = await stage.stop()
    return Ended(state, demo.watcher.conversations, polled, codes)


async def _polled(stage: Stage) -> Mapping[str, float]:
    """The gateway's figures: searches by result, and `events`."""
    url = f"http://127.0.0.1:{stage.ports.admin['gateway']}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        lines = (await response.text()).splitlines()
    found: dict[str, float] = {"done": 0, "events": 0, "failed": 0, "retry": 0, "refused": 0}
    for line in lines:
        name, _, value = line.rpartition(" ")
        if name.startswith("handoff_polled_events_total"):
            found["events"] += float(value)
        elif name.startswith("handoff_polls_total"):
            found[name.partition('result="')[2].partition('"')[0]] += float(value)
    return found


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    return asyncio.run(_play(tmp_path_factory.mktemp("silent")))


@pytest.mark.parametrize("row", SILENT_ROWS, ids=[row.label for row in SILENT_ROWS])
def test_a_conversation_nobody_told_of_ends_as_it_has_to(ended: Ended, row: Row) -> None:
    assert misses(row, find(row, ended.seen[row.conversation_id], ended.state)) == []


UNHEARD = [row for row in SILENT_ROWS if not any(beat.step.get("deliver", True) for beat in row.beats)]
"""Where a webhook comes as well, both may tell at the same moment."""


@pytest.mark.parametrize("row", UNHEARD, ids=[row.label for row in UNHEARD])
def test_every_event_is_told_once_by_one_gateway_however_often_it_is_found(ended: Ended, row: Row) -> None:
    ids = [event.event_id for event in ended.seen[row.conversation_id].events if event.kind != "tick"]
    assert len(ids) == len(set(ids))


def test_one_trace_leads_from_the_search_to_the_notification(ended: Ended) -> None:
    seen = ended.seen[SILENT_ROWS[0].conversation_id]
    assert seen.traces["notification.ledger"]
    assert seen.traces["notification.ledger"] <= seen.traces["conversation.events"]


def test_the_searches_were_answered_and_every_process_ends_cleanly(ended: Ended) -> None:
    assert ended.polled["failed"] == ended.polled["retry"] == ended.polled["refused"] == 0
    assert ended.polled["events"] > 0
    assert set(ended.exit_codes.values()) == {0}, ended.exit_codes
