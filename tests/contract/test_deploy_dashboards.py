"""The dashboards: as the generator writes them, asking only for what is exposed, reached from the alerts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.promql import problems

FILES = sorted(Path("deploy/grafana/dashboards").glob("*.json"))
RULES = sorted(Path("deploy/prometheus/rules").glob("*.yaml"))
_RANGE = re.compile(r"\$__rate_interval")
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def _panels(path: Path) -> Iterator[dict[str, Any]]:
    yield from (panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row")


def _expressions(path: Path) -> Iterator[str]:
    for panel in _panels(path):
        for target in panel["targets"]:
            yield _RANGE.sub("5m", target["expr"]).replace("$tenant", ".*")


PANELS = [(path, panel) for path in FILES for panel in _panels(path)]
IDS = [f"{path.stem}: {panel['title']}" for path, panel in PANELS]


def _rules() -> Iterator[dict[str, Any]]:
    for path in RULES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def test_there_is_an_overview_and_one_page_per_hop() -> None:
    pages = ("overview", "gateway", "escalation", "ticketing", "notifier")
    assert {path.stem for path in FILES} == {f"handoff-{name}" for name in pages}
    for path in FILES:
        assert json.loads(path.read_text())["uid"] == path.stem


@pytest.mark.parametrize(("path", "panel"), PANELS, ids=IDS)
def test_a_panel_asks_for_what_is_exposed_and_says_what_it_shows(path: Path, panel: dict[str, Any]) -> None:
    assert panel["description"]
    for target in panel["targets"]:
        assert problems(target["expr"]) == []


@pytest.mark.parametrize(("path", "panel"), PANELS, ids=IDS)
def test_a_legend_names_labels_that_the_query_keeps(path: Path, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        named = set(_LEGEND.findall(target["legendFormat"]))
        kept = set(re.findall(r"\w+", " ".join(re.findall(r"\bby \(([^)]*)\)", target["expr"]))))
        assert named <= kept | ({"instance"} if "by (" not in target["expr"] else set()), target["expr"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_do_not_overlap_and_have_ids_of_their_own(path: Path) -> None:
    panels = json.loads(path.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_recorded_series_on_a_page_are_recorded() -> None:
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    used = {word for path in FILES for each in _expressions(path) for word in re.findall(r"handoff:[\w:]+", each)}
    assert used
    assert used <= recorded


def test_every_alert_leads_to_a_page_that_there_is() -> None:
    uids = {path.stem for path in FILES}
    for rule in _rules():
        if "alert" in rule:
            assert rule["annotations"]["dashboard_url"].removeprefix("/d/") in uids, rule["alert"]
