"""A company's own LLM application: one JSON body per session event, signed as Standard Webhooks says.

The body carries the whole session so far (or, with `bodies: delta`, its newest turns) in any of four message
forms: OpenAI Chat Completions, OpenAI Responses items, Anthropic blocks, or a plain list of author and text.
"""

from agents.platforms.custom_llm.inbound import CustomLlmInbound
from agents.platforms.custom_llm.options import CustomLlmOptions
from agents.platforms.custom_llm.outbound import CustomLlmOutbound
from streams.clock import SystemClock

INBOUND = CustomLlmInbound()
OUTBOUND = CustomLlmOutbound(SystemClock())

__all__ = ["INBOUND", "OUTBOUND", "CustomLlmInbound", "CustomLlmOptions", "CustomLlmOutbound"]
