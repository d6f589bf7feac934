"""`handoff gateway|escalation|ticketing|notifier`: one process each, ended by SIGTERM, drained within 20 s."""

import argparse
import asyncio
import gc
import os
import signal
from collections.abc import Callable
from typing import Any

from agents.commands.options import add_config, loaded_of, port
from agents.commands.reloading import Reloading
from agents.commands.running import Hop, serve
from agents.commands.tracing import tracer_of
from agents.escalation.faust_version import refuse_other_faust
from agents.observability.log import Log, configure
from agents.observability.metrics import Metrics
from agents.settings import Settings, TenantBook
from streams.clock import SystemClock
from streams.errors import Refused
from streams.kafka.embedded import WARNING

TRACES_SECONDS = 2.0
"""For the last spans, at the end of a process."""

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

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
        parser.add_argument("--admin-port", type=port, metavar="PORT", help="of health and metrics; 0: any free one")
        if name == "gateway":
            parser.add_argument("--port", type=port, metavar="PORT", help="of the webhook listener; 0: any free one")
        parser.set_defaults(run=run, hop=name)


def run(arguments: argparse.Namespace) -> int:
    """Run one hop until it is told to stop."""
    level = os.environ.get("HANDOFF_LOG_LEVEL", "INFO").upper()
    if level not in LEVELS:
        raise Refused(f"HANDOFF_LOG_LEVEL: one of {', '.join(LEVELS)}")
    configure(level=level)
    with asyncio.Runner() as runner:
        code = runner.run(_run(arguments))
        runner.get_loop().remove_signal_handler(signal.SIGTERM)  # as closing the loop would, to what kills
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return code


async def _run(arguments: argparse.Namespace) -> int:
    from agents.__main__ import VERSION  # noqa: PLC0415 # the root imports this module
    from agents.collector import leave_alone_what_stands  # noqa: PLC0415
    from agents.commands.checks import refuse_wrong  # noqa: PLC0415 # only this command pays for these imports
    from agents.commands.parts import Parts  # noqa: PLC0415

    if arguments.hop == "escalation":
        refuse_other_faust()  # before its seams are imported, which fit no other
    loaded = loaded_of(arguments)
    settings = _with_ports(loaded.settings, arguments)
    refuse_wrong(settings)
    log = Log(arguments.hop)
    if settings.kafka.embedded:
        log.warning("broker.embedded", note=WARNING)
    metrics = Metrics()
    tracer = tracer_of(arguments.hop, settings, os.environ, metrics=metrics, log=log, version=VERSION)
    parts = Parts(settings, TenantBook(settings.tenants), SystemClock(), metrics, log, tracer)
    hop = _hop(arguments.hop, parts)
    gc.collect()
    leave_alone_what_stands()  # modules, settings and models: each walk over them would be a pause
    try:
        return await serve(
            hop,
            name=arguments.hop,
            admin=settings.admin,
            reloading=Reloading(loaded, parts.tenants, metrics, log),
            metrics=metrics,
            log=log,
            version=VERSION,
        )
    finally:
        await tracer.close(TRACES_SECONDS)


def _with_ports(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """The settings with the ports that the command line gives."""
    update: dict[str, Any] = {}
    if getattr(arguments, "port", None) is not None:
        update["gateway"] = settings.gateway.model_copy(update={"port": arguments.port})
    if arguments.admin_port is not None:
        update["admin"] = settings.admin.model_copy(update={"port": arguments.admin_port})
    return settings.model_copy(update=update)


def _hop(name: str, parts: Any) -> Hop:
    from agents.commands import hops  # noqa: PLC0415 # see above

    made: dict[str, Callable[[], Hop]] = {
        "gateway": lambda: hops.GatewayHop(parts),
        "escalation": lambda: hops.EscalationHop(parts),
        "ticketing": lambda: hops.ConsumerHop("ticketing", parts, hops.ticketing),
        "notifier": lambda: hops.ConsumerHop("notifier", parts, hops.notifier),
    }
    return made[name]()
