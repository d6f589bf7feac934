"""`notification.events`: news about an escalation, for the customer and for anyone who listens."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from streams.contracts.base import SCHEMA_VERSION, Contract, Moment, PlatformId, TenantId
from streams.contracts.escalation_commands import Mode, ResponsePromise
from streams.contracts.people import Customer, Route


class Ticket(Contract):
    """The ticket as the customer and the agent know it."""

    id: str
    url: Annotated[str | None, Field(description="for agents; never sent to the customer")] = None
    helpdesk: str


class Notification(Contract):
    """The fields all kinds share."""

    schema_version: int = SCHEMA_VERSION
    notification_id: str
    escalation_id: str
    tenant: TenantId
    conversation_id: PlatformId
    platform: str
    occurred_at: Moment
    decided_at: Annotated[Moment, Field(description="of the escalation: the clock of the ten-second promise")]
    reason: str
    mode: Mode = "live"
    channel: str | None = None
    locale: str | None = None
    customer: Customer = Customer()
    route: Route = Route()
    group: str | None = None
    response: ResponsePromise | None = None
    test: bool = False


class Accepted(Notification):
    """A person will take over: written before any outside call."""

    kind: Literal["accepted"] = "accepted"


class Opened(Notification):
    """The ticket exists."""

    kind: Literal["opened"] = "opened"
    ticket: Ticket
    human_holds: Annotated[bool, Field(description="a human queue holds the chat: it is never closed")] = False
    ask_for_address: Annotated[bool, Field(description="the customer is anonymous: ask for an e-mail")] = False


class Attached(Notification):
    """The escalation went to a ticket the customer already had."""

    kind: Literal["attached"] = "attached"
    ticket: Ticket
    human_holds: bool = False
    ask_for_address: bool = False


class Delayed(Notification):
    """The helpdesk is away; said once."""

    kind: Literal["delayed"] = "delayed"
    cause: str


class Failed(Notification):
    """No ticket could be opened; a person of ours has to look (dead letter)."""

    kind: Literal["failed"] = "failed"
    cause: str


AnyNotification = Accepted | Opened | Attached | Delayed | Failed
NOTIFICATION: TypeAdapter[AnyNotification] = TypeAdapter(Annotated[AnyNotification, Field(discriminator="kind")])
