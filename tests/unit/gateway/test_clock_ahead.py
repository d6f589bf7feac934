"""A sender's clock that runs ahead does not move its conversation's timers."""

import json
from datetime import timedelta
from typing import Any

from agents.gateway.intake import MAX_CLOCK_AHEAD, Accepted, Intake
from agents.platforms import registry
from agents.platforms.port import Connection, Delivery
from tests.support.gateway import START


def read(ahead: timedelta) -> Accepted:
    at = (START + ahead).isoformat()
    body: dict[str, Any] = {"event_id": "e", "event_type": "session.turn", "session": {"id": "s"}, "occurred_at": at}
    body["messages"] = [{"role": "user", "content": "hello", "id": "m1", "created_at": at}]
    delivery = Delivery(json.dumps(body).encode(), {}, START)
    intake = Intake(registry.inbound, lambda _tenant: None, max_json_depth=64)
    found = intake.read(registry.inbound("custom-llm"), Connection("acme", "custom-llm"), delivery)
    assert isinstance(found, Accepted)
    return found


def test_a_little_ahead_is_a_clock_that_is_off() -> None:
    assert read(MAX_CLOCK_AHEAD).events[0].occurred_at == START + MAX_CLOCK_AHEAD


def test_far_ahead_happened_now() -> None:
    assert read(MAX_CLOCK_AHEAD + timedelta(seconds=1)).events[0].occurred_at == START
