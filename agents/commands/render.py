"""`handoff render`: the requests a helpdesk would be sent, byte for byte, with all look-ups taken as empty."""

import argparse
import json
from collections.abc import Iterable, Iterator
from typing import Any

from agents.commands.options import add_config, input_lines, settings_of
from agents.helpdesks.port import Account, Draft, Helpdesk
from agents.helpdesks.registry import NAMES, helpdesks
from agents.settings import HelpdeskSettings, Settings
from streams.clock import SystemClock
from streams.codec import decode
from streams.contracts.escalation_commands import COMMAND, AnyCommand, OpenTicket
from streams.contracts.escalation_ledger import PreparedRequest
from streams.errors import InvalidRecord, Refused

TICKET = "{ticket_id}"
"""Stands for the id the helpdesk would give."""

_NUMBER = "999999999999999"
"""Given to the adapters, which take nothing but numbers, and replaced in what they render."""


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("render", help="read commands, print the exact requests to a helpdesk")
    parser.add_argument("--helpdesk", choices=NAMES, required=True)
    add_config(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """One JSON line per request, in the order of sending."""
    settings = settings_of(arguments)
    helpdesk = helpdesks(SystemClock())[arguments.helpdesk]
    for command in read_commands(input_lines()):
        account = account_for(command.tenant, arguments.helpdesk, settings)
        for action, request in requests_for(helpdesk, account, command):
            row = {"action": action} | request.model_dump(mode="json", exclude_none=True)
            print(json.dumps(row, ensure_ascii=False))
    return 0


def read_commands(lines: Iterable[tuple[int, bytes]]) -> Iterator[AnyCommand]:
    """Commands from JSON lines; the other lines of `decide --all` are passed over."""
    for number, line in lines:
        try:
            yield decode(COMMAND, line)
        except InvalidRecord as error:
            if b'"decision"' not in line:
                raise Refused(f"standard input, line {number}: {error}") from None


def account_for(tenant: str, helpdesk: str, settings: Settings) -> Account:
    """The tenant's account where it is configured, else one without groups or fields."""
    found = settings.tenants.get(tenant)
    own = found.helpdesk if found is not None else None
    if own is None or own.name != helpdesk:
        own = HelpdeskSettings.model_validate({"name": helpdesk, "base_url": f"https://example.{helpdesk}.com"})
    return Account(
        tenant=tenant,
        helpdesk=helpdesk,
        base_url=own.base_url.rstrip("/"),
        tokens=own.tokens,
        groups=own.groups,
        options=own.options,
        first_comment=own.first_comment,
    )


def draft_of(command: OpenTicket) -> Draft:
    """What the ticket is rendered from when the platform, the contact and open tickets are all unknown."""
    files = [*command.attachments, *(file for turn in command.turns for file in turn.attachments)]
    return Draft(
        command=command,
        turns=command.turns,
        turns_omitted=command.turns_omitted,
        transcript_from="events",
        customer=command.customer,
        requester=None,
        attachments=tuple(dict.fromkeys(files)),
    )


def requests_for(helpdesk: Helpdesk, account: Account, command: AnyCommand) -> Iterator[tuple[str, PreparedRequest]]:
    """Each request with the name of its action."""
    if isinstance(command, OpenTicket):
        draft = draft_of(command)
        yield "open", helpdesk.render_open(account, draft)
        for note in helpdesk.render_notes(account, draft, _NUMBER):
            yield note.action, _without_number(note.request)
    else:
        append = helpdesk.render_append(account, _NUMBER, command.turn, action_id=command.action_id)
        yield f"append:{command.turn.event_id}", _without_number(append)


def _without_number(request: PreparedRequest) -> PreparedRequest:
    return request.model_copy(update={"path": request.path.replace(_NUMBER, TICKET)})
