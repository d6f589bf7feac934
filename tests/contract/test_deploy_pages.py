"""The pages in deploy/: what they name is there, what they ask Prometheus for is exposed, what they run parses."""

import re
import shlex
from pathlib import Path

import pytest

from agents.__main__ import GROUPS, parser
from agents.observability.metrics import declared
from tests.capacity.table import BEGIN, END, put_into
from tests.support.promql import problems

PAGES = [Path("deploy", f"{name}.md") for name in ("upgrade", "capacity", "security", "tracing")]
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"^(?:tests|deploy|streams|agents)/[\w./-]*[\w/]$|^(?:CHANGELOG\.md|requirements[\w-]*\.lock)$")

every_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)


@every_page
def test_a_page_names_files_that_are_there(path: Path) -> None:
    named = {word for code in _CODE.findall(path.read_text()) for word in [code.strip()] if _PATH.match(word)}
    assert named
    assert [name for name in sorted(named) if not Path(name).exists()] == []


@every_page
def test_a_page_asks_prometheus_for_what_is_exposed(path: Path) -> None:
    for code in _CODE.findall(path.read_text()):
        if "handoff_" in code and code not in {metric.name for metric in declared()}:
            assert problems(code) == [], code


@every_page
def test_our_commands_on_a_page_are_commands_we_have(path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", path.read_text(), re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()] + _CODE.findall(path.read_text())
    for line in lines:
        if line.startswith("handoff ") and "-" not in line.split()[1]:
            words = shlex.split(re.split(r" [<>|] ", line)[0])[1:]
            parser(list(GROUPS)).parse_args(words)


def test_measured_figures_are_put_between_their_marks_and_nowhere_else() -> None:
    page = Path("deploy/capacity.md").read_text()
    assert page.count(BEGIN) == page.count(END) == 1
    again = put_into(page, "| new |")
    assert "| new |" in again
    assert again.partition(BEGIN)[0] == page.partition(BEGIN)[0]
    assert again.partition(END)[2] == page.partition(END)[2]
