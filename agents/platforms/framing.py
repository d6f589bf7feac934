"""What all events of one body share, said once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from streams.contracts.base import Scalar
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.people import Customer, Route

_NOTHING: Mapping[str, Scalar] = MappingProxyType({})


class Frame(NamedTuple):
    """The conversation an event belongs to, and what is known around it."""

    tenant: str
    platform: str
    conversation_id: str
    channel: str | None = None
    locale: str | None = None
    customer: Customer | None = None
    attributes: Mapping[str, Scalar] = _NOTHING
    tags: tuple[str, ...] = ()
    route: Route | None = None
    repeats: bool = False
    test: bool = False

    def fields(self, event_id: str, occurred_at: datetime) -> dict[str, Any]:
        """The constructor arguments every kind of event takes."""
        return {
            "event_id": event_id,
            "occurred_at": occurred_at,
            "tenant": self.tenant,
            "platform": self.platform,
            "conversation_id": self.conversation_id,
            "channel": self.channel,
            "locale": self.locale,
            "customer": self.customer,
            "attributes": self.attributes,
            "tags": self.tags,
            "route": self.route,
            "repeats": self.repeats,
            "test": self.test,
        }


def in_order(events: list[AnyEvent]) -> tuple[AnyEvent, ...]:
    """`events` by time; those of one instant stay as they were made, verdicts behind their messages."""
    return tuple(sorted(events, key=lambda event: event.occurred_at))
