"""What a customer writes after the escalation goes into its ticket, once and in order.

The steps are those of `opening`, without notifications: 1 ledger, mode, kill switch; 3 the ticket as it is now;
4 to 6 the comment. A ticket that takes no comments any more gets one linked follow-up, which holds the turn.
"""

from dataclasses import replace
from functools import partial

from agents.helpdesks.identity import derived_external_id
from agents.helpdesks.port import HelpdeskUnavailable, TicketRef
from agents.text.contacts import find_emails
from agents.text.folding import fold
from agents.ticketing.action import carry_out, note_outcome
from agents.ticketing.following import MAX_FILES, copy_file, follow
from agents.ticketing.gather import Gathered, ask, everything
from agents.ticketing.job import Action, Job, Progress, check
from agents.ticketing.ledger import Ledger
from agents.ticketing.world import RefusedByHelpdesk, World
from streams import ids
from streams.contracts.escalation_commands import AppendToTicket, Command, OpenTicket, Routing
from streams.contracts.escalation_ledger import Outcome, PreparedRequest
from streams.contracts.people import Customer
from streams.errors import InvalidRecord

GONE = frozenset({"ticket_closed", "not_found"})
"""Refusals that say: this ticket takes no comments any more."""

REOPENED = frozenset({"pending", "hold", "solved", "resolved", "waiting"})


async def append(world: World, ledger: Ledger, command: AppendToTicket, progress: Progress) -> None:
    """One turn, with its files, into the escalation's ticket."""
    progress.ticket = ledger.outcome(command.action_id)
    check(world, ledger, command, command.action_id, creates=False)
    desk = world.desk(command.tenant, command.decided_at)
    if desk is None:
        raise InvalidRecord("no_helpdesk", "the tenant has no helpdesk configured")
    progress.make_way()
    job = Job(world, ledger, desk, command)
    progress.ticket = progress.ticket or await _append(job)
    follow_up = ledger.carrier(command.escalation_id, command.turn.event_id)
    if follow_up is not None:
        opening = Job(world, ledger, desk, _as_opening(command, follow_up.action_id))
        await follow(opening, await everything(opening, attempt=progress.attempt), follow_up)
    for number, attachment in enumerate(command.turn.attachments[:MAX_FILES], start=1):
        await copy_file(job, progress.ticket, f"append:{command.turn.event_id}:file{number}", attachment)
    await _learn_address(job)


async def _append(job: Job[AppendToTicket]) -> Outcome:
    ledger, command = job.ledger, job.command
    carrier = ledger.carrier(command.escalation_id, command.turn.event_id)
    if carrier is not None:
        return await _done_by(job, carrier)
    begun = ledger.intent(command.action_id)
    ticket_id = begun.ticket_id if begun is not None else ledger.ticket_id(command.escalation_id)
    if ticket_id is None:
        # The command that opens it is neither parked (this one would follow it) nor done: it is a dead letter.
        raise InvalidRecord("no_ticket", "the escalation has no ticket")
    ticket = TicketRef(ticket_id)
    if begun is None:
        ticket = await _as_it_is(job, ticket_id)
    if not ticket.closed:
        try:
            return await carry_out(job, _comment(job, ticket))
        except RefusedByHelpdesk as refusal:
            if refusal.answer.reason not in GONE:
                raise InvalidRecord("helpdesk_refused", refusal.answer.reason) from None
    return await _done_by(job, await _follow_up(job, ticket))


async def _as_it_is(job: Job[AppendToTicket], ticket_id: str) -> TicketRef:
    """Open, waiting, closed or gone; where that cannot be told, the comment itself will find out."""

    async def look() -> TicketRef:
        return await job.desk.get_ticket(ticket_id) or TicketRef(ticket_id, closed=True)

    return await ask(job.world, look, "ticket", patient=True) or TicketRef(ticket_id)


