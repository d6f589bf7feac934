"""All simulators as one application: `/zendesk/{account}`, `/freshdesk/{account}`, `/intercom/{account}`,
`/llm/{account}`, `/widget/{account}`, and the control endpoints of `agents.demo.simulators.control`.
"""

from aiohttp import web

from agents.demo.simulators.calls import Operation, Simulator
from agents.demo.simulators.control import Control
from agents.demo.simulators.deliveries import Deliveries
from agents.demo.simulators.freshdesk import FRESHDESK
from agents.demo.simulators.intercom import INTERCOM
from agents.demo.simulators.llm import LLM
from agents.demo.simulators.serving import Server
from agents.demo.simulators.settings import SimulatorSettings
from agents.demo.simulators.store import Store
from agents.demo.simulators.zendesk import WIDGET, ZENDESK
from streams.clock import Clock, SystemClock

SIMULATORS = (ZENDESK, FRESHDESK, INTERCOM, LLM, WIDGET)
SERVER: web.AppKey[Server] = web.AppKey("server", Server)
_LARGEST_BODY_BYTES = 64 * 1024 * 1024


def build_app(store: Store, settings: SimulatorSettings | None = None, clock: Clock | None = None) -> web.Application:
    """The application over `store`, which stays the caller's to close. `app[SERVER]` has faults and holds."""
    settings, clock = settings or SimulatorSettings(), clock or SystemClock()
    app = web.Application(client_max_size=_LARGEST_BODY_BYTES)
    server = app[SERVER] = Server(store, settings, clock, Deliveries(store, settings, clock))
    app.add_routes(Control(server).routes())
    for simulator in SIMULATORS:
        base = f"/{simulator.name}/{{account}}"
        for operation in simulator.operations:
            app.router.add_route(operation.method, base + operation.path, server.handler(simulator, operation))
        app.router.add_route("*", base + "/{tail:.*}", server.handler(simulator, _unknown(simulator)))
    app.on_shutdown.append(_shut_down)
    return app


def _unknown(simulator: Simulator) -> Operation:
    return Operation(f"{simulator.name}.unknown", "*", "", lambda call: simulator.unknown(call.path), public=True)


async def _shut_down(app: web.Application) -> None:
    app[SERVER].closing.set()  # whoever is held or left hanging is let go
    await app[SERVER].deliveries.close()
