"""Whatever stands in a body: events that fit the topic, a counted reason, or one clear refusal."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.platforms.port import BadBody, Normalized
from streams import codec
from streams.contracts.conversation_events import EVENT
from tests.support.deliveries import SAMPLES, normalized

PLATFORMS = ("intercom", "fin-agent-api", "custom-llm")
BODIES = {
    platform: [
        json.loads(path.read_bytes())
        for path in sorted((SAMPLES / platform).glob("*.json"))
        if not path.name.startswith(("GET", "out."))
    ]
    for platform in PLATFORMS
}
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=30),
    st.sampled_from(["a|b", "\ud800", "\x00", "<p>", "x" * 600, "2026-13-45T00:00:00Z", "0001-01-01T00:00:00+23:59"]),
)
_json = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(value, dict):
        found += [path for key, item in value.items() for path in _paths(item, (*here, key))]
    elif isinstance(value, list):
        found += [path for index, item in enumerate(value) for path in _paths(item, (*here, index))]
    return found


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


@st.composite
def _damaged(draw: st.DrawFn) -> tuple[str, Any]:
    platform = draw(st.sampled_from(PLATFORMS))
    body = draw(st.sampled_from(BODIES[platform]))
    for _ in range(draw(st.integers(min_value=1, max_value=3))):
        body = _with(body, draw(st.sampled_from(_paths(body))), draw(_json))
    return platform, body


def _stands_on_the_topic(told: Normalized) -> None:
    assert told.events or told.ignored
    for event in told.events:
        assert codec.decode(EVENT, codec.encode(event)).event_id == event.event_id
    assert len({event.event_id for event in told.events}) == len(told.events)


@given(_damaged())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_body_gives_events_that_fit_the_topic_a_reason_or_a_refusal(case: tuple[str, Any]) -> None:
    platform, body = case
    try:
        told = normalized(platform, body)
    except BadBody:
        return
    _stands_on_the_topic(told)


@given(st.sampled_from(PLATFORMS), _json)
@settings(max_examples=150, deadline=None)
def test_a_body_of_another_kind_is_refused_or_passed_over(platform: str, body: Any) -> None:
    try:
        told = normalized(platform, body)
    except BadBody:
        return
    assert told.ignored
    assert not told.events


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_body_twice_gives_the_same_ids(platform: str) -> None:
    for body in BODIES[platform]:
        try:
            first, second = normalized(platform, body), normalized(platform, body)
        except BadBody:
            continue
        assert [event.event_id for event in first.events] == [event.event_id for event in second.events]
