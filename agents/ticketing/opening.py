"""One escalation, one ticket, and its customer told. The steps, in the order that the code keeps:

1. Skip what only observes. Is the action known to the ledger? Then only what is missing is done. Mode, kill switch
   and the tenant's cap are read here, and again right before the call.
2. `accepted`, acknowledged, before any outside call: the customer hears of it whatever the helpdesk does.
3. Gather: transcript, requester, the requester's open tickets of ours (`attach`, `new`, `new_and_link`).
4. to 6. INTENT, call, OUTCOME: see `action`.
7. `opened` or `attached`, acknowledged; then the tombstone of step 4's INTENT. The offset moves when all of it is
   done, notes and files included, which are actions of their own.
"""

from dataclasses import replace
from datetime import timedelta

from agents.helpdesks.port import Answer, TicketRef
from agents.ticketing import gates, notices
from agents.ticketing.action import carry_out, note_outcome
from agents.ticketing.following import follow
from agents.ticketing.gather import Gathered, conversation, everything
from agents.ticketing.handover import creating, hand_over
from agents.ticketing.job import Action, Job, Progress, check
from agents.ticketing.ledger import Ledger
from agents.ticketing.world import Handover, MustWait, RefusedByHelpdesk, World
from streams import ids
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.escalation_ledger import Outcome
from streams.errors import InvalidRecord

FOLLOW_AFTER = timedelta(minutes=1)
"""In a backlog, notes and files give way to the tickets of everybody who came up to this much later."""


async def open_ticket(world: World, ledger: Ledger, command: OpenTicket, progress: Progress) -> None:
    """Steps 1 to 7. `progress` says afterwards, and after an exception, how far they came."""
    progress.ticket = ledger.origin(command.escalation_id)
    try:
        check(world, ledger, command, command.action_id, creates=progress.ticket is None)
    except MustWait as wait:
        if wait.reason == gates.CAP:
            await _say_accepted(world, command, progress)
        raise
    desk = world.desk(command.tenant, command.decided_at)
    if desk is None:
        raise InvalidRecord("no_helpdesk", "the tenant has no helpdesk configured")
    job = Job(world, ledger, desk, command)
    await _say_accepted(world, command, progress)
    progress.make_way()
    handover = world.handover(command)
    progress.ticket = progress.ticket or await _resume(job, handover)
    if progress.ticket is not None:
        gathered = await conversation(world, command)
    elif handover is not None:
        gathered = await conversation(world, command)
        progress.ticket = await hand_over(job, handover, gathered)
    else:
        gathered = await everything(job, attempt=progress.attempt)
        progress.ticket = await _get(job, gathered)
    await _say_ticket(world, command, gathered, progress)
    await job.clear()
    await follow(_after_tickets(job), gathered, progress.ticket)


def _after_tickets(job: Job[OpenTicket]) -> Job[OpenTicket]:
    """The same job, whose calls come after those for the tickets of customers who waited almost as long."""
    later = job.world.desk(job.command.tenant, job.command.decided_at + FOLLOW_AFTER)
    return job if later is None else replace(job, desk=later)


async def _say_accepted(world: World, command: OpenTicket, progress: Progress) -> None:
    if "accepted" not in progress.said:
        await world.notify(command, notices.accepted(command, world.now()))
        progress.said |= {"accepted"}


async def _say_ticket(world: World, command: OpenTicket, gathered: Gathered, progress: Progress) -> None:
    if "ticket" in progress.said or progress.ticket is None:
        return
    news = notices.ticket_news(
        command,
        progress.ticket,
        world.now(),
        human_holds=gathered.human_holds,
        ask_for_address=notices.asks_for_address(gathered.customer, gathered.requester),
    )
    await world.notify(command, news)
    progress.said |= {"ticket"}


# Steps 4 to 6, for each way in which a ticket comes about.


