"""A gateway on a free loopback port, a writer that keeps records in memory, and signatures made by hand.

async with running(writer=MemoryWriter()) as gateway:
    answer = await gateway.post("intercom", body)
"""

import base64
import hashlib
import hmac
import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp
from pydantic import SecretStr

from agents.gateway.intake import Intake
from agents.gateway.listening import GatewayServer
from agents.gateway.server import Gateway
from agents.observability.log import JsonFormatter, Log
from agents.observability.metrics import Metrics
from agents.observability.tracing import OFF, Tracer
from agents.platforms import registry
from agents.platforms.port import Connection, Delivery, Inbound, Normalized
from agents.settings import GatewaySettings, TenantSettings
from streams.clock import ManualClock
from streams.codec import Headers
from streams.contracts.conversation_events import AnyEvent
from streams.kafka.producer import RecordWriter

START = datetime(2026, 7, 11, 10, 0, 30, tzinfo=UTC)
SECRET = "the-old-secret-and-the-new-one"
PLATFORMS = registry.NAMES


@dataclass(frozen=True)
class Written:
    """One record that was acknowledged."""

    topic: str
    key: str
    value: bytes
    headers: dict[str, str]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.value)
        return found


@dataclass
class MemoryWriter:
    """Acknowledges at once, in the order of the calls."""

    written: list[Written] = field(default_factory=list)

    async def send(
        self,
        topic: str,
        key: str,
        value: bytes | None,
        *,
        headers: Headers | None = None,
        partition: int | None = None,
    ) -> None:
        assert value is not None
        record = Written(topic, key, value, {name: raw.decode() for name, raw in headers or []})
        await self.acknowledge(record)
        self.written.append(record)

    async def acknowledge(self, record: Written) -> None:
        """A test's own writer waits or raises here."""


