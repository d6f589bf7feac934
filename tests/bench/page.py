"""`deploy/performance.md` and its pictures, from the stored results and from nothing else."""

from pathlib import Path
from typing import Any

from tests.bench.figures import Figure, Section, Table, pictures_of, sections, tables_of
from tests.bench.terminal import amount, figure_table, verdict

BEGIN = "<!-- written by `make bench`: begin -->"
END = "<!-- written by `make bench`: end -->"
EMPTY = f"# Performance\n\n{BEGIN}\n{END}\n"


def write(found: dict[str, Any], deploy: Path) -> None:
    """The page between its markers, what stands around them kept; and the pictures."""
    page = deploy / "performance.md"
    before = page.read_text() if page.exists() else EMPTY
    page.write_text(between(before, "\n".join(body(found))))
    for section, stored in _measured(found):
        for name, document in pictures_of(section, stored["result"]).items():
            (deploy / "pictures" / f"{name}.svg").write_text(document)


def between(page: str, text: str) -> str:
    """`page` with `text` between the markers; `ValueError` when it has none."""
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError("the page has lost its markers")
    return f"{head}{BEGIN}\n{text.strip()}\n{END}{tail}"


def body(found: dict[str, Any]) -> list[str]:
    """What stands between the markers."""
    measured = _measured(found)
    lines = [*_opening(found), *_targets(measured)]
    for section, stored in measured:
        lines += _section(section, stored)
    return lines


def _measured(found: dict[str, Any]) -> list[tuple[Section, dict[str, Any]]]:
    return [(section, found["sections"][section.name]) for section in sections() if section.name in found["sections"]]


def _opening(found: dict[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return [
        (
            "Measured by `make bench WRITE=1`, which wrote this page: no figure is entered by hand. "
            f"{found['machine']}; one Apache Kafka broker on the same machine; {versions}."
        ),
        "",
        (
            "One seeded stream of conversations in five languages, about 1 % of its events escalate; 12 partitions; "
            "contenders take turns, each in a process of its own; figures are medians over the rounds. Time runs from "
            "the first event in hand to the acknowledgement of all that came of the last. CPU seconds are those of the "
            "contender's own process in that time, as the operating system counts them; memory is its peak, start "
            "included."
        ),
        "",
    ]


def _targets(measured: list[tuple[Section, dict[str, Any]]]) -> list[str]:
    with_target = [
        (section.title, figure)
        for section, stored in measured
        for figure in section.rows(stored["result"])
        if figure.target is not None
    ]
    lines = ["## Targets", "", "| | figure | target | measured | |", "|---|---|---|---|---|"]
    lines += [_target_row(title, figure) for title, figure in with_target]
    return [*lines, ""]


def _target_row(title: str, figure: Figure) -> str:
    unit = f" {figure.unit}" if figure.unit else ""
    return f"| {title} | {figure.name} | {figure.target}{unit} | {amount(figure.value)}{unit} | {verdict(figure)} |"


def _section(section: Section, stored: dict[str, Any]) -> list[str]:
    result = stored["result"]
    rounds = "one round" if stored["rounds"] == 1 else f"{stored['rounds']} rounds"
    busy = "" if stored["idle"] else " **The machine was not idle: ratios hold better than rates.**"
    lines = [f"## {section.title}", "", section.about, ""]
    lines += [
        f"{stored['at']}, revision {stored['revision']}, {rounds}, load average before {stored['load']}.{busy}",
        "",
    ]
    for table in tables_of(section, result):
        lines += [*_markdown(table), ""]
    figures = [figure for figure in section.rows(result) if figure.target is None]
    if figures and not tables_of(section, result):
        lines += [*_markdown(figure_table(figures)), ""]
    for name in pictures_of(section, result):
        lines += [f"![{section.title}: {name.rpartition('-')[2]}](pictures/{name}.svg)", ""]
    return lines


def _markdown(table: Table) -> list[str]:
    lines = ["| " + " | ".join(table.headings) + " |", "|---" * len(table.headings) + "|"]
    lines += ["| " + " | ".join(cells) + " |" for cells in table.cells]
    return [*lines, "", table.below] if table.below else lines
