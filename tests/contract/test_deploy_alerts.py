"""The alerts: each complete, tested by promtool, asking only for what is exposed."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.promql import problems
from tests.support.tools import need, output

PROMETHEUS = Path("deploy/prometheus")
RULE_FILES = sorted(PROMETHEUS.glob("rules/*.yaml"))
TEST_FILES = sorted(PROMETHEUS.glob("tests/*.test.yaml"))
RUNBOOKS = Path("deploy/runbooks")

Variant = tuple[str, str, str]
"""Of an alert: its name, severity and window (several burn rates share a name)."""


def _rules() -> Iterator[dict[str, Any]]:
    for path in RULE_FILES:
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def _alerts() -> list[dict[str, Any]]:
    return [rule for rule in _rules() if "alert" in rule]


def _variant(name: str, labels: dict[str, str]) -> Variant:
    return name, labels["severity"], labels.get("window", "")


ALERTS = _alerts()
VARIANTS = [_variant(alert["alert"], alert["labels"]) for alert in ALERTS]


def test_there_are_alerts_and_no_two_are_the_same() -> None:
    assert len(VARIANTS) == len(set(VARIANTS)) > 20


@pytest.mark.parametrize("rule", list(_rules()), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_only_for_metrics_and_labels_of_the_catalogue(rule: dict[str, Any]) -> None:
    assert problems(rule["expr"]) == []


def test_the_reader_of_expressions_notices_what_is_not_there() -> None:
    assert problems("sum(rate(handoff_made_up_total[5m]))") == ["handoff_made_up_total is not in the catalogue"]
    assert problems('handoff_lag_records{colour="red"}') == ["handoff_lag_records has no label colour"]
    assert problems('handoff_end_to_end_seconds_bucket{step="told",le="11.0"}')
    assert problems('handoff_end_to_end_seconds_count{step="invented"}')
    assert problems("sum by (tenant) (handoff_lag_records)") == ["nothing here has the label tenant"]
    assert problems("handoff_end_to_end_seconds") == ["handoff_end_to_end_seconds is not in the catalogue"]


def test_a_recorded_series_that_is_used_is_recorded() -> None:
    recorded = {rule["record"] for rule in _rules() if "record" in rule}
    used = {
        word
        for alert in ALERTS
        for word in alert["expr"].replace("(", " ").replace(")", " ").split()
        if word.startswith("handoff:")
    }
    assert used == recorded & used
    assert used, "burn rates are recorded"


@pytest.mark.parametrize("alert", ALERTS, ids=[" ".join(variant).strip() for variant in VARIANTS])
def test_an_alert_says_what_is_wrong_and_where_to_look(alert: dict[str, Any]) -> None:
    annotations = alert["annotations"]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["alert"].startswith("Handoff")
    assert set(annotations) == {"summary", "description", "runbook_url", "dashboard_url"}
    assert "{{ $" in annotations["description"], "a value or label of this very case"
    assert annotations["runbook_url"] == f"{RUNBOOKS}/{alert['alert']}.md"


def test_every_alert_has_its_page_and_every_page_its_alert() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {name for name, _, _ in VARIANTS}


def _evaluations() -> Iterator[tuple[str, str, set[Variant]]]:
    """Of every promtool test, in its order: its name, the alert looked at, and the variants that fire."""
    for path in TEST_FILES:
        for group in yaml.safe_load(path.read_text())["tests"]:
            for check in group["alert_rule_test"]:
                firing = {_variant(check["alertname"], each["exp_labels"]) for each in check["exp_alerts"]}
                yield group["name"], check["alertname"], firing


def test_every_alert_is_seen_to_fire_to_recover_and_to_stay_quiet() -> None:
    seen: dict[tuple[str, str], list[set[Variant]]] = defaultdict(list)
    for group, name, firing in _evaluations():
        seen[group, name].append(firing)
    recovered, quiet = set(), set()
    for (_, name), rounds in seen.items():
        for variant in {each for firing in rounds for each in firing}:
            last = max(number for number, firing in enumerate(rounds) if variant in firing)
            if last < len(rounds) - 1:
                recovered.add(variant)
        if not any(rounds):
            quiet.add(name)
    assert recovered == set(VARIANTS)
    assert quiet == {name for name, _, _ in VARIANTS}


@pytest.mark.tools
@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_promtool_reads_the_rules(path: Path) -> None:
    code, said = output([need("promtool"), "check", "rules", str(path)])
    assert code == 0, said


@pytest.mark.tools
@pytest.mark.parametrize("path", TEST_FILES, ids=lambda path: path.name)
def test_promtool_sees_the_alerts_fire_recover_and_stay_quiet(path: Path) -> None:
    code, said = output([need("promtool"), "test", "rules", str(path)])
    assert code == 0, said
