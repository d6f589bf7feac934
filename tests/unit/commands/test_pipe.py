"""`normalize | decide | render` and `try` over every sample, and exactly what they print."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.helpdesks.registry import NAMES as HELPDESKS
from streams.codec import encode
from streams.contracts.conversation_events import EVENT
from streams.contracts.escalation_commands import COMMAND
from streams.contracts.escalation_ledger import PreparedRequest
from tests.support.cli import handoff
from tests.support.deliveries import SAMPLES

INDEX: list[dict[str, Any]] = json.loads((SAMPLES / "INDEX.json").read_bytes())
INBOUND = [entry for entry in INDEX if not Path(entry["file"]).name.startswith(("GET", "out.", "fin_start", "fin_esc"))]


def body_of(entry: dict[str, Any]) -> bytes:
    return (SAMPLES / str(entry["file"])).read_bytes()


def platform_of(entry: dict[str, Any]) -> str:
    return str(entry["file"]).split("/", maxsplit=1)[0]


@pytest.mark.parametrize("entry", INBOUND, ids=lambda entry: entry["file"])
def test_every_sample_becomes_the_events_that_stand_on_the_topic(entry: dict[str, Any]) -> None:
    ran = handoff("normalize", platform_of(entry), stdin=body_of(entry))
    assert (ran.code, ran.err) == (0, "")
    assert ran.lines, "never nothing at all"
    for line, row in zip(ran.out.splitlines(), ran.lines, strict=True):
        if "ignored" in row:
            assert set(row) <= {"ignored", "answer"}
        else:
            assert encode(EVENT.validate_json(line)).decode() == line


@pytest.mark.parametrize("entry", INBOUND, ids=lambda entry: entry["file"])
def test_every_sample_goes_through_the_whole_pipe(entry: dict[str, Any]) -> None:
    events = handoff("normalize", platform_of(entry), stdin=body_of(entry)).out
    decided = handoff("decide", stdin=events.encode())
    assert (decided.code, decided.err) == (0, "")
    for line in decided.out.splitlines():
        assert encode(COMMAND.validate_json(line)).decode() == line
    for helpdesk in HELPDESKS:
        rendered = handoff("render", "--helpdesk", helpdesk, stdin=decided.out.encode())
        assert (rendered.code, rendered.err) == (0, "")
        for row in rendered.lines:
            action = row.pop("action")
            PreparedRequest.model_validate(row)
            assert action.split(":")[0].rstrip("0123456789") in {"open", "note", "append", "file"}
        assert bool(rendered.lines) == bool(decided.lines)


@pytest.mark.parametrize("entry", INBOUND, ids=lambda entry: entry["file"])
def test_every_sample_fits_on_one_screen(entry: dict[str, Any]) -> None:
    for helpdesk in HELPDESKS:
        ran = handoff("try", platform_of(entry), "--helpdesk", helpdesk, stdin=body_of(entry))
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith("EVENTS\n")


HUMAN = (SAMPLES / "custom-llm/minimal.json").read_bytes()


def test_the_ticket_of_a_person_who_asks_for_one_is_rendered() -> None:
    command = handoff("decide", stdin=handoff("normalize", "custom-llm", stdin=HUMAN).out.encode())
    assert [row["reason"] for row in command.lines] == ["human_requested"]
    rendered = handoff("render", "--helpdesk", "zendesk", stdin=command.out.encode())
    first = rendered.lines[0]
    assert (first["action"], first["method"], first["path"].removesuffix(".json")) == (
        "open",
        "POST",
        "/api/v2/tickets",
    )
    assert "human please" in first["body"]


def test_the_same_input_gives_the_same_bytes() -> None:
    timed = next(body_of(entry) for entry in INBOUND if platform_of(entry) == "intercom")
    assert handoff("normalize", "intercom", stdin=timed).out == handoff("normalize", "intercom", stdin=timed).out
    events = handoff("normalize", "custom-llm", stdin=HUMAN).out.encode()
    commands = [handoff("decide", stdin=events).out for _ in range(2)]
    assert commands[0] == commands[1]
    rendered = [handoff("render", "--helpdesk", "zendesk", stdin=commands[0].encode()).out for _ in range(2)]
    assert rendered[0] == rendered[1]


def test_all_shows_the_decisions_not_to_escalate_and_render_passes_them_over() -> None:
    event = json.loads(handoff("normalize", "custom-llm", stdin=HUMAN).out.splitlines()[0])
    quiet = json.dumps(event | {"kind": "message", "author": "customer", "text": "Thank you, that helped."})
    decided = handoff("decide", "--all", stdin=quiet.encode())
    assert [row["decision"] for row in decided.lines]
    assert all("evidence" in row and "event_id" in row for row in decided.lines)
    rendered = handoff("render", "--helpdesk", "freshdesk", stdin=decided.out.encode())
    assert (rendered.code, rendered.out) == (0, "")


def test_decide_passes_over_what_normalize_ignored_and_blank_lines() -> None:
    assert handoff("decide", stdin=b'{"ignored": "ping"}\n\n  \n').code == 0


def test_events_of_several_conversations_come_in_one_stream() -> None:
    batch = (SAMPLES / "zendesk-sunco/batch.two_conversations.json").read_bytes()
    events = handoff("normalize", "zendesk-sunco", stdin=batch).out
    other = handoff("normalize", "custom-llm", stdin=HUMAN).out
    decided = handoff("decide", stdin=(events + other + events).encode())
    keys = [(row["tenant"], row["conversation_id"]) for row in decided.lines]
    assert len(keys) == len(set(keys)), "one escalation each, repeats included"


def test_time_passes_after_the_last_event_where_one_asks_for_it(tmp_path: Path) -> None:
    policy = (Path("agents/policy/example.yaml")).read_text() + (
        "\ntenants:\n  default:\n    rules:\n      silence: {action: transfer, after: 15m}\n"
    )
    (tmp_path / "policy.yaml").write_text(policy)
    event = {"kind": "message", "event_id": "e1", "tenant": "default", "conversation_id": "c1", "author": "customer"}
    events = json.dumps(event | {"occurred_at": "2026-07-11T10:00:00Z", "text": "My parcel is late."}).encode()
    still = handoff("decide", "--policy", str(tmp_path / "policy.yaml"), stdin=events)
    later = handoff(
        "decide", "--policy", str(tmp_path / "policy.yaml"), "--until", "2100-01-01T00:00:00Z", stdin=events
    )
    assert still.lines == []
    assert [row["reason"] for row in later.lines] == ["silence"]


def test_the_mode_is_stamped_on_the_commands() -> None:
    events = handoff("normalize", "custom-llm", stdin=HUMAN).out.encode()
    assert [row["mode"] for row in handoff("decide", "--mode", "observe", stdin=events).lines] == ["observe"]
    assert [row["mode"] for row in handoff("decide", stdin=events).lines] == ["live"]


def test_headers_from_a_file_reach_the_adapter(tmp_path: Path) -> None:
    headers = tmp_path / "headers.json"
    headers.write_text(json.dumps({"Webhook-Id": "msg_77"}))
    body = json.loads(HUMAN)
    body.pop("event_id")
    ran = handoff("normalize", "custom-llm", "--headers", str(headers), stdin=json.dumps(body).encode())
    assert ran.code == 0
    assert ran.lines


def test_the_configured_tenant_gives_the_pipe_its_ids_its_account_and_its_words(tmp_path: Path) -> None:
    config = tmp_path / "handoff.yaml"
    config.write_text(
        "tenants:\n"
        "  acme:\n"
        "    brand_name: Acme\n"
        "    platforms: {custom-llm: {options: {channel: web}}}\n"
        "    helpdesk: {name: freshdesk, base_url: 'https://acme.freshdesk.com', groups: {Support: 7}}\n"
    )
    given = ("--config", str(config))
    events = handoff("normalize", "custom-llm", *given, "--tenant", "acme", stdin=HUMAN)
    assert {(row["tenant"], row.get("channel")) for row in events.lines} == {("acme", "web")}
    commands = handoff("decide", stdin=events.out.encode())
    rendered = handoff("render", "--helpdesk", "freshdesk", *given, stdin=commands.out.encode())
    assert json.loads(rendered.lines[0]["body"])["group_id"] == 7
    screen = handoff("try", "custom-llm", *given, "--tenant", "acme", stdin=HUMAN)
    assert "TICKET (freshdesk: https://acme.freshdesk.com)" in screen.out
    assert "THE CUSTOMER READS" in screen.out


def test_rules_are_compiled_for_the_tenant_of_the_event() -> None:
    events = handoff("normalize", "custom-llm", "--tenant", "birch", stdin=HUMAN).out.encode()
    assert [row["tenant"] for row in handoff("decide", stdin=events).lines] == ["birch"]
