"""The calls to Intercom: read the conversation, answer it as a teammate, keep Fin out, close or hand over.

Answering as a teammate is what stops Fin, and what reaches the customer by mail where the channel is e-mail:
a bot's reply does neither. The teammate must be one of the connection's own ids, or its echo looks human.
"""

from typing import Any

from agents.outbound import Http, OutboundError
from agents.platforms.intercom.api import Api, conversation_path
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.transcript import has_notice, own_ids, transcript_of, with_contact
from agents.platforms.port import Address, CallFailed, Notice, Transcript
from agents.text.html import paragraphs

CONTACT_TIMEOUT_SECONDS = 1.0


class IntercomOutbound:
    """The calls; the token `access_token` authorises all of them."""

    name = "intercom"
    can_find_own_messages = True
    options_model = IntercomOptions

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:
        api = Api(http, address.connection)
        conversation = await self._conversation(api, address)
        found = transcript_of(conversation, address.connection, api.options, max_turns=max_turns)
        customer = found.customer
        if customer is None or customer.id is None or customer.email:
            return found
        try:
            contact = await api.get(f"/contacts/{customer.id}", timeout_seconds=CONTACT_TIMEOUT_SECONDS)
        except (OutboundError, CallFailed):
            return found  # the name and address are a bonus; the transcript is what was asked for
        return Transcript(
            found.turns,
            found.truncated,
            with_contact(customer, contact),
            found.human_holds,
            found.closed,
        )

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        api = Api(http, address.connection)
        body = {
            "message_type": "comment",
            "type": "admin",
            "admin_id": await api.admin_id(),
            "body": paragraphs(notice.text),
        }
        await api.post(conversation_path(address.conversation_id, "/reply"), body, repeatable=False)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:
        api = Api(http, address.connection)
        own = own_ids(address.connection, api.options) or {await api.admin_id()}
        return has_notice(await self._conversation(api, address), notice, own)

    async def quiet(self, http: Http, address: Address) -> None:
        """Assign it away from Fin: to `team_id`, else to the teammate we write as."""
        api = Api(http, address.connection)
        await self._assign(api, address, await api.admin_id())

    async def close(self, http: Http, address: Address) -> None:
        """Close it, or with `handover: assign` leave it open with the team."""
        api = Api(http, address.connection)
        admin_id = await api.admin_id()
        if api.options.handover == "assign" and api.options.team_id:
            await self._assign(api, address, admin_id)
            return
        body = {"message_type": "close", "type": "admin", "admin_id": admin_id}
        await api.post(conversation_path(address.conversation_id, "/parts"), body, repeatable=True)

    async def _assign(self, api: Api, address: Address, admin_id: str) -> None:
        team_id = api.options.team_id
        body = {
            "message_type": "assignment",
            "type": "team" if team_id else "admin",
            "admin_id": admin_id,
            "assignee_id": team_id or admin_id,
        }
        await api.post(conversation_path(address.conversation_id, "/parts"), body, repeatable=True)

    async def _conversation(self, api: Api, address: Address) -> dict[str, Any]:
        return await api.get(conversation_path(address.conversation_id, "?display_as=plaintext"))
