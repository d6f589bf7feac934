"""Where handing over opens the ticket itself (Zendesk Messaging), handing over is the create call.

Who is active is read first. The bot, or nobody: control is passed with our marker in it. People already: nothing
is passed, and the escalation is attached to their ticket. Either way the ticket is found by the marker, else as
the requester's newest one from there. One that is not found is waited for, never created.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from agents.helpdesks.port import Answer, HelpdeskUnavailable, TicketRef
from agents.ticketing.action import carry_out
from agents.ticketing.gather import Gathered, ask, conversation
from agents.ticketing.job import Action, Job, NotShownYet
from agents.ticketing.world import Handover, MustWait, RefusedByHelpdesk
from streams import ids
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.escalation_ledger import Intent, Outcome, PreparedRequest
from streams.errors import InvalidRecord

TOUCHED_BEFORE = timedelta(minutes=10)
"""The messaging ticket was made or touched since this long before the decision: the chat itself touches it."""

SURELY_SHOWN = timedelta(seconds=60)
"""A ticket with our marker shows within this time after it first did not. Before, the newest one may be
an older chat's; after, there is none: the handover went into a ticket that was open already, and marked nothing."""

_POLLS_SECONDS = (0.5, 1.0, 2.0, 4.0)
"""Between accepting the handover and showing the ticket the helpdesk takes a moment."""


def creating(job: Job[OpenTicket], handover: Handover) -> Action:
    """The handover as an action: `open`, with the passing of control for its request."""

    async def call(request: PreparedRequest) -> Answer:
        passed = await handover.pass_control(request)
        return await _shown(job, handover) if passed.verdict == "done" else passed

    async def look_up(intent: Intent) -> TicketRef | None:
        marked = await _find(job, handover, newest=False)
        if marked is not None or await handover.who_is_active() != "agent_workspace":
            return marked
        seen = intent.empty_look_up_at
        if seen is None or job.world.now() < seen + SURELY_SHOWN:
            raise NotShownYet(job.command.escalation_id)
        return await _find(job, handover, newest=True)

    return Action(
        "open",
        job.command.action_id,
        "handed_over",
        found_result="handed_over",
        call=call,
        look_up=look_up,
        repeatable=True,
    )


async def hand_over(job: Job[OpenTicket], handover: Handover, gathered: Gathered) -> Outcome:
    """The escalation's ticket, made or found by handing over. Raises `MustWait` until it shows."""
    active = await ask(job.world, handover.who_is_active, "who_is_active", patient=True)
    if active is None:
        raise MustWait("holder_unknown")
    if active == "agent_workspace":
        present = await ask(job.world, lambda: _find(job, handover, newest=True), "messaging_ticket", patient=True)
        if present is None:
            raise MustWait("no_messaging_ticket")
        return await _attach(job, gathered, present)
    draft = gathered.draft(job.command)
    try:
        return await carry_out(job, replace(creating(job, handover), render=lambda: handover.render(draft)))
    except RefusedByHelpdesk as refusal:
        raise InvalidRecord("handover_refused", refusal.answer.reason) from None


async def _attach(job: Job[OpenTicket], gathered: Gathered, ticket: TicketRef) -> Outcome:
    desk, draft, action_id = job.desk, gathered.draft(job.command), ids.action_id(job.command.escalation_id, "attach")
    action = Action(
        "attach",
        action_id,
        "attached",
        render=lambda: desk.helpdesk.render_attach(desk.account, draft, ticket.id, action_id=action_id),
        ticket_id=ticket.id,
        ticket_url=ticket.url,
    )
    try:
        return await carry_out(job, action)
    except RefusedByHelpdesk as refusal:
        raise InvalidRecord("helpdesk_refused", refusal.answer.reason) from None


async def _shown(job: Job[OpenTicket], handover: Handover) -> Answer:
    """The ticket that the handover made, once it shows."""
    for seconds in _POLLS_SECONDS:
        await job.world.sleep(seconds)
        try:
            found = await _find(job, handover, newest=False)
        except HelpdeskUnavailable:
            continue
        if found is not None:
            return Answer("done", "handed_over", found)
    return Answer("ambiguous", "ticket_not_shown")


async def _find(job: Job[OpenTicket], handover: Handover, *, newest: bool) -> TicketRef | None:
    """By marker; by being the newest only while people hold the conversation: an older chat has a ticket too."""
    told = await conversation(job.world, job.command)
    requester = await job.desk.find_requester(told.customer)
    newest = newest and await handover.who_is_active() == "agent_workspace"
    return await handover.find(requester.id if requester else None, _since(job.command), newest=newest)


def _since(command: OpenTicket) -> datetime:
    return command.decided_at - TOUCHED_BEFORE
