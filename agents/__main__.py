"""`handoff`: the one composition root. Subcommands live in `agents.commands`."""

import argparse
import os
import sys
from importlib import import_module

from streams.errors import Refused

GROUPS = ("processes", "pipe", "render", "attempt", "topics", "dead", "documents", "demo")
"""In the order of the help text."""

VERSION = "0.1.0"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="handoff",
        description="When the AI chat cannot help: one ticket, an answered customer, no loop.",
    )
    top.add_argument("--version", action="version", version=f"handoff {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in GROUPS:
        import_module(f"agents.commands.{group}").add(commands)
    return top


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand. What must be refused is one line and exit code 2, never a traceback."""
    arguments = parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except Refused as error:
        sys.stderr.write(f"handoff: {error}\n")
        return 2
    except BrokenPipeError:
        # Whoever read our output went away (`handoff normalize … | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    return code


if __name__ == "__main__":
    sys.exit(main())
