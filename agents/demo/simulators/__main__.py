"""`python -m agents.demo.simulators --port N --db PATH`: all simulators as one process, on loopback.

One JSON line on stdout says that it is ready: `{"ready": true, "port": …, "smtp_port": …, "url": …, "pid": …}`.
Port 0 takes a free one. SIGTERM and SIGINT end it; SIGKILL loses nothing that was answered.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from aiohttp import web
from pydantic import ValidationError

from agents.demo.simulators.app import build_app
from agents.demo.simulators.settings import SimulatorSettings
from agents.demo.simulators.smtp import MailSink
from agents.demo.simulators.store import Store
from streams.clock import SystemClock

_HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 1.0


async def serve(store: Store, settings: SimulatorSettings, port: int, smtp_port: int) -> None:
    """Serve until a signal comes."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    clock = SystemClock()
    runner = web.AppRunner(build_app(store, settings, clock), access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    site = web.TCPSite(runner, _HOST, port)
    await site.start()
    mails = MailSink(store, clock)
    ready = {
        "ready": True,
        "port": runner.addresses[0][1],
        "smtp_port": await mails.start(smtp_port),
        "url": f"http://{_HOST}:{runner.addresses[0][1]}",
        "pid": os.getpid(),
        "db": store.path,
    }
    print(json.dumps(ready), flush=True)
    await stopped.wait()
    await mails.close()
    await runner.cleanup()


def main() -> int:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m agents.demo.simulators", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="of all simulators; 0 takes a free one")
    parser.add_argument("--smtp-port", type=int, default=0, help="of the mail server; 0 takes a free one")
    parser.add_argument("--db", type=Path, required=True, help="the SQLite file, created where it is missing")
    parser.add_argument("--settings", type=Path, help="a JSON file with SimulatorSettings")
    given = parser.parse_args()
    try:
        raw = given.settings.read_text() if given.settings else "{}"
        settings = SimulatorSettings.model_validate_json(raw)
    except (OSError, ValidationError) as error:
        print(f"simulators: unusable settings: {error}", file=sys.stderr)
        return 2
    store = Store(given.db)
    try:
        asyncio.run(serve(store, settings, given.port, given.smtp_port))
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
