"""A process that begins: what it refuses in one line with exit code 2, and what ends it before it has begun."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.__main__ import main
from agents.commands.checks import of_kafka
from agents.escalation.faust_version import FAUST_VERSION, other_faust
from agents.settings import KafkaSettings

ROOT = Path(__file__).parents[3]


def begun(hop: str, folder: Path, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A process of its own, on brokers that nobody runs."""
    config = folder / "handoff.yaml"
    config.write_text("kafka: {bootstrap_servers: '127.0.0.1:1', replication_factor: 1}\n")
    return subprocess.run(
        [sys.executable, "-m", "agents", hop, "--config", str(config), "--admin-port", "0"],
        cwd=ROOT,
        env=os.environ | dict(environment or {}),
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def refusal(ended: subprocess.CompletedProcess[str]) -> str:
    """The one line of a refusal, without the log's."""
    assert ended.returncode == 2, (ended.returncode, ended.stderr)
    [line] = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    return line


def test_another_faust_is_refused_before_anything_of_it_is_imported(tmp_path: Path) -> None:
    other = tmp_path / "faust_streaming-0.16.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: faust-streaming\nVersion: 0.16.0\n")
    (tmp_path / "faust").mkdir()
    (tmp_path / "faust" / "__init__.py").write_text("raise ImportError('not the one we know')\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    said = refusal(begun("escalation", tmp_path, {"PYTHONPATH": path}))
    assert said == "handoff: escalation needs faust-streaming 0.15.3 exactly, found 0.16.0"


def test_no_faust_at_all_is_said_as_well() -> None:
    assert other_faust(None) == "escalation needs faust-streaming 0.15.3 exactly, found none"
    assert other_faust(FAUST_VERSION) is None


def test_faust_without_its_compiled_parts_is_refused_before_the_brokers_are_looked_for(tmp_path: Path) -> None:
    said = refusal(begun("escalation", tmp_path, {"NO_CYTHON": "1"}))
    assert said == "handoff: escalation needs faust-streaming's compiled wheel (glibc, CPython 3.11 to 3.13)"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"session_timeout_ms": 30_000}, "kafka.session_timeout_ms: 30000 is not above the delivery timeout of 30000"),
        ({"min_insync_replicas": 4}, "kafka.min_insync_replicas: 4 of 3 copies: no record would be taken at all"),
        ({"session_timeout_ms": 6_000, "replication_factor": 1}, None),
        ({"session_timeout_ms": 6_000, "embedded": True}, None),
        ({}, None),
    ],
)
def test_settings_that_would_break_a_promise_are_for_trials_alone(given: dict[str, object], said: str | None) -> None:
    lines = list(of_kafka(KafkaSettings.model_validate(given)))
    assert [line.startswith(said) for line in lines if said] == ([True] if said else [])
    assert bool(lines) == (said is not None)


def test_a_hop_refuses_them_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "handoff.yaml"
    path.write_text("kafka: {session_timeout_ms: 6000}\n")
    assert main(["ticketing", "--config", str(path)]) == 2
    assert capsys.readouterr().err.startswith("handoff: kafka.session_timeout_ms: 6000 is not above")


@pytest.mark.parametrize("hop", ["gateway", "ticketing"])
def test_a_process_told_to_end_while_it_still_imports_ends_well(hop: str, tmp_path: Path) -> None:
    """A module that is imported late stands for the moment: it sends the signal, and goes on."""
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, sys\n"
        "class Late:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'pydantic':\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Late())\n"
    )
    ended = begun(hop, tmp_path, {"PYTHONPATH": str(tmp_path)})
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_command_for_people_is_left_to_its_signals() -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert main(["topics", "list"]) == 0
    assert signal.getsignal(signal.SIGTERM) is before
