"""The runbooks: each has its four parts, and names only commands, metrics and log lines that exist."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.__main__ import GROUPS, parser
from agents.observability.metrics import declared

PAGES = sorted(path for path in Path("deploy/runbooks").glob("*.md") if path.stem != "README")
PARTS = ["## What it means", "## First look", "## Commands", "## Whom to wake"]
_BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)
_METRIC = re.compile(r"\bhandoff_[a-z0-9_]+\b")
_NO_METRICS = {"handoff_degraded"}  # a tag on tickets


def _commands(text: str) -> Iterator[str]:
    for block in _BLOCK.findall(text):
        yield from (line for line in block.splitlines() if line)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_has_its_four_parts_in_order(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {path.stem}\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == PARTS
    assert list(_commands(text))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_names_metrics_of_the_catalogue(path: Path) -> None:
    known = {metric.name for metric in declared()} | _NO_METRICS
    assert set(_METRIC.findall(path.read_text())) - known == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_our_commands_on_a_page_are_commands_we_have(path: Path) -> None:
    for line in _commands(path.read_text()):
        if line.startswith("handoff "):
            words = shlex.split(line.partition(" < ")[0])[1:]
            parser(list(GROUPS)).parse_args(words)


def test_kafkas_commands_name_the_brokers_and_the_login() -> None:
    for path in PAGES:
        for line in _commands(path.read_text()):
            if line.startswith("kafka-"):
                assert "--bootstrap-server $BOOTSTRAP --command-config $CLIENT" in line, path.stem


def test_the_log_lines_that_pages_look_for_are_written_somewhere() -> None:
    code = "\n".join(path.read_text() for folder in ("agents", "streams") for path in Path(folder).rglob("*.py"))
    for path in PAGES:
        looked_for = re.findall(r"grep (?:-E '([^']*)'|([a-z_.]+)$|([a-z_.]+) \|)", path.read_text(), re.MULTILINE)
        for found in looked_for:
            for event in _events("".join(found)):
                hop, _, what = event.partition(".")
                assert f'"{event}' in code or (hop == "ticketing" and f'"{what}' in code), f"{path.stem}: {event}"


def _events(pattern: str) -> list[str]:
    inside = re.fullmatch(r"([a-z_.]+)\((.*)\)", pattern)
    return [inside[1] + each for each in inside[2].split("|")] if inside else pattern.split("|")
