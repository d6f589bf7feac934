"""One element of a webhook's `events`, read as far as all kinds of it are alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import Cleaning
from agents.platforms.framing import Frame
from agents.platforms.port import BadBody, Connection, Delivery
from agents.platforms.zendesk_sunco.options import SuncoOptions, options_of
from agents.platforms.zendesk_sunco.people import Learned, customer_of, learned_from, locale_of
from streams.contracts.base import Scalar
from streams.contracts.people import Customer, Route

NAME = "zendesk-sunco"

_CHANNELS = {"mailgun": "email"}
"""Sunshine names its mail channel after the service that carries it."""

WIDGETS = frozenset({None, "web", "ios", "android", "sdk"})
"""Channels in which nothing but a person's fingers can write."""

_NO_CHANNEL = ("zd:", "api", "ultimate")


@dataclass(frozen=True)
class Element:
    """An event: `{id, createdAt, type, payload}`, and what stands around it."""

    connection: Connection
    options: SuncoOptions
    app_id: str | None
    id: str
    kind: str
    created_at: datetime
    payload: Mapping[str, Any]

    @property
    def cleaning(self) -> Cleaning:
        return Cleaning.of(self.connection)

    @property
    def conversation(self) -> Mapping[str, Any]:
        return reading.object_(self.payload, "conversation")

    @property
    def conversation_id(self) -> str:
        """The conversation's id, or `BadBody`."""
        return reading.required_id(self.payload, "conversation", "id")

    def frame(
        self,
        user: Mapping[str, Any],
        *learned: Learned,
        channel: str | None = None,
        display_name: str | None = None,
    ) -> Frame:
        """What every event of this element says; what is named later in `learned` wins."""
        sources = (learned_from(reading.object_(user, "metadata"), self.cleaning), self._learned(), *learned)
        customer: Customer | None = customer_of(user, self.cleaning, display_name=display_name)
        attributes: dict[str, Scalar] = {}
        for source in sources:
            customer = source.onto(customer)
            attributes |= source.attributes
        return Frame(
            tenant=self.connection.tenant,
            platform=NAME,
            conversation_id=self.conversation_id,
            channel=channel,
            locale=locale_of(user),
            customer=customer,
            attributes=dict(list(attributes.items())[: reading.MAX_ATTRIBUTES]),
            tags=tuple(dict.fromkeys(tag for source in sources for tag in source.tags)),
            route=self._route(user),
        )

    def _learned(self) -> Learned:
        return learned_from(reading.object_(self.conversation, "metadata"), self.cleaning)

    def _route(self, user: Mapping[str, Any]) -> Route | None:
        user_id = reading.identifier(user, "id")
        return Route(app_id=self.app_id, user_id=user_id) if self.app_id or user_id else None


def element_of(raw: Any, body: Mapping[str, Any], delivery: Delivery, connection: Connection) -> Element:
    """The element in `raw`, or `BadBody` where it is none."""
    element = reading.required_object(raw)
    event_id = reading.reference(element, "id")
    kind = reading.text(element, "type")
    if event_id is None or kind is None:
        raise BadBody("missing_field", "events.id" if event_id is None else "events.type")
    return Element(
        connection=connection,
        options=options_of(connection),
        app_id=reading.identifier(body, "app", "id"),
        id=event_id,
        kind=kind.strip(),
        created_at=reading.any_time(element, "createdAt") or delivery.received_at,
        payload=reading.required_object(element, "payload"),
    )


def channel_of(source: Mapping[str, Any]) -> str | None:
    """The customer's channel; None where the message came from Zendesk itself or through the API."""
    kind = reading.name(source, "type")
    if kind is None or kind.casefold().startswith(_NO_CHANNEL):
        return None
    return _CHANNELS.get(kind.casefold(), kind.casefold())
