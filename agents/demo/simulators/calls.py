"""What a simulated vendor's endpoint is: a plain function from a call to a reply, run inside one transaction.

Everything about sockets, faults and logging is in `agents.demo.simulators.serving`; an endpoint sees none of it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from agents.demo.simulators.settings import AccountSettings
from agents.demo.simulators.store import Json, Store


@dataclass(frozen=True)
class Call:
    """One request. `headers` have lower-case names; `base_url` is the account's own, without trailing slash."""

    store: Store
    settings: AccountSettings
    account: str
    base_url: str
    operation: str
    method: str
    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    now: datetime

    @property
    def at(self) -> float:
        """The time of the call in unix seconds, as the store keeps it."""
        return self.now.timestamp()

    def json(self) -> Any:
        """The body as JSON; `ValueError` where it is none."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Webhook:
    """A delivery the simulated platform owes its subscriber once the transaction is through."""

    platform: str
    session_id: str
    event: str
    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Created:
    """The record an answer is about, so that a look-up lag can hide it."""

    table: Literal["tickets", "comments"]
    helpdesk: str
    id: int


@dataclass(frozen=True)
class Reply:
    """An answer. `body`: None is empty, text and bytes stand as they are, anything else becomes JSON.

    `target` names what the call changed, for limits per record. `id_paths` say where the answer names the record,
    so that a fault can name another.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str | None = None
    target: str | None = None
    created: tuple[Created, ...] = ()
    id_paths: tuple[tuple[str, ...], ...] = ()
    webhooks: tuple[Webhook, ...] = ()

    def with_headers(self, headers: Mapping[str, str]) -> "Reply":
        """The same answer with more headers."""
        return replace(self, headers={**self.headers, **headers})

    def raw(self) -> bytes:
        """The bytes on the wire."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()

    @property
    def media_type(self) -> str:
        """Of the body, as declared or as its kind suggests."""
        if self.content_type is not None:
            return self.content_type
        return "text/plain; charset=utf-8" if isinstance(self.body, str | bytes) else "application/json; charset=utf-8"


class Rejected(Exception):
    """The vendor's refusal. Whatever the call had written is rolled back."""

    def __init__(self, reply: Reply) -> None:
        """`reply` is what the caller gets."""
        super().__init__(reply.status)
        self.reply = reply


Endpoint = Callable[[Call], Reply]


@dataclass(frozen=True)
class Operation:
    """An endpoint under a name that faults and the request log know it by, such as `zendesk.create_ticket`."""

    name: str
    method: str
    path: str
    """Below the account's base, in aiohttp's notation."""
    endpoint: Endpoint
    public: bool = False
    """Needs no credentials."""


@dataclass(frozen=True)
class Simulator:
    """One vendor. `guard` answers instead of the endpoint (credentials, limits); `dress` adds its headers."""

    name: str
    operations: tuple[Operation, ...]
    guard: Callable[[Call], None]
    dress: Callable[[Call, Reply], Reply]
    unknown: Callable[[str], Reply]
    """The answer at a path that does not exist."""
    id_offset: int = 500_000
    """How far off a `wrong_id` is."""


def object_of(value: Any, name: str) -> Json | None:
    """The object under `name` in a JSON object, or None."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else None
