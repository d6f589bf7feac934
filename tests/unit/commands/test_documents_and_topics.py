"""`docs` and `topics`: the generated pages are as the code would write them, and the map is printed whole."""

import json
from pathlib import Path

import pytest

from agents.commands.documents import pages
from streams.kafka.embedded import EmbeddedBroker
from streams.topology import TOPICS
from tests.support.cli import handoff

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_pages_of_this_checkout_are_up_to_date() -> None:
    ran = handoff("docs", "--check")
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_a_stale_or_missing_page_is_named_and_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "streams").mkdir()
    (tmp_path / "streams/topology.py").write_text("")
    monkeypatch.chdir(tmp_path)
    first = handoff("docs", "--check")
    assert first.code == 1
    assert all(line.endswith("is stale: run `make docs`") for line in first.err.splitlines())
    assert len(first.err.splitlines()) == len(list(pages()))
    assert handoff("docs", "--write").code == 0
    assert handoff("docs", "--check").code == 0
    (tmp_path / "deploy/metrics.md").write_text("old")
    assert handoff("docs", "--check").err == "deploy/metrics.md is stale: run `make docs`\n"


def test_outside_a_checkout_there_are_no_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "checkout" in handoff("docs", "--check").refusal


def test_every_page_is_the_same_each_time_it_is_made() -> None:
    assert dict(pages()) == dict(pages())


def test_the_map_is_printed_for_people_and_for_programs() -> None:
    people = handoff("topics", "list").out.splitlines()
    rows = handoff("topics", "list", "--json").lines
    assert [line.split()[0] for line in people] == [topic.name for topic in TOPICS] == [row["name"] for row in rows]
    assert all({"key", "partitions", "config", "writers", "readers"} <= row.keys() for row in rows)


def _config(folder: Path, servers: str, **kafka: object) -> str:
    path = folder / "handoff.yaml"
    path.write_text(json.dumps({"kafka": {"bootstrap_servers": servers, "replication_factor": 1} | kafka}))
    return str(path)


def test_the_embedded_broker_takes_no_topics(tmp_path: Path) -> None:
    assert "embedded" in handoff("topics", "apply", "--config", _config(tmp_path, "x:1", embedded=True)).refusal


def test_differences_are_named_and_counted(tmp_path: Path) -> None:
    with EmbeddedBroker() as broker:
        ran = handoff("topics", "check", "--config", _config(tmp_path, broker.bootstrap_servers))
    assert ran.code == 1
    assert "conversation.events: topic wrong: wanted exists, found missing" in ran.err
    assert ran.out == f"{len(TOPICS)} topics, {len(TOPICS)} differences\n"


@pytest.mark.parametrize("action", ["check", "apply"])
def test_brokers_that_do_not_answer_are_one_line(action: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.kafka.admin._TIMEOUT_SECONDS", 0.5)
    refusal = handoff("topics", action, "--config", _config(tmp_path, "127.0.0.1:1")).refusal
    assert refusal == "the broker at 127.0.0.1:1 cannot be asked: _TRANSPORT"
