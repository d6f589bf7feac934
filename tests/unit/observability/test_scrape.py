"""What a scrape shows before anything has happened, and of health."""

import aiohttp

from agents.health import AdminServer, Probes
from agents.observability import catalogue
from agents.observability.metrics import Metrics, declared


def test_values_declared_from_the_start_are_exposed_at_zero() -> None:
    registry = Metrics().registry
    for step in ("command", "accepted", "told", "ticket", "notice"):
        assert registry.get_sample_value("handoff_end_to_end_seconds_count", {"step": step}) == 0.0
    assert registry.get_sample_value("handoff_config_reloads_total", {"result": "refused"}) == 0.0


def test_values_from_the_start_fit_their_labels() -> None:
    for metric in declared():
        assert all(len(values) == len(metric.labels) for values in metric.from_start), metric.name


async def test_a_scrape_says_whether_the_process_is_ready_and_alive() -> None:
    answers: dict[str, str | None] = {"alive": None, "ready": "not_assigned"}
    metrics = Metrics()
    server = AdminServer("127.0.0.1", 0, Probes(lambda: answers["alive"], lambda: answers["ready"]), metrics)
    await server.start()
    try:
        assert "handoff_ready_state 0.0" in await _scrape(server.port)
        answers.update(alive="stalled", ready=None)
        text = await _scrape(server.port)
    finally:
        await server.stop()
    assert "handoff_ready_state 1.0" in text
    assert "handoff_alive_state 0.0" in text
    assert catalogue.READY.help in text


async def _scrape(port: int) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        return await response.text()
