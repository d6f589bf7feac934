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
from streams.errors import HandoffError


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
    first_comment: Literal["public", "private"] | None = None
    """None is the adapter's default: the one after which neither the helpdesk mails the transcript nor the
    agent's replies end up private by accident. Why it is what it is stands in the adapters' docstrings."""


@dataclass(frozen=True)
class Requester:
    """A contact at the helpdesk."""

    id: str
    name: str | None = None
    email: str | None = None
    end_user: bool = True
    """False: an agent's own account, which must never appear as the author of what a customer wrote."""
    made: bool = False
    """The contact was made by this very call: it has no tickets yet."""


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
    requester_refused: bool = False
    """Set for `render_minimal` after an answer `rejected_requester`: the ticket is then nobody's, the customer's
    address stands in its text alone."""
    texts: dict[Any, Any] = field(init=False, repr=False, compare=False, default_factory=dict)
    """What `first_screen.build` made of it; a changed copy begins anew."""


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
    warnings: tuple[str, ...] = ()
    """What the helpdesk says it ignored (`x-zendesk-api-warn`): names of our own keys, worth a log line."""


class HelpdeskUnavailable(HandoffError):
    """A look-up got no usable answer. `reason`: unauthorized, forbidden, rate_limited, http_<status>,
    unusable_answer, incomplete, token_<reason>. Nothing may be concluded from it, least of all «not found».
    """

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None) -> None:
        """See the class."""
        super().__init__(reason)
        self.reason = reason
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class Note:
    """What belongs into a ticket but not into the call that creates it. `action` names it in the ledger."""

    action: str
    action_id: str
    request: PreparedRequest


@dataclass(frozen=True)
class TicketFile:
    """A file to be attached to a ticket: a customer's attachment, or the part of a transcript that was too long."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


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

    def render_notes(self, account: Account, draft: Draft, ticket_id: str, *, after: str = "open") -> tuple[Note, ...]:
        """The private notes that follow a create, in order, each an action of its own: evidence, and, where the
        first comment is public, the first screen and the transcript that it must not hold.

        `after`: the action that created the ticket. `open` and `minimal` share their notes; those of a
        `follow_up` are actions of their own.
        """
        ...

    def rest(self, account: Account, draft: Draft) -> TicketFile | None:
        """The part of the transcript that fitted into none of the above, to be attached; None: nothing is left."""
        ...

    def render_note(self, account: Account, ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
        """A private note, findable by `action_id`: links, what could not be copied."""
        ...

    def render_append(
        self, account: Account, ticket_id: str, turn: Turn, *, action_id: str, reopen: bool = False
    ) -> PreparedRequest:
        """What the customer wrote later, as a private comment, findable by `action_id`.

        `reopen`: the ticket waits or is solved, and an agent has to see it again.
        """
        ...

    def render_follow_up(self, account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
        """A new ticket linked to one that takes no more comments."""
        ...

    def render_attach(self, account: Account, draft: Draft, ticket_id: str, *, action_id: str) -> PreparedRequest:
        """The escalation as one private comment on a ticket that its customer already has: first screen, transcript
        and evidence, findable by `action_id`. The ticket is opened again where it waits or is solved.
        """
        ...

    def render_close(self, account: Account, ticket_id: str) -> PreparedRequest:
        """Close a second ticket of one escalation, tagged `handoff_duplicate`, telling nobody; safe to repeat."""
        ...

    def read_write(self, response: HttpResponse) -> Answer:
        """What the answer to any of the requests above means. An HTML page with 200 is `ambiguous`."""
        ...

    # Calls. Each raises `NotSent` or `Ambiguous`, or `HelpdeskUnavailable` where the answer is unusable.
    async def authorize(
        self, http: Http, account: Account, *, rejected: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        """The headers that authenticate a request; tokens are minted and cached here.

        After a 401, pass the headers it answered as `rejected`: they are not handed out again.
        """
        ...

    async def find_ticket(self, http: Http, account: Account, draft_key: "TicketKey") -> list[TicketRef]:
        """Tickets that carry this escalation id, through the list endpoint, oldest first. Complete, or it raises."""
        ...

    async def recent_tickets(self, http: Http, account: Account, *, since: datetime) -> list[TicketRef]:
        """All tickets of ours created since then, each with its `escalation_id`, oldest first, through the list
        endpoint. Complete, or it raises. The reconciler groups them.
        """
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

    async def update_requester_email(self, http: Http, account: Account, requester: Requester, email: str) -> bool:
        """Give a contact the address its person told us. False: the address belongs to another contact already,
        which is left alone, as is this one. Safe to repeat.
        """
        ...

    async def open_tickets(self, http: Http, account: Account, requester: Requester) -> list[TicketRef]:
        """The requester's tickets of ours that are neither solved nor closed, newest first."""
        ...

    async def attach_file(
        self, http: Http, account: Account, ticket_id: str, file: TicketFile, *, action_id: str
    ) -> Answer:
        """Attach a file in a private note, findable by `action_id`; its bytes are in no ledger: look first."""
        ...


@dataclass(frozen=True)
class TicketKey:
    """What a ticket of ours can be found by."""

    escalation_id: str
    requester: Requester | None
    since: datetime