@dataclass(frozen=True)
class Answer:
    """What the sender sees."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Running:
    """A gateway that listens."""

    port: int
    gateway: Gateway
    metrics: Metrics
    clock: ManualClock
    server: GatewayServer
    session: aiohttp.ClientSession

    async def post(
        self,
        platform: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        tenant: str = "acme",
        path: str | None = None,
    ) -> Answer:
        """A webhook, signed unless `headers` are given."""
        sent = signed(platform, body, self.clock.now()) if headers is None else dict(headers)
        return await self.request("POST", path or f"/v1/webhooks/{platform}/{tenant}", body, sent)

    async def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Any request, exactly as given."""
        async with self.session.request(
            method, f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers, skip_auto_headers=["Accept"]
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    def counted(self, metric: str = "handoff_webhooks_total", **labels: str) -> float:
        """The sum over all series of `metric` with these labels."""
        return sum(
            sample.value
            for family in self.metrics.registry.collect()
            for sample in family.samples
            if sample.name == metric and labels.items() <= sample.labels.items()
        )


def tenant(**changes: Any) -> TenantSettings:
    """A tenant on every platform, with two secrets, as while one is rotated."""
    platform = {"secrets": ["another secret", SECRET]}
    return TenantSettings.model_validate({"platforms": dict.fromkeys(PLATFORMS, platform)} | changes)


@asynccontextmanager
async def running(
    *,
    writer: RecordWriter,
    tenants: Mapping[str, TenantSettings] | None = None,
    inbound: Callable[[str], Inbound] = registry.inbound,
    tracer: Tracer = OFF,
    **settings: Any,
) -> AsyncIterator[Running]:
    """A gateway for the tenant `acme`, or for `tenants`; `settings` are those of `GatewaySettings`."""
    clock, metrics = ManualClock(START), Metrics()
    known = {"acme": tenant()} if tenants is None else tenants
    chosen = GatewaySettings.model_validate({"host": "127.0.0.1", "port": 0} | settings)
    gateway = Gateway(
        intake=Intake(inbound, known.get, max_json_depth=chosen.max_json_depth),
        writer=writer,
        settings=chosen,
        clock=clock,
        metrics=metrics,
        log=Log("gateway"),
        tracer=tracer,
    )
    server = GatewayServer(gateway, chosen.host, chosen.port, idle_seconds=chosen.idle_seconds)
    await server.start()
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
            yield Running(server.port, gateway, metrics, clock, server, session)
    finally:
        await server.stop()


class Says:
    """An adapter for custom-llm that makes the same events of every body."""

    name = "custom-llm"
    codes = registry.inbound("custom-llm").codes
    probes_with_head = False

    def __init__(self, *events: AnyEvent) -> None:
        self._events = events

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        registry.inbound("custom-llm").verify(delivery, secrets)

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        return Normalized(self._events)


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Everything any logger says meanwhile, formatted as in production."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, before = logging.StreamHandler(stream), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


def signed(platform: str, body: bytes, at: datetime, secret: str = SECRET) -> dict[str, str]:
    """The headers with which `platform` proves that it sent `body`."""
    key = secret.encode()
    if platform == "intercom":
        return {"X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest()}
    if platform == "fin-agent-api":
        return {"X-Fin-Agent-API-Webhook-Signature": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()}
    if platform == "zendesk-events":
        stamp = at.isoformat().replace("+00:00", "Z")
        proof = base64.b64encode(hmac.new(key, stamp.encode() + body, hashlib.sha256).digest()).decode()
        return {"X-Zendesk-Webhook-Signature": proof, "X-Zendesk-Webhook-Signature-Timestamp": stamp}
    if platform == "custom-llm":
        stamp = str(int(at.timestamp()))
        mac = hmac.new(key, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()
        proof = "v1," + base64.b64encode(mac).decode()
        return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": proof}
    return {"X-API-Key": secret}


BODIES: Mapping[str, bytes] = {
    "intercom": json.dumps(
        {
            "type": "notification_event",
            "id": "notif_1",
            "topic": "conversation.user.replied",
            "app_id": "x9k2m1ab",
            "created_at": 1783764000,
            "data": {
                "type": "notification_event_data",
                "item": {
                    "type": "conversation",
                    "id": "c1",
                    "conversation_parts": {
                        "type": "conversation_part.list",
                        "conversation_parts": [
                            {
                                "type": "conversation_part",
                                "id": "p1",
                                "part_type": "comment",
                                "body": "I want my money back",
                                "created_at": 1783764000,
                                "author": {"type": "user", "id": "u1"},
                            }
                        ],
                    },
                },
            },
        }
    ).encode(),
    "fin-agent-api": json.dumps(
        {
            "event_name": "fin_status_updated",
            "conversation_id": "c1",
            "user_id": "u1",
            "status": "escalated",
            "reason": "Escalation requested by user",
            "created_at_ms": "2026-07-11T10:00:00.000Z",
        }
    ).encode(),
    "zendesk-sunco": json.dumps(
        {
            "app": {"id": "app1"},
            "webhook": {"id": "w1", "version": "v2"},
            "events": [
                {
                    "id": "e1",
                    "createdAt": "2026-07-11T10:00:00.000Z",
                    "type": "conversation:message",
                    "payload": {
                        "conversation": {"id": "c1", "type": "personal"},
                        "message": {
                            "id": "m1",
                            "received": "2026-07-11T10:00:00.000Z",
                            "author": {"type": "user", "userId": "u1"},
                            "content": {"type": "text", "text": "I want my money back"},
                            "source": {"type": "web"},
                        },
                    },
                }
            ],
        }
    ).encode(),
    "zendesk-events": json.dumps(
        {
            "account_id": 1,
            "id": "e1",
            "type": "zen:event-type:messaging_ticket.message_added",
            "time": "2026-07-11T10:00:00Z",
            "zendesk_event_version": "2022-11-06",
            "subject": "zen:ticket:1",
            "detail": {"id": "1"},
            "event": {
                "actor": {"id": "u1", "name": "Jo", "type": "end_user"},
                "conversation_id": "c1",
                "message": {"id": "m1", "body": "I want my money back"},
            },
        }
    ).encode(),
    "zendesk-ai-agents-advanced": json.dumps(
        {"botId": "b1", "channel": "chat", "data": {"platformConversationId": "c1", "eventType": "widgetEscalate"}}
    ).encode(),
    "custom-llm": json.dumps(
        {
            "event_id": "evt_1",
            "event_type": "message.created",
            "session": {"id": "c1"},
            "messages": [{"id": "m1", "role": "user", "content": "I want my money back"}],
        }
    ).encode(),
}
"""One good body of each platform, about the conversation `c1`."""
