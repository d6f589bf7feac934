"""Answering a conversation in Zendesk Messaging.

Our messages carry `metadata.handoff`, so that their echo is recognised and a repeated step finds them. Handing
over opens the ticket and is therefore ticketing's (`handover`); with `handover: none` an integration of our own
takes control instead, which keeps the AI silent and people out of it.
"""

from typing import Any

from agents.outbound import Ambiguous, Http, OutboundError
from agents.platforms import reading
from agents.platforms.answers import send
from agents.platforms.port import OUR_MARKER, Address, CallFailed, Notice, Transcript, Unsupported
from agents.platforms.zendesk_sunco.api import conversation_path, post
from agents.platforms.zendesk_sunco.authors import PART_KEY, TICKET_KEY
from agents.platforms.zendesk_sunco.element import NAME
from agents.platforms.zendesk_sunco.handover import who_is_active
from agents.platforms.zendesk_sunco.options import SuncoOptions, options_of
from agents.platforms.zendesk_sunco.splitting import split
from agents.platforms.zendesk_sunco.transcript import Messages, people_wrote_last, read_messages, transcript_of

_LOOK_BACK_MESSAGES = 300
"""How far back a notice of ours is looked for: it is minutes old at most."""


class SuncoOutbound:
    """Stateless."""

    name = NAME
    can_find_own_messages = True

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        """The newest `max_turns` turns. Where the switchboard does not answer, the last words hint at who holds."""
        messages = await read_messages(http, address, at_least=max_turns)
        try:
            human_holds = await who_is_active(http, address) == "agent_workspace"
        except (CallFailed, OutboundError):
            human_holds = people_wrote_last(messages, options_of(address.connection))
        return transcript_of(messages, address, max_turns=max_turns, human_holds=human_holds)

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        """One message, or several where the text is too long for one; parts already there are not sent again."""
        options = options_of(address.connection)
        parts = split(notice.text)
        path = conversation_path(address, "messages")
        sent = await self._parts_sent(http, address, notice) if len(parts) > 1 else frozenset()
        for number, part in enumerate(parts, start=1):
            if number in sent:
                continue
            body = _message(options, part, notice, number)
            response = await send(http, post(address.connection, path, body), repeatable=False)
            if not isinstance(response.json(), dict):
                raise Ambiguous("not_json")

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        """Whether every part of the notice is in the conversation, by its marker."""
        sent = await self._parts_sent(http, address, notice)
        return set(range(1, len(split(notice.text)) + 1)) <= sent

    async def quiet(self, http: Http, address: Address) -> None:
        """Take control ourselves, unless people hold the conversation already."""
        options = options_of(address.connection)
        if options.handover == "ticketing":
            raise Unsupported("ticketing_hands_over")
        if options.own_integration is None:
            raise Unsupported("no_own_integration")
        if await who_is_active(http, address) != "agent_workspace":
            await self._take_control(http, address, options.own_integration)

    async def close(self, http: Http, address: Address) -> None:
        """Keep control for good, or release it; what people hold is left alone."""
        options = options_of(address.connection)
        if options.handover == "ticketing":
            raise Unsupported("ticketing_hands_over")
        if options.close == "hold":
            await self.quiet(http, address)
        elif await who_is_active(http, address) == "bot":
            path = conversation_path(address, "releaseControl")
            body = {"metadata": {OUR_MARKER: "close"}}
            await send(http, post(address.connection, path, body), repeatable=True)

    async def _take_control(self, http: Http, address: Address, integration: str) -> None:
        path = conversation_path(address, "passControl")
        body = {"switchboardIntegration": integration, "metadata": {OUR_MARKER: "quiet"}}
        await send(http, post(address.connection, path, body), repeatable=True)

    async def _parts_sent(self, http: Http, address: Address, notice: Notice) -> frozenset[int]:
        messages = await read_messages(http, address, at_least=_LOOK_BACK_MESSAGES)
        return parts_of(messages, notice.notification_id)


def parts_of(messages: Messages, notification_id: str) -> frozenset[int]:
    """The numbers of the parts of that notice that stand in the conversation."""
    return frozenset(
        reading.integer(item, "metadata", PART_KEY) or 1
        for item in messages.items
        if reading.text(item, "metadata", OUR_MARKER) == notification_id
    )


def _message(options: SuncoOptions, text: str, notice: Notice, number: int) -> dict[str, Any]:
    author = {"type": "business"}
    if options.display_name:
        author["displayName"] = options.display_name
    metadata: dict[str, Any] = {OUR_MARKER: notice.notification_id, PART_KEY: number}
    if notice.ticket_id:
        metadata[TICKET_KEY] = notice.ticket_id
    return {"author": author, "content": {"type": "text", "text": text}, "metadata": metadata}
