"""The helpdesk and the chat platform of the simulation as ticketing's ports see them, with all their moods."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from agents.helpdesks.port import (
    Account,
    Answer,
    Draft,
    HelpdeskUnavailable,
    Requester,
    TicketFile,
    TicketKey,
    TicketRef,
)
from streams.contracts.escalation_ledger import Intent, PreparedRequest
from streams.contracts.people import Customer
from tests.support.ticketing_helpdesk import SimAdapter
from tests.support.ticketing_sim import Point, Simulation

CALL_SECONDS = 10.0
ACCOUNT = Account("acme", "simulated", "https://helpdesk.invalid")
FATES = ("lost", "late", "gone", "not_sent", "failed_done", "failed", "limited")


class SimDesk:
    """`world.Desk` over the database."""

    def __init__(
        self,
        sim: Simulation,
        name: str,
        still_ours: Callable[[], None],
        now: Callable[[], datetime],
        is_owner: Callable[[], bool],
    ) -> None:
        self.sim = sim
        self.name = name
        self.still_ours = still_ours
        self.now = now
        self.is_owner = is_owner
        self.helpdesk: Any = SimAdapter(keyed=self.sim.database.keyed)
        self.account = ACCOUNT

    async def admit(self) -> None:
        await Point("admit")
        if self.sim.troubled() and self.sim.random.random() < 0.3:
            raise HelpdeskUnavailable("breaker_open", retry_after_seconds=10.0)
        self.sim.in_slot = True

    def leave(self) -> None:
        self.sim.in_slot = False

    async def send(self, request: PreparedRequest) -> Answer:
        self.leave()
        await Point("send")
        self.still_ours()
        await Point("send.window")
        self._must_be_covered(request)
        answer, seconds = self._fate(request)
        self.sim.history.append(f"{self.name} {request.path} {answer.verdict} {answer.reason}")
        await Point("sent", self.sim.time + seconds)
        if "no_look_up" in self.sim.broken and answer.verdict == "ambiguous":
            return Answer("rate_limited", answer.reason)
        return answer

    def _must_be_covered(self, request: PreparedRequest) -> None:
        """An INTENT with these bytes stands on the ledger, and its deadline is past the end of this attempt."""
        said = request.body.rsplit("|", 1)[-1]
        if request.path.startswith("close") or said.startswith(("duplicate", "file-", "not_copied")):
            return  # the reconciler's; and files, whose bytes stand in no INTENT
        if not self.is_owner():
            return
        for _, _, entry in self.sim.brokers.compacted():
            if isinstance(entry, Intent) and (entry.request.path, entry.request.body) == (request.path, request.body):
                if not self.sim.jumped and entry.deadline_at < self.now() + timedelta(seconds=CALL_SECONDS):
                    self.sim.wrong.append(f"an attempt of `{entry.action}` outlives its INTENT")
                return
        self.sim.wrong.append(f"no INTENT covers {request.path}")

    def _fate(self, request: PreparedRequest) -> tuple[Answer, float]:
        sim, now = self.sim, self.sim.true_now()
        if sim.script:
            fate = sim.script.pop(0)
        elif sim.time < sim.away_until:
            fate = sim.random.choice(("gone", "not_sent", "lost"))
        else:
            fate = sim.random.choice(FATES) if sim.troubled() else "ok"
        if fate in {"ok", "lost", "failed_done"}:
            answer = sim.database.apply(request, now)
            if answer.verdict != "done" or fate == "ok":
                return answer, 0.2
        if fate == "late":
            sim.late.append((sim.time + sim.random.uniform(0.1, 12.0), request))
        if fate == "not_sent":
            return Answer("unavailable", "refused"), 0.1
        if fate == "limited":
            return Answer("rate_limited", "rate_limited", retry_after_seconds=sim.random.choice((1.0, 20.0, 90.0))), 0.1
        if fate in {"failed", "failed_done"}:
            return Answer("ambiguous", "http_503"), 0.3
        return Answer("ambiguous", "timeout"), CALL_SECONDS

    async def look_up(self, what: str) -> None:
        await Point(what)
        await Point(what, self.sim.time + 0.1)
        if self.sim.time < self.sim.away_until or (self.sim.troubled() and self.sim.random.random() < 0.5):
            raise HelpdeskUnavailable(self.sim.random.choice(("timeout", "http_500", "rate_limited")))

    async def find_ticket(self, key: TicketKey) -> Sequence[TicketRef]:
        await self.look_up("find_ticket")
        return self.sim.database.find(key.escalation_id, self.sim.true_now())

    async def has_comment(self, ticket_id: str, action_id: str) -> bool:
        await self.look_up("has_comment")
        return self.sim.database.has_comment(ticket_id, action_id, self.sim.true_now())

    async def get_ticket(self, ticket_id: str) -> TicketRef | None:
        await self.look_up("get_ticket")
        return self.sim.database.get(ticket_id, self.sim.true_now())

    async def find_requester(self, customer: Customer) -> Requester | None:
        await self.look_up("find_requester")
        return Requester("7")

    async def open_tickets(self, requester: Requester) -> Sequence[TicketRef]:
        await self.look_up("open_tickets")
        return self.sim.open_tickets

    async def recent_tickets(self, since: datetime) -> Sequence[TicketRef]:
        await self.look_up("recent_tickets")
        return self.sim.database.recent(self.sim.true_now())

    async def create_requester(self, customer: Customer, derived_external_id: str) -> Requester:
        raise AssertionError("the simulated requester is always found")

    async def update_requester_email(self, requester: Requester, email: str) -> bool:
        await self.look_up("update_requester_email")
        self.sim.addresses.append((requester.id, email))
        return True

    async def attach_file(self, ticket_id: str, file: TicketFile, action_id: str) -> Answer:
        if self.sim.in_slot:
            self.sim.history.append("slot kept")
        says = PreparedRequest(method="POST", path=f"comment:{ticket_id}", body=f"{action_id}|file-{file.name}")
        return await self.send(says)


class SimHandover:
    """`world.Handover`: passing control makes the ticket, once, and a moment later it shows."""

    def __init__(self, desk: SimDesk, escalation_id: str) -> None:
        self.desk = desk
        self.sim = desk.sim
        self.escalation_id = escalation_id

    async def who_is_active(self) -> Literal["bot", "agent_workspace", "nobody"]:
        await self.desk.look_up("who_is_active")
        return "agent_workspace" if self.sim.database.people_hold else "bot"

    def render(self, draft: Draft) -> PreparedRequest:
        return PreparedRequest(method="POST", path="pass_control", body=f"{self.escalation_id}|{len(draft.turns)}")

    async def pass_control(self, request: PreparedRequest) -> Answer:
        return await self.desk.send(request)

    async def find(self, requester_id: str | None, since: datetime, *, newest: bool) -> TicketRef | None:
        await self.desk.look_up("find_messaging")
        shown = self.sim.database.recent(self.sim.true_now())
        marked = [ticket for ticket in shown if ticket.escalation_id == self.escalation_id]
        young = [ticket for ticket in shown if ticket.created_at and ticket.created_at >= since]
        others = [ticket for ticket in young if ticket.escalation_id == "messaging"] if newest else []
        return next(iter([*marked, *others]), None)
