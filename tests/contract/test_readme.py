"""The README holds: its commands run, its configuration loads, its links lead somewhere."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from agents.settings_file import load

README = Path("README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^ *```(\w+)\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
PIPES = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines() if line.startswith("handoff ")]
LINKS = re.findall(r'\]\(([^)#]+)\)|src="([^"]+)"', README)


def test_there_is_something_to_check() -> None:
    assert len(PIPES) >= 2
    assert len(LINKS) >= 5


@pytest.mark.parametrize("line", PIPES)
def test_a_command_of_the_readme_runs_and_prints(line: str) -> None:
    environ = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=60, env=environ, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_the_make_targets_of_the_readme_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"make ([a-z-]+)", README))
    assert named <= targets


def test_the_configuration_of_the_readme_loads(tmp_path: Path) -> None:
    [text] = [text for kind, text in BLOCKS if kind == "yaml"]
    path = tmp_path / "handoff.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(text)), encoding="utf-8")
    names = set(re.findall(r"env:(\w+)", text))
    settings = load(path, environ=dict.fromkeys(names, "secret"))
    assert settings.tenants["acme"].mode == "observe"


@pytest.mark.parametrize("link", [link for pair in LINKS for link in pair if link and not link.startswith("http")])
def test_a_link_of_the_readme_leads_somewhere(link: str) -> None:
    assert Path(link).exists(), link
