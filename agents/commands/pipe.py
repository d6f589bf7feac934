"""`handoff normalize`: the first part of the pipe `normalize | decide | render`, which needs no broker or network."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.commands.options import add_config, add_tenant, settings_of, standard_input
from agents.gateway.intake import connection_of
from agents.gateway.strict_json import NotStrictJson, loads
from agents.platforms.port import BadBody, Connection, Delivery, Normalized
from agents.platforms.registry import NAMES, inbound
from agents.settings import Settings, TenantSettings
from streams.clock import SystemClock
from streams.codec import encode
from streams.errors import Refused

MAX_INPUT_BYTES = 16 * 1024 * 1024


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("normalize", help="what a webhook body becomes: one JSON line per event")
    parser.add_argument("platform", metavar="PLATFORM", help=f"one of: {', '.join(NAMES)}")
    parser.add_argument("--headers", metavar="FILE", help="the request's headers, as a JSON object")
    add_config(parser)
    add_tenant(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """One line per event; one line per thing that is no event."""
    connection = connection_for(arguments.platform, arguments.tenant, settings_of(arguments))
    headers = read_headers(arguments.headers)
    for line in lines_of(normalized(arguments.platform, read_input(), headers, connection)):
        print(line)
    return 0


def connection_for(platform: str, tenant: str, settings: Settings) -> Connection:
    """The tenant's connection, or an unconfigured one: the pipe needs no configuration."""
    found = connection_of(tenant, platform, settings.tenants.get(tenant) or TenantSettings())
    return found or Connection(tenant=tenant, platform=platform)


def read_input() -> bytes:
    """Standard input, bounded."""
    body = standard_input().read(MAX_INPUT_BYTES + 1)
    if len(body) > MAX_INPUT_BYTES:
        raise Refused(f"more than {MAX_INPUT_BYTES} bytes on standard input")
    return body


def read_headers(path: str | None) -> dict[str, str]:
    """The headers in a JSON file, names in lower case."""
    if path is None:
        return {}
    try:
        found = loads(Path(path).read_bytes(), max_depth=4)
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or 'cannot be read'}") from None
    except NotStrictJson as error:
        raise Refused(f"{path}: {error.reason}") from None
    if not isinstance(found, dict):
        raise Refused(f"{path}: an object of header names and values is expected")
    return {str(name).lower(): str(value) for name, value in found.items()}


def normalized(platform: str, body: bytes, headers: dict[str, str], connection: Connection) -> Normalized:
    """What the body becomes; `Refused` where the gateway would refuse it."""
    adapter = inbound(platform)
    try:
        parsed = loads(body, max_depth=64)
        return adapter.normalize(Delivery(body, headers, SystemClock().now()), parsed, connection)
    except (NotStrictJson, BadBody) as error:
        raise Refused(f"{platform} body refused: {error.reason}{_detail(error)}") from None


def _detail(error: Exception) -> str:
    detail = getattr(error, "detail", "")
    return f" ({detail})" if detail else ""


def lines_of(result: Normalized) -> Iterator[str]:
    """The events as they would stand on the topic; then what was ignored; never nothing at all."""
    for event in result.events:
        yield encode(event).decode()
    if result.answer is not None:
        yield json.dumps({"ignored": "answered_at_once", "answer": dict(result.answer)})
    for reason in result.ignored:
        yield json.dumps({"ignored": reason})
    if not result.events and not result.ignored and result.answer is None:
        yield json.dumps({"ignored": "nothing_in_it"})
