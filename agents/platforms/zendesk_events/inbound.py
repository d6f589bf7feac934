"""Webhooks of Zendesk Support: event subscriptions, and triggers with a body of our making.

409 is retried three times at once, 429 and 503 only with a short `Retry-After`, no other code; an answer is due
within 10 to 12 s (https://developer.zendesk.com/documentation/webhooks/creating-and-monitoring-webhooks).
"""

from collections.abc import Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms import reading
from agents.platforms.port import Connection, Delivery, Normalized, StatusCodes
from agents.platforms.zendesk_events.options import ZendeskEventsOptions
from agents.platforms.zendesk_events.subscribed import PREFIX, normalize_subscribed
from agents.platforms.zendesk_events.ticket import NAME
from agents.platforms.zendesk_events.trigger import normalize_trigger
from agents.platforms.zendesk_events.verify import TOLERANCE_SECONDS, check_signature


class ZendeskEventsInbound:
    """Stateless. `tolerance_seconds`: how old a signed request may be."""

    name = NAME
    codes = StatusCodes(retry_later=409, retry_after_seconds=5)
    probes_with_head = False
    options_model = ZendeskEventsOptions

    def __init__(self, *, tolerance_seconds: float = TOLERANCE_SECONDS) -> None:
        self._tolerance_seconds = tolerance_seconds

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        """The webhook's signing secret made the signature, lately; else `Unauthorized`."""
        check_signature(delivery, secrets, tolerance_seconds=self._tolerance_seconds)

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        """By its `type` a subscribed event, else a trigger's body."""
        found = reading.required_object(body)
        if (reading.text(found, "type") or "").strip().startswith(PREFIX):
            return normalize_subscribed(delivery, found, connection)
        return normalize_trigger(delivery, found, connection)
