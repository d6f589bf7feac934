"""What follows a ticket: notes and files, each an action of its own. None of them undoes the ticket."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from agents.helpdesks.port import Draft, TicketFile
from agents.ticketing.action import carry_out, note_outcome
from agents.ticketing.gather import Gathered
from agents.ticketing.job import Action, C, Job
from agents.ticketing.world import NotCopied, RefusedByHelpdesk
from streams import ids
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.escalation_ledger import Outcome, PreparedRequest
from streams.contracts.people import Attachment

MAX_FILES = 20

REST = "file0"
"""The action that attaches the rest of a transcript; the customer's files are `file1` and so on."""

_FILE_REQUEST = PreparedRequest(method="POST", path="(file)", body="", content_type="application/octet-stream")
"""Stands in a file's INTENT: its bytes are in no ledger, and a repeat fetches them anew."""

_WHY = {
    "not_allowed": "its host is not on the list of hosts that files are copied from",
    "private": "it can only be read with the chat platform's credentials",
    "too_large": "it is larger than the configured limit",
}


async def follow(job: Job[OpenTicket], gathered: Gathered, ticket: Outcome) -> None:
    """Notes first, then the rest of a long transcript, then the customer's files. What is known is left out."""
    draft = gathered.draft(job.command)
    if ticket.result == "handed_over":
        await _context(job, draft, ticket)
    elif ticket.result != "attached":
        helpdesk, account = job.desk.helpdesk, job.desk.account
        for note in helpdesk.render_notes(account, draft, ticket.ticket_id, after=ticket.action):
            await _do(job, _on(ticket, note.action, note.action_id, partial(_same, note.request)))
        await _rest(job, draft, ticket)
    for number, attachment in enumerate(gathered.attachments(job.command)[:MAX_FILES], start=1):
        await copy_file(job, ticket, f"file{number}", attachment)


async def _context(job: Job[OpenTicket], draft: Draft, ticket: Outcome) -> None:
    """What a ticket that the helpdesk made by itself does not hold: first screen, transcript, evidence."""
    action_id = ids.action_id(job.command.escalation_id, "note")
    helpdesk, account = job.desk.helpdesk, job.desk.account
    await _do(
        job,
        _on(
            ticket,
            "note",
            action_id,
            lambda: helpdesk.render_attach(account, draft, ticket.ticket_id, action_id=action_id),
        ),
    )


async def _do(job: Job[C], action: Action) -> None:
    """Carry it out; what the helpdesk refuses for good is recorded and left out."""
    try:
        await carry_out(job, action)
    except RefusedByHelpdesk as refusal:
        job.world.saw("left_out", action=action.name, reason=refusal.answer.reason)
        await note_outcome(job, action, "skipped")


async def _rest(job: Job[OpenTicket], draft: Draft, ticket: Outcome) -> None:
    action_id = ids.action_id(job.command.escalation_id, REST)
    if job.ledger.outcome(action_id) is not None:
        return
    rest = job.desk.helpdesk.rest(job.desk.account, draft)
    if rest is not None:
        await _do(job, _upload(job, ticket, REST, action_id, rest))


async def copy_file(job: Job[C], ticket: Outcome, name: str, attachment: Attachment) -> None:
    """The file copied in; where it cannot be, a note that says so."""
    action_id = ids.action_id(job.command.escalation_id, name)
    if job.ledger.outcome(action_id) is not None:
        return
    found = await job.world.fetch(attachment)
    if isinstance(found, TicketFile):
        await _do(job, _upload(job, ticket, name, action_id, found))
        return
    job.world.saw("file_not_copied", reason=found.reason)
    helpdesk, account = job.desk.helpdesk, job.desk.account
    note = helpdesk.render_note(account, ticket.ticket_id, _not_copied(attachment, found), action_id=action_id)
    # An INTENT of a former life may be that of the file itself: what is sent now is the note in any case.
    await _do(
        job, replace(_on(ticket, name, action_id, partial(_same, note)), call=lambda _request: job.desk.send(note))
    )


def _upload(job: Job[C], ticket: Outcome, name: str, action_id: str, file: TicketFile) -> Action:
    return Action(
        name,
        action_id,
        "appended",
        render=partial(_same, _FILE_REQUEST),
        ticket_id=ticket.ticket_id,
        ticket_url=ticket.ticket_url,
        call=lambda _request: job.desk.attach_file(ticket.ticket_id, file, action_id),
    )


def _on(ticket: Outcome, name: str, action_id: str, render: Callable[[], PreparedRequest]) -> Action:
    return Action(
        name,
        action_id,
        "appended",
        render=render,
        ticket_id=ticket.ticket_id,
        ticket_url=ticket.ticket_url,
    )


def _same(request: PreparedRequest) -> PreparedRequest:
    return request


def _not_copied(attachment: Attachment, why: NotCopied) -> str:
    """What an agent has to know; the address is written so that nothing makes a link of it."""
    name = attachment.name or "unnamed"
    about = _WHY.get(why.reason, "it could not be fetched")
    address = attachment.url.replace("://", "[:]//", 1)
    host = urlsplit(attachment.url).hostname or "an unknown host"
    return f"A file of the conversation was not copied: {name}\nBecause {about} ({host}).\nAddress: {address}"
