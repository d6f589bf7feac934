"""Intercom: Fin inside the Messenger and the Inbox. Notifications in, REST calls out."""

from agents.platforms.intercom.inbound import IntercomInbound
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.outbound import IntercomOutbound

INBOUND = IntercomInbound()
OUTBOUND = IntercomOutbound()

__all__ = ["INBOUND", "OUTBOUND", "IntercomInbound", "IntercomOptions", "IntercomOutbound"]