def _comment(job: Job[AppendToTicket], ticket: TicketRef) -> Action:
    command, helpdesk, account = job.command, job.desk.helpdesk, job.desk.account
    return Action(
        f"append:{command.turn.event_id}",
        command.action_id,
        "appended",
        render=lambda: helpdesk.render_append(
            account,
            ticket.id,
            command.turn,
            action_id=command.action_id,
            reopen=(ticket.status or "").lower() in REOPENED,
        ),
        ticket_id=ticket.id,
        ticket_url=ticket.url,
    )


async def _done_by(job: Job[AppendToTicket], follow_up: Outcome) -> Outcome:
    """The turn stands in a follow-up already."""
    action = Action(
        f"append:{job.command.turn.event_id}", job.command.action_id, "followed_up", ticket_id=follow_up.ticket_id
    )
    return await note_outcome(job, action, "followed_up")


async def _follow_up(job: Job[AppendToTicket], closed: TicketRef) -> Outcome:
    """One ticket linked to the closed one. It begins with the turn, so that nothing has to be added to it."""
    name = f"follow_up:{closed.id}"
    action_id = ids.action_id(job.command.escalation_id, name)
    action = Action(name, action_id, "followed_up", found_result="followed_up", carries=job.command.turn.event_id)
    if job.ledger.intent(action_id) is None and job.ledger.outcome(action_id) is None:
        opening = Job(job.world, job.ledger, job.desk, _as_opening(job.command, action_id))
        gathered = await everything(opening, attempt=1)
        action = replace(
            action, render=partial(_render_follow_up, opening, closed, gathered), requester=gathered.requester
        )
    try:
        return await carry_out(job, action)
    except RefusedByHelpdesk as refusal:
        raise InvalidRecord("helpdesk_refused", refusal.answer.reason) from None


def _render_follow_up(opening: Job[OpenTicket], closed: TicketRef, gathered: Gathered) -> PreparedRequest:
    draft = gathered.draft(opening.command, linked_ticket_id=closed.id)
    return opening.desk.helpdesk.render_follow_up(opening.desk.account, closed, draft)


def _as_opening(command: AppendToTicket, action_id: str) -> OpenTicket:
    """What a follow-up is rendered from: nothing was decided anew, so no signal and no routing of its own."""
    shared = {name: getattr(command, name) for name in Command.model_fields}
    return OpenTicket(
        **shared | {"action_id": action_id},
        reason="follow_up",
        evidence=(),
        policy="",
        routing=Routing(rule="follow_up"),
        turns=(command.turn,),
    )


async def _learn_address(job: Job[AppendToTicket]) -> None:
    """Give a contact without an address the one that its person has told us since; once per address."""
    command = job.command
    address = command.customer.email or address_in(command)
    if not address:
        return
    action = Action(
        "address",
        ids.action_id(command.escalation_id, f"address:{address.lower()}"),
        "updated",
        ticket_id=job.ledger.ticket_id(command.escalation_id),
    )
    if job.ledger.outcome(action.action_id) is not None:
        return
    try:
        updated = await _give_address(job, address)
    except HelpdeskUnavailable as error:
        job.world.saw("look_up_failed", what="address", reason=error.reason)
        return
    await note_outcome(job, action, "updated" if updated else "skipped")


def address_in(command: AppendToTicket) -> str | None:
    """The one address in what a nameless visitor wrote after being asked for it; two would be a guess. Pure."""
    turn = command.turn
    if turn.author != "customer" or turn.automatic:
        return None
    found = {turn.text[start:end] for start, end in find_emails(fold(turn.text))}
    return found.pop() if len(found) == 1 else None


async def _give_address(job: Job[AppendToTicket], email: str) -> bool:
    """Only our own contact of a nameless visitor, made when the ticket was: it has no address yet."""
    external_id = derived_external_id(job.command, job.command.customer)
    contact = await job.desk.find_requester(Customer(external_id=external_id))
    if contact is None or contact.email or not contact.end_user:
        return False
    return await job.desk.update_requester_email(contact, email)
