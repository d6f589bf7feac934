"""The decision: pure, one event at a time."""

from agents.escalation.decision import Decision, Rules
from agents.escalation.state import ConversationState
from streams.contracts.conversation_events import AnyEvent

__all__ = ["Decision", "Rules", "decide"]


def decide(state: ConversationState | None, event: AnyEvent, source_offset: int, rules: Rules) -> Decision:
    """What `event`, read at `source_offset`, leads to. Its only time is the event's."""
    raise NotImplementedError
