"""Page, tables and pictures come from stored results alone."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.bench import engine, real
from tests.bench.contest import Contender, Outcome
from tests.bench.figures import Figure, Target, sections
from tests.bench.machine import idle, versions
from tests.bench.page import BEGIN, END, between, write
from tests.bench.ratios import standings
from tests.bench.runner import Run
from tests.bench.terminal import shown, verdict


def _outcome(slug: str, name: str, *seconds: float) -> Outcome:
    runs = [Run(1_000_000, each, each / 2, 100_000_000) for each in seconds]
    return Outcome(Contender(slug, name, lambda _: []), runs, 10)


def _result(*, bare_seconds: float = 12.0) -> Any:
    outcomes = [_outcome("handoff", "Handoff", 10.0, 9.0, 30.0), _outcome("bare", "bare loop", bare_seconds)]
    return json.loads(json.dumps(standings(outcomes)))


def _found(**sections_found: Any) -> dict[str, Any]:
    stamp = {"at": "2026-01-01T00:00+00:00", "revision": "abc", "load": 0.1, "idle": True, "rounds": 3}
    stored = {name: {**stamp, "result": result} for name, result in sections_found.items()}
    return {**stamp, "machine": "a machine", "versions": {"msgspec": "1"}, "sections": stored}


def test_the_figure_of_a_contender_is_the_median_of_its_rounds() -> None:
    handoff = _result()["contenders"][0]
    assert handoff["events_per_second"] == 100_000
    assert handoff["all_events_per_second"] == [100_000, 111_111, 33_333]


def test_the_ratio_is_ours_divided_by_theirs_and_carries_its_target() -> None:
    rate, cpu = engine.rows(_result())
    assert (rate.name, round(rate.value, 2), rate.met) == ("rate against bare loop", 1.2, True)
    assert (cpu.name, round(cpu.value, 2), cpu.met) == ("CPU seconds against bare loop", 0.83, True)


def test_a_missed_target_is_told_as_missed_with_its_reason() -> None:
    slow = engine.rows(_result(bare_seconds=5.0))[0]
    assert not slow.met
    assert verdict(slow) == "missed"
    assert verdict(Figure("x", 2.0, "", Target(1.0, at_most=True), "the disk is slow")) == "missed: the disk is slow"


@pytest.mark.parametrize(
    ("value", "target", "met"),
    [
        (1.0, Target(1.0), True),
        (0.996, Target(1.0), True),
        (0.99, Target(1.0), False),
        (1.71, Target(1.7, True), False),
    ],
)
def test_a_target_is_judged_as_the_figure_is_printed(value: float, target: Target, met: bool) -> None:
    assert target.met(value) is met


def test_the_page_keeps_what_people_wrote_around_it_and_says_every_target(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    page = tmp_path / "performance.md"
    page.write_text(f"# Before\n{BEGIN}\nold\n{END}\nAfter\n")
    write(_found(engine=_result(), real=_result(bare_seconds=5.0)), tmp_path)
    text = page.read_text()
    assert text.startswith("# Before\n")
    assert text.endswith("\nAfter\n")
    assert "old" not in text
    assert f"| {engine.title} | rate against bare loop | ≥ 1 × | 1.20 × | met |" in text
    assert f"| {real.title} | rate against bare loop | ≥ 0.9 × | 0.50 × | missed |" in text
    assert "abc, 3 rounds" in text


def test_every_picture_the_page_shows_is_there_and_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    write(_found(engine=_result()), tmp_path)
    text = (tmp_path / "performance.md").read_text()
    drawn = sorted((tmp_path / "pictures").iterdir())
    assert len(drawn) == 2
    for picture in drawn:
        assert f"(pictures/{picture.name})" in text
        assert ET.fromstring(picture.read_text()).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 # ours


def test_a_page_without_its_markers_is_left_alone() -> None:
    with pytest.raises(ValueError, match="markers"):
        between("# A page", "text")


def test_the_terminal_shows_a_row_per_contender() -> None:
    text = shown(engine, _result())
    assert "bare loop" in text
    assert "1.20×" in text


def test_sections_are_found_by_name_and_an_unknown_one_is_refused() -> None:
    assert [section.name for section in sections(frozenset({"real"}))] == ["real"]
    names = [section.name for section in sections()]
    assert names[:2] == ["engine", "real"]
    assert len(names) == len(set(names))
    with pytest.raises(SystemExit, match="no section nothing"):
        sections(frozenset({"nothing"}))


def test_a_busy_machine_is_not_idle() -> None:
    assert idle(0.0)
    assert not idle(1_000.0)


def test_the_versions_of_all_engines_are_known() -> None:
    found = versions()
    assert {"faust-streaming", "confluent-kafka", "quixstreams", "kafka-streams"} <= found.keys()
    assert all(number[0].isdigit() for number in found.values())
