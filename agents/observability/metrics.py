"""The typed registry: metrics are created from the catalogue, on a registry that is passed in."""

import contextlib
from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase

from agents.observability import catalogue
from agents.observability.declare import Kind, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def declared() -> tuple[Metric, ...]:
    """All metrics of the catalogue, by name."""
    found = [value for value in vars(catalogue).values() if isinstance(value, Metric)]
    return tuple(sorted(found, key=lambda metric: metric.name))


class Metrics:
    """Counts, sets and observes declared metrics; anything else is a `KeyError` where it is used."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """Create every declared metric on `registry` (a new one by default)."""
        self.registry = registry or CollectorRegistry()
        self._shows: list[Callable[[], None]] = []
        self._made: dict[Metric, MetricWrapperBase] = {metric: self._make(metric) for metric in declared()}
        self._series: dict[str, dict[tuple[tuple[str, str], ...], Any]] = {}
        for metric, made in self._made.items():
            for values in metric.from_start:
                made.labels(*values)

    def _make(self, metric: Metric) -> MetricWrapperBase:
        if metric.kind == "counter":
            return Counter(metric.name, metric.help, metric.labels, registry=self.registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.help, metric.labels, registry=self.registry)
        return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=self.registry)

    def count(self, metric: Metric, amount: float = 1.0, **labels: str) -> None:
        """Add to a counter."""
        self._of("counter", metric, labels).inc(amount)

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._of("gauge", metric, labels).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Observe a histogram."""
        self._of("histogram", metric, labels).observe(value)

    def _of(self, kind: Kind, metric: Metric, labels: dict[str, str]) -> Any:
        """The one series meant. Kept at hand: the library's own way to it costs more than counting.

        As many are kept as the registry holds: labels are bounded.
        """
        series = self._series.get(metric.name)
        key = tuple(labels.items())
        if series is not None and (found := series.get(key)) is not None and metric.kind == kind:
            return found
        made = self._made[metric]
        assert metric.kind == kind, metric.name
        child = made.labels(**labels) if labels else made
        self._series.setdefault(metric.name, {})[key] = child
        return child

    def forget(self, metric: Metric, **labels: str) -> None:
        """Expose that series no more; nothing happens where there is none."""
        self._series.pop(metric.name, None)
        with contextlib.suppress(KeyError):
            self._made[metric].remove(*(labels[name] for name in metric.labels))

    def before_scrape(self, show: Callable[[], None]) -> None:
        """Call `show` before every exposition: for gauges that are worth working out only when somebody looks."""
        self._shows.append(show)

    def exposition(self) -> bytes:
        """The text a scrape gets."""
        for show in self._shows:
            show()
        return generate_latest(self.registry)
