"""What one escalation costs on the other side: calls to the helpdesk and to the chat platform, from the demo."""

import asyncio
from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from agents.demo.run import Demo
from agents.demo.scenarios import ROWS
from agents.demo.show import Paint
from agents.demo.stage import Stage
from tests.capacity.table import Figure


async def measure(bootstrap_servers: str, folder: Path) -> list[Figure]:
    """Play every conversation of the demo but its last act, and count calls."""
    stage = Stage(folder, bootstrap_servers)
    try:
        await stage.start()
        demo = Demo(stage, lambda _line: None, Paint(colours=False))
        demo.watcher.start()
        await asyncio.gather(*(demo.play(row) for row in ROWS))
        await asyncio.gather(*(demo.ended(row) for row in ROWS))
        calls = await _count(stage.ports.admin["ticketing"], "handoff_helpdesk_calls_total", "helpdesk")
        tickets = await _count(stage.ports.admin["ticketing"], "handoff_tickets_total", "helpdesk")
        told = await _count(stage.ports.admin["notifier"], "handoff_platform_calls_total", None)
        demo.watcher.stop()
    finally:
        await stage.stop()
    per_desk = [
        Figure("ticketing", f"calls to {desk} per ticket, notes and appends included", calls[desk] / number)
        for desk, number in sorted(tickets.items())
    ]
    return [*per_desk, Figure("notifier", "calls to chat platforms per ticket", told[""] / sum(tickets.values()))]


async def _count(admin_port: int, name: str, label: str | None) -> dict[str, float]:
    """The sums of a counter by one label, or of all under the empty name."""
    url = f"http://127.0.0.1:{admin_port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        text = await response.text()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                key = sample.labels[label] if label else ""
                found[key] = found.get(key, 0.0) + sample.value
    return found
