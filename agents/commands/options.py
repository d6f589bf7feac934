"""Options that several subcommands share."""

import argparse
from pathlib import Path

from agents.settings import Settings
from agents.settings_file import DEFAULT_PATH, load


def add_config(parser: argparse.ArgumentParser) -> None:
    """`--config`: optional; without it `handoff.yaml` is read when it is there."""
    parser.add_argument("--config", metavar="FILE", help=f"configuration (default: {DEFAULT_PATH} where it exists)")


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """`--tenant`."""
    parser.add_argument("--tenant", default="default", metavar="ID", help="the tenant (default: default)")


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings the arguments name; built-in defaults where there is no file and none was asked for."""
    if arguments.config is None and not Path(DEFAULT_PATH).exists():
        return Settings()
    return load(Path(arguments.config or DEFAULT_PATH))
