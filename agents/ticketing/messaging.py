"""Handing over at Zendesk Messaging, over the platform's and the helpdesk's adapters (`world.Handover`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from agents.helpdesks import tags
from agents.helpdesks.limits import retry_after_seconds
from agents.helpdesks.port import Answer, Draft, HelpdeskUnavailable, TicketRef
from agents.helpdesks.verdicts import by_status
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.helpdesks.zendesk.options import ZendeskOptions
from agents.outbound import Ambiguous, Http, NotSent, OutboundError
from agents.platforms.port import Address, BadBody, CallFailed, Unsupported
from agents.platforms.zendesk_events.outbound import at_sunshine
from agents.platforms.zendesk_sunco.handover import (
    TicketFields,
    pass_control_request,
    render_pass_control,
    who_is_active,
)
from agents.platforms.zendesk_sunco.options import options_of
from agents.ticketing.live_desk import LiveDesk, usable
from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import AnyCommand
from streams.contracts.escalation_ledger import PreparedRequest

PLATFORMS = ("zendesk-sunco", "zendesk-events")
"""Both tell of conversations of Zendesk Messaging."""

MAX_TAG_CHARS = 80


class MessagingHandover:
    """One conversation's."""

    def __init__(
        self, http: Http, address: Address, desk: LiveDesk, escalation_id: str, still_ours: Callable[[], None]
    ) -> None:
        """`still_ours` raises where this process must not act any more."""
        assert isinstance(desk.helpdesk, Zendesk), "only Zendesk has Zendesk Messaging"
        self._zendesk: Zendesk = desk.helpdesk
        self._http = http
        self._address = address
        self._desk = desk
        self._escalation_id = escalation_id
        self._still_ours = still_ours

    async def who_is_active(self) -> Literal["bot", "agent_workspace", "nobody"]:
        """See `Handover`."""
        try:
            return await who_is_active(self._http, self._address)
        except CallFailed as error:
            raise HelpdeskUnavailable(error.reason, retry_after_seconds=error.retry_after_seconds) from None
        except (OutboundError, BadBody, Unsupported) as error:
            raise HelpdeskUnavailable(error.reason) from None

    def render(self, draft: Draft) -> PreparedRequest:
        """See `Handover`: what the policy routes by, and the customer's address where Zendesk may not know it."""
        command, account = draft.command, self._desk.account
        options = ZendeskOptions.of(account)
        wanted = options.fields
        fields: dict[str, Scalar] = {}
        for field_id, value in (
            (wanted.escalation_id, command.escalation_id),
            (wanted.conversation, f"{command.tenant}|{command.conversation_id}"),
            (wanted.reason, command.reason),
            (wanted.intent, command.intent),
            (wanted.platform, command.platform),
            *((field_id, command.attributes.get(name)) for name, field_id in wanted.attributes.items()),
        ):
            if field_id is not None and value is not None:
                fields[str(field_id)] = value
        first = draft.turns[0].event_id if draft.turns and draft.transcript_from == "platform" else None
        marked = tags.tags(command, tags.marker(command.escalation_id), max_chars=MAX_TAG_CHARS)
        return render_pass_control(
            self._address,
            TicketFields(
                escalation_id=command.escalation_id,
                tags=marked,
                priority=command.routing.priority,
                group_id=account.groups.get(command.routing.group or ""),
                brand_id=options.brand_id,
                requester_name=draft.customer.name,
                requester_email=draft.customer.email,
                first_message_id=first,
                fields=fields,
            ),
        )

    async def pass_control(self, request: PreparedRequest) -> Answer:
        """See `Handover`."""
        self._still_ours()
        try:
            response = await self._http.send(pass_control_request(self._address, request))
        except NotSent as error:
            return Answer("unavailable", error.reason)
        except Ambiguous as error:
            return Answer("ambiguous", error.reason)
        if response.ok:
            return Answer("done", f"http_{response.status}")
        if response.status == 503:
            return Answer("unavailable", "http_503", retry_after_seconds=retry_after_seconds(response))
        return by_status(response)

    async def find(self, requester_id: str | None, since: datetime, *, newest: bool) -> TicketRef | None:
        """See `Handover`."""
        zendesk, bulkhead, account = self._zendesk, self._desk.bulkhead, self._desk.account
        if requester_id is None:
            recent = await self._desk.recent_tickets(since)
            return next((ticket for ticket in recent if ticket.escalation_id == self._escalation_id), None)
        marked = await usable(zendesk.find_by_marker(bulkhead, account, requester_id, self._escalation_id))
        if marked is not None or not newest:
            return marked
        return await usable(zendesk.newest_messaging_ticket(bulkhead, account, requester_id, since))


def handover_of(
    http: Http, address: Address | None, desk: LiveDesk | None, command: AnyCommand, still_ours: Callable[[], None]
) -> MessagingHandover | None:
    """The handover where the conversation is Zendesk Messaging's, the helpdesk Zendesk, and its options say so."""
    if address is None or desk is None or not isinstance(desk.helpdesk, Zendesk):
        return None
    if command.platform not in PLATFORMS:
        return None
    try:
        at = at_sunshine(address) if command.platform == "zendesk-events" else address
        pass_control_request(at, render_pass_control(at, TicketFields(command.escalation_id)))
    except Unsupported:  # without app or credentials nothing can be handed over
        return None
    if options_of(at.connection).handover != "ticketing":
        return None
    return MessagingHandover(http, at, desk, command.escalation_id, still_ours)
