"""Zendesk Messaging: Sunshine Conversations API v2, its webhooks, and its switchboard.

Subscribe one webhook to `conversation:message`, `conversation:postback`, `switchboard:passControl`,
`switchboard:releaseControl`, `switchboard:offerControl`, `switchboard:acceptControl`, `user:merge`, and set
`includeFullUser`; its shared secret is the connection's secret.
"""

from agents.platforms.zendesk_sunco.inbound import SuncoInbound
from agents.platforms.zendesk_sunco.options import SuncoOptions
from agents.platforms.zendesk_sunco.outbound import SuncoOutbound

INBOUND = SuncoInbound()
OUTBOUND = SuncoOutbound()

__all__ = ["INBOUND", "OUTBOUND", "SuncoInbound", "SuncoOptions", "SuncoOutbound"]
