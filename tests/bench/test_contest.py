"""A contender's outputs must be those of the stream; its cost is what the operating system says of its process."""

import sys
from pathlib import Path

import pytest

from tests.bench.contest import Contender, Disagree, canonical, compare
from tests.bench.runner import Failed, run

CONTENDER = Contender("some", "Some engine", lambda _: [])
MARKED = """
import sys, time
from tests.bench.marks import Marks
marks = Marks(1000)
held = bytearray(30_000_000)
marks.started()
until = time.process_time() + 0.2
while time.process_time() < until:
    pass
time.sleep(0.3)
marks.seen = 1000
marks.done()
"""
ENVIRONMENT = {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def _run(code: str, tmp_path: Path) -> object:
    return run(
        [sys.executable, "-c", code],
        events=1_000,
        log=tmp_path / "log",
        progress=lambda _: None,
        environment=ENVIRONMENT,
    )


def test_the_same_commands_in_another_order_and_spelling_are_the_same() -> None:
    compare(CONTENDER, [canonical(b'{"b": 1, "a": 2}'), "x"], ["x", canonical(b'{"a":2,"b":1}')])


def test_a_missing_command_is_told() -> None:
    with pytest.raises(Disagree, match="left out 1 of 2"):
        compare(CONTENDER, ["a"], ["a", "b"])


def test_a_command_sent_twice_is_told() -> None:
    with pytest.raises(Disagree, match="sent 1 that"):
        compare(CONTENDER, ["a", "a"], ["a"])


def test_a_run_costs_what_its_process_cost_between_its_marks(tmp_path: Path) -> None:
    spent = run(
        [sys.executable, "-c", MARKED],
        events=1_000,
        log=tmp_path / "log",
        progress=lambda _: None,
        environment=ENVIRONMENT,
    )
    assert 0.15 <= spent.cpu_seconds < 0.5
    assert spent.seconds >= 0.45
    assert spent.peak_rss_bytes > 30_000_000
    assert spent.events_per_second == pytest.approx(1_000 / spent.seconds)


def test_a_contender_that_breaks_off_is_no_result_and_its_last_words_are_told(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="no luck"):
        _run("raise SystemExit('no luck')", tmp_path)


def test_a_contender_that_ends_well_without_having_done_its_work_is_no_result(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="ended with 0"):
        _run("pass", tmp_path)
