"""Zendesk AI agents Advanced (formerly Ultimate) in custom-CRM mode: the converse webhook and the widget."""

from agents.platforms.zendesk_ai_agents.inbound import AiAgentsInbound
from agents.platforms.zendesk_ai_agents.options import AiAgentsOptions
from agents.platforms.zendesk_ai_agents.outbound import AiAgentsOutbound

INBOUND = AiAgentsInbound()
OUTBOUND = AiAgentsOutbound()

__all__ = ["INBOUND", "OUTBOUND", "AiAgentsInbound", "AiAgentsOptions", "AiAgentsOutbound"]
