"""News about an escalation as it stands on `notification.events`. Pure: equal escalations, equal ids."""

from datetime import datetime
from typing import Any

from agents.helpdesks.port import Requester
from streams import ids
from streams.contracts.escalation_commands import OpenTicket
from streams.contracts.escalation_ledger import Outcome
from streams.contracts.notification_events import (
    Accepted,
    Attached,
    Delayed,
    Failed,
    Opened,
    Ticket,
)
from streams.contracts.people import Customer


def accepted(command: OpenTicket, now: datetime) -> Accepted:
    """A person will take over."""
    return Accepted(**_shared(command, "accepted", now))


def delayed(command: OpenTicket, now: datetime, cause: str) -> Delayed:
    """The ticket takes longer than it should."""
    return Delayed(**_shared(command, "delayed", now), cause=cause)


def failed(command: OpenTicket, now: datetime, cause: str) -> Failed:
    """No ticket could be opened."""
    return Failed(**_shared(command, "failed", now), cause=cause)


def ticket_news(
    command: OpenTicket, outcome: Outcome, now: datetime, *, human_holds: bool, ask_for_address: bool
) -> Opened | Attached:
    """The ticket exists, new or attached to."""
    attached = outcome.result == "attached"
    news = {
        **_shared(command, "attached" if attached else "opened", now),
        "ticket": Ticket(id=outcome.ticket_id, url=outcome.ticket_url, helpdesk=outcome.helpdesk),
        "human_holds": human_holds or outcome.result == "handed_over",
        "ask_for_address": ask_for_address,
    }
    return Attached(**news) if attached else Opened(**news)


def asks_for_address(customer: Customer, requester: Requester | None) -> bool:
    """Whether nobody could write to this customer once the chat is over."""
    return not (customer.email or customer.phone or (requester and requester.email))


def _shared(command: OpenTicket, kind: str, now: datetime) -> dict[str, Any]:
    return {
        "notification_id": ids.notification_id(command.escalation_id, kind),
        "escalation_id": command.escalation_id,
        "tenant": command.tenant,
        "conversation_id": command.conversation_id,
        "platform": command.platform,
        "occurred_at": now,
        "decided_at": command.decided_at,
        "reason": command.reason,
        "mode": command.mode,
        "channel": command.channel,
        "locale": command.locale,
        "customer": command.customer,
        "route": command.route,
        "group": command.routing.group,
        "response": command.routing.response,
        "test": command.test,
    }
