"""A support agent at work in the simulated helpdesk: answers, notes, and closing a ticket."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from agents.demo.simulators.calls import Call, Webhook
from agents.demo.simulators.chats import Chat
from agents.demo.simulators.desks import Desk
from agents.demo.simulators.formats import iso_seconds, markup_of
from agents.demo.simulators.freshdesk import tickets as freshdesk
from agents.demo.simulators.store import Json
from agents.demo.simulators.zendesk import sunshine_records
from agents.demo.simulators.zendesk import tickets as zendesk
from agents.demo.simulators.zendesk.ticket_input import CommentInput

_FRESHDESK_NUMBERS = {"open": 2, "pending": 3, "solved": 4, "closed": 5}


class AgentAct(BaseModel):
    """What the agent does. A Freshdesk status is given by Zendesk's word for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    comment: str | None = None
    public: bool = True
    status: Literal["open", "pending", "solved", "closed"] | None = None


def act(call: Call, helpdesk: str, ticket_id: int, given: AgentAct) -> tuple[Webhook, ...] | None:
    """Carry it out; None where there is no such ticket. A closed messaging ticket gives the conversation back."""
    desk = Desk(call.store, helpdesk, call.account)
    ticket = desk.ticket(ticket_id)
    if ticket is None:
        return None
    if given.comment is not None:
        _comment(call, desk, ticket, given.comment, public=given.public)
    if given.status is not None:
        status = _FRESHDESK_NUMBERS[given.status] if helpdesk == "freshdesk" else given.status
        desk.save_ticket(ticket | {"status": status, "updated_at": iso_seconds(call.at)}, call.at)
    if helpdesk == "zendesk" and given.status == "closed":
        return _release(call, ticket_id)
    return ()


def _comment(call: Call, desk: Desk, ticket: Json, text: str, *, public: bool) -> None:
    if desk.helpdesk == "zendesk":
        zendesk.add_comment(call, desk, ticket, CommentInput(markup_of(text), text, public, None, ()), {})
    else:
        kind, agent_id = ("reply" if public else "note"), call.settings.freshdesk.agent_id
        freshdesk.keep(call, ticket["id"], kind, markup_of(text), user_id=agent_id, private=not public)


def _release(call: Call, ticket_id: int) -> tuple[Webhook, ...]:
    row = call.store.row(
        "SELECT conversation_id FROM tickets WHERE helpdesk = 'zendesk' AND account = ? AND id = ?",
        call.account,
        ticket_id,
    )
    chat = Chat(call.store, sunshine_records.PLATFORM, call.account)
    session = chat.session(row["conversation_id"]) if row and row["conversation_id"] else None
    if session is None:
        return ()
    session = session.knowing(active=None, pending=None).changed(ai="ended", holder="nobody")
    session = chat.save(session, call.at)
    return sunshine_records.webhook(
        call.settings.zendesk,
        session,
        chat.next_number(),
        "switchboard:releaseControl",
        {"reason": "ticketClosed"},
        call.at,
    )
