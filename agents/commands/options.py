"""Options that several subcommands share."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from agents.settings import Settings
from agents.settings_file import DEFAULT_PATH, Loaded, load_with_files
from streams.errors import Refused

MAX_LINE_BYTES = 4 * 1024 * 1024
"""More than any record: the brokers take a quarter of it."""


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`: optional; without it `handoff.yaml` is read when it is there."""
    parser.add_argument("--config", metavar="FILE", help=f"configuration (default: {DEFAULT_PATH} where it exists)")


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """`--tenant`."""
    parser.add_argument("--tenant", default="default", metavar="ID", help="the tenant (default: default)")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings the arguments name; built-in defaults where there is no file and none was asked for."""
    return loaded_of(arguments).settings


def loaded_of(arguments: argparse.Namespace) -> Loaded:
    """The same, with the files they were read from."""
    if arguments.config is None and not Path(DEFAULT_PATH).exists():
        return Loaded(Settings(), ())
    return load_with_files(Path(arguments.config or DEFAULT_PATH))


def port(text: str) -> int:
    """An argument's type: a TCP port; 0 is any free one."""
    if not (text.isdecimal() and int(text) <= 65_535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def standard_input() -> BinaryIO:
    """Standard input as bytes; `Refused` where there is none."""
    if sys.stdin is None:
        raise Refused("nothing on standard input: it is closed")
    return sys.stdin.buffer


def input_lines(limit_bytes: int = MAX_LINE_BYTES) -> Iterator[tuple[int, bytes]]:
    """The lines of standard input that are not blank, with their numbers; `Refused` at one above `limit_bytes`."""
    stream = standard_input()
    number = 0
    while line := stream.readline(limit_bytes + 1):
        number += 1
        if len(line) > limit_bytes:
            raise Refused(f"standard input, line {number}: longer than {limit_bytes} bytes")
        if line.strip():
            yield number, line
