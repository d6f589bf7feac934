"""What a chat platform adapter is: verify, normalise, and the calls that answer a conversation.

`Inbound` is pure: bytes and settings in, events out. `Outbound` makes calls through the HTTP port.
One module or folder per platform; `agents.platforms.registry` lists them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from pydantic import BaseModel, SecretStr

from agents.outbound import Http
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.people import Customer, Route, Turn
from streams.errors import HandoffError

M = TypeVar("M", bound=BaseModel)

OUR_MARKER = "handoff"
"""The metadata key, tag prefix and header word by which we recognise what we wrote ourselves."""


class Unauthorized(HandoffError):
    """The request is not from the platform. `reason`: missing_signature, bad_signature, stale_timestamp."""

    def __init__(self, reason: str) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason


class BadBody(HandoffError):
    """The body is not one of this platform's. `reason` is a slug; `detail` names fields, never contents."""

    def __init__(self, reason: str, detail: str = "") -> None:
        """See the class."""
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class Delivery:
    """One webhook request as it came. `headers` are found by their names in lower case."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    received_at: datetime


@dataclass(frozen=True)
class Connection:
    """What a tenant configured for one platform: `tenants.<id>.platforms.<name>`.

    `own_ids`: admin, bot and app ids whose messages are our own echo. `options` are the platform's own
    settings (validated by its adapter's `options_model`), `tokens` its outbound credentials by name.
    """

    tenant: str
    platform: str
    secrets: tuple[SecretStr, ...] = ()
    own_ids: frozenset[str] = frozenset()
    tokens: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    mask_email: bool = False
    mask_phone: bool = False
    _read: dict[type[BaseModel], BaseModel] = field(default_factory=dict, init=False, repr=False, compare=False)

    def options_as(self, model: type[M]) -> M:
        """The options with their defaults, validated when they are first asked for."""
        found = self._read.get(model)
        if found is None:
            found = self._read[model] = model.model_validate(dict(self.options))
        return cast("M", found)


@dataclass(frozen=True)
class Normalized:
    """What a body became. `ignored` are slugs, one per thing that was certain to be no event.

    `answer`: the JSON the platform waits for in the response (Zendesk AI agents' `isTeamOnline`).
    """

    events: tuple[AnyEvent, ...] = ()
    ignored: tuple[str, ...] = ()
    answer: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class StatusCodes:
    """What to answer so that this platform does the right thing."""

    accepted: int = 200
    retry_later: int = 503
    """We cannot take it now (Kafka away, overload): the code this sender retries."""
    retry_after_seconds: int | None = None
    malformed: int = 400
    unauthorized: int = 401
    too_many: int = 429


class Inbound(Protocol):
    """The pure half."""

    name: str
    codes: StatusCodes
    probes_with_head: bool

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        """Return when one of `secrets` proves the sender over the raw bytes; raise `Unauthorized` otherwise.

        Constant time per secret. `delivery.received_at` is the time for replay windows.
        """
        ...

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        """What `body` (the parsed JSON of `delivery.body`) says, or `BadBody`."""
        ...


@dataclass(frozen=True)
class Address:
    """The conversation a call is about."""

    connection: Connection
    conversation_id: str
    channel: str | None
    customer: Customer
    route: Route
    escalation_id: str = ""
    """Why it is called: where a receiver drops repeats, a later escalation of the conversation is no repeat."""


@dataclass(frozen=True)
class Transcript:
    """The platform's own record, oldest first. `truncated`: more turns exist than could be read."""

    turns: tuple[Turn, ...]
    truncated: bool = False
    customer: Customer | None = None
    human_holds: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Notice:
    """What the customer is told, in plain text, and the marker by which its echo is known."""

    text: str
    notification_id: str
    escalation_id: str
    ticket_id: str | None = None
    waiting_minutes: int | None = None


class Unsupported(HandoffError):
    """The platform has no such call; a slug says why. The notifier records it and goes on."""

    def __init__(self, reason: str) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason


class CallFailed(HandoffError):
    """The platform answered, and refused. `retryable`: it may succeed later, nothing was done."""

    def __init__(self, reason: str, *, retryable: bool, retry_after_seconds: float | None = None) -> None:
        """`reason` is a slug such as `http_403`."""
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable
        self.retry_after_seconds = retry_after_seconds


class Outbound(Protocol):
    """The calls. Each raises `NotSent`, `Ambiguous`, `CallFailed` or `Unsupported`; a return means done."""

    name: str
    can_find_own_messages: bool

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        """The newest `max_turns` turns, oldest first, as plain text."""
        ...

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        """Tell the customer, marked so that the echo is recognised."""
        ...

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        """Whether our message for that notice is in the platform's transcript already.

        By `notice.notification_id` where messages carry metadata, else by its text under our own id. Where the
        receiver drops repeats by that id, the answer is False: saying it again is safe.
        """
        ...

    async def quiet(self, http: Http, address: Address) -> None:
        """Stop the AI from answering in this conversation; safe to repeat."""
        ...

    async def close(self, http: Http, address: Address) -> None:
        """End or hand over the AI session; safe to repeat. Never called while a human queue holds it."""
        ...
