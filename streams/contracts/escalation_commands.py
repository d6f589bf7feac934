"""`escalation.commands`: what ticketing is asked to do, with everything it needs to do it.

`escalation.commands.parked` carries the same records, moved there while a helpdesk is away.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, EventId, Moment, PlatformId, Scalar, TenantId
from streams.contracts.people import Attachment, Customer, Route, Turn

Mode = Literal["observe", "live"]
Priority = Literal["low", "normal", "high", "urgent"]

REASONS = (
    "human_requested",
    "platform_escalated",
    "unresolved",
    "low_confidence",
    "too_many_turns",
    "repetition",
    "trigger_phrase",
    "silence",
)
"""The reasons the product knows; a policy file may name more."""


class Evidence(Contract):
    """One signal, what it measured, what it was measured against, and the events that carried it."""

    signal: Annotated[str, Field(description="the reason this signal speaks for")]
    fired: bool
    value: Scalar = None
    threshold: Scalar = None
    event_ids: tuple[EventId, ...] = ()
    span: Annotated[str | None, Field(description="the words that matched")] = None
    detail: str | None = None


class ResponsePromise(Contract):
    """How soon a person answers, as the policy promises it."""

    within_minutes: Annotated[int, Field(gt=0)]
    calendar: Annotated[str | None, Field(description="business hours by name; none: round the clock")] = None


class Routing(Contract):
    """Where the ticket goes."""

    rule: Annotated[str, Field(description="the routing rule that matched, for the audit")]
    group: Annotated[str | None, Field(description="the group by its name; none: the helpdesk's default")] = None
    priority: Priority = "normal"
    tags: tuple[str, ...] = ()
    response: ResponsePromise | None = None


class Command(Contract):
    """The fields all commands share."""

    schema_version: int = SCHEMA_VERSION
    tenant: TenantId
    conversation_id: PlatformId
    platform: str
    escalation_id: str
    action_id: str
    episode: EventId
    mode: Mode
    decided_at: Annotated[Moment, Field(description="the time of the event that decided")]
    channel: str | None = None
    locale: str | None = None
    customer: Customer = Customer()
    route: Route = Route()
    test: bool = False


class OpenTicket(Command):
    """Open the one ticket of this escalation."""

    kind: Literal["open_ticket"] = "open_ticket"
    reason: str
    evidence: tuple[Evidence, ...]
    policy: Annotated[str, Field(description="sha256 of the policy text that decided")]
    routing: Routing
    intent: str | None = None
    intent_source: Annotated[str | None, Field(description="platform, attribute, tag or words")] = None
    attributes: dict[str, Scalar] = Field(default_factory=dict)
    tags: tuple[str, ...] = ()
    turns: Annotated[tuple[Turn, ...], Field(description="the newest turns, oldest first")] = ()
    turns_omitted: Annotated[int, Field(ge=0)] = 0
    attachments: tuple[Attachment, ...] = ()
    opened_at: Annotated[Moment | None, Field(description="when the episode began")] = None


class AppendToTicket(Command):
    """Add what the customer wrote after the escalation to its ticket."""

    kind: Literal["append_to_ticket"] = "append_to_ticket"
    turn: Turn


AnyCommand = OpenTicket | AppendToTicket
COMMAND: TypeAdapter[AnyCommand] = TypeAdapter(Annotated[AnyCommand, Field(discriminator="kind")])
