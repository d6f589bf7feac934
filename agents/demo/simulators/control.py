"""What the demo, tests and crash harness do with the simulators besides calling them as a product would.

| call | does |
|---|---|
| `POST /_faults` `{"faults": [...]}` | plans faults (see `Fault`); `GET` lists, `DELETE` clears |
| `GET /_holds`, `GET /_holds/wait?operation=&timeout_seconds=` | requests committed and not yet answered |
| `POST /_holds/release` `{"request_id"?}` | lets them be answered |
| `POST /_chat/{platform}/{account}/{conversation}` | one `Step` in a chat, webhooks included |
| `POST /_agent/{helpdesk}/{account}/{ticket}` | one `AgentAct` |
| `POST /_webhooks/{id}/again`, `GET /_webhooks/settled` | delivers once more; waits until none is under way |
| `GET /_state` | everything, as JSON |

Answered to callers on this machine alone.
"""

import asyncio
import ipaddress
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from agents.demo.simulators import chat_side
from agents.demo.simulators.agent_side import AgentAct, act
from agents.demo.simulators.calls import Call, Webhook
from agents.demo.simulators.chat_side.step import Step
from agents.demo.simulators.faults import Fault, Held
from agents.demo.simulators.serving import Server
from agents.demo.simulators.state import state_of

_LONGEST_WAIT_SECONDS = 120.0
Model = TypeVar("Model", bound=BaseModel)


class _Faults(BaseModel):
    faults: list[Fault]


class _Release(BaseModel):
    request_id: int | None = None


class Control:
    """The handlers, over one server."""

    def __init__(self, server: Server) -> None:
        """See the module."""
        self._server = server

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/_faults", self.list_faults),
            web.post("/_faults", self.add_faults),
            web.delete("/_faults", self.clear_faults),
            web.get("/_holds", self.list_holds),
            web.get("/_holds/wait", self.wait_for_hold),
            web.post("/_holds/release", self.release),
            web.post("/_chat/{platform}/{account}/{conversation}", self.play),
            web.post(r"/_agent/{helpdesk:zendesk|freshdesk}/{account}/{ticket:\d+}", self.agent),
            web.post(r"/_webhooks/{id:\d+}/again", self.deliver_again),
            web.get("/_webhooks/settled", self.settled),
            web.get("/_state", self.state),
        ]

    async def add_faults(self, request: web.Request) -> web.Response:
        """Plan faults; their ids."""
        given = await _read(request, _Faults)
        with self._server.store.transaction():
            return web.json_response({"ids": [self._server.faults.add(fault) for fault in given.faults]})

    async def list_faults(self, request: web.Request) -> web.Response:
        """Each fault, how many requests it has met and how often it fired."""
        _loopback_only(request)
        planned = [
            {"id": entry.id, "seen": entry.seen, "fired": entry.fired, "fault": entry.fault.model_dump()}
            for entry in self._server.faults.planned()
        ]
        return web.json_response({"faults": planned})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Forget all faults."""
        _loopback_only(request)
        self._server.faults.clear()
        return web.json_response({})

    async def list_holds(self, request: web.Request) -> web.Response:
        """What is held now."""
        _loopback_only(request)
        return web.json_response({"holds": [_held(held) for held in self._server.holds.now()]})

    async def wait_for_hold(self, request: web.Request) -> web.Response:
        """Answer as soon as a matching request is held; an empty list when the time is over."""
        _loopback_only(request)
        seconds = min(float(request.query.get("timeout_seconds", "30")), _LONGEST_WAIT_SECONDS)
        operation = request.query.get("operation", "*")
        holds = await self._server.holds.wait(operation=operation, timeout_seconds=seconds)
        return web.json_response({"holds": [_held(held) for held in holds]})

    async def release(self, request: web.Request) -> web.Response:
        """Let one request, or all, be answered."""
        given = await _read(request, _Release)
        return web.json_response({"released": self._server.holds.release(given.request_id)})

    async def play(self, request: web.Request) -> web.Response:
        """One step in a chat; the ids of the webhooks it caused."""
        platform, account = request.match_info["platform"], request.match_info["account"]
        if platform not in chat_side.PLAYS:
            raise web.HTTPNotFound(text=f"no such platform; one of {', '.join(chat_side.PLAYS)}")
        step, server = await _read(request, Step), self._server
        with server.store.transaction():
            webhooks = chat_side.play(
                server.store,
                server.settings.account(account),
                platform,
                account,
                request.match_info["conversation"],
                step,
                base_url=f"{request.scheme}://{request.host}",
                at=server.clock.now().timestamp(),
            )
        return self._sent(account, webhooks)

    async def agent(self, request: web.Request) -> web.Response:
        """One act of a support agent."""
        given, server, account = await _read(request, AgentAct), self._server, request.match_info["account"]
        helpdesk, ticket_id = request.match_info["helpdesk"], int(request.match_info["ticket"])
        call = Call(
            store=server.store,
            settings=server.settings.account(account),
            account=account,
            base_url=f"{request.scheme}://{request.host}/{helpdesk}/{account}",
            operation="agent",
            method="POST",
            path=request.path,
            params={},
            query={},
            headers={},
            body=b"",
            now=server.clock.now(),
        )
        with server.store.transaction():
            webhooks = act(call, helpdesk, ticket_id, given)
        if webhooks is None:
            raise web.HTTPNotFound(text="no such ticket")
        return self._sent(account, webhooks)

    async def deliver_again(self, request: web.Request) -> web.Response:
        """The same bytes once more."""
        _loopback_only(request)
        if not self._server.deliveries.again(int(request.match_info["id"])):
            raise web.HTTPNotFound(text="no such webhook")
        return web.json_response({})

    async def settled(self, request: web.Request) -> web.Response:
        """Answer when no webhook is under way."""
        _loopback_only(request)
        await asyncio.wait_for(self._server.deliveries.settled(), _LONGEST_WAIT_SECONDS)
        return web.json_response({})

    async def state(self, request: web.Request) -> web.Response:
        """Everything."""
        _loopback_only(request)
        holds = [_held(held) for held in self._server.holds.now()]
        return web.json_response(state_of(self._server.store, self._server.settings) | {"holds": holds})

    def _sent(self, account: str, webhooks: tuple[Webhook, ...]) -> web.Response:
        ids = [self._server.deliveries.send(account, webhook) for webhook in webhooks]
        return web.json_response({"webhooks": ids})


def _loopback_only(request: web.Request) -> None:
    try:
        allowed = request.remote is not None and ipaddress.ip_address(request.remote).is_loopback
    except ValueError:
        allowed = False
    if not allowed:
        raise web.HTTPForbidden(text="loopback only")


async def _read(request: web.Request, model: type[Model]) -> Model:
    _loopback_only(request)
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from None


def _held(held: Held) -> dict[str, Any]:
    return {"request_id": held.request_id, "operation": held.operation, "account": held.account}
