"""Contenders beside each other: medians, ratios to Handoff, as plain data, as figures, as a table and as bars."""

import statistics
from collections.abc import Mapping
from typing import Any

from tests.bench.contest import Outcome
from tests.bench.figures import Figure, Result, Table, Target
from tests.bench.picture import Bar, bars

HANDOFF = "handoff"


def standings(outcomes: list[Outcome]) -> Result:
    """Medians over the rounds, and what they are medians of."""
    return {"contenders": [_standing(outcome) for outcome in outcomes]}


def _standing(outcome: Outcome) -> dict[str, Any]:
    runs = outcome.runs
    return {
        "slug": outcome.contender.slug,
        "name": outcome.contender.name,
        "events": runs[0].events,
        "commands": outcome.commands,
        "events_per_second": round(statistics.median(run.events_per_second for run in runs)),
        "cpu_seconds_per_million": round(statistics.median(run.cpu_seconds_per_million for run in runs), 2),
        "peak_rss_bytes": round(statistics.median(run.peak_rss_bytes for run in runs)),
        "all_events_per_second": [round(run.events_per_second) for run in runs],
        "all_cpu_seconds_per_million": [round(run.cpu_seconds_per_million, 2) for run in runs],
    }


def _handoff(result: Result) -> dict[str, Any] | None:
    return next((standing for standing in result["contenders"] if standing["slug"] == HANDOFF), None)


def figures(result: Result, targets: Mapping[str, Target], cpu_targets: Mapping[str, Target]) -> list[Figure]:
    """Handoff's rate divided by each other's, and its CPU seconds divided by theirs where that has a target."""
    handoff = _handoff(result)
    found = []
    for other in result["contenders"]:
        if handoff is None or other is handoff:
            continue
        rate = handoff["events_per_second"] / other["events_per_second"]
        cpu = handoff["cpu_seconds_per_million"] / other["cpu_seconds_per_million"]
        found.append(Figure(f"rate against {other['name']}", rate, "×", targets.get(other["slug"])))
        found.append(Figure(f"CPU seconds against {other['name']}", cpu, "×", cpu_targets.get(other["slug"])))
    return found


HEADINGS = (
    "contender",
    "events",
    "events/s",
    "CPU s per million",
    "peak MB",
    "Handoff's rate ÷ its",
    "Handoff's CPU ÷ its",
)


def tabled(result: Result) -> Table:
    """A row per contender."""
    handoff = _handoff(result)
    cells = []
    for one in result["contenders"]:
        ratios = ("", "")
        if handoff is not None and one is not handoff:
            rate = handoff["events_per_second"] / one["events_per_second"]
            cpu = handoff["cpu_seconds_per_million"] / one["cpu_seconds_per_million"]
            ratios = (f"{rate:.2f}×", f"{cpu:.2f}×")
        cells.append(
            (
                one["name"],
                f"{one['events']:,}",
                f"{one['events_per_second']:,}",
                f"{one['cpu_seconds_per_million']:.1f}",
                f"{one['peak_rss_bytes'] / 1e6:,.0f}",
                *ratios,
            )
        )
    below = (
        "In every round every contender sent exactly the commands that a replay of its events without any engine gives."
    )
    return Table(HEADINGS, tuple(cells), below)


def drawn(slug: str, title: str, result: Result) -> dict[str, str]:
    """Two pictures."""

    def chart(figure: str, told: str, unit: str) -> str:
        rows = [Bar(c["name"], float(c[figure]), first=c["slug"] == HANDOFF) for c in result["contenders"]]
        return bars(f"{title}: {told}", rows, unit)

    return {
        f"bench-{slug}-rate": chart("events_per_second", "events per second (more is better)", "/s"),
        f"bench-{slug}-cpu": chart("cpu_seconds_per_million", "CPU seconds per million (less is better)", "s"),
    }
