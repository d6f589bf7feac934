"""Handing a conversation to people at Zendesk: `passControl`, by which the ticket comes into being.

The ticket is made when the agent workspace becomes active, and its fields can be set in this call's metadata
alone (botpress' zendesk-messaging-hitl, PR #14606). Without `first_message_id` only the last ten messages
reach it (https://support.zendesk.com/hc/en-us/articles/4419179022874). Naming the target by id or name makes
the call idempotent (https://developer.zendesk.com/api-reference/conversations/#tag/Switchboard-Actions).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from agents.outbound import Http, HttpRequest
from agents.platforms import reading
from agents.platforms.answers import send, send_for_json
from agents.platforms.port import Address
from agents.platforms.zendesk_sunco.api import conversation_path, get, post, with_credentials
from agents.platforms.zendesk_sunco.authors import ESCALATION_KEY, has_people
from agents.platforms.zendesk_sunco.options import options_of
from streams.contracts.base import Scalar
from streams.contracts.escalation_ledger import PreparedRequest

MAX_METADATA_BYTES = 4096
MAX_VALUE_CHARS = 1024

Holder = Literal["bot", "agent_workspace", "nobody"]


@dataclass(frozen=True)
class TicketFields:
    """What the new ticket is to carry. `fields` are custom ticket fields by id.

    `requester_name` and `requester_email` set the requester, where Zendesk does not know them yet.
    """

    escalation_id: str
    tags: Sequence[str] = ()
    priority: str | None = None
    group_id: int | None = None
    assignee_id: int | None = None
    brand_id: int | None = None
    requester_name: str | None = None
    requester_email: str | None = None
    first_message_id: str | None = None
    fields: Mapping[str, Scalar] = field(default_factory=dict)


def render_pass_control(address: Address, ticket: TicketFields) -> PreparedRequest:
    """The request, byte for byte, relative to the connection's base URL; no credentials in it.

    The metadata is flat and at most 4 KB: what does not fit is left out, ticket fields first, the marker never.
    """
    body = {
        "switchboardIntegration": options_of(address.connection).agent_workspace,
        "metadata": pass_control_metadata(ticket),
    }
    return PreparedRequest(
        method="POST",
        path=conversation_path(address, "passControl"),
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
    )


def pass_control_metadata(ticket: TicketFields) -> dict[str, Scalar]:
    """The metadata that Zendesk turns into ticket fields, in order of weight."""
    system = "dataCapture.systemField."
    wanted: dict[str, Scalar] = {
        ESCALATION_KEY: ticket.escalation_id,
        "first_message_id": ticket.first_message_id,
        f"{system}group_id": _text(ticket.group_id),
        f"{system}priority": ticket.priority,
        f"{system}tags": ",".join(ticket.tags) or None,
        f"{system}brand_id": _text(ticket.brand_id),
        f"{system}assignee_id": _text(ticket.assignee_id),
        f"{system}requester.email": ticket.requester_email,
        f"{system}requester.name": ticket.requester_name,
        **{f"dataCapture.ticketField.{key}": value for key, value in ticket.fields.items()},
    }
    kept: dict[str, Scalar] = {}
    for key, value in wanted.items():
        if value is None:
            continue
        candidate = kept | {key: value[:MAX_VALUE_CHARS] if isinstance(value, str) else value}
        if len(json.dumps(candidate, ensure_ascii=False, separators=(",", ":")).encode()) <= MAX_METADATA_BYTES:
            kept = candidate
    return kept


def pass_control_request(address: Address, prepared: PreparedRequest) -> HttpRequest:
    """A prepared request with the connection's base URL and credentials, its body the very bytes."""
    return with_credentials(address.connection, prepared.method, prepared.path, prepared.body.encode())


async def hand_over(http: Http, address: Address, metadata: Mapping[str, Scalar]) -> None:
    """Pass control to the agent workspace; safe to repeat. A return means that it was accepted."""
    body = {"switchboardIntegration": options_of(address.connection).agent_workspace, "metadata": dict(metadata)}
    await send(http, post(address.connection, conversation_path(address, "passControl"), body), repeatable=True)


async def who_is_active(http: Http, address: Address) -> Holder:
    """Who holds the conversation now; an integration of our own counts as the bot's side."""
    answer = await send_for_json(http, get(address.connection, conversation_path(address)))
    active: Mapping[str, Any] = reading.object_(answer, "conversation", "activeSwitchboardIntegration")
    if not active:
        return "nobody"
    return "agent_workspace" if has_people(active, options_of(address.connection)) else "bot"


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)
