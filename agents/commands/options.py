"""Options that several subcommands share."""

import argparse
from pathlib import Path

from agents.settings import Settings
from agents.settings_file import DEFAULT_PATH, Loaded, load_with_files


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
