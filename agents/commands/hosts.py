"""Which hosts the processes may call, by configuration."""

from agents.outbound_hosts import HostRules
from agents.settings import OutboundSettings


def host_rules(settings: OutboundSettings) -> HostRules:
    """What is listed, and what attachments are copied from."""
    return HostRules(
        (*settings.allow_hosts, *settings.attachment_hosts),
        private_hosts=settings.private_hosts,
        allow_loopback=settings.allow_loopback,
    )
