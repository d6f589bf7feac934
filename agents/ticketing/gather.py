"""Step 3: everything a ticket is made from. All of it may be repeated, and none of it fails an escalation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from agents.helpdesks.identity import derived_external_id
from agents.helpdesks.port import Draft, HelpdeskUnavailable, Requester, TicketRef
from agents.platforms.port import Transcript
from agents.ticketing.job import Job
from agents.ticketing.world import Desk, MustWait, World
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.people import Attachment, Customer, Turn

NO_ANSWER = frozenset({"timeout", "reset", "dns", "refused", "tls", "rate_limited", "breaker_open", "busy"})
"""Reasons that say nothing of the contact: the create would fare the same, so it is worth waiting."""

PATIENT_ATTEMPTS = 3
"""A command parked more often than this goes on without its requester: the ticket matters more."""

_TRIES = 3
T = TypeVar("T")


@dataclass(frozen=True)
class Gathered:
    """What was found."""

    turns: tuple[Turn, ...]
    turns_omitted: int
    transcript: Transcript | None
    customer: Customer
    requester: Requester | None = None
    open_tickets: tuple[TicketRef, ...] = ()
    _drafts: dict[str | None, Draft] = field(init=False, repr=False, compare=False, default_factory=dict)

    def draft(self, command: OpenTicket, *, linked_ticket_id: str | None = None) -> Draft:
        """What the helpdesk renders from; the same for ticket and notes, whose text is made once."""
        if linked_ticket_id not in self._drafts:
            self._drafts[linked_ticket_id] = self._draft(command, linked_ticket_id)
        return self._drafts[linked_ticket_id]

    def _draft(self, command: OpenTicket, linked_ticket_id: str | None) -> Draft:
        return Draft(
            command=command,
            turns=self.turns,
            turns_omitted=self.turns_omitted,
            transcript_from="platform" if self.transcript and self.transcript.turns else "events",
            customer=self.customer,
            requester=self.requester,
            attachments=self.attachments(command),
            linked_ticket_id=linked_ticket_id,
        )

    def attachments(self, command: OpenTicket) -> tuple[Attachment, ...]:
        """All files, the command's own first: its order never changes, so `file1` stays `file1`."""
        own = [*command.attachments, *(file for turn in command.turns for file in turn.attachments)]
        more = [file for turn in self.turns for file in turn.attachments]
        unique: dict[str, Attachment] = {}
        for file in (*own, *more):
            unique.setdefault(file.url.split("?", 1)[0], file)  # signatures in the query change, the file does not
        return tuple(unique.values())

    @property
    def human_holds(self) -> bool:
        """A human queue holds the chat already."""
        return self.transcript is not None and self.transcript.human_holds


async def conversation(world: World, command: OpenTicket) -> Gathered:
    """The transcript alone: from the platform where it has one, else the command's own newest turns."""
    transcript = await world.transcript(command)
    if transcript is None or not transcript.turns:
        return Gathered(command.turns, command.turns_omitted, transcript, _customer(command, transcript))
    turns = (*transcript.turns, *_newer(command.turns, transcript.turns))
    heard = command.turns_omitted + len(command.turns)
    omitted = max(heard - len(turns), 1) if transcript.truncated else 0
    return Gathered(turns, omitted, transcript, _customer(command, transcript))


async def everything(job: Job[OpenTicket], *, attempt: int) -> Gathered:
    """Transcript, requester, and the requester's open tickets of ours. Raises `MustWait` while the helpdesk is away."""
    world, desk, command = job.world, job.desk, job.command
    told = await conversation(world, command)
    patient = attempt <= PATIENT_ATTEMPTS
    requester = await ask(world, lambda: _requester(desk, command, told.customer), "requester", patient=patient)
    tickets: tuple[TicketRef, ...] = ()
    if requester is not None and requester.end_user and not requester.made:
        tickets = tuple(await ask(world, lambda: desk.open_tickets(requester), "open_tickets", patient=patient) or ())
    return replace(told, requester=requester, open_tickets=tickets)


async def _requester(desk: Desk, command: OpenTicket, customer: Customer) -> Requester:
    """Known id, external id, e-mail, phone, else a new contact under an external id that a repeat finds."""
    found = await desk.find_requester(customer)
    if found is not None:
        return found
    return await desk.create_requester(customer, derived_external_id(command, customer))


async def ask(world: World, question: Callable[[], Awaitable[T]], what: str, *, patient: bool) -> T | None:
    """The answer; None where there is none that can be used. `patient`: no answer at all is worth parking for."""
    for attempt in range(1, _TRIES + 1):
        try:
            return await question()
        except HelpdeskUnavailable as error:
            silent = error.reason in NO_ANSWER
            may_pass = (silent and error.reason != "breaker_open") or error.reason.startswith("http_5")
            wait = max(error.retry_after_seconds or 0.0, attempt * world.jitter())
            if attempt < _TRIES and may_pass and wait < world.settings.park_after_seconds / _TRIES:
                await world.sleep(wait)
                continue
            world.saw("look_up_failed", what=what, reason=error.reason)
            if silent and patient:
                raise MustWait(error.reason, asked_seconds=error.retry_after_seconds) from None
            return None
    return None


def _newer(heard: tuple[Turn, ...], told: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Turns that we heard of and the platform's record does not show yet.

    Some platforms name a turn otherwise in their record than in their webhook: the same words count as the same turn.
    """
    known = {turn.event_id for turn in told}
    words = {(turn.author, turn.text) for turn in told[-5:]}
    last = max(turn.occurred_at for turn in told)
    return tuple(
        turn
        for turn in heard
        if turn.event_id not in known and turn.occurred_at > last and (turn.author, turn.text) not in words
    )


def _customer(command: OpenTicket, transcript: Transcript | None) -> Customer:
    return command.customer.merged(transcript.customer if transcript else None)
