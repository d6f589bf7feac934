"""Webhook bodies on their way through an adapter, as the gateway would send them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from agents.platforms import registry
from agents.platforms.port import Connection, Delivery, Normalized

SAMPLES = Path(__file__).parents[1] / "samples"
RECEIVED_AT = datetime(2026, 7, 11, 10, 0, 30, tzinfo=UTC)


def delivery(body: Any, headers: dict[str, str] | None = None, at: datetime = RECEIVED_AT) -> Delivery:
    """A request. `body`: bytes stand as they are, anything else becomes JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(raw, headers or {}, at)


def connection(platform: str, **settings: Any) -> Connection:
    """A connection of the tenant `acme`; `secrets` and `tokens` may be plain strings."""
    settings["secrets"] = tuple(SecretStr(secret) for secret in settings.get("secrets", ()))
    settings["tokens"] = {name: SecretStr(token) for name, token in settings.get("tokens", {}).items()}
    settings["own_ids"] = frozenset(settings.get("own_ids", ()))
    return Connection("acme", platform, **settings)


def normalized(platform: str, body: Any, headers: dict[str, str] | None = None, **settings: Any) -> Normalized:
    """What the adapter makes of `body`."""
    parsed = json.loads(body) if isinstance(body, bytes) else body
    adapter = registry.inbound(platform)
    return adapter.normalize(delivery(body, headers), parsed, connection(platform, **settings))


def sample(path: str) -> Any:
    """A sample body, parsed."""
    return json.loads((SAMPLES / path).read_bytes())


def kinds(told: Normalized) -> list[str]:
    """The kinds of the events, in order, with what distinguishes them: `message/ai`, `ended/human`."""
    marks = ("author", "outcome", "holder", "by")
    found = []
    for event in told.events:
        mark = next((getattr(event, name) for name in marks if hasattr(event, name)), None)
        found.append(f"{event.kind}/{mark}" if mark else event.kind)
    return found
