"""Freshdesk behind `port.Helpdesk`: thin, every piece has a module of its own."""

# ruff: noqa: ARG002 - the port gives every helpdesk the same arguments; not each needs them all

from collections.abc import Iterable, Mapping
from datetime import datetime

from agents.helpdesks.finding import Finding
from agents.helpdesks.freshdesk import answers, contacts, files, probe, render, tickets
from agents.helpdesks.freshdesk.client import FreshdeskClient, headers
from agents.helpdesks.freshdesk.options import FreshdeskOptions
from agents.helpdesks.port import Account, Answer, Draft, Note, Requester, TicketFile, TicketKey, TicketRef
from agents.outbound import Http, HttpResponse
from streams.clock import Clock
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer, Turn


class Freshdesk:
    """One per process."""

    name = "freshdesk"
    idempotency_window_seconds: float | None = None
    options_model = FreshdeskOptions

    def __init__(self, clock: Clock) -> None:
        """`clock` tells how far back open tickets are looked for."""
        self._clock = clock

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
        return render.render_append(ticket_id, turn, action_id=action_id)

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
        return headers(account)

    async def find_ticket(self, http: Http, account: Account, draft_key: TicketKey) -> list[TicketRef]:
        return await tickets.find_ticket(FreshdeskClient(http, account), account, draft_key)

    async def recent_tickets(self, http: Http, account: Account, *, since: datetime) -> list[TicketRef]:
        return await tickets.recent_tickets(FreshdeskClient(http, account), account, since)

    async def has_comment(self, http: Http, account: Account, ticket_id: str, action_id: str) -> bool:
        return await tickets.has_comment(FreshdeskClient(http, account), ticket_id, action_id)

    async def get_ticket(self, http: Http, account: Account, ticket_id: str) -> TicketRef | None:
        return await tickets.get_ticket(FreshdeskClient(http, account), account, ticket_id)

    async def find_requester(self, http: Http, account: Account, customer: Customer) -> Requester | None:
        return await contacts.find_requester(FreshdeskClient(http, account), customer)

    async def create_requester(
        self, http: Http, account: Account, customer: Customer, *, derived_external_id: str
    ) -> Requester:
        client = FreshdeskClient(http, account)
        return await contacts.create_requester(client, customer, derived_external_id=derived_external_id)

    async def update_requester_email(self, http: Http, account: Account, requester: Requester, email: str) -> bool:
        return await contacts.update_requester_email(FreshdeskClient(http, account), requester, email)

    async def open_tickets(self, http: Http, account: Account, requester: Requester) -> list[TicketRef]:
        return await tickets.open_tickets(FreshdeskClient(http, account), account, requester, self._clock.now())

    async def attach_file(
        self, http: Http, account: Account, ticket_id: str, file: TicketFile, *, action_id: str
    ) -> Answer:
        return await files.attach_file(FreshdeskClient(http, account), ticket_id, file, action_id=action_id)

    async def probe(self, http: Http, account: Account, policy_groups: Iterable[str] = ()) -> list[Finding]:
        """See `freshdesk.probe`."""
        return await probe.probe(FreshdeskClient(http, account), account, tuple(policy_groups))
