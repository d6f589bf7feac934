"""Log lines: one JSON object each, ids and slugs, never the text of an exception."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from agents.observability.log import JsonFormatter, Log, Sparse, TerminalFormatter, configure

CANARY = "4111 1111 1111 1111"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A logger `test` that writes JSON to a stream."""
    written, logger = io.StringIO(), logging.getLogger("test")
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    yield written
    logger.removeHandler(handler)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def explode() -> None:
    """Raise with a customer's words in it."""
    raise ValueError(CANARY)


def caught() -> ValueError:
    try:
        explode()
    except ValueError as error:
        return error
    raise AssertionError


def test_a_line_is_an_event_and_its_fields(stream: io.StringIO) -> None:
    log = Log("test").bind(hop="gateway", tenant="acme")
    log.info("webhook.accepted", events=2)
    log.warning("webhook.refused", reason="bad_signature")
    log.error("process.died", why="x")
    first, second, third = lines(stream)
    assert (first["event"], first["level"], first["hop"], first["events"]) == ("webhook.accepted", "info", "gateway", 2)
    assert (second["level"], second["reason"]) == ("warning", "bad_signature")
    assert third["level"] == "error"
    assert first["at"].endswith("+00:00")


def test_binding_leaves_the_first_logger_as_it_was(stream: io.StringIO) -> None:
    log = Log("test")
    log.bind(tenant="acme")
    log.info("x")
    assert "tenant" not in lines(stream)[0]


def test_a_failure_names_its_type_and_its_place_and_not_its_text(stream: io.StringIO) -> None:
    Log("test").failure("process.failed", caught(), hop="x")
    (line,) = lines(stream)
    assert line["exception"] == "ValueError"
    assert line["frames"][-1].endswith("explode")
    assert line["hop"] == "x"
    assert CANARY not in stream.getvalue()


def test_other_people_s_tracebacks_lose_their_texts_too(stream: io.StringIO) -> None:
    try:
        try:
            explode()
        except ValueError as error:
            raise RuntimeError(f"while handling {CANARY}") from error
    except RuntimeError:
        logging.getLogger("test").exception("something of a library's failed")
    assert CANARY not in stream.getvalue()
    assert lines(stream)[0]["exception"] == "RuntimeError"


def test_a_line_stays_one_line_whatever_stands_in_it(stream: io.StringIO) -> None:
    Log("test").info("x", value='a\nb\r\n"quoted" \u2028 \x00 \ud83d\ude00', other={"deep": [1, None]}, odd=object)
    assert len(stream.getvalue().splitlines()) == 1
    assert lines(stream)[0]["value"].startswith("a\nb")


@pytest.mark.parametrize("name", ["level", "logger", "at"])
def test_a_field_cannot_pass_itself_off_as_what_the_line_itself_says(name: str, stream: io.StringIO) -> None:
    Log("test").info("real", **{name: "forged", "more": 1})
    (line,) = lines(stream)
    assert (line["event"], line["level"], line["logger"], line["more"]) == ("real", "info", "test", 1)
    assert line["at"] != "forged"


def test_at_a_terminal_a_line_is_for_eyes() -> None:
    record = logging.LogRecord("gateway", logging.WARNING, __file__, 1, "webhook.refused", (), None)
    record.handoff_fields = {"reason": "bad_signature"}
    text = TerminalFormatter().format(record)
    assert text.endswith("warning gateway webhook.refused reason=bad_signature")
    error = caught()
    record.exc_info = (ValueError, error, error.__traceback__)
    text = TerminalFormatter().format(record)
    assert "exception=ValueError at" in text
    assert CANARY not in text


def test_what_repeats_itself_is_told_now_and_then() -> None:
    now = [0.0]
    sparse = Sparse(10.0, lambda: now[0])

    def passes(text: str) -> bool:
        return sparse.filter(logging.LogRecord("librdkafka", logging.ERROR, __file__, 1, text, (), None))

    down = "FAIL [handoff#producer-1] [thrd:x]: Connect to ipv4#127.0.0.1:1 failed"
    assert passes(down)
    assert not passes(down.replace(":1 failed", ":2 failed"))
    assert passes("FAIL [handoff#consumer-2] [thrd:x]: the same of another client")
    assert passes("ERROR [handoff#producer-1] another kind")
    now[0] = 9.9
    assert not passes(down)
    now[0] = 10.1
    assert passes(down)
    assert passes("")


def test_configured_logs_are_json_off_a_terminal_and_libraries_are_quiet() -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    written = io.StringIO()
    try:
        configure(stream=written)
        configure(stream=written)
        Log("gateway").info("once")
        logging.getLogger("aiokafka").info("chatter")
        logging.getLogger("librdkafka").error("FAIL [a] x")
        logging.getLogger("librdkafka").error("FAIL [a] x")
        found = [line["event"] for line in lines(written)]
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert found == ["once", "FAIL [a] x"]
    assert sys.stderr is not written


@pytest.mark.parametrize("value", ["plain", "ü\u2028", "\ud800", None, 1.5, ["a", {"b": "é"}], {"1": []}])
def test_a_line_is_ascii_and_reads_back_as_what_was_said(value: object) -> None:
    record = logging.LogRecord("gateway", logging.INFO, "", 0, "webhook.accepted", (), None)
    record.handoff_fields = {"field": value}
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert json.loads(line)["field"] == value


def test_lines_of_different_seconds_and_of_one_are_told_apart() -> None:
    formatter = JsonFormatter()
    shown = []
    for created in (1_783_764_000.0, 1_783_764_000.25, 1_783_764_001.999_9, 1_783_764_000.5):
        record = logging.LogRecord("gateway", logging.INFO, "", 0, "webhook.accepted", (), None)
        record.created = created
        shown.append(json.loads(formatter.format(record))["at"])
    assert [at[17:] for at in shown] == ["00.000+00:00", "00.250+00:00", "01.999+00:00", "00.500+00:00"]
