"""How a metric is declared: kind, help, labels, buckets; names checked against Prometheus' rules.

Rules: https://prometheus.io/docs/practices/naming/ (base units, `_total` on counters, seconds and bytes).
"""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]

PREFIX = "handoff_"
FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SLOW_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0)

_NAME = re.compile(r"^handoff_[a-z][a-z0-9_]*$")
_UNITS = ("_seconds", "_bytes", "_total", "_ratio", "_records", "_info", "_state", "_remaining", "_partitions")


@dataclass(frozen=True)
class Metric:
    """One metric family. Labels are bounded: ids, texts and addresses are never label values."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = FAST_SECONDS
    from_start: tuple[tuple[str, ...], ...] = ()
    """Label values exposed at zero from the start: Prometheus sees no increase in a series that begins at one."""

    def __post_init__(self) -> None:
        """Refuse a name that breaks the rules, where it is declared."""
        if not _NAME.match(self.name):
            raise ValueError(f"{self.name}: a metric name starts with {PREFIX}")
        if (self.kind == "counter") != self.name.endswith("_total"):
            raise ValueError(f"{self.name}: counters, and only they, end in _total")
        if not self.name.endswith(_UNITS):
            raise ValueError(f"{self.name}: the name ends in a unit")
