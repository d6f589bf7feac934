"""`handoff demo`: see it work on one machine, with nothing else installed."""

import argparse
import asyncio
from typing import Any


def add(commands: Any) -> None:
    """Register the subcommand."""
    parser = commands.add_parser("demo", help="see it work: an embedded broker, four processes, simulated vendors")
    parser.add_argument("--serve", action="store_true", help="leave it running, with a web page to write as a customer")
    parser.add_argument("--port", type=int, default=8787, metavar="PORT", help="of the web page (default: 8787)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the demo; 0 when every conversation ended as it should."""
    from agents.demo.run import run as play  # noqa: PLC0415 # only this command pays for it
    from agents.demo.run import say  # noqa: PLC0415
    from agents.demo.serving import serve  # noqa: PLC0415

    if not arguments.serve:
        return asyncio.run(play())
    return asyncio.run(play(serve=lambda stage, watcher: serve(stage, watcher, arguments.port, say)))
