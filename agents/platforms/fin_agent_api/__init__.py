"""Fin Agent API: Fin without a Messenger, in a channel of the company's own. Its webhook in, signed calls out."""

from agents.platforms.fin_agent_api.inbound import FinInbound
from agents.platforms.fin_agent_api.options import FinOptions
from agents.platforms.fin_agent_api.outbound import FinOutbound
from streams.clock import SystemClock

INBOUND = FinInbound()
OUTBOUND = FinOutbound(SystemClock())

__all__ = ["INBOUND", "OUTBOUND", "FinInbound", "FinOptions", "FinOutbound"]
