"""Whether a process traces, and where to: the settings first, else what OpenTelemetry's environment says.

https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.settings import Settings
from streams.errors import Refused

PATH = "/v1/traces"
PROTOCOL = "http/protobuf"
MISSING = "tracing needs the OpenTelemetry SDK: install handoff[otel]"


def tracer_of(  # one collaborator each
    hop: str, settings: Settings, environ: Mapping[str, str], *, metrics: Metrics, log: Log, version: str
) -> Tracer:
    """The tracer of one process; `OFF` unless an endpoint is set.

    What is wrong in our settings is `Refused`. What is wrong in the environment, which others may have set for a
    whole cluster, is told and leaves tracing off.
    """
    if _disabled(environ):
        return OFF
    try:
        endpoint = _endpoint(settings, environ)
        if endpoint is None:
            return OFF
        made = _start(hop, settings, endpoint, environ, metrics, log, version)
    except Refused as refused:
        if settings.tracing.endpoint is not None:
            raise
        log.warning("tracing.off", reason=str(refused))
        return OFF
    log.info("tracing.on", endpoint_host=urlsplit(endpoint).hostname)
    return made


def _start(  # what `tracer_of` was given
    hop: str,
    settings: Settings,
    endpoint: str,
    environ: Mapping[str, str],
    metrics: Metrics,
    log: Log,
    version: str,
) -> Tracer:
    try:
        from agents.observability import otel  # noqa: PLC0415 # an extra, and costly: only who traces pays for it
    except ImportError:
        raise Refused(MISSING) from None
    return otel.start(
        hop=hop,
        version=version,
        instance=settings.kafka.instance_id,
        endpoint=endpoint,
        headers={name: value.get_secret_value() for name, value in settings.tracing.headers.items()},
        queue_spans=_number(environ, "OTEL_BSP_MAX_QUEUE_SIZE", otel.QUEUE_SPANS),
        metrics=metrics,
        log=log,
    )


def _disabled(environ: Mapping[str, str]) -> bool:
    exporters = {name.strip().lower() for name in environ.get("OTEL_TRACES_EXPORTER", "").split(",")} - {""}
    return environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true" or bool(exporters and "otlp" not in exporters)


def _endpoint(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """The full URL for traces. A variable that is empty counts as not set, as the specification asks."""
    if settings.tracing.endpoint is not None:
        return _under(settings.tracing.endpoint)
    own = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "").strip()
    general = environ.get("OTEL_EXPORTER_OTLP_ENDPOINT", "").strip()
    if not own and not general:
        return None
    protocol = environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol and protocol.strip() != PROTOCOL:
        raise Refused(f"the environment asks for another protocol than {PROTOCOL}, the one that is spoken")
    endpoint = own or _under(general)
    if not is_endpoint(endpoint):
        raise Refused("the environment's OTLP endpoint is no http or https address")
    return endpoint


def _under(base: str) -> str:
    return base.rstrip("/") + PATH


def is_endpoint(url: str) -> bool:
    """Whether `url` can be exported to."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    """The whole number above zero that `name` gives, else `default`, as the specification asks."""
    text = environ.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else default
