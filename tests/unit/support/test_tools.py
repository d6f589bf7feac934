"""What a machine lacks is said in one line, with the way to get it."""

from pathlib import Path

import pytest

from tests.support import tools


def test_what_is_missing_is_named_in_one_line_with_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tools, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = tools.lacking()
    assert "\n" not in said
    assert [name for name, how in tools.HOW.items() if f"{name} ({how})" not in said] == []


def test_what_is_there_is_not_called_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in tools.HOW:
        program = tmp_path / name
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o755)
    monkeypatch.setattr(tools, "CACHE", tmp_path)
    assert tools.lacking() == "No validator is missing."


def test_docker_without_compose_is_not_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(tools, "CACHE", tmp_path)
    assert "docker compose (" in tools.lacking()
