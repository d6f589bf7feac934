"""`handoff gateway|escalation|ticketing|notifier`: one process each, ended by SIGTERM, drained within 20 s."""

import argparse
import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.commands.options import add_config, settings_of
from agents.commands.running import Hop, Reloading, serve
from agents.observability.log import Log, configure
from agents.observability.metrics import Metrics
from agents.settings import TenantBook
from agents.settings_file import DEFAULT_PATH
from streams.clock import SystemClock
from streams.kafka.embedded import WARNING

HOPS = {
    "gateway": "take webhooks in",
    "escalation": "decide",
    "ticketing": "open and append to tickets",
    "notifier": "tell the customer, close the AI's session",
}


def add(commands: Any) -> None:
    """Register the four."""
    for name, text in HOPS.items():
        parser = commands.add_parser(name, help=text)
        add_config(parser)
        parser.add_argument("--admin-port", type=int, metavar="PORT", help="of health and metrics; 0: any free one")
        if name == "gateway":
            parser.add_argument("--port", type=int, metavar="PORT", help="of the webhook listener; 0: any free one")
        parser.set_defaults(run=run, hop=name)


def run(arguments: argparse.Namespace) -> int:
    """Run one hop until it is told to stop."""
    configure(level=os.environ.get("HANDOFF_LOG_LEVEL", "INFO"))
    path = Path(arguments.config or DEFAULT_PATH)
    return asyncio.run(_run(arguments, path if path.exists() else None))


async def _run(arguments: argparse.Namespace, path: Path | None) -> int:
    from agents.__main__ import VERSION  # noqa: PLC0415 # the root imports this module
    from agents.commands.hops import Parts  # noqa: PLC0415 # only this command pays for importing Faust

    settings = settings_of(arguments)
    if getattr(arguments, "port", None) is not None:
        settings = settings.model_copy(update={"gateway": settings.gateway.model_copy(update={"port": arguments.port})})
    admin = settings.admin
    if arguments.admin_port is not None:
        admin = admin.model_copy(update={"port": arguments.admin_port})
    log = Log(arguments.hop)
    if settings.kafka.embedded:
        log.warning("broker.embedded", note=WARNING)
    tenants = TenantBook(settings.tenants)
    parts = Parts(settings, tenants, SystemClock(), Metrics(), log)
    return await serve(
        _hop(arguments.hop, parts),
        name=arguments.hop,
        admin=admin,
        reloading=Reloading(path, tenants),
        metrics=parts.metrics,
        log=log,
        version=VERSION,
    )


def _hop(name: str, parts: Any) -> Hop:
    from agents.commands import hops  # noqa: PLC0415 # see above

    made: dict[str, Callable[[], Hop]] = {
        "gateway": lambda: hops.GatewayHop(parts),
        "escalation": lambda: hops.EscalationHop(parts),
        "ticketing": lambda: hops.ConsumerHop(parts, hops.ticketing),
        "notifier": lambda: hops.ConsumerHop(parts, hops.notifier),
    }
    return made[name]()
