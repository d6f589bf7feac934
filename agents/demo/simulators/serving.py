"""One request from the socket to the answer: logged, met by a fault perhaps, carried out in one transaction.

The order is kept by the code: log and fault, committed; effect, committed; webhooks sent; answer.
"""

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from aiohttp import web

from agents.demo.simulators.calls import Call, Operation, Rejected, Reply, Simulator
from agents.demo.simulators.deliveries import Deliveries
from agents.demo.simulators.faults import Fault, FaultPlan, Holds
from agents.demo.simulators.settings import SimulatorSettings
from agents.demo.simulators.store import Store
from streams.clock import Clock

LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head><body>"
    '<form action="/access/login" method="post"><h1>Sign in</h1>'
    '<input name="email"><input name="password" type="password"></form></body></html>'
)
_REASONS = {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


class Server:
    """Serves the operations of all simulators over one store."""

    def __init__(self, store: Store, settings: SimulatorSettings, clock: Clock, deliveries: Deliveries) -> None:
        """Nothing runs until a request comes."""
        self.store = store
        self.settings = settings
        self.clock = clock
        self.deliveries = deliveries
        self.faults = FaultPlan(store)
        self.holds = Holds()
        self.closing = asyncio.Event()

    def handler(
        self, simulator: Simulator, operation: Operation
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The aiohttp handler of one operation."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = await self._call(simulator, operation, request)
            request_id, fault = self._log(simulator, call)
            if fault is not None and fault.kind == "slow":
                await self._pause(fault.seconds, request)
            reply = self._refusal(fault) if fault is not None else None
            if fault is None or fault.has_effect:
                carried_out = self._carry_out(simulator, operation, call, request_id, fault)
                reply = reply or carried_out
            assert reply is not None
            return await self._answer(call, request, request_id, fault, reply, simulator.id_offset)

        return handle

    async def _call(self, simulator: Simulator, operation: Operation, request: web.Request) -> Call:
        account = request.match_info["account"]
        return Call(
            store=self.store,
            settings=self.settings.account(account),
            account=account,
            base_url=f"{request.scheme}://{request.host}/{simulator.name}/{account}",
            operation=operation.name,
            method=request.method,
            path=request.path,
            params=dict(request.match_info),
            query={name: request.query.getall(name)[-1] for name in request.query},
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            now=self.clock.now(),
        )

    def _log(self, simulator: Simulator, call: Call) -> tuple[int, Fault | None]:
        with self.store.transaction():
            fault = self.faults.take(call.operation, call.account, call.body)
            request_id = self.store.run(
                "INSERT INTO requests (simulator, account, operation, method, path, idempotency_key, "
                "body_sha256, at, fault) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                simulator.name,
                call.account,
                call.operation,
                call.method,
                call.path,
                call.headers.get("idempotency-key") or call.headers.get("webhook-id"),
                hashlib.sha256(call.body).hexdigest(),
                call.at,
                fault.kind if fault else None,
            )
        return request_id, fault

    def _carry_out(
        self, simulator: Simulator, operation: Operation, call: Call, request_id: int, fault: Fault | None
    ) -> Reply:
        try:
            with self.store.transaction():
                if not operation.public:
                    simulator.guard(call)
                reply = operation.endpoint(call)
                self._hide(call, reply, fault)
                self.store.run("UPDATE requests SET committed = 1, target = ? WHERE id = ?", reply.target, request_id)
        except Rejected as rejected:
            return simulator.dress(call, rejected.reply)
        for webhook in reply.webhooks:
            self.deliveries.send(call.account, webhook)
        return simulator.dress(call, reply)

    def _hide(self, call: Call, reply: Reply, fault: Fault | None) -> None:
        if fault is None or fault.kind != "lookup_lag":
            return
        for created in reply.created:
            self.store.run(
                f"UPDATE {created.table} SET visible_at = ? WHERE helpdesk = ? AND account = ? AND id = ?",  # noqa: S608 - of a literal type
                call.at + fault.seconds,
                created.helpdesk,
                call.account,
                created.id,
            )

    def _refusal(self, fault: Fault) -> Reply | None:
        if fault.kind == "html_200":
            return Reply(200, LOGIN_PAGE, content_type="text/html; charset=utf-8")
        if fault.kind == "empty":
            return Reply(200, None)
        if fault.kind == "status":
            return failure(fault)
        return None if fault.has_effect else Reply(503, None)

    async def _answer(
        self,
        call: Call,
        request: web.Request,
        request_id: int,
        fault: Fault | None,
        reply: Reply,
        id_offset: int,
    ) -> web.StreamResponse:
        if fault is not None:
            if fault.kind == "commit_then_hold":
                await self._hold(call, request, request_id)
            elif fault.kind == "commit_then_timeout":
                await self._pause(self.settings.hold_limit_seconds, request)
                return drop(request)
            elif fault.kind in {"commit_then_reset", "reset_before_commit"}:
                return drop(request)
            elif fault.kind == "wrong_id":
                reply = with_other_ids(reply, id_offset)
        body = reply.raw()
        self.store.run(
            "UPDATE requests SET status = ?, answered_at = ? WHERE id = ?",
            reply.status,
            self.clock.now().timestamp(),
            request_id,
        )
        if fault is not None and fault.kind == "truncated_body":
            return await truncated(request, reply, body)
        return web.Response(status=reply.status, body=body or None, headers=_headers(reply, body))

    async def _hold(self, call: Call, request: web.Request, request_id: int) -> None:
        held = await self.holds.enter(request_id, call.operation, call.account)
        try:
            await self._pause(self.settings.hold_limit_seconds, request, held.released)
        finally:
            self.holds.leave(held)

    async def _pause(self, seconds: float, request: web.Request, until: asyncio.Event | None = None) -> None:
        """Wait, but not for a caller that has gone, and not past the end of the server."""
        deadline = self.clock.monotonic() + seconds
        while self.clock.monotonic() < deadline and not self.closing.is_set():
            if gone(request) or (until is not None and until.is_set()):
                return
            await asyncio.sleep(0.02)


def gone(request: web.Request) -> bool:
    """Whether the caller has hung up."""
    return request.transport is None or request.transport.is_closing()


def drop(request: web.Request) -> web.StreamResponse:
    """Break the connection with a TCP reset; nothing of an answer leaves."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        transport.abort()
    return web.Response(status=499)


async def truncated(request: web.Request, reply: Reply, body: bytes) -> web.StreamResponse:
    """Promise the whole body, send half of it, and reset."""
    response = web.StreamResponse(status=reply.status, headers=_headers(reply, body))
    response.content_length = len(body)
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    await asyncio.sleep(0.05)  # so that the half arrives before the reset
    drop(request)
    return response


def failure(fault: Fault) -> Reply:
    """The answer of a `status` fault."""
    reason = _REASONS.get(fault.status, "Error")
    headers = {} if fault.retry_after_seconds is None else {"Retry-After": str(fault.retry_after_seconds)}
    if fault.details is not None:
        return Reply(fault.status, fault.details, headers)
    if fault.body == "html":
        page = f"<html><head><title>{fault.status} {reason}</title></head><body><h1>{reason}</h1></body></html>"
        return Reply(fault.status, page, headers, content_type="text/html")
    if fault.body == "text":
        return Reply(fault.status, reason, headers, content_type="text/plain")
    if fault.body == "empty":
        return Reply(fault.status, None, headers)
    return Reply(fault.status, {"error": reason.replace(" ", ""), "description": reason}, headers)


def with_other_ids(reply: Reply, offset: int) -> Reply:
    """The same answer naming another record."""
    if not reply.id_paths or not isinstance(reply.body, dict):
        return reply
    body = reply.body
    for path in reply.id_paths:
        body = _moved(body, path, offset)
    return replace(reply, body=body, headers={k: v for k, v in reply.headers.items() if k != "Location"})


def _moved(value: Any, path: tuple[str, ...], offset: int) -> Any:
    if not path:
        return value + offset if isinstance(value, int) else f"{value}{offset}"
    return {**value, path[0]: _moved(value[path[0]], path[1:], offset)} if path[0] in value else value


def _headers(reply: Reply, body: bytes) -> dict[str, str]:
    return dict(reply.headers) | ({"Content-Type": reply.media_type} if body else {})
