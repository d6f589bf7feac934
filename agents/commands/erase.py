"""`handoff erase`: what the topics hold of one person, forgotten as far as Kafka forgets; the rest, listed."""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.commands.erase_topics import gather, marker, refuse_another_key, remembered, search, send
from agents.commands.options import add_config, settings_of, standard_input
from agents.erasure.markers import MarkerKey
from agents.erasure.person import Person, email_of, phone_of
from agents.erasure.plan import Erasing, Rest, Ticket, erasing, rest, tickets
from agents.settings import Settings
from agents.settings_file import connection
from streams.clock import SystemClock
from streams.contracts.base import PlatformId
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection

_ABOUT = """\
Finds the person's conversations, has the escalation worker forget their state, takes the person's words out of the
ledgers, keeps their dead letters from being redriven, and lists the tickets to be redacted in the helpdesk. Single
records of a topic cannot be deleted: it prints until when retention removes what is left. Say who with one or more of
the options below; a value `-` is read from a line of standard input and stays out of the shell's history. Running it
again is safe. Exit code 1: nothing was found, or something is under way and has to be erased later."""

_LOOK_SECONDS = 0.5
_IDS = ("customer_id", "external_id", "email", "phone", "conversation", "ticket")
_PLATFORM_ID: TypeAdapter[str] = TypeAdapter(PlatformId)


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("erase", help="forget one person, and list what is left of them", description=_ABOUT)
    parser.add_argument("--tenant", required=True, metavar="ID", help="whose customer it is")
    for name, what in (
        ("--email", "an address of theirs"),
        ("--phone", "a number of theirs"),
        ("--external-id", "your own id of them"),
        ("--customer-id", "the chat platform's id of them"),
        ("--conversation", "a conversation of theirs, by the platform's id"),
        ("--ticket", "a ticket of theirs, by its number"),
    ):
        parser.add_argument(name, action="append", default=[], metavar="VALUE", help=f"{what}; repeatable")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--force", action="store_true", help="also conversations that are under way")
    parser.add_argument(
        "--wait", type=_seconds, default=30.0, metavar="SECONDS", help="for the escalation worker (default: 30)"
    )
    parser.add_argument("--json", action="store_true", help="as JSON lines")
    add_config(parser)
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds up to an hour")
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Search, plan, write, wait, tell."""
    settings = settings_of(arguments)
    if arguments.tenant not in settings.tenants:
        raise Refused(f"no tenant `{arguments.tenant}`; there are: {', '.join(settings.tenants) or 'none'}")
    person = _person(arguments)
    key = None if arguments.dry_run else _key(settings)
    link = connection(settings, "handoff-erase")
    if key is not None:
        refuse_another_key(link, key)
    found = search(link, person)
    now = SystemClock().now()
    holdings = gather(link, settings, found.theirs) if found.theirs else {}
    plans = [erasing(each, now, force=arguments.force) for _, each in sorted(holdings.items())]
    late: set[bytes] = set()
    if key is not None:
        _write(link, plans, key, now)
        late = _not_forgotten(link, plans, arguments.wait)
    mentioned = sorted(name.decode("utf-8", "replace") for name in found.mentioned - set(holdings))
    everything = list(holdings.values())
    report = _Report(plans, late, tickets(everything), mentioned, rest(everything), dry=key is None)
    report.as_json() if arguments.json else report.as_text()
    return 0 if plans and not late and not any(plan.waits for plan in plans) else 1


def _person(arguments: argparse.Namespace) -> Person:
    given = {name: [_value(name, text) for text in getattr(arguments, name)] for name in _IDS}
    if not any(given.values()):
        raise Refused("say who: --email, --phone, --external-id, --customer-id, --conversation or --ticket")
    phones = frozenset(phone_of(text) for text in given["phone"])
    if "" in phones:
        raise Refused("--phone: too few digits to be a number of one person")
    if any("@" not in text for text in given["email"]):
        raise Refused("--email: not an address")
    for text in given["conversation"]:
        try:
            _PLATFORM_ID.validate_python(text)
        except ValidationError:
            raise Refused("--conversation: not an id of a conversation") from None
    return Person(
        tenant=arguments.tenant,
        customer_ids=frozenset(given["customer_id"]),
        external_ids=frozenset(given["external_id"]),
        emails=frozenset(email_of(text) for text in given["email"]),
        phones=phones,
        conversations=frozenset(given["conversation"]),
        tickets=frozenset(text.removeprefix("#") for text in given["ticket"]),
    )


def _value(name: str, text: str) -> str:
    if text == "-":
        text = standard_input().readline(4096).decode("utf-8", "replace")
    if not text.strip():
        raise Refused(f"--{name.replace('_', '-')}: empty")
    return text.strip()


def _key(settings: Settings) -> MarkerKey:
    key = settings.erasure.key
    return MarkerKey.of(key.get_secret_value() if key is not None else None)


def _write(link: KafkaConnection, plans: Sequence[Erasing], key: MarkerKey, at: datetime) -> None:
    """Markers first: from then on nothing of theirs goes back."""
    blocked = [marker(plan.holdings.key, plan.holdings.tenant, at, key) for plan in plans]
    asyncio.run(send(link, [*blocked, *(write for plan in plans for write in plan.writes)]))


def _not_forgotten(link: KafkaConnection, plans: Sequence[Erasing], wait_seconds: float) -> set[bytes]:
    """The conversations whose state stands on its topic still when the time is up."""
    left = {plan.holdings.key for plan in plans if plan.forgets}
    until = time.monotonic() + wait_seconds
    while left and (left := remembered(link, left)) and time.monotonic() < until:
        time.sleep(_LOOK_SECONDS)
    return left


@dataclass(frozen=True)
class _Report:
    plans: Sequence[Erasing]
    late: set[bytes]
    tickets: Sequence[Ticket]
    mentioned: Sequence[str]
    rest: Sequence[Rest]
    dry: bool

    def _state(self, plan: Erasing) -> str:
        if plan.waits:
            return "waits"
        if plan.holdings.key in self.late:
            return "told"
        return "would erase" if self.dry else "erased"

    def as_json(self) -> None:
        for plan in self.plans:
            _print(conversation=plan.holdings.conversation_id, state=self._state(plan), waits=plan.waits)
        for ticket in self.tickets:
            named = {"ticket": ticket.id, "url": ticket.url, "escalation_id": ticket.escalation_id}
            _print(helpdesk=ticket.helpdesk, **{name: text or None for name, text in named.items()})
        for name in self.mentioned:
            _print(mentioned_in=name.partition("|")[2])
        for left in self.rest:
            _print(topic=left.topic, records=left.records, gone_by=left.gone_by.isoformat(timespec="seconds"))

    def as_text(self) -> None:
        for plan in self.plans:
            print(_plain(f"{self._state(plan):12} {plan.holdings.conversation_id}  {'; '.join(plan.waits)}".rstrip()))
        if self.late:
            print("told: the escalation worker has not come to it yet; it will, and running this again looks whether")
        if not self.plans:
            print("nothing was found: topics forget by time, too, and tickets are searched in the helpdesk")
        if self.tickets:
            print("\nto be redacted in the helpdesk:")
        for ticket in self.tickets:
            print(_plain(f"  {ticket.helpdesk} {ticket.id or '?'} {ticket.url or _in_doubt(ticket)}".rstrip()))
        if self.mentioned:
            print("\nmentioned in conversations that are not known to be theirs (--conversation erases one):")
        for name in self.mentioned:
            print(_plain(f"  {name.partition('|')[2]}"))
        if self.rest:
            print("\nsingle records of a topic cannot be deleted; retention removes the last of them by:")
        for left in self.rest:
            print(f"  {left.gone_by:%Y-%m-%d} {left.topic} ({left.records} records)")


def _print(**row: Any) -> None:
    print(json.dumps(row, ensure_ascii=False))


def _in_doubt(ticket: Ticket) -> str:
    return f"in doubt: look for {ticket.escalation_id}" if ticket.escalation_id else ""


def _plain(text: str) -> str:
    """Without anything that a terminal would obey: ids come from outside."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
