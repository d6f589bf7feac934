"""Webhooks of Sunshine Conversations v2: `{app, webhook, events: [...]}`, a shared secret, batches.

There is no signature: the secret itself comes as `X-API-Key`. 400, 401, 403, 404 and 406 are never retried,
anything else but 2xx is, five times in 15 minutes; an answer is due in 20 s
(https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import SecretStr

from agents.platforms import reading
from agents.platforms.port import BadBody, Connection, Delivery, Normalized, StatusCodes
from agents.platforms.signatures import check_shared, header
from agents.platforms.zendesk_sunco import messages, switchboard, users
from agents.platforms.zendesk_sunco.element import NAME, Element, element_of
from agents.platforms.zendesk_sunco.options import SuncoOptions
from streams.contracts.conversation_events import AnyEvent

_HANDLERS: Mapping[str, Callable[[Element], Normalized]] = {
    "conversation:message": messages.on_message,
    "conversation:postback": messages.on_postback,
    "switchboard:passControl": switchboard.on_pass_control,
    "switchboard:releaseControl": switchboard.on_release_control,
    "switchboard:offerControl": switchboard.on_offer_control,
    "switchboard:acceptControl": switchboard.on_accept_control,
    "user:merge": users.on_user_merge,
    "user:update": users.on_user_update,
}

_NO_EVENT: Mapping[str, str] = {
    "conversation:typing": "typing",
    "conversation:read": "read_receipt",
    "conversation:create": "conversation_created",
    "conversation:remove": "conversation_removed",
    "conversation:join": "participant_changed",
    "conversation:leave": "participant_changed",
    "conversation:referral": "referral",
    "conversation:message:delivery:channel": "delivery_receipt",
    "conversation:message:delivery:user": "delivery_receipt",
    "conversation:message:delivery:failure": "notice_failed",
    "switchboard:passControl:failure": "handover_failed",
    "switchboard:offerControl:failure": "handover_failed",
    "switchboard:acceptControl:failure": "handover_failed",
    "switchboard:releaseControl:failure": "handover_failed",
    "passthrough:messaging": "passthrough",
    "client:add": "client_changed",
    "client:remove": "client_changed",
    "client:update": "client_changed",
    "user:remove": "user_removed",
}
"""Triggers that say nothing about how the conversation goes, and under what name they are counted."""


class SuncoInbound:
    """Stateless."""

    name = NAME
    codes = StatusCodes()
    probes_with_head = False
    options_model = SuncoOptions

    def verify(self, delivery: Delivery, secrets: Sequence[SecretStr]) -> None:
        """The secret of one of the app's webhooks, or `Unauthorized`."""
        check_shared(header(delivery.headers, "x-api-key"), secrets)

    def normalize(self, delivery: Delivery, body: Any, connection: Connection) -> Normalized:
        """Every element for itself: a broken one is counted and loses none of the others.

        `BadBody` where there is no list of events, or none of its elements can be read.
        """
        envelope = reading.required_object(body)
        elements = reading.at(envelope, "events")
        if not isinstance(elements, list):
            raise BadBody("missing_field" if elements is None else "wrong_type", "events")
        told: dict[tuple[str, str], AnyEvent] = {}
        ignored: list[str] = []
        broken: list[BadBody] = []
        for raw in elements:
            try:
                one = _one(element_of(raw, envelope, delivery, connection))
            except BadBody as error:
                broken.append(error)
                continue
            ignored += one.ignored
            for event in one.events:
                if told.setdefault((event.conversation_id, event.event_id), event) is not event:
                    ignored.append("duplicate")
        if broken and len(broken) == len(elements):
            raise broken[0]
        ignored += ["bad_element"] * len(broken)
        return Normalized(tuple(told.values()), tuple(ignored) if elements else ("no_events",))


def _one(element: Element) -> Normalized:
    handler = _HANDLERS.get(element.kind)
    if handler is not None:
        return handler(element)
    return Normalized(ignored=(_NO_EVENT.get(element.kind, "unknown_event"),))
