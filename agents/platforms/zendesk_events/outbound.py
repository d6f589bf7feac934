"""Answering where Zendesk's events told of the conversation: through the Conversations app behind them.

`messaging_ticket.message_added` names the Sunshine conversation, so that the same calls answer it, with the
settings in `options.sunshine` and the credentials in `tokens`.
"""

from dataclasses import replace

from agents.outbound import Http
from agents.platforms.port import Address, Notice, Transcript, Unsupported
from agents.platforms.zendesk_events.options import options_of
from agents.platforms.zendesk_events.ticket import NAME
from agents.platforms.zendesk_sunco.outbound import SuncoOutbound


class ZendeskEventsOutbound:
    """Stateless. Every call is `Unsupported("no_sunshine_app")` where no Conversations app is configured."""

    name = NAME
    can_find_own_messages = True

    def __init__(self) -> None:
        self._sunshine = SuncoOutbound()

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        return await self._sunshine.transcript(http, at_sunshine(address), max_turns=max_turns)

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        await self._sunshine.reply(http, at_sunshine(address), notice)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        return await self._sunshine.find_own(http, at_sunshine(address), notice)

    async def quiet(self, http: Http, address: Address) -> None:
        await self._sunshine.quiet(http, at_sunshine(address))

    async def close(self, http: Http, address: Address) -> None:
        await self._sunshine.close(http, at_sunshine(address))


def at_sunshine(address: Address) -> Address:
    """The same conversation as its Conversations app knows it; `Unsupported` where none is configured."""
    sunshine = options_of(address.connection).sunshine
    if sunshine is None:
        raise Unsupported("no_sunshine_app")
    return replace(address, connection=replace(address.connection, options=sunshine.model_dump()))
