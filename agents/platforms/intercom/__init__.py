"""Intercom: Fin inside the Messenger and the Inbox. Notifications in, REST calls out."""

from agents.platforms.intercom.inbound import IntercomInbound
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.outbound import IntercomOutbound
from agents.platforms.intercom.polling import IntercomPolling

INBOUND = IntercomInbound()
OUTBOUND = IntercomOutbound()
POLLABLE = IntercomPolling()

__all__ = [
    "INBOUND",
    "OUTBOUND",
    "POLLABLE",
    "IntercomInbound",
    "IntercomOptions",
    "IntercomOutbound",
    "IntercomPolling",
]
