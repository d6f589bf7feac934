"""What a helpdesk adapter is. Rendering and reading answers are pure; look-ups go through the HTTP port.

The order of the steps around a call (INTENT, call, OUTCOME) is ticketing's; an adapter only knows its API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import SecretStr

from agents.outbound import Http, HttpResponse
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Attachment, Customer, Turn


@dataclass(frozen=True)
class Account:
    """One helpdesk account as one tenant sees it: `tenants.<id>.helpdesk`.

    `options` are the helpdesk's own settings (brand, form, custom field ids), `groups` maps the policy's group
    names to ids, `tokens` are credentials by name. `base_url` has no trailing slash.
    """

    tenant: str
    helpdesk: str
    base_url: str
    tokens: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    groups: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    first_comment: Literal["public", "private"] = "private"
    """`private` keeps the helpdesk from mailing the transcript to the customer (helpdesks differ: see adapters)."""


@dataclass(frozen=True)
class Requester:
    """A contact at the helpdesk."""

    id: str
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class TicketRef:
    """A ticket of ours at the helpdesk."""

    id: str
    url: str | None = None
    status: str | None = None
    created_at: datetime | None = None
    escalation_id: str | None = None
    closed: bool = False
    """No comment can be added any more: what comes later needs a follow-up."""


@dataclass(frozen=True)
class Draft:
    """Everything a ticket is rendered from. Text in it is plain and already sanitised by `agents.text`."""

    command: OpenTicket
    turns: tuple[Turn, ...]
    turns_omitted: int
    transcript_from: Literal["platform", "events"]
    customer: Customer
    requester: Requester | None
    attachments: tuple[Attachment, ...] = ()
    linked_ticket_id: str | None = None
    now: datetime | None = None


Verdict = Literal["done", "refused", "degradable", "rate_limited", "unavailable", "ambiguous", "key_reused"]
"""What an answer to a write means.

done: carried out. refused: definitely not, and never will be. degradable: refused because of a group, form, field
or brand; a minimal ticket may pass. rate_limited, unavailable: definitely not carried out, try later.
ambiguous: may have been carried out, look first. key_reused: the idempotency key was used with another body, look.
"""


@dataclass(frozen=True)
class Answer:
    """A reading of a response to a write."""

    verdict: Verdict
    reason: str
    ticket: TicketRef | None = None
    retry_after_seconds: float | None = None


class Helpdesk(Protocol):
    """One helpdesk's API."""

    name: str
    idempotency_window_seconds: float | None
    """How long the helpdesk remembers a key; None: it knows no keys."""

    # Pure: the very bytes that will be sent, and what an answer means.
    def render_open(self, account: Account, draft: Draft) -> PreparedRequest:
        """The ticket. Its idempotency key is the command's `action_id`; `escalation_id` stands in the ticket."""
        ...

    def render_minimal(self, account: Account, draft: Draft) -> PreparedRequest:
        """The ticket without group, form, field or brand, tagged `handoff_degraded`, under its own key."""
        ...

    def render_note(self, account: Account, ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
        """A private note, findable by `action_id`: evidence, links, what was left out."""
        ...

    def render_append(
        self, account: Account, ticket_id: str, turn: Turn, *, action_id: str
    ) -> PreparedRequest:
        """What the customer wrote later, as a comment, findable by `action_id`."""
        ...

    def render_follow_up(self, account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
        """A new ticket linked to one that takes no more comments."""
        ...

    def read_write(self, response: HttpResponse) -> Answer:
        """What the answer to any of the requests above means. An HTML page with 200 is `ambiguous`."""
        ...

    # Calls. Each raises `NotSent` or `Ambiguous`, or `HelpdeskUnavailable` where the answer is unusable.
    async def authorize(self, http: Http, account: Account) -> Mapping[str, str]:
        """The headers that authenticate a request; tokens are minted and cached here."""
        ...

    async def find_ticket(self, http: Http, account: Account, draft_key: "TicketKey") -> list[TicketRef]:
        """Tickets that carry this escalation id, through the list endpoint, oldest first. Complete, or it raises."""
        ...

    async def has_comment(self, http: Http, account: Account, ticket_id: str, action_id: str) -> bool:
        """Whether a comment with that marker exists. Complete, or it raises."""
        ...

    async def get_ticket(self, http: Http, account: Account, ticket_id: str) -> TicketRef | None:
        """The ticket as it is now; None where it does not exist."""
        ...

    async def find_requester(self, http: Http, account: Account, customer: Customer) -> Requester | None:
        """By known id, else external id, else e-mail, else phone."""
        ...

    async def create_requester(
        self, http: Http, account: Account, customer: Customer, *, derived_external_id: str
    ) -> Requester:
        """A contact, possibly without e-mail, under a derived external id, so that a repeat finds it."""
        ...

    async def open_tickets(self, http: Http, account: Account, requester: Requester) -> list[TicketRef]:
        """The requester's tickets of ours that still take comments, newest first."""
        ...


@dataclass(frozen=True)
class TicketKey:
    """What a ticket of ours can be found by."""

    escalation_id: str
    requester: Requester | None
    since: datetime
