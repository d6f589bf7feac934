"""`handoff dead list|show|redrive|drop`: what could not be processed, looked at, sent back, or left behind."""

import argparse
import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from agents.commands.dead_letters import SUFFIX, Letter, Sorting, Wanted, parse_id
from agents.commands.dead_line import DeadLine, partitions_of
from agents.commands.dead_sending import Sender
from agents.commands.erase_topics import markers
from agents.commands.options import add_config, settings_of
from agents.erasure.holdings import conversation_of
from agents.erasure.markers import Markers
from agents.settings_file import connection
from streams.clock import SystemClock
from streams.errors import Refused
from streams.kafka.connection import KafkaConnection
from streams.topology import TOPICS

DIED_ON = tuple(topic.name.removesuffix(SUFFIX) for topic in TOPICS if topic.name.endswith(SUFFIX))
_AGO = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_COMMIT_EVERY = 100

_REDRIVE = """\
Each letter goes back to the topic it died on, in the order of its conversation, and is then marked as handled: the
next redrive leaves it out. What was done before it died is not done twice; sending it twice is safe. A letter whose
value was masked (card numbers, credentials) is not what was sent any more and stays, unless --force. A letter of
which only the beginning was kept never goes back, nor does one of a person erased since. Exit code 1: something was
left out."""

_DROP = """\
Kafka cannot delete a single record. A dropped letter is marked as handled, so that list and redrive leave it out;
the record itself stays readable until the topic's retention ends. Without --yes nothing is marked."""


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("dead", help="dead letters: list, show, redrive, drop")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="print the letters that nobody has handled yet")
    _add_filters(listing)
    listing.add_argument("--all", action="store_true", help="also those that were redriven or dropped")
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", help="print one letter's headers")
    show.add_argument("id", metavar="ID", help="as `list` prints it")
    show.add_argument("--value", action="store_true", help="also its value, in which cards and credentials are masked")
    show.add_argument("--json", action="store_true", help="as one JSON line")
    add_config(show)
    show.set_defaults(run=run_show)
    redrive = actions.add_parser("redrive", help="send letters back to the topic they died on", description=_REDRIVE)
    _add_filters(redrive)
    redrive.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    redrive.add_argument("--per-second", type=_rate, default=50.0, metavar="N", help="at most so many (default: 50)")
    redrive.add_argument("--again", action="store_true", help="also what was redriven or dropped before")
    redrive.add_argument("--force", action="store_true", help="also letters whose value was masked")
    redrive.add_argument("--out-of-order", action="store_true", help="also letters whose conversation has an older one")
    redrive.set_defaults(run=run_redrive)
    drop = actions.add_parser("drop", help="leave letters behind: marked, not deleted", description=_DROP)
    _add_filters(drop)
    drop.add_argument("--yes", action="store_true", help="do it; without it only what would be dropped is printed")
    drop.set_defaults(run=run_drop)


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--topic", action="append", metavar="TOPIC", help=f"one of: {', '.join(DIED_ON)}; repeatable")
    parser.add_argument("--reason", action="append", default=[], metavar="SLUG", help="repeatable")
    parser.add_argument("--tenant", action="append", default=[], metavar="ID", help="repeatable")
    parser.add_argument("--id", action="append", default=[], metavar="ID", help="as `list` prints it; repeatable")
    parser.add_argument(
        "--since", type=_moment, metavar="WHEN", help="died then or later: RFC 3339, or 30m, 2h, 3d ago"
    )
    parser.add_argument("--until", type=_moment, metavar="WHEN", help="died before then")
    parser.add_argument("--json", action="store_true", help="as JSON lines")
    add_config(parser)


def _moment(text: str) -> datetime:
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return SystemClock().now() - timedelta(seconds=int(ago[1]) * _SECONDS[ago[2]])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is neither RFC 3339 nor 30m, 2h or 3d") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 10_000:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of letters per second")
    return rate


def _topics(arguments: argparse.Namespace) -> tuple[str, ...]:
    named = [name.removesuffix(SUFFIX) for name in arguments.topic or ()]
    named += [parse_id(each, DIED_ON)[0] for each in arguments.id]
    for name in named:
        if name not in DIED_ON:
            raise Refused(f"{name} has no dead letters; one of: {', '.join(DIED_ON)}")
    return tuple(dict.fromkeys(named)) or DIED_ON


def _wanted(arguments: argparse.Namespace) -> Wanted:
    ids = {"/".join(map(str, parse_id(each, DIED_ON))) for each in arguments.id}
    reasons, tenants = frozenset(arguments.reason), frozenset(arguments.tenant)
    return Wanted(reasons, tenants, frozenset(ids), arguments.since, arguments.until)


def _connection(arguments: argparse.Namespace) -> KafkaConnection:
    return connection(settings_of(arguments), "handoff-dead")


