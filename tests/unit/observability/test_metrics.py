"""The catalogue and the registry: names by Prometheus' rules, nothing undeclared, nothing declared in vain."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from agents.commands.documents import metrics_page
from agents.observability import catalogue
from agents.observability.declare import FAST_SECONDS, SLOW_SECONDS, Metric
from agents.observability.metrics import CONTENT_TYPE, Metrics, declared

AGENTS = Path(__file__).parents[3] / "agents"

BOUNDED = {
    "brake",
    "change",
    "code_class",
    "group",
    "helpdesk",
    "hop",
    "kind",
    "mode",
    "operation",
    "outcome",
    "partition",
    "platform",
    "priority",
    "reason",
    "resolution",
    "result",
    "step",
    "tenant",
    "topic",
    "verdict",
    "version",
}
"""Labels whose values are slugs of ours or names in the configuration. A new one is a decision, made here."""


def everything() -> Metrics:
    """A registry in which every metric has a value."""
    metrics = Metrics()
    for metric in declared():
        labels = dict.fromkeys(metric.labels, "a")
        if metric.kind == "counter":
            metrics.count(metric, 2, **labels)
        elif metric.kind == "gauge":
            metrics.set(metric, 7.5, **labels)
        else:
            metrics.observe(metric, 0.3, **labels)
    return metrics


def test_names_are_unique_and_follow_the_rules() -> None:
    names = [metric.name for metric in declared()]
    assert len(names) == len(set(names))
    assert names == sorted(names)
    for metric in declared():
        assert re.fullmatch(r"handoff_[a-z0-9_]+", metric.name)
        assert metric.help.endswith((".", ".)")), metric.name
        assert len(set(metric.labels)) == len(metric.labels)
        assert not any(label in metric.name.split("_") for label in ("tenant", "partition")), "no label in a name"


def test_labels_are_few_and_their_values_bounded() -> None:
    for metric in declared():
        assert set(metric.labels) <= BOUNDED, metric.name
        assert len(metric.labels) <= 5, metric.name


def test_buckets_ascend_and_cover_the_promises() -> None:
    for buckets in (FAST_SECONDS, SLOW_SECONDS):
        assert list(buckets) == sorted(set(buckets))
        assert 10.0 in buckets, "the customer hears from us within 10 s"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("webhooks_total", "counter"),
        ("handoff_Webhooks_total", "counter"),
        ("handoff_webhooks", "counter"),
        ("handoff_lag_total", "gauge"),
        ("handoff_duration_ms", "histogram"),
        ("handoff_", "gauge"),
        ("handoff_x-y_total", "counter"),
    ],
)
def test_a_name_that_breaks_the_rules_is_refused_where_it_is_declared(name: str, kind: str) -> None:
    with pytest.raises(ValueError, match=re.escape(name)):
        Metric(name, kind, "Help.")  # type: ignore[arg-type] # a literal in real life


def test_what_is_not_declared_cannot_be_used() -> None:
    foreign = Metric("handoff_foreign_total", "counter", "Not in the catalogue.")
    with pytest.raises(KeyError):
        Metrics().count(foreign)


@pytest.mark.parametrize("use", ["count", "set", "observe"])
def test_a_metric_is_used_as_what_it_is(use: str) -> None:
    wrong = {"count": catalogue.FUSE, "set": catalogue.TICKS, "observe": catalogue.FUSE}[use]
    with pytest.raises(AssertionError):
        getattr(Metrics(), use)(wrong, 1.0, **dict.fromkeys(wrong.labels, "a"))


def test_labels_have_to_be_exactly_those_declared() -> None:
    metrics = Metrics()
    with pytest.raises(ValueError, match="label"):
        metrics.count(catalogue.RETRIES, hop="x")
    with pytest.raises(ValueError, match="label"):
        metrics.count(catalogue.RETRIES, hop="x", reason="y", conversation="z")


def test_the_exposition_is_what_prometheus_reads() -> None:
    assert CONTENT_TYPE.startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(everything().exposition().decode())}
    for metric in declared():
        family = families[metric.name.removesuffix("_total")]
        assert family.type == metric.kind
        assert family.documentation == metric.help
        assert family.samples


def test_label_values_of_any_kind_survive_the_exposition() -> None:
    metrics = Metrics()
    value = 'a "quoted" \\ back\nslash {brace}'
    metrics.count(catalogue.RETRIES, hop="x", reason=value)
    families = text_string_to_metric_families(metrics.exposition().decode())
    found = {sample.labels.get("reason") for family in families for sample in family.samples}
    assert value in found


def test_two_registries_share_nothing() -> None:
    one, other = Metrics(), Metrics(CollectorRegistry())
    one.count(catalogue.TICKS)
    assert other.registry.get_sample_value("handoff_ticks_total") == 0


def test_a_series_that_is_forgotten_is_exposed_no_more() -> None:
    metrics = Metrics()
    for partition in ("0", "1"):
        metrics.set(catalogue.LAG_RECORDS, 5, topic="t", partition=partition)
    metrics.forget(catalogue.LAG_RECORDS, topic="t", partition="0")
    metrics.forget(catalogue.LAG_RECORDS, topic="t", partition="9")
    assert 'handoff_lag_records{partition="0"' not in metrics.exposition().decode()
    assert metrics.registry.get_sample_value("handoff_lag_records", {"topic": "t", "partition": "1"}) == 5


def test_what_is_worked_out_at_a_scrape_is_asked_for_at_each() -> None:
    metrics, asked = Metrics(), [0]

    def show() -> None:
        asked[0] += 1
        metrics.set(catalogue.DEFERRED_NOTICES, asked[0])

    metrics.before_scrape(show)
    metrics.exposition()
    assert "handoff_deferred_notices_records 2.0" in metrics.exposition().decode()


def used() -> Iterator[tuple[str, str]]:
    """Every `metrics.count(catalogue.X, …)` in the code, as (`count`, `X`)."""
    for path in AGENTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if isinstance(first, ast.Attribute) and getattr(first.value, "id", "") == "catalogue":
                yield called, first.attr


def test_every_declared_metric_is_set_somewhere_as_what_it_is() -> None:
    how = {"counter": "count", "gauge": "set", "histogram": "observe"}
    calls = set(used())
    for name, metric in vars(catalogue).items():
        if isinstance(metric, Metric):
            assert (how[metric.kind], name) in calls, f"{metric.name} is declared, and nobody sets it"


def test_the_reference_page_names_them_all() -> None:
    page = metrics_page()
    for metric in declared():
        assert f"| `{metric.name}` | {metric.kind} |" in page


def test_a_series_that_was_forgotten_begins_anew() -> None:
    metrics = Metrics()
    labels = {"platform": "intercom", "tenant": "acme"}
    metrics.set(catalogue.POLLED_UNTIL, 5.0, **labels)
    metrics.forget(catalogue.POLLED_UNTIL, **labels)
    assert b'tenant="acme"' not in metrics.exposition()
    metrics.set(catalogue.POLLED_UNTIL, 7.0, tenant="acme", platform="intercom")
    assert b'handoff_polled_until_timestamp_seconds{platform="intercom",tenant="acme"} 7.0' in metrics.exposition()
