"""Where traces go: our settings first, else OpenTelemetry's environment, else nowhere."""

import logging
import sys
from collections.abc import AsyncIterator, Mapping

import pytest

from agents.commands.tracing import tracer_of
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.settings import Settings
from agents.settings_file import parse
from streams.errors import Refused
from tests.support.otlp import Collector, collecting


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    async with collecting() as made:
        yield made


def chosen(tracing: Mapping[str, object] | None = None, environ: Mapping[str, str] | None = None) -> Tracer:
    settings = Settings.model_validate({"tracing": tracing or {}})
    return tracer_of("gateway", settings, environ or {}, metrics=Metrics(), log=Log("test"), version="0")


async def sent(tracer: Tracer) -> None:
    with tracer.span("a", "server"):
        pass
    await tracer.close(5.0)


def test_nothing_is_traced_and_the_sdk_is_not_even_imported_until_an_endpoint_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith(("opentelemetry", "agents.observability.otel"))]:
        monkeypatch.delitem(sys.modules, name)
    assert chosen() is OFF
    assert chosen(environ={"OTEL_EXPORTER_OTLP_ENDPOINT": " "}) is OFF
    assert not [name for name in sys.modules if name.startswith("opentelemetry")]


async def test_the_settings_name_the_collector_and_what_is_sent_along(collector: Collector) -> None:
    other = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    await sent(chosen({"endpoint": f"{collector.url}/otlp/", "headers": {"x-api-key": "secret-key"}}, other))
    assert collector.paths == ["/otlp/v1/traces"]
    assert collector.headers[0]["x-api-key"] == "secret-key"
    assert collector.headers[0]["content-type"] == "application/x-protobuf"
    assert [(span.service, span.name, span.kind) for span in collector.spans] == [("handoff-gateway", "a", "server")]


@pytest.mark.parametrize(
    ("name", "below", "path"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "", "/v1/traces"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/x/", "/x/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/just/this", "/just/this"),
    ],
)
async def test_the_environment_names_it_as_the_specification_says(
    collector: Collector, name: str, below: str, path: str
) -> None:
    protocol = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
    await sent(chosen(environ={name: collector.url + below} | protocol))
    assert collector.paths == [path]


@pytest.mark.parametrize(
    "off", [{"OTEL_SDK_DISABLED": "TRUE"}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": "console"}]
)
def test_the_environment_can_switch_it_off_whatever_else_is_set(off: dict[str, str]) -> None:
    assert chosen({"endpoint": "http://127.0.0.1:9"}, off) is OFF
    assert chosen(environ={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"} | off) is OFF


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://[broken"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:99999"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_an_environment_that_cannot_be_followed_is_told_and_stops_no_process(
    environ: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert chosen(environ=environ) is OFF
    assert [record.getMessage() for record in caplog.records] == ["tracing.off"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "collector:4318",
        "ftp://collector",
        "http://",
        "http://user:secret-word@collector:4318",
        "http://collector:4318/?key=secret-word",
        "http://collector:4318/a b",
        "",
    ],
)
def test_a_wrong_endpoint_in_the_settings_is_refused_in_one_line_without_its_text(endpoint: str) -> None:
    with pytest.raises(Refused, match=r"^handoff.yaml: tracing.endpoint: ") as refused:
        parse({"tracing": {"endpoint": endpoint}}, "handoff.yaml")
    assert "secret-word" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("endpoint", ["http://collector:4318", "https://otlp.example.com/otlp", "http://[::1]:4318"])
def test_a_sound_endpoint_is_taken(endpoint: str) -> None:
    assert parse({"tracing": {"endpoint": endpoint}}, "handoff.yaml").tracing.endpoint == endpoint


def test_without_the_sdk_the_settings_are_refused_and_the_environment_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in [name for name in sys.modules if name.startswith("opentelemetry")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    monkeypatch.delitem(sys.modules, "agents.observability.otel", raising=False)
    monkeypatch.delattr("agents.observability.otel", raising=False)
    with pytest.raises(Refused, match=r"handoff\[otel\]"):
        chosen({"endpoint": "http://127.0.0.1:9"})
    assert chosen(environ={"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}) is OFF
    assert "tracing.off" in caplog.text


async def test_a_collector_that_is_away_costs_no_more_than_the_spans() -> None:
    metrics = Metrics()
    settings = Settings.model_validate({"tracing": {"endpoint": "http://127.0.0.1:9"}})
    tracer = tracer_of("gateway", settings, {}, metrics=metrics, log=Log("test"), version="0")
    with tracer.span("a", "server"):
        pass
    await tracer.close(0.2)
