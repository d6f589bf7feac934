"""What a PromQL expression asks for, read off its text: metric names, label matchers, grouping labels.

Enough for our own rules and dashboards, whose expressions `promtool check rules` and a real Prometheus parse in full.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.observability.declare import Metric
from agents.observability.metrics import declared
from streams.topology import TOPICS

_SELECTOR = re.compile(r"\b(handoff_[a-z0-9_]+|up)\b\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
SCRAPED = frozenset({"job", "instance"})
"""What every target has from Prometheus itself."""


@dataclass(frozen=True)
class Selector:
    """One `metric{label="value"}`."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]


def selectors(expression: str) -> Iterator[Selector]:
    """Every selector of ours in `expression`. Recorded series (`handoff:…`) are none."""
    for name, inside in _SELECTOR.findall(expression):
        yield Selector(name, tuple(_MATCHER.findall(inside)))


def problems(expression: str) -> list[str]:
    """What `expression` asks for that no process exposes."""
    known = {metric.name: metric for metric in declared()}
    found: list[str] = []
    there = set(SCRAPED)
    for selector in selectors(expression):
        if selector.name == "up":
            continue
        metric, extra = _metric(selector.name, known)
        if metric is None:
            found.append(f"{selector.name} is not in the catalogue")
            continue
        there |= {*metric.labels, *extra}
        found.extend(_wrong_matchers(selector, metric, {*metric.labels, *extra, *SCRAPED}))
    if "handoff:" not in expression:
        named = {label.strip() for group in _GROUPING.findall(expression) for label in group.split(",")} - {""}
        found.extend(f"nothing here has the label {label}" for label in sorted(named - there))
    return found


def _metric(name: str, known: dict[str, Metric]) -> tuple[Metric | None, set[str]]:
    """The family of a sample name, and the labels that its kind adds."""
    base, _, suffix = name.rpartition("_")
    family = known.get(base)
    if family is not None and family.kind == "histogram" and suffix in {"bucket", "sum", "count"}:
        return family, {"le"} if suffix == "bucket" else set()
    metric = known.get(name)
    return (None if metric is not None and metric.kind == "histogram" else metric), set()


def _wrong_matchers(selector: Selector, metric: Metric, allowed: set[str]) -> Iterator[str]:
    for label, operator, value in selector.matchers:
        if label not in allowed:
            yield f"{selector.name} has no label {label}"
        elif label == "le" and float(value) not in metric.buckets:
            yield f"{selector.name} has no bucket {value}"
        elif label == "le" and value != str(float(value)):
            yield f'{selector.name}: buckets are written as le="{float(value)}"'
        elif label == "topic" and operator == "=" and value not in {topic.name for topic in TOPICS}:
            yield f"{selector.name}: there is no topic {value}"
        elif metric.from_start and metric.labels == (label,) and operator == "=" and (value,) not in metric.from_start:
            yield f"{selector.name}: {label} is never {value}"
