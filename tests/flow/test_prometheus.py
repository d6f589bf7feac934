"""A real Prometheus scrapes the four running processes and evaluates the shipped rules and dashboards."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from agents.demo.run import Demo
from agents.demo.scenarios import ROWS, Row
from agents.demo.show import Paint
from agents.demo.stage import HOPS, Stage
from tests.support.prometheus import RealPrometheus
from tests.support.tools import need

pytestmark = [pytest.mark.tools, pytest.mark.asyncio(loop_scope="module")]

PATIENCE_SECONDS = 15.0
PANELS = {
    path.stem: json.loads(path.read_text())["panels"] for path in Path("deploy/grafana/dashboards").glob("*.json")
}
ROW = next(row for row in ROWS if row.ending.tickets == 1 and row.account == "acme")

SERIES = (
    'handoff_webhooks_total{outcome="accepted"} > 0',
    'handoff_events_total{hop="gateway"} > 0',
    'handoff_events_total{hop="escalation"} > 0',
    'handoff_escalations_total{mode="live"} > 0',
    'handoff_end_to_end_seconds_count{step="command"} > 0',
    'handoff_end_to_end_seconds_count{step="accepted"} > 0',
    'handoff_end_to_end_seconds_count{step="told"} > 0',
    'handoff_end_to_end_seconds_count{step="ticket"} > 0',
    'handoff_end_to_end_seconds_count{step="notice"} > 0',
    'handoff_tickets_total{result="created"} > 0',
    'handoff_helpdesk_calls_total{code_class="2xx"} > 0',
    'handoff_notices_total{step="reply",result="done"} > 0',
    'handoff_recovery_duration_seconds_count{topic="escalation.state"} > 0',
    'handoff_recovery_duration_seconds_count{topic="escalation.ledger"} > 0',
    'handoff_recovery_duration_seconds_count{topic="notification.ledger"} > 0',
    'handoff_records_total{topic="escalation.commands"} > 0',
    'handoff_records_total{topic="notification.events"} > 0',
    "handoff_start_timestamp_seconds > 0",
    "handoff_ready_state == 1",
    "handoff_alive_state == 1",
    "handoff_config_in_use_state == 1",
    'handoff_last_progress_timestamp_seconds{topic="conversation.events"} > 0',
    'handoff_last_progress_timestamp_seconds{topic="escalation.commands"} > 0',
    'handoff_last_progress_timestamp_seconds{topic="notification.events"} > 0',
    'handoff_lag_records{topic="conversation.events"} == 0',
    'handoff_lag_records{topic="escalation.commands"} == 0',
    'handoff_lag_records{topic="notification.events"} == 0',
    'handoff_lag_timestamp_seconds{topic="conversation.events"} == 0',
    'handoff_lag_timestamp_seconds{topic="escalation.commands"} == 0',
    'handoff_lag_timestamp_seconds{topic="notification.events"} == 0',
    'handoff_assigned_partitions{topic="conversation.events"} > 0',
    'handoff_assigned_partitions{topic="escalation.commands"} > 0',
    'handoff_assigned_partitions{topic="notification.events"} > 0',
)
"""What alerts and the first panels stand on, after one escalated conversation."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prometheus(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealPrometheus]:
    program = need("prometheus")
    stage = Stage(tmp_path_factory.mktemp("stage"))
    try:
        await stage.start()
        targets = [f"127.0.0.1:{stage.ports.admin[hop]}" for hop in HOPS]
        async with RealPrometheus(program, tmp_path_factory.mktemp("prometheus"), targets) as server:
            await _play(stage, ROW)
            yield server
    finally:
        await stage.stop()


async def _play(stage: Stage, row: Row) -> None:
    demo = Demo(stage, lambda _line: None, Paint(colours=False))
    demo.watcher.start()
    await demo.play(row)
    assert await demo.ended(row), row.label
    demo.watcher.stop()


async def _eventually(look: Callable[[], Awaitable[Any]], what: str) -> Any:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        found = await look()
        if found:
            return found
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.5)


async def test_every_process_is_scraped_without_an_error(prometheus: RealPrometheus) -> None:
    async def up() -> bool:
        targets = (await prometheus.get("targets"))["activeTargets"]
        return len(targets) == 4 and all(each["health"] == "up" and not each["lastError"] for each in targets)

    await _eventually(up, "four targets that are up")
    hops = {each["metric"]["hop"] for each in await prometheus.query("handoff_build_info")}
    assert hops == set(HOPS)


async def test_every_rule_is_evaluated_without_an_error(prometheus: RealPrometheus) -> None:
    async def evaluated() -> list[dict[str, Any]]:
        groups = (await prometheus.get("rules"))["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return rules if rules and all(rule["health"] != "unknown" for rule in rules) else []

    rules = await _eventually(evaluated, "rules that have been evaluated")
    assert [(rule["name"], rule.get("lastError")) for rule in rules if rule["health"] != "ok"] == []


async def test_no_alert_fires_while_all_is_well(prometheus: RealPrometheus) -> None:
    alerts = (await prometheus.get("alerts"))["alerts"]
    assert [alert["labels"] for alert in alerts if alert["state"] == "firing"] == []


@pytest.mark.parametrize("expression", SERIES)
async def test_a_series_that_alerts_stand_on_is_there(prometheus: RealPrometheus, expression: str) -> None:
    await _eventually(lambda: prometheus.query(expression), expression)


@pytest.mark.parametrize("name", sorted(PANELS))
async def test_prometheus_understands_every_panel(prometheus: RealPrometheus, name: str) -> None:
    for panel in PANELS[name]:
        for target in panel.get("targets", ()):
            await prometheus.query(target["expr"].replace("$__rate_interval", "1m").replace("$tenant", ".*"))
