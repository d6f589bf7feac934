"""Grafana dashboards as JSON: panels, rows of panels, the frame around them.

Model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

GRID_WIDTH = 24
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_SCHEMA_VERSION = 39

Unit = Literal["short", "s", "bytes", "percentunit", "ops", "reqps", "dateTimeFromNow", "bool"]


@dataclass(frozen=True)
class Query:
    """One expression. `legend` is Grafana's template, such as `{{topic}}`."""

    expr: str
    legend: str = ""


@dataclass(frozen=True)
class Panel:
    """One panel. `steps`: from which value on it turns orange, then red; none: never."""

    title: str
    about: str
    queries: tuple[Query, ...]
    unit: Unit = "short"
    kind: Literal["timeseries", "stat", "table"] = "timeseries"
    width: int = 8
    height: int = 8
    steps: tuple[float, ...] = ()
    stacked: bool = False


@dataclass(frozen=True)
class Row:
    """Panels under one heading, laid out from left to right."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Dashboard:
    """One page. `tenants`: whether it can be narrowed to tenants by `$tenant`."""

    uid: str
    title: str
    about: str
    rows: tuple[Row, ...]
    tenants: str = ""
    """A metric with the label `tenant`, which offers the choice; none: no choice."""
    links: tuple[str, ...] = field(default=())


def one(title: str, about: str, expr: str, legend: str = "", **options: Any) -> Panel:
    """A panel with a single query."""
    return Panel(title, about, (Query(expr, legend),), **options)


def stat(title: str, about: str, expr: str, *, steps: Sequence[float] = (), unit: Unit = "short") -> Panel:
    """One number, green until the first step."""
    return Panel(title, about, (Query(expr),), unit, "stat", width=4, height=5, steps=tuple(steps))


def quantiles(title: str, about: str, metric: str, by: str, matchers: str = "", **options: Any) -> Panel:
    """Median and 95th percentile of a histogram by one label."""
    inside = f"sum by (le, {by}) (rate({metric}_bucket{{{matchers}}}[$__rate_interval]))".replace("{}", "")
    made = tuple(
        Query(f"histogram_quantile({quantile}, {inside})", f"{{{{{by}}}}} p{round(quantile * 100)}")
        for quantile in (0.5, 0.95)
    )
    return Panel(title, about, made, "s", **options)


def render(dashboard: Dashboard) -> dict[str, Any]:
    """The JSON model."""
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.about,
        "tags": ["handoff"],
        "schemaVersion": _SCHEMA_VERSION,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": list(_variables(dashboard))},
        "annotations": {"list": [_starts()]},
        "links": [_links()],
        "panels": list(_placed(dashboard.rows)),
    }


def _variables(dashboard: Dashboard) -> Iterator[dict[str, Any]]:
    yield {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "hide": 0}
    if dashboard.tenants:
        yield {
            "name": "tenant",
            "label": "Tenant",
            "type": "query",
            "datasource": _SOURCE,
            "query": {"query": f"label_values({dashboard.tenants}, tenant)", "refId": "tenant"},
            "refresh": 2,
            "includeAll": True,
            "allValue": ".*",
            "multi": True,
            "current": {"text": "All", "value": "$__all"},
        }


def _starts() -> dict[str, Any]:
    return {
        "name": "starts",
        "enable": True,
        "datasource": _SOURCE,
        "expr": "changes(handoff_start_timestamp_seconds[2m]) > 0",
        "titleFormat": "started: {{instance}}",
        "iconColor": "blue",
    }


def _links() -> dict[str, Any]:
    return {
        "type": "dashboards",
        "title": "Handoff",
        "tags": ["handoff"],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
    }


def _placed(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    y, number = 0, 1
    for row in rows:
        yield {
            "id": number,
            "type": "row",
            "title": row.title,
            "collapsed": False,
            "panels": [],
            "gridPos": {"x": 0, "y": y, "w": GRID_WIDTH, "h": 1},
        }
        y, number, x, tallest = y + 1, number + 1, 0, 0
        for panel in row.panels:
            if x + panel.width > GRID_WIDTH:
                y, x, tallest = y + tallest, 0, 0
            yield _panel(panel, number, {"x": x, "y": y, "w": panel.width, "h": panel.height})
            x, number, tallest = x + panel.width, number + 1, max(tallest, panel.height)
        y += tallest


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": [_target(panel, query, chr(ord("A") + index)) for index, query in enumerate(panel.queries)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": _options(panel),
    }


def _target(panel: Panel, query: Query, ref: str) -> dict[str, Any]:
    made: dict[str, Any] = {"refId": ref, "datasource": _SOURCE, "expr": query.expr, "legendFormat": query.legend}
    if panel.kind == "table":
        made |= {"instant": True, "range": False, "format": "table"}
    elif panel.kind == "stat":
        made |= {"instant": True, "range": False}
    return made


def _defaults(panel: Panel) -> dict[str, Any]:
    colours = ("orange", "red")[-len(panel.steps) :] if panel.steps else ()
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    steps += [{"color": colour, "value": value} for colour, value in zip(colours, panel.steps, strict=True)]
    made: dict[str, Any] = {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.kind == "timeseries":
        style = "dashed" if panel.steps else "off"
        made["custom"] = {
            "fillOpacity": 20 if panel.stacked else 5,
            "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none"},
            "thresholdsStyle": {"mode": style},
        }
    return made


def _options(panel: Panel) -> dict[str, Any]:
    if panel.kind == "stat":
        return {"colorMode": "background", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
    if panel.kind == "table":
        return {"showHeader": True}
    return {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}}
