"""The chat platforms by name. A platform is imported when it is first asked for.

Each package exposes two stateless objects in its `__init__`: `INBOUND` and `OUTBOUND`, and a third where the
platform can be asked for what it has not told: `POLLABLE`.
"""

from importlib import import_module
from typing import cast

from agents.platforms.polling import Pollable
from agents.platforms.port import Inbound, Outbound
from streams.errors import Refused

PACKAGES = {
    "intercom": "agents.platforms.intercom",
    "fin-agent-api": "agents.platforms.fin_agent_api",
    "zendesk-sunco": "agents.platforms.zendesk_sunco",
    "zendesk-events": "agents.platforms.zendesk_events",
    "zendesk-ai-agents-advanced": "agents.platforms.zendesk_ai_agents",
    "custom-llm": "agents.platforms.custom_llm",
}
"""Name on the wire, in the configuration and in the webhook's path, and the package that knows it."""

NAMES = tuple(PACKAGES)


def inbound(name: str) -> Inbound:
    """The pure half of platform `name`, or `Refused` naming those there are."""
    return cast("Inbound", import_module(_package(name)).INBOUND)


def outbound(name: str) -> Outbound:
    """The calling half of platform `name`, or `Refused` naming those there are."""
    return cast("Outbound", import_module(_package(name)).OUTBOUND)


def pollable(name: str) -> Pollable | None:
    """The asking half of platform `name`; None where it has none. `Refused` for an unknown one."""
    return cast("Pollable | None", getattr(import_module(_package(name)), "POLLABLE", None))


def _package(name: str) -> str:
    package = PACKAGES.get(name)
    if package is None:
        line = f"unknown platform; one of: {', '.join(NAMES)}"
        raise Refused(line)
    return package