def _markers(arguments: argparse.Namespace) -> Markers:
    """Whose letters may not go back."""
    settings = settings_of(arguments)
    key = settings.erasure.key
    return markers(_connection(arguments), key.get_secret_value() if key is not None else None)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the letters, oldest first in each partition."""
    wanted, link = _wanted(arguments), _connection(arguments)
    reasons: Counter[str] = Counter()
    for letter, done in _letters(link, _topics(arguments), handled_too=arguments.all):
        if wanted.means(letter):
            reasons[letter.reason] += 1
            _print(letter, "handled" if done else letter.damage or "whole", as_json=arguments.json)
    if not arguments.json:
        print(f"{reasons.total()} dead letters" + "".join(f", {n} {reason}" for reason, n in reasons.most_common()))
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Print one letter; `Refused` where it is not there any more."""
    topic, partition, offset = parse_id(arguments.id, DIED_ON)
    for letter, done in _letters(_connection(arguments), (topic,), handled_too=True):
        if (letter.partition, letter.offset) == (partition, offset):
            _show(letter, done=done, value=arguments.value, as_json=arguments.json)
            return 0
    raise Refused(f"{arguments.id}: no such dead letter; its retention may have ended")


def run_redrive(arguments: argparse.Namespace) -> int:
    """Send back what is meant; 1 where something that is meant was left out."""
    known = _markers(arguments)
    sorting = Sorting(
        _wanted(arguments),
        force=arguments.force,
        out_of_order=arguments.out_of_order,
        erased=lambda letter: known.forbid(conversation_of(letter.key), letter.first_failed_at),
    )
    told = asyncio.run(_redrive(arguments, sorting))
    left_out = told.total() - told["sent"] - told["would_send"]
    if not arguments.json:
        print(", ".join(f"{number} {what.replace('_', ' ')}" for what, number in told.items()) or "nothing to send")
    return 1 if left_out else 0


async def _redrive(arguments: argparse.Namespace, sorting: Sorting) -> Counter[str]:
    link, told = _connection(arguments), Counter[str]()
    sender = Sender(link, str(uuid4()), per_second=arguments.per_second, clock=SystemClock())
    try:
        for topic in _topics(arguments):
            line = DeadLine(link, topic)
            try:
                partitions = partitions_of(link, topic)
                for letter, _ in line.letters(handled_too=arguments.again):
                    what = sorting.why_not(letter)
                    if what == "not_meant":
                        continue
                    if what is None and arguments.dry_run:
                        what = "would_send"
                    elif what is None:
                        await sender.send(letter, partitions)
                        line.mark(letter)
                        what = "sent"
                        if told[what] % _COMMIT_EVERY == 0:
                            line.commit()
                    told[what.partition(" ")[0]] += 1
                    _print(letter, what, as_json=arguments.json)
            finally:
                line.commit()
                line.close()
    finally:
        await sender.close()
    return told


def run_drop(arguments: argparse.Namespace) -> int:
    """Mark what is meant as handled."""
    wanted, link, count = _wanted(arguments), _connection(arguments), 0
    if not wanted.narrows and not arguments.topic:
        raise Refused("say which: --topic, --reason, --tenant, --id, --since or --until")
    for topic in _topics(arguments):
        line = DeadLine(link, topic)
        try:
            for letter, _ in line.letters():
                if wanted.means(letter):
                    count += 1
                    if arguments.yes:
                        line.mark(letter)
                    _print(letter, "dropped" if arguments.yes else "would drop", as_json=arguments.json)
        finally:
            line.commit()
            line.close()
    if not arguments.json:
        what = "dropped: marked, and readable until retention ends" if arguments.yes else "would be dropped (--yes)"
        print(f"{count} {what}")
    return 0


def _letters(link: KafkaConnection, topics: Iterable[str], *, handled_too: bool) -> Iterator[tuple[Letter, bool]]:
    for topic in topics:
        line = DeadLine(link, topic)
        try:
            yield from line.letters(handled_too=handled_too)
        finally:
            line.close()


def _row(letter: Letter, state: str) -> dict[str, Any]:
    at = letter.failed_at
    return {
        "id": letter.id,
        "state": state,
        "failed_at": at.isoformat(timespec="seconds") if at else None,
        "reason": letter.reason,
        "detail": letter.text("dlq-detail"),
        "tenant": letter.tenant,
        "conversation_id": letter.conversation_id,
        "redriven": int(letter.text("redrive-count") or 0),
    }


def _print(letter: Letter, state: str, *, as_json: bool) -> None:
    row = _row(letter, state)
    if as_json:
        print(json.dumps(row, ensure_ascii=False))
        return
    when = letter.failed_at.strftime("%Y-%m-%d %H:%M:%S") if letter.failed_at else "?"
    who = _plain(f"{letter.tenant} {letter.conversation_id}")
    print(f"{letter.id:32} {when:19} {state:10} {letter.reason:20} {who}  {_plain(row['detail'])}".rstrip())


def _plain(text: str) -> str:
    """Without anything that a terminal would obey: keys and details come from outside."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)[:200]


def _show(letter: Letter, *, done: bool, value: bool, as_json: bool) -> None:
    headers = {name: _plain(raw.decode("utf-8", "replace")) for name, raw in letter.headers if raw is not None}
    row = _row(letter, "handled" if done else "pending") | {"damage": letter.damage, "headers": headers}
    if value:
        row["value"] = None if letter.value is None else letter.value.decode("utf-8", "replace")
    if as_json:
        print(json.dumps(row, ensure_ascii=False))
        return
    print(f"{letter.id}  {row['state']}{', ' + letter.damage if letter.damage else ''}")
    for name, text in headers.items():
        print(f"  {name}: {text}")
    if value:
        print(json.dumps(row["value"], ensure_ascii=False))
