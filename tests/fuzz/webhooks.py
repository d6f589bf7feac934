"""What strangers post: the six platforms' bodies, the proofs that they are who they say, and trace headers."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from pydantic import SecretStr

from agents.gateway.strict_json import NotStrictJson, loads
from agents.platforms import registry
from agents.platforms.documented import SENDERS
from agents.platforms.port import BadBody, Delivery, Unauthorized
from streams import codec
from streams.contracts.conversation_events import EVENT
from streams.trace import child_of
from tests.fuzz.mutation import broken, json_bytes, text_bytes
from tests.fuzz.target import Broke, Target
from tests.support.deliveries import SAMPLES, connection
from tests.support.gateway import BODIES, START, signed

AT = datetime(2026, 7, 11, 10, 0, 30, tzinfo=UTC)
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


def _seeds(platform: str) -> list[Any]:
    files = sorted((SAMPLES / platform).glob("*.json"))
    samples = [json.loads(path.read_bytes()) for path in files if not path.name.startswith(("GET", "out."))]
    return [*samples, json.loads(BODIES[platform]), SENDERS[platform].example]


def _webhook(platform: str) -> Target:
    inbound = registry.inbound(platform)

    def play(data: bytes) -> str:
        told = inbound.normalize(Delivery(data, {}, AT), loads(data, max_depth=64), connection(platform))
        if not (told.events or told.ignored):
            raise Broke("neither an event nor a reason for none")
        for event in told.events:
            codec.decode(EVENT, codec.encode(event))
            event.event_id.encode("ascii", "strict") if event.event_id.isascii() else event.event_id.encode()
        if not all(_SLUG.fullmatch(reason) for reason in told.ignored):
            raise Broke("a reason is a slug")
        return " ".join(sorted({event.kind for event in told.events} | set(told.ignored)))

    return Target(f"webhook-{platform}", json_bytes(_seeds(platform)), play, (BadBody, NotStrictJson))


def _request(platform: str) -> bytes:
    """A request as one piece: a line with the platform, the header lines, an empty line, the body."""
    body = BODIES[platform]
    lines = [platform, *(f"{name.lower()}: {value}" for name, value in signed(platform, body, START).items())]
    return "\n".join(lines).encode() + b"\n\n" + body


def _prove(data: bytes) -> str:
    """Under a secret that no input knows, nothing passes."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("utf-8", "surrogateescape").split("\n")
    platform = first if first in registry.NAMES else registry.NAMES[len(data) % len(registry.NAMES)]
    headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
    registry.inbound(platform).verify(Delivery(body, headers, AT), (SecretStr("unknown to all"), SecretStr("")))
    raise Broke(f"{platform} took a request for proven that was not")


def _trace(data: bytes) -> str:
    given = data.decode("utf-8", "surrogateescape")
    made = child_of(given)
    if not _TRACEPARENT.fullmatch(made):
        raise Broke("no trace header came of it")
    codec.headers_for(event_id="e", source="s", kind="message", at=AT, traceparent=made)
    return "continued" if made[3:35] in given else "begun"


def _kafka_header(data: bytes) -> str:
    found = codec.header([("ce_id", b"1"), ("ce_id", data), ("other", None)], "ce_id")
    return "text" if found else "empty"


_TRACES = [b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", b"00-" + b"0" * 32 + b"-b7ad6b7169203331-01"]

TARGETS = (
    *(_webhook(platform) for platform in registry.NAMES),
    Target("signatures", broken([_request(platform) for platform in registry.NAMES]), _prove, (Unauthorized,)),
    Target("traceparent", st.one_of(broken(_TRACES), text_bytes(_TRACES)), _trace, ()),
    Target("kafka-header", text_bytes(), _kafka_header, ()),
)
assert Path(SAMPLES).is_dir()
