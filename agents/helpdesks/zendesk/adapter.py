"""Zendesk behind `port.Helpdesk`: thin, every piece has a module of its own."""

# ruff: noqa: ARG002 - the port gives every helpdesk the same arguments; not each needs them all

from collections.abc import Iterable, Mapping
from datetime import datetime

from agents.helpdesks.finding import Finding
from agents.helpdesks.port import (
    Account,
    Answer,
    Draft,
    Note,
    Requester,
    TicketFile,
    TicketKey,
    TicketRef,
)
from agents.helpdesks.zendesk import answers, files, probe, render, tickets, users
from agents.helpdesks.zendesk.auth import Credentials
from agents.helpdesks.zendesk.client import ZendeskClient
from agents.helpdesks.zendesk.options import ZendeskOptions
from agents.outbound import Http, HttpResponse
from streams.clock import Clock
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer, Turn


class Zendesk:
    """One per process: it keeps the tokens of all accounts."""

    name = "zendesk"
    idempotency_window_seconds: float | None = 7200.0
    options_model = ZendeskOptions

    def __init__(self, clock: Clock) -> None:
        """`clock` ages tokens."""
        self._credentials = Credentials(clock)

    def render_open(self, account: Account, draft: Draft) -> PreparedRequest:
        return render.render_open(account, draft)

    def render_minimal(self, account: Account, draft: Draft) -> PreparedRequest:
        return render.render_minimal(account, draft)

    def render_notes(self, account: Account, draft: Draft, ticket_id: str, *, after: str = "open") -> tuple[Note, ...]:
        return render.render_notes(account, draft, ticket_id, after=after)

    def rest(self, account: Account, draft: Draft) -> TicketFile | None:
        return render.rest(account, draft)

    def render_note(self, account: Account, ticket_id: str, text: str, *, action_id: str) -> PreparedRequest:
        return render.render_note(ticket_id, text, action_id=action_id)

    def render_append(
        self, account: Account, ticket_id: str, turn: Turn, *, action_id: str, reopen: bool = False
    ) -> PreparedRequest:
        return render.render_append(ticket_id, turn, action_id=action_id, reopen=reopen)

    def render_follow_up(self, account: Account, closed: TicketRef, draft: Draft) -> PreparedRequest:
        return render.render_follow_up(account, closed, draft)

    def render_attach(self, account: Account, draft: Draft, ticket_id: str, *, action_id: str) -> PreparedRequest:
        return render.render_attach(account, draft, ticket_id, action_id=action_id)

    def render_close(self, account: Account, ticket_id: str) -> PreparedRequest:
        return render.render_close(ticket_id)

    def read_write(self, response: HttpResponse) -> Answer:
        return answers.read_write(response)

    async def authorize(
        self, http: Http, account: Account, *, rejected: Mapping[str, str] | None = None
    ) -> Mapping[str, str]:
        return await self._credentials.headers(http, account, rejected)

    async def find_ticket(self, http: Http, account: Account, draft_key: TicketKey) -> list[TicketRef]:
        return await tickets.find_ticket(self._client(http, account), account, draft_key)

    async def recent_tickets(self, http: Http, account: Account, *, since: datetime) -> list[TicketRef]:
        return await tickets.recent_tickets(self._client(http, account), account, since)

    async def has_comment(self, http: Http, account: Account, ticket_id: str, action_id: str) -> bool:
        return await tickets.has_comment(self._client(http, account), ticket_id, action_id)

    async def get_ticket(self, http: Http, account: Account, ticket_id: str) -> TicketRef | None:
        return await tickets.get_ticket(self._client(http, account), account, ticket_id)

    async def find_requester(self, http: Http, account: Account, customer: Customer) -> Requester | None:
        return await users.find_requester(self._client(http, account), customer)

    async def create_requester(
        self, http: Http, account: Account, customer: Customer, *, derived_external_id: str
    ) -> Requester:
        client = self._client(http, account)
        return await users.create_requester(client, customer, derived_external_id=derived_external_id)

    async def update_requester_email(self, http: Http, account: Account, requester: Requester, email: str) -> bool:
        return await users.update_requester_email(self._client(http, account), requester, email)

    async def open_tickets(self, http: Http, account: Account, requester: Requester) -> list[TicketRef]:
        return await tickets.open_tickets(self._client(http, account), account, requester)

    async def attach_file(
        self, http: Http, account: Account, ticket_id: str, file: TicketFile, *, action_id: str
    ) -> Answer:
        return await files.attach_file(self._client(http, account), account, ticket_id, file, action_id=action_id)

    async def newest_messaging_ticket(
        self, http: Http, account: Account, requester_id: str, since: datetime
    ) -> TicketRef | None:
        """The requester's newest unsolved ticket from Zendesk Messaging that was made or touched since then."""
        return await tickets.newest_messaging_ticket(self._client(http, account), account, requester_id, since)

    async def find_by_marker(
        self, http: Http, account: Account, requester_id: str, escalation_id: str
    ) -> TicketRef | None:
        """The requester's ticket that carries the escalation's own tag (`tags.marker`) or external id."""
        return await tickets.find_by_marker(self._client(http, account), account, requester_id, escalation_id)

    async def probe(self, http: Http, account: Account, policy_groups: Iterable[str] = ()) -> list[Finding]:
        """See `zendesk.probe`."""
        return await probe.probe(self._client(http, account), account, tuple(policy_groups))

    def _client(self, http: Http, account: Account) -> ZendeskClient:
        return ZendeskClient(http, account, self._credentials)
