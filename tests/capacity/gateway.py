"""Webhooks per second through one gateway process, acknowledged by the broker."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from agents.platforms.signatures import sign_standard
from tests.capacity.process import HopProcess, base_configuration
from tests.capacity.table import Figure
from tests.support.kafka import free_port

_SECRET = "whsec_bm90LWEtc2VjcmV0LW9ubHktZm9yLW1lYXN1cmluZw=="
AT_ONCE = 32
_TURNS = 6


async def measure(bootstrap_servers: str, folder: Path, webhooks: int) -> list[Figure]:
    """Send `webhooks` signed bodies, `AT_ONCE` at a time."""
    port = free_port()
    tenant = {
        "platforms": {"custom-llm": {"secrets": [_SECRET]}},
        "limits": {"webhooks_per_second": 1_000_000},
    }
    made = base_configuration(bootstrap_servers, tenant) | {"gateway": {"host": "127.0.0.1", "port": port}}
    async with HopProcess("gateway", folder, made) as gateway:
        await _send(port, 200)  # connections, caches
        before, started = gateway.cpu_seconds(), time.monotonic()
        again_before = await gateway.metric("handoff_webhooks_total", outcome="later")
        seconds = sorted(await _send(port, webhooks))
        again = await gateway.metric("handoff_webhooks_total", outcome="later") - again_before
        wall, cpu = time.monotonic() - started, gateway.cpu_seconds() - before
        memory = gateway.resident_bytes()
    return [
        Figure("gateway", "webhooks per second, one process", webhooks / wall),
        Figure("gateway", "webhooks per second of processor time", webhooks / cpu),
        Figure("gateway", "median time to a 2xx, ms", seconds[len(seconds) // 2] * 1000),
        Figure("gateway", "99th percentile, ms", seconds[int(len(seconds) * 0.99)] * 1000),
        Figure("gateway", f"asked to come again, of {webhooks:,}", again),
        Figure("gateway", "memory, MiB", memory / 2**20),
    ]


async def _send(port: int, number: int) -> list[float]:
    left = iter(range(number))
    took: list[float] = []
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one_after_the_other() -> None:
            for _ in left:
                body, headers = _webhook()
                started = time.monotonic()
                while not await _accepted(session, port, body, headers):
                    await asyncio.sleep(0.1)  # as a platform comes again
                took.append(time.monotonic() - started)

        await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return took


async def _accepted(session: aiohttp.ClientSession, port: int, body: bytes, headers: dict[str, str]) -> bool:
    url = f"http://127.0.0.1:{port}/v1/events/acme"
    async with session.post(url, data=body, headers=headers) as answer:
        assert answer.status in {200, 202, 503}, await answer.text()
        return answer.status < 300


def _webhook() -> tuple[bytes, dict[str, str]]:
    """A session of six turns, as an application that repeats its whole session sends it."""
    session = str(uuid4())
    said = "My parcel has not arrived and the tracking page shows nothing since Monday, what can I do about it?"
    messages: list[dict[str, Any]] = [
        {"role": "user" if turn % 2 == 0 else "assistant", "content": f"{said} ({turn})"} for turn in range(_TURNS)
    ]
    body = json.dumps(
        {"event_id": session, "event_type": "session.turn", "session": {"id": session}, "messages": messages}
    ).encode()
    signed = sign_standard(SecretStr(_SECRET), message_id=session, at=datetime.now(UTC), body=body)
    return body, signed | {"content-type": "application/json"}
