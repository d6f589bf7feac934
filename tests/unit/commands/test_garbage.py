"""Whatever comes in: exit code 0, or one line and exit code 2. Never a traceback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.commands.decisions import read_events
from agents.commands.policies import compiled, read_policy
from agents.commands.render import account_for, read_commands, requests_for
from agents.escalation.decision import Rules
from agents.escalation.replay import replay
from agents.helpdesks.registry import NAMES as HELPDESKS
from agents.helpdesks.registry import helpdesks
from agents.platforms.registry import NAMES as PLATFORMS
from agents.settings import Settings
from streams.clock import SystemClock
from streams.codec import encode
from streams.errors import Refused
from tests.support.cli import Ran, handoff
from tests.support.damaged_json import damaged
from tests.support.deliveries import SAMPLES

GARBAGE = {
    "nothing": b"",
    "a space": b" ",
    "bytes": bytes(range(256)) * 8,
    "text": b"hello",
    "html": b"<!doctype html><html></html>",
    "half": b'{"a": ',
    "nan": b'{"a": NaN}',
    "twice": b'{"a": 1, "a": 2}',
    "null": b"null",
    "list": b"[]",
    "number": b"7",
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "surrogates": b'{"session": {"id": "\\ud800"}, "event_id": "\\ud800", "messages": []}',
    "long number": b"9" * 100_000,
    "nulls": b"\0" * 1_000,
    "one long line": b'"' + b"x" * 5_000_000 + b'"',
    "lines": b'{"kind": "message"}\n' * 3,
}
COMMANDS: list[tuple[str, ...]] = [
    *(("normalize", platform) for platform in PLATFORMS),
    ("try", "intercom"),
    ("try", "custom-llm", "--helpdesk", "freshdesk"),
    ("decide",),
    ("decide", "--all"),
    *(("render", "--helpdesk", helpdesk) for helpdesk in HELPDESKS),
]


def tame(ran: Ran) -> None:
    if ran.code:
        assert ran.refusal
        assert ran.out == ""
    else:
        assert ran.err == ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_in_one_line(command: tuple[str, ...], name: str) -> None:
    ran = handoff(*command, stdin=GARBAGE[name])
    tame(ran)
    if name in {"bytes", "text", "half", "utf-16", "nulls", "deep"}:
        assert ran.refusal


def test_more_than_the_limit_is_refused_before_it_is_parsed() -> None:
    assert "16777216 bytes" in handoff("normalize", "intercom", stdin=b"x" * 17_000_000).refusal
    assert "line 1" in handoff("decide", stdin=b"x" * 5_000_000).refusal


_SOME = [
    (path.parent.name, json.loads(path.read_bytes()))
    for platform in PLATFORMS
    for path in sorted((SAMPLES / platform).glob("*.json"))[:6]
    if not path.name.startswith(("GET", "out."))
]


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_damaged_body_goes_through_the_pipe_or_is_refused(data: st.DataObject) -> None:
    platform, body = data.draw(st.sampled_from(_SOME))
    raw = json.dumps(data.draw(damaged(body))).encode("utf-8", "surrogatepass")
    events = handoff("normalize", platform, stdin=raw)
    tame(events)
    if events.code:
        return
    tame(handoff("try", platform, stdin=raw))
    commands = handoff("decide", stdin=events.out.encode())
    assert (commands.code, commands.err) == (0, ""), "what normalize prints, decide reads"
    for helpdesk in HELPDESKS:
        rendered = handoff("render", "--helpdesk", helpdesk, stdin=commands.out.encode())
        assert (rendered.code, rendered.err) == (0, ""), "what decide prints, render reads"


_EVENT = {
    "kind": "message",
    "event_id": "e1",
    "tenant": "acme",
    "conversation_id": "c1",
    "occurred_at": "2026-07-11T10:00:00Z",
    "author": "customer",
    "text": "I want to talk to a person",
    "customer": {"id": "u1", "email": "jo@example.com"},
    "attributes": {"order": "77"},
    "attachments": [{"url": "https://files.example/a.png", "name": "a.png"}],
}


RULES = Rules(policy=compiled(read_policy(None), "acme"), sha256="0" * 64, mode="live")
COMMAND = handoff("decide", stdin=json.dumps(_EVENT).encode()).lines[0]
ADAPTERS = helpdesks(SystemClock())


@given(damaged(_EVENT, most=4))
@settings(deadline=None)
def test_any_event_is_decided_or_refused(event: Any) -> None:
    line = json.dumps(event).encode("utf-8", "surrogatepass")
    try:
        steps = list(replay(read_events([(1, line)]), lambda _tenant: RULES))
    except Refused as refused:
        assert str(refused).startswith("standard input, line 1: ")
        return
    for _, decision in steps:
        for command in decision.commands:
            assert encode(command)


@given(damaged(COMMAND, most=4), st.sampled_from(HELPDESKS))
@settings(deadline=None)
def test_any_command_is_rendered_or_refused(command: Any, helpdesk: str) -> None:
    line = json.dumps(command).encode("utf-8", "surrogatepass")
    try:
        commands = list(read_commands([(1, line)]))
    except Refused as refused:
        assert str(refused).startswith("standard input, line 1: ")
        return
    for one in commands:
        for _, request in requests_for(ADAPTERS[helpdesk], account_for(one.tenant, helpdesk, Settings()), one):
            assert request.model_dump_json().encode()


HANDOFF = [sys.executable, "-m", "agents"]
MINIMAL = (SAMPLES / "custom-llm/minimal.json").read_bytes()


def test_a_reader_that_goes_away_is_no_error() -> None:
    """`handoff decide | head`: the pipe breaks while there is much left to say."""
    lines = b"".join(
        json.dumps(_EVENT | {"event_id": f"e{index}", "conversation_id": f"c{index}"}).encode() + b"\n"
        for index in range(3_000)
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([*HANDOFF, "decide"], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, err = process.communicate(lines, timeout=60)
    assert (process.returncode, err) == (0, b"")


def test_ctrl_c_ends_quietly() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen([*HANDOFF, "decide", "--all"], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"".join(json.dumps(_EVENT | {"event_id": f"e{n}"}).encode() + b"\n" for n in range(500)))
        process.stdin.flush()
        assert process.stdout.readline(), "at work, and waiting for more"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


def test_without_standard_input_it_is_refused() -> None:
    done = subprocess.run(
        ["sh", "-c", f"exec {sys.executable} -m agents normalize intercom <&-"], capture_output=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_json_is_utf_8_whatever_the_locale_says(locale: str) -> None:
    body = json.loads(MINIMAL)
    body["messages"] = [{"role": "user", "content": "Ich möchte mit einem Menschen sprechen – 人"}]
    env = os.environ | {"LC_ALL": locale, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [*HANDOFF, "normalize", "custom-llm"],
        input=json.dumps(body).encode(),
        capture_output=True,
        env=env,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "möchte mit einem Menschen sprechen – 人".encode() in done.stdout


def test_the_way_it_is_called_for_help_lists_every_subcommand() -> None:
    ran = handoff("--help")
    assert ran.code == 0
    for name in ("gateway", "normalize", "decide", "render", "try", "topics", "dead", "docs", "demo"):
        assert f"\n    {name}" in ran.out
    assert handoff("--version").out.startswith("handoff ")


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("nope",),
        ("--nope",),
        ("normalize",),
        ("normalize", "nope"),
        ("normalize", "intercom", "more"),
        ("decide", "--mode", "never"),
        ("decide", "--until", "tomorrow"),
        ("decide", "--until", "2026-07-11T10:00:00"),
        ("render",),
        ("render", "--helpdesk", "nope"),
        ("gateway", "--port", "x"),
        ("gateway", "--port", "65536"),
        ("gateway", "--admin-port", "-1"),
        ("topics",),
        ("topics", "delete"),
        ("docs",),
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(argv: tuple[str, ...]) -> None:
    assert handoff(*argv).refusal


def _files(folder: Path) -> dict[str, Path]:
    made = {
        "missing": folder / "missing",
        "a folder": folder,
        "binary": folder / "binary",
        "dangling": folder / "dangling",
        "huge": folder / "huge",
    }
    made["binary"].write_bytes(bytes(range(256)) * 20)
    made["dangling"].symlink_to(folder / "nowhere")
    made["huge"].write_bytes(b"a: b\n" * 1_000_000)
    return made


@pytest.mark.parametrize(
    "command",
    [
        ("normalize", "custom-llm", "--config"),
        ("normalize", "custom-llm", "--headers"),
        ("decide", "--policy"),
        ("try", "custom-llm", "--policy"),
        ("try", "custom-llm", "--config"),
        ("render", "--helpdesk", "zendesk", "--config"),
        ("topics", "check", "--config"),
        ("topics", "apply", "--config"),
        ("gateway", "--config"),
    ],
    ids=" ".join,
)
def test_a_file_that_cannot_be_read_is_named_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    for name, path in _files(tmp_path).items():
        ran = handoff(*command, str(path), stdin=MINIMAL)
        if name == "huge" and "--headers" in command:
            continue
        assert str(path) in ran.refusal, name
