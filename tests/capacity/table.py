"""Figures as a table, and the page that carries it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

PAGE = Path("deploy/capacity.md")
BEGIN = "<!-- written by `make capacity`: begin -->"
END = "<!-- written by `make capacity`: end -->"


@dataclass(frozen=True)
class Figure:
    """One measured number."""

    hop: str
    what: str
    value: float


def rendered(figures: Sequence[Figure], at: datetime, load: float) -> str:
    """Markdown. Above a load of the number of cores only figures of processor time and of bytes mean anything."""
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    where = (
        f"{at:%Y-%m-%d %H:%M} UTC; {machine}; one Apache Kafka broker, the load and the process measured on the same "
        f"machine, whose load average was {load:.1f} before the run."
    )
    lines = [
        where,
        "",
        "| process | figure | measured |",
        "|---|---|---|",
    ]
    lines += [f"| {figure.hop} | {figure.what} | {_number(figure.value)} |" for figure in figures]
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def put_into(page: str, table: str) -> str:
    """`page` with `table` between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"
