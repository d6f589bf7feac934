"""`handoff topics list|apply|check`: the map, and a broker brought or held to it."""

import argparse
import json
import sys
from typing import Any

from agents.commands.options import add_config, settings_of
from agents.settings_file import connection
from streams.errors import Refused
from streams.kafka.admin import create, describe, differences
from streams.topology import TOPICS


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("topics", help="list the map of topics, create them, check a broker against it")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="print the map")
    listing.add_argument("--json", action="store_true", help="as JSON lines")
    listing.set_defaults(run=run_list)
    for name, run, text in (
        ("apply", run_apply, "create what is missing; what exists is left as it is"),
        ("check", run_check, "partitions, cleanup and replication against the map; exit 1 on a difference"),
    ):
        action = actions.add_parser(name, help=text)
        add_config(action)
        action.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    """Print every topic."""
    for topic in TOPICS:
        if arguments.json:
            row = {
                "name": topic.name,
                "key": topic.key,
                "partitions": topic.partitions,
                "config": topic.broker_config(),
                "writers": topic.writers,
                "readers": topic.readers,
            }
            print(json.dumps(row))
        else:
            print(f"{topic.name:28} {topic.partitions:3} {topic.cleanup:8} {topic.about}")
    return 0


def run_apply(arguments: argparse.Namespace) -> int:
    """Create what is missing, then check."""
    settings = settings_of(arguments)
    if settings.kafka.embedded:
        raise Refused("the embedded broker makes its topics by itself and cannot create any")
    made = create(
        connection(settings, "handoff-topics"),
        TOPICS,
        replication=settings.kafka.replication_factor,
        min_insync_replicas=settings.kafka.min_insync_replicas,
    )
    for name in made:
        print(f"created {name}")
    return run_check(arguments)


def run_check(arguments: argparse.Namespace) -> int:
    """Print each difference; 0 when there is none."""
    settings = settings_of(arguments)
    found = describe(connection(settings, "handoff-topics"), TOPICS)
    wrong = differences(TOPICS, found, replication=settings.kafka.replication_factor)
    for difference in wrong:
        weight = "wrong" if difference.fatal else "differs"
        sys.stderr.write(
            f"{difference.topic}: {difference.what} {weight}: wanted {difference.wanted}, found {difference.found}\n"
        )
    print(f"{len(TOPICS)} topics, {len(wrong)} differences")
    return 1 if wrong else 0
