"""The simulators as a process of their own: a ready line, and nothing answered is lost by a kill -9."""

import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agents.demo.simulators.store import Records
from tests.support.simulators import ZENDESK_AUTH


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    command = [sys.executable, "-m", "agents.demo.simulators", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def post(url: str, body: Any, headers: dict[str, str]) -> dict[str, Any]:
    raw = json.dumps(body).encode()
    request = urllib.request.Request(url, raw, {"Content-Type": "application/json", **headers})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310 - loopback
        found: dict[str, Any] = json.load(response)
    return found


def create(ready: dict[str, Any], key: str) -> dict[str, Any]:
    body = {"ticket": {"external_id": "esc-1", "comment": {"body": "x"}}}
    url = f"{ready['url']}/zendesk/acme/api/v2/tickets"
    return post(url, body, ZENDESK_AUTH | {"Idempotency-Key": key})


def test_a_kill_loses_neither_tickets_nor_keys_nor_planned_faults(tmp_path: Path) -> None:
    database = str(tmp_path / "s.db")
    with started("--db", database) as (process, ready):
        assert ready["pid"] == process.pid
        made = create(ready, "key-1")["ticket"]["id"]
        post(f"{ready['url']}/_faults", {"faults": [{"kind": "status", "nth": 2, "operation": "zendesk.*"}]}, {})
        process.send_signal(signal.SIGKILL)
        process.wait(5)
    records = Records(database)
    assert [ticket.id for ticket in records.tickets_by_escalation("esc-1")] == [made]
    with started("--db", database) as (_, ready):
        assert create(ready, "key-1")["ticket"]["id"] == made
        with pytest.raises(urllib.error.HTTPError, match="503"):
            create(ready, "key-2")
        assert len(records.tickets()) == 1
    records.close()


def test_sigterm_ends_it_even_with_a_request_held(tmp_path: Path) -> None:
    with started("--db", str(tmp_path / "s.db")) as (process, ready):
        post(f"{ready['url']}/_faults", {"faults": [{"kind": "commit_then_hold"}]}, {})
        script = f"import urllib.request as u; u.urlopen('{ready['url']}/llm/acme/nothing')"
        with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL) as caller:
            held = urllib.request.urlopen(f"{ready['url']}/_holds/wait?timeout_seconds=10", timeout=15)  # noqa: S310
            assert json.load(held)["holds"]
            held.close()
            process.terminate()
            assert process.wait(5) == 0
            caller.kill()


def test_unusable_settings_are_refused_with_one_line(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text('{"nonsense": 1}')
    command = [sys.executable, "-m", "agents.demo.simulators", "--db", str(tmp_path / "s.db")]
    ended = subprocess.run(
        [*command, "--settings", str(settings)], capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("simulators: unusable settings")