async def _resume(job: Job[OpenTicket], handover: Handover | None) -> Outcome | None:
    """Finish what a former life began: its bytes, its key. None: nothing was begun, or it was refused."""
    opening = _action(job, "open") if handover is None else creating(job, handover)
    for action in (opening, _action(job, "minimal"), _action(job, "attach")):
        intent = job.ledger.intent(action.action_id)
        if intent is None:
            continue
        try:
            return await carry_out(job, replace(action, ticket_id=intent.ticket_id))
        except RefusedByHelpdesk as refusal:
            job.world.saw("resumed_in_vain", action=action.name, reason=refusal.answer.reason)
    return None


async def _get(job: Job[OpenTicket], gathered: Gathered) -> Outcome:
    """The escalation's ticket: found, attached to, or created."""
    ours = [ticket for ticket in gathered.open_tickets if ticket.escalation_id == job.command.escalation_id]
    if ours:
        return await _adopt(job, ours[-1])
    tenant = job.world.tenant(job.command.tenant)
    policy = tenant.open_tickets if tenant is not None else "new"
    newest = gathered.open_tickets[0] if gathered.open_tickets else None
    if newest is not None and policy == "attach":
        try:
            return await _attach(job, gathered, newest)
        except RefusedByHelpdesk as refusal:
            job.world.saw("attach_refused", reason=refusal.answer.reason)
    return await _create(job, gathered, newest.id if newest is not None and policy == "new_and_link" else None)


async def _adopt(job: Job[OpenTicket], ticket: TicketRef) -> Outcome:
    """A ticket that carries our id and that the ledger does not know: the ledger must have lost it."""
    job.world.saw("resolved", action="open", how="adopted", helpdesk=job.desk.helpdesk.name)
    action = replace(_action(job, "open"), ticket_id=ticket.id, ticket_url=ticket.url)
    return await note_outcome(job, action, "found")


async def _attach(job: Job[OpenTicket], gathered: Gathered, ticket: TicketRef) -> Outcome:
    draft, desk, action = gathered.draft(job.command), job.desk, _action(job, "attach")
    return await carry_out(
        job,
        replace(
            action,
            render=lambda: desk.helpdesk.render_attach(desk.account, draft, ticket.id, action_id=action.action_id),
            ticket_id=ticket.id,
            ticket_url=ticket.url,
        ),
    )


async def _create(job: Job[OpenTicket], gathered: Gathered, linked: str | None) -> Outcome:
    """The ticket; where group, form, field, brand or requester is refused, a minimal one under a key of its own."""
    draft = gathered.draft(job.command, linked_ticket_id=linked)
    helpdesk, account = job.desk.helpdesk, job.desk.account
    full = replace(
        _action(job, "open"), render=lambda: helpdesk.render_open(account, draft), requester=gathered.requester
    )
    try:
        return await carry_out(job, full)
    except RefusedByHelpdesk as refusal:
        if refusal.answer.verdict != "degradable":
            raise _dead(refusal.answer) from None
        job.world.saw("degraded", reason=refusal.answer.reason, helpdesk=helpdesk.name, tenant=job.command.tenant)
        lesser = replace(draft, requester_refused=refusal.answer.reason == "rejected_requester")
    minimal = replace(
        _action(job, "minimal"), render=lambda: helpdesk.render_minimal(account, lesser), requester=gathered.requester
    )
    try:
        return await carry_out(job, minimal)
    except RefusedByHelpdesk as refusal:
        raise _dead(refusal.answer) from None


def _action(job: Job[OpenTicket], name: str) -> Action:
    """The bare action; how it is rendered is added where it is new, and is in its INTENT where it is resumed."""
    command = job.command
    action_id = command.action_id if name == "open" else ids.action_id(command.escalation_id, name)
    if name == "attach":
        return Action(name, action_id, "attached")
    return Action(name, action_id, "created", found_result="found", degraded=name == "minimal")


def _dead(answer: Answer) -> InvalidRecord:
    return InvalidRecord("helpdesk_refused", answer.reason)
