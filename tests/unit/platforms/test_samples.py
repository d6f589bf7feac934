"""Every sample body gives what the index of samples says it gives."""

import json
from typing import Any

import pytest

from agents.platforms import registry
from agents.platforms.port import Normalized
from streams import codec
from streams.contracts.conversation_events import EVENT
from tests.support.deliveries import SAMPLES, normalized

ROWS = [row for row in json.loads((SAMPLES / "INDEX.json").read_text()) if "not_normalized" not in row["result"]]


def _told(file: str) -> Normalized:
    return normalized(file.split("/", maxsplit=1)[0], (SAMPLES / file).read_bytes())


def _lines(told: Normalized) -> list[dict[str, Any]]:
    return [json.loads(codec.encode(event)) for event in told.events]


def _holds(want: Any, got: Any) -> bool:
    if isinstance(want, dict):
        return isinstance(got, dict) and all(key in got and _holds(value, got[key]) for key, value in want.items())
    return bool(want == got)


def _contains(wanted: list[Any], events: list[dict[str, Any]], unordered: bool) -> bool:
    left = list(events)
    for want in wanted:
        hit = next((index for index, event in enumerate(left) if _holds(want, event)), None)
        if hit is None:
            return False
        left = left[:hit] + left[hit + 1 :] if unordered else left[hit + 1 :]
    return True


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_sample_gives_what_the_index_says(row: dict[str, Any]) -> None:
    told = _told(row["file"])
    events = _lines(told)
    result = row["result"]
    assert events or told.ignored or told.answer, "a body gives events, a reason, or an answer"
    for unwanted in result.get("absent", []):
        assert unwanted not in json.dumps(events)
    if "same_event_ids_as" in result:
        others = {event.event_id for event in _told(result["same_event_ids_as"]).events}
        assert events
        assert {event["event_id"] for event in events} <= others
    elif "count" in result:
        assert len(events) == result["count"]
    elif result.get("ignored"):
        assert not events
        assert told.ignored
    else:
        options = result.get("any_of") or [result["events"]]
        assert any(
            (not events and bool(told.ignored))
            if option == "ignored"
            else _contains(option, events, result.get("unordered", False))
            for option in options
        ), events


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_what_a_sample_gives_stands_on_the_topic_as_it_was_meant(row: dict[str, Any]) -> None:
    for event in _told(row["file"]).events:
        assert codec.decode(EVENT, codec.encode(event)) == event


@pytest.mark.parametrize("name", registry.NAMES)
def test_every_platform_the_registry_names_has_both_halves_under_that_name(name: str) -> None:
    assert registry.inbound(name).name == name
    assert registry.outbound(name).name == name
