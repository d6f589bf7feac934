"""`handoff normalize | decide | render`: the flow as a pipe, without a broker, a helpdesk or a network."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from agents.commands.options import add_config, add_tenant, settings_of
from agents.commands.policies import compiled, read_policy
from agents.escalation.decision import Rules
from agents.escalation.replay import replay
from agents.gateway.intake import connection_of
from agents.gateway.strict_json import NotStrictJson, loads
from agents.platforms.port import BadBody, Connection, Delivery, Normalized
from agents.platforms.registry import NAMES, inbound
from agents.settings import Settings, TenantSettings
from streams.clock import SystemClock
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent
from streams.contracts.escalation_commands import OpenTicket
from streams.errors import InvalidRecord, Refused

MAX_INPUT_BYTES = 16 * 1024 * 1024


def add(commands: Any) -> None:
    """Register `normalize` and `decide`."""
    normalize = commands.add_parser("normalize", help="what a webhook body becomes: one JSON line per event")
    normalize.add_argument("platform", metavar="PLATFORM", help=f"one of: {', '.join(NAMES)}")
    normalize.add_argument("--headers", metavar="FILE", help="the request's headers, as a JSON object")
    add_config(normalize)
    add_tenant(normalize)
    normalize.set_defaults(run=run_normalize)
    decide = commands.add_parser("decide", help="read events, print the escalations as they would be commanded")
    decide.add_argument("--policy", metavar="FILE", help="the policy (default: the shipped example)")
    decide.add_argument("--all", action="store_true", help="also the decisions not to escalate, and why")
    decide.add_argument("--mode", choices=("live", "observe"), default="live", help="stamped on the commands")
    decide.add_argument("--until", metavar="TIME", help="let time pass until then after the last event (RFC 3339)")
    decide.set_defaults(run=run_decide)


def run_normalize(arguments: argparse.Namespace) -> int:
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
    body = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
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


def run_decide(arguments: argparse.Namespace) -> int:
    """One line per escalation; with `--all` one per decision."""
    policy = read_policy(arguments.policy)
    rules: dict[str, Rules] = {}

    def rules_for(tenant: str) -> Rules:
        if tenant not in rules:
            rules[tenant] = Rules(policy=compiled(policy, tenant), sha256=policy.sha256, mode=arguments.mode)
        return rules[tenant]

    rules_for("default")  # a wrong policy is refused even when no event comes
    for event, decision in replay(read_events(sys.stdin.buffer), rules_for, until=_moment(arguments.until)):
        opened = [command for command in decision.commands if isinstance(command, OpenTicket)]
        for command in opened:
            print(encode(command).decode())
        if arguments.all and not opened:
            row = {
                "decision": decision.verdict,
                "tenant": event.tenant,
                "conversation_id": event.conversation_id,
                "event_id": event.event_id,
                "kind": event.kind,
                "evidence": [evidence.model_dump(mode="json", exclude_none=True) for evidence in decision.evidence],
                "commands": [command.model_dump(mode="json", exclude_none=True) for command in decision.commands],
                "outcomes": [outcome.model_dump(mode="json", exclude_none=True) for outcome in decision.outcomes],
                "brakes": list(decision.brakes),
            }
            print(json.dumps(row, ensure_ascii=False))
    return 0


def read_events(lines: Iterable[bytes]) -> Iterator[AnyEvent]:
    """Events from JSON lines; what `normalize` said it ignored is passed over; anything else is refused."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield decode(EVENT, line)
        except InvalidRecord as error:
            if _is_ignored(line):
                continue
            raise Refused(f"standard input, line {number}: {error}") from None


def _is_ignored(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except ValueError:
        return False
    return isinstance(value, dict) and "ignored" in value


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--until: {text!r} is no RFC 3339 time") from None
    if moment.tzinfo is None:
        raise Refused("--until: an offset is needed, such as Z")
    return moment
