"""`user:*`: who the customer turned out to be. Only what names a conversation can become an event."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.platforms import reading
from agents.platforms.port import BadBody, Normalized
from agents.platforms.zendesk_sunco.element import Element
from streams.contracts.conversation_events import Identified

_NO_CONVERSATION = Normalized(ignored=("no_conversation",))


def on_user_merge(element: Element) -> Normalized:
    """Two users became one, and with them perhaps two conversations: the discarded one's id stops existing."""
    merged = reading.at(element.payload, "mergedConversations")
    pairs = merged if isinstance(merged, list) else [merged]
    events = tuple(_merged(element, pair) for pair in pairs if reading.identifier(pair, "surviving", "id"))
    if len({event.event_id for event in events}) < len(events):
        events = tuple(
            event.model_copy(update={"event_id": f"{element.id}:{index}"}) for index, event in enumerate(events)
        )
    return Normalized(events) if events else _NO_CONVERSATION


def on_user_update(element: Element) -> Normalized:
    """A visitor became known. The vendor's schema names no conversation here; where one stands, it is used."""
    if reading.identifier(element.payload, "conversation", "id") is None:
        return _NO_CONVERSATION
    user = reading.object_(element.payload, "user")
    return Normalized((Identified(**element.frame(user).fields(element.id, element.created_at)),))


def _merged(element: Element, pair: Mapping[str, Any]) -> Identified:
    user = reading.object_(element.payload, "mergedUsers", "surviving")
    discarded = reading.identifier(pair, "discarded", "id")
    surviving = reading.required_object(pair, "surviving")
    if discarded == reading.identifier(surviving, "id"):
        raise BadBody("merged_with_itself", "mergedConversations")
    of_survivor = replace(element, payload={**element.payload, "conversation": surviving})
    fields = of_survivor.frame(user).fields(element.id, element.created_at)
    return Identified(**fields, merged_conversation_id=discarded)
