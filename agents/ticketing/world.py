"""What the steps of a command need of the outside. Every await here is a point at which the process may die.

The live implementation is `live_world` with `live_desk`; the simulation in the tests has its own, in which time,
brokers, helpdesk and death are deterministic. The steps themselves use nothing else: no clock, no asyncio.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from agents.helpdesks.port import Account, Answer, Draft, Helpdesk, Requester, TicketFile, TicketKey, TicketRef
from agents.platforms.port import Transcript
from agents.settings import TenantSettings, TicketingSettings
from agents.ticketing.parked import Waiting
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import AnyLedgerEntry, PreparedRequest
from streams.contracts.notification_events import AnyNotification
from streams.contracts.people import Attachment, Customer
from streams.errors import HandoffError
from streams.kafka.record import Record

LEAVING = "leaving"
"""The reason of a command that would wait in place while its partition is given away."""


class MustWait(HandoffError):
    """The command cannot be carried out now: it has to be parked.

    `away`: because the helpdesk is, and not by our own doing. `tell`: the customer hears that it takes longer, as
    they always do while the helpdesk is away. `asked_seconds`: the wait it asked for, or the one our rules demand.
    """

    def __init__(
        self, reason: str, *, asked_seconds: float | None = None, away: bool = True, tell: bool | None = None
    ) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason
        self.asked_seconds = asked_seconds
        self.away = away
        self.tell = away if tell is None else tell


class MustSkip(HandoffError):
    """Nothing is to be done, and nobody touched: observe, tenant_observes, test."""

    def __init__(self, reason: str) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason


class RefusedByHelpdesk(HandoffError):
    """The helpdesk definitely did not do it, and never will. Its INTENT is tombstoned."""

    def __init__(self, answer: Answer) -> None:
        """See the class."""
        super().__init__(answer.reason)
        self.answer = answer


class Desk(Protocol):
    """One tenant's helpdesk account, behind its bulkhead: bucket, breaker, bound on calls at a time.

    `send` and `attach_file` never raise for what the other side does: not sent is `unavailable`, no answer is
    `ambiguous`, an open breaker is `unavailable` with the reason `breaker_open`. The look-ups raise
    `HelpdeskUnavailable` for every answer from which nothing may be concluded.
    """

    @property
    def helpdesk(self) -> Helpdesk: ...

    @property
    def account(self) -> Account: ...

    async def admit(self) -> None:
        """Return when a write may be sent at once; raises `HelpdeskUnavailable` where that would take too long.

        Until `send` or `leave` it keeps others from being sent.
        """
        ...

    def leave(self) -> None:
        """Nothing comes of what was admitted, or it goes another way; does nothing where nothing was."""
        ...

    async def send(self, request: PreparedRequest) -> Answer:
        """The very bytes of `request`, with credentials and the idempotency key it names."""
        ...

    async def attach_file(self, ticket_id: str, file: TicketFile, action_id: str) -> Answer: ...

    async def find_ticket(self, key: TicketKey) -> Sequence[TicketRef]: ...

    async def has_comment(self, ticket_id: str, action_id: str) -> bool: ...

    async def get_ticket(self, ticket_id: str) -> TicketRef | None: ...

    async def find_requester(self, customer: Customer) -> Requester | None: ...

    async def create_requester(self, customer: Customer, derived_external_id: str) -> Requester: ...

    async def update_requester_email(self, requester: Requester, email: str) -> bool: ...

    async def open_tickets(self, requester: Requester) -> Sequence[TicketRef]: ...

    async def recent_tickets(self, since: datetime) -> Sequence[TicketRef]: ...


class Handover(Protocol):
    """A platform where passing the conversation to people opens the ticket itself.

    The look-ups raise `HelpdeskUnavailable`; `pass_control` is safe to repeat and raises as little as `Desk.send`.
    """

    async def who_is_active(self) -> Literal["bot", "agent_workspace", "nobody"]: ...

    def render(self, draft: Draft) -> PreparedRequest:
        """The call that hands over, with our marker and the ticket's fields in it."""
        ...

    async def pass_control(self, request: PreparedRequest) -> Answer:
        """`done` means that it was accepted; the ticket comes into being on its own time."""
        ...

    async def find(self, requester_id: str | None, since: datetime, *, newest: bool) -> TicketRef | None:
        """The ticket with our marker; else, where `newest`, the requester's newest one from that platform."""
        ...


@dataclass(frozen=True)
class NotCopied:
    """Why a file was not fetched: not_allowed, private, too_large, http_<status>, no_answer."""

    reason: str


class World(Protocol):
    """Everything else, for one partition."""

    @property
    def settings(self) -> TicketingSettings: ...

    @property
    def partitions(self) -> int:
        """Of `escalation.commands`: a tenant's cap is shared out among them."""
        ...

    def now(self) -> datetime:
        """Wall-clock time."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; only differences mean anything."""
        ...

    def jitter(self) -> float:
        """Chance, from 0 to 1."""
        ...

    def still_ours(self) -> None:
        """Return while this process may act for its partition; raise where it slept for too long (see `lease`)."""
        ...

    def tenant(self, name: str) -> TenantSettings | None:
        """The tenant's settings as they are at this moment."""
        ...

    def desk(self, tenant: str, since: datetime | None = None) -> Desk | None:
        """The tenant's helpdesk; None: none is configured. Who waits longest, `since` when, has its calls made first.

        None: after everybody else.
        """
        ...

    def handover(self, command: AnyCommand) -> Handover | None:
        """How the conversation is handed over where that opens the ticket; None: tickets are created."""
        ...

    def saw(self, event: str, /, **fields: str) -> None:
        """Something happened that is counted and logged. Never awaits, never fails."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after `seconds`; raises `MustWait` at once where the partition is about to be given away."""
        ...

    async def write_ledger(self, key: str, entry: AnyLedgerEntry | None) -> None:
        """Return once the brokers have it. None is a tombstone."""
        ...

    async def notify(self, command: AnyCommand, notification: AnyNotification) -> None:
        """Return once the brokers have it."""
        ...

    async def park(self, record: Record, waiting: Waiting) -> None:
        """The record at the tail of the parked topic; returns once the brokers have it."""
        ...

    async def transcript(self, command: AnyCommand) -> Transcript | None:
        """The platform's own record; None where it has none, or gives none in a few seconds."""
        ...

    async def fetch(self, attachment: Attachment) -> TicketFile | NotCopied:
        """The file, from an allowed host and under the size cap."""
        ...
