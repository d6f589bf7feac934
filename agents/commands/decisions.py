"""`handoff decide`: the second part of the pipe: events in, escalations out, exactly as they would be commanded."""

import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from agents.commands.options import input_lines
from agents.commands.policies import compiled, read_policy
from agents.escalation.decision import Rules
from agents.escalation.replay import replay
from streams.codec import decode, encode
from streams.contracts.conversation_events import EVENT, AnyEvent
from streams.contracts.escalation_commands import OpenTicket
from streams.errors import InvalidRecord, Refused


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("decide", help="read events, print the escalations as they would be commanded")
    parser.add_argument("--policy", metavar="FILE", help="the policy (default: the shipped example)")
    parser.add_argument("--all", action="store_true", help="also the decisions not to escalate, and why")
    parser.add_argument("--mode", choices=("live", "observe"), default="live", help="stamped on the commands")
    parser.add_argument("--until", metavar="TIME", help="let time pass until then after the last event (RFC 3339)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """One line per escalation; with `--all` one per decision."""
    policy = read_policy(arguments.policy)
    rules: dict[str, Rules] = {}

    def rules_for(tenant: str) -> Rules:
        if tenant not in rules:
            rules[tenant] = Rules(policy=compiled(policy, tenant), sha256=policy.sha256, mode=arguments.mode)
        return rules[tenant]

    rules_for("default")  # a wrong policy is refused even when no event comes
    for event, decision in replay(read_events(input_lines()), rules_for, until=_moment(arguments.until)):
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


def read_events(lines: Iterable[tuple[int, bytes]]) -> Iterator[AnyEvent]:
    """Events from JSON lines; what `normalize` said it ignored is passed over; anything else is refused."""
    for number, line in lines:
        try:
            yield decode(EVENT, line)
        except InvalidRecord as error:
            if _is_ignored(line):
                continue
            raise Refused(f"standard input, line {number}: {error}") from None


def _is_ignored(line: bytes) -> bool:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
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
