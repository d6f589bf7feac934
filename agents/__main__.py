"""`handoff`: the one composition root. Subcommands live in `agents.commands`."""

import argparse
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import NoReturn

from streams.errors import Refused

GROUPS: Mapping[str, tuple[str, ...]] = {
    "processes": ("gateway", "escalation", "ticketing", "notifier"),
    "pipe": ("normalize",),
    "decisions": ("decide",),
    "render": ("render",),
    "attempt": ("try",),
    "topics": ("topics",),
    "dead": ("dead",),
    "erase": ("erase",),
    "doctor": ("doctor",),
    "documents": ("docs",),
    "demo": ("demo",),
}
"""Module below `agents.commands` and its subcommands, in the order of the help text."""

VERSION = "0.1.0"

INTERRUPTED = 130
"""Ended by Ctrl-C, as shells count it."""


class OneLine(argparse.ArgumentParser):
    """A parser whose complaints are one line, like all others."""

    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message}; see `{self.prog} --help`")


def parser(groups: Sequence[str]) -> argparse.ArgumentParser:
    """The command line of `groups`."""
    top = OneLine(
        prog="handoff",
        description="When the AI chat cannot help: one ticket, an answered customer, no loop.",
        formatter_class=lambda prog: argparse.HelpFormatter(prog, max_help_position=16),
    )
    top.add_argument("--version", action="version", version=f"handoff {VERSION}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for group in groups:
        import_module(f"agents.commands.{group}").add(commands)
    return top


def needed(argv: Sequence[str]) -> list[str]:
    """The one group whose subcommand is asked for; else all of them, for the help text or the complaint."""
    return [group for group, names in GROUPS.items() if argv and argv[0] in names] or list(GROUPS)


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand. What must be refused is one line and exit code 2, never a traceback."""
    given = sys.argv[1:] if argv is None else argv
    with leaving_at_once(given):
        return _main(given)


@contextlib.contextmanager
def leaving_at_once(argv: Sequence[str]) -> Iterator[None]:
    """A process that is told to end before it has begun ends well: it holds nothing. Its loop takes over later."""
    if needed(argv) != ["processes"] or threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(_number: int, _frame: object) -> None:
        os._exit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is leave:
            signal.signal(signal.SIGTERM, before)


def _main(given: Sequence[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # JSON is UTF-8, whatever the locale says
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        arguments = parser(needed(given)).parse_args(given)
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except Refused as error:
        sys.stderr.write(f"handoff: {_told(str(error))}\n")
        return 2
    except BrokenPipeError:
        # Whoever read our output went away (`handoff normalize … | head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _told(text: str) -> str:
    """A person at a terminal reads one problem per line; whatever else reads it gets one line."""
    return text if sys.stderr.isatty() else "; ".join(text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
