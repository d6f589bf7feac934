"""A section's figures for a terminal."""

from tests.bench.figures import Figure, Result, Section, Table, tables_of


def shown(section: Section, result: Result) -> str:
    """Tables, then the figures that have a target."""
    parts = [f"\n{section.title}"]
    parts += [lined(table) for table in tables_of(section, result)]
    figures = section.rows(result)
    if figures:
        parts.append(lined(figure_table(figures)))
    return "\n\n".join(parts) + "\n"


def figure_table(figures: list[Figure]) -> Table:
    """A row per figure, with its target and whether it is met."""
    cells = [
        (
            figure.name,
            f"{amount(figure.value)} {figure.unit}".strip(),
            "" if figure.target is None else f"{figure.target} {figure.unit}".strip(),
            "" if figure.target is None else verdict(figure),
        )
        for figure in figures
    ]
    return Table(("figure", "measured", "target", ""), tuple(cells))


def verdict(figure: Figure) -> str:
    """Met, or missed and why."""
    if figure.met:
        return "met"
    return f"missed: {figure.missed_because}" if figure.missed_because else "missed"


def amount(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def lined(table: Table) -> str:
    """Columns under each other."""
    lines = [table.headings, *table.cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.headings))]
    text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*text, table.below] if table.below else text)
