"""A tenant's helpdesk account as the steps see it (`world.Desk`), over its adapter and its bulkhead."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from agents.helpdesks.port import (
    Account,
    Answer,
    Helpdesk,
    HelpdeskUnavailable,
    Requester,
    TicketFile,
    TicketKey,
    TicketRef,
)
from agents.observability.tracing import OFF, Tracer, failure_of
from agents.outbound import Ambiguous, HttpRequest, HttpResponse, NotSent, OutboundError
from agents.ticketing.bulkhead import Bulkhead, HeldBack
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer

T = TypeVar("T")
IDEMPOTENCY_HEADER = "idempotency-key"


class LiveDesk:
    """One account. Cheap: made for each command; adapter and bulkhead are shared."""

    def __init__(
        self,
        helpdesk: Helpdesk,
        account: Account,
        bulkhead: Bulkhead,
        *,
        call_seconds: float,
        attempt_seconds: float,
        tracer: Tracer = OFF,
    ) -> None:
        """`attempt_seconds` bounds a write with everything before it, credentials included."""
        self.helpdesk = helpdesk
        self.account = account
        self.bulkhead = bulkhead
        self._call_seconds = call_seconds
        self._attempt_seconds = attempt_seconds
        self._tracer = tracer
        self._in_slot = False

    async def admit(self) -> None:
        """See `Desk`: credentials are fetched here, so that the write itself is one request."""
        self.leave()
        await usable(self._ready())

    async def _ready(self) -> None:
        await self.helpdesk.authorize(self.bulkhead.admitted(), self.account)
        await self.bulkhead.admit()
        self._in_slot = True

    def leave(self) -> None:
        """See `Desk`."""
        if self._in_slot:
            self._in_slot = False
            self.bulkhead.leave()

    async def send(self, request: PreparedRequest) -> Answer:
        """See `Desk`."""

        async def write() -> Answer:
            return self.helpdesk.read_write(await self._sent(request))

        try:
            return await self._bounded(_operation(request), write())
        finally:
            self.leave()

    async def attach_file(self, ticket_id: str, file: TicketFile, action_id: str) -> Answer:
        """See `Desk`."""
        admitted = self.bulkhead.admitted()
        attached = self.helpdesk.attach_file(admitted, self.account, ticket_id, file, action_id=action_id)
        return await self._bounded("attach_file", attached)

    async def _bounded(self, operation: str, write: Awaitable[Answer]) -> Answer:
        """What came of a write, whatever happened to it; past its time nobody knows."""
        with self._tracer.child(f"{self.account.helpdesk} {operation}", "internal") as span:
            answer = await self._settled(write)
            if answer.ticket is not None:
                span.set({"handoff.ticket_id": answer.ticket.id})
            if answer.verdict != "done":
                span.fail(failure_of(answer))
            return answer

    async def _look(self, operation: str, look_up: Awaitable[T]) -> T:
        with self._tracer.child(f"{self.account.helpdesk} {operation}", "internal"):
            return await usable(look_up)

    async def _settled(self, write: Awaitable[Answer]) -> Answer:
        try:
            async with asyncio.timeout(self._attempt_seconds):
                return await write
        except TimeoutError:
            return Answer("ambiguous", "timeout")
        except Ambiguous as error:
            return Answer("ambiguous", error.reason)
        except (HeldBack, HelpdeskUnavailable) as error:
            return Answer("unavailable", error.reason, retry_after_seconds=error.retry_after_seconds)
        except NotSent as error:
            return Answer("unavailable", error.reason)

    async def _sent(self, request: PreparedRequest) -> HttpResponse:
        """The answer; a 401 is a definite no, and is tried once more with new credentials."""
        admitted = self.bulkhead.admitted()
        headers = await self.helpdesk.authorize(admitted, self.account)
        operation = _operation(request)
        response = await admitted.write(self._http_request(request, headers), operation, in_slot=self._in_slot)
        if response.status != 401:
            return response
        self.leave()
        fresh = await self.helpdesk.authorize(admitted, self.account, rejected=headers)
        if dict(fresh) == dict(headers):
            return response
        return await admitted.write(self._http_request(request, fresh), operation, in_slot=False)

    def _http_request(self, request: PreparedRequest, credentials: Mapping[str, str]) -> HttpRequest:
        headers = {"accept": "application/json", "content-type": request.content_type, **credentials}
        if request.idempotency_key is not None:
            headers[IDEMPOTENCY_HEADER] = request.idempotency_key
        return HttpRequest(
            request.method,
            self.account.base_url + request.path,
            headers,
            request.body.encode(),
            timeout_seconds=self._call_seconds,
        )

    async def find_ticket(self, key: TicketKey) -> Sequence[TicketRef]:
        """See `Desk`."""
        return await self._look("find_ticket", self.helpdesk.find_ticket(self.bulkhead, self.account, key))

    async def has_comment(self, ticket_id: str, action_id: str) -> bool:
        """See `Desk`."""
        return await self._look(
            "has_comment", self.helpdesk.has_comment(self.bulkhead, self.account, ticket_id, action_id)
        )

    async def get_ticket(self, ticket_id: str) -> TicketRef | None:
        """See `Desk`."""
        return await self._look("get_ticket", self.helpdesk.get_ticket(self.bulkhead, self.account, ticket_id))

    async def find_requester(self, customer: Customer) -> Requester | None:
        """See `Desk`."""
        return await self._look("find_requester", self.helpdesk.find_requester(self.bulkhead, self.account, customer))

    async def create_requester(self, customer: Customer, derived_external_id: str) -> Requester:
        """See `Desk`."""
        created = self.helpdesk.create_requester(
            self.bulkhead, self.account, customer, derived_external_id=derived_external_id
        )
        return await self._look("create_requester", created)

    async def update_requester_email(self, requester: Requester, email: str) -> bool:
        """See `Desk`."""
        return await self._look(
            "update_requester_email",
            self.helpdesk.update_requester_email(self.bulkhead, self.account, requester, email),
        )

    async def open_tickets(self, requester: Requester) -> Sequence[TicketRef]:
        """See `Desk`."""
        return await self._look("open_tickets", self.helpdesk.open_tickets(self.bulkhead, self.account, requester))

    async def recent_tickets(self, since: datetime) -> Sequence[TicketRef]:
        """All tickets of ours since then: the reconciler's."""
        return await self._look(
            "recent_tickets", self.helpdesk.recent_tickets(self.bulkhead, self.account, since=since)
        )


async def usable(look_up: Awaitable[T]) -> T:
    """What a look-up found; every way of not getting an answer is `HelpdeskUnavailable`."""
    try:
        return await look_up
    except HeldBack as error:
        raise HelpdeskUnavailable(error.reason, retry_after_seconds=error.retry_after_seconds) from None
    except OutboundError as error:
        raise HelpdeskUnavailable(error.reason) from None


def _operation(request: PreparedRequest) -> str:
    return "create" if request.idempotency_key is not None or request.path.endswith("/tickets") else "update"
