"""Zendesk's webhooks on the Support side: event subscriptions and triggers.

Event subscription: `messaging_ticket.message_added`, `ticket.status_changed`, `ticket.agent_assignment_changed`.
Trigger: the body in `trigger.TRIGGER_BODY`. The webhook's signing secret is the connection's secret.
"""

from agents.platforms.zendesk_events.inbound import ZendeskEventsInbound
from agents.platforms.zendesk_events.options import ZendeskEventsOptions
from agents.platforms.zendesk_events.outbound import ZendeskEventsOutbound
from agents.platforms.zendesk_events.trigger import TRIGGER_BODY

INBOUND = ZendeskEventsInbound()
OUTBOUND = ZendeskEventsOutbound()

__all__ = [
    "INBOUND",
    "OUTBOUND",
    "TRIGGER_BODY",
    "ZendeskEventsInbound",
    "ZendeskEventsOptions",
    "ZendeskEventsOutbound",
]
