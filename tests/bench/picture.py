"""Bars as an SVG document that reads on light and on dark pages."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

BAR_WIDTH, ROW_HEIGHT, LEFT, TOP, WIDTH = 420, 30, 150, 40, 720


@dataclass(frozen=True)
class Bar:
    """One bar. `first`: ours."""

    label: str
    value: float
    first: bool = False


def bars(title: str, rows: list[Bar], unit: str) -> str:
    """The longest bar fills the width; each carries its value."""
    top = max((row.value for row in rows), default=0.0) or 1.0
    height = TOP + ROW_HEIGHT * len(rows) + 10
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'role="img" font-family="sans-serif" font-size="13"><title>{escape(title)}</title>'
        ),
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="12" y="24" font-weight="bold">{escape(title)}</text>',
    ]
    parts += [_row(index, row, top, unit) for index, row in enumerate(rows)]
    return "\n".join([*parts, "</svg>", ""])


def _row(index: int, row: Bar, top: float, unit: str) -> str:
    y = TOP + ROW_HEIGHT * index
    width = max(1, round(BAR_WIDTH * row.value / top))
    colour = "#0b6e4f" if row.first else "#9aa5b1"
    shown = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.1f}"
    return (
        f'<text x="{LEFT - 8}" y="{y + 16}" text-anchor="end">{escape(row.label)}</text>'
        f'<rect x="{LEFT}" y="{y}" width="{width}" height="22" fill="{colour}"/>'
        f'<text x="{LEFT + width + 8}" y="{y + 16}">{shown} {escape(unit)}</text>'
    )
