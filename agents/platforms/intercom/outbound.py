"""The calls to Intercom: read the conversation, answer it as a teammate, keep Fin out, close or hand over.

Answering as a teammate is what stops Fin, and what reaches the customer by mail where the channel is e-mail:
a bot's reply does neither. The teammate must be one of the connection's own ids, or its echo looks human.
"""

from typing import Any

from agents.outbound import Http, OutboundError
from agents.platforms.intercom.api import Api, contact_path, conversation_path
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.intercom.transcript import has_notice, own_ids, transcript_of, with_contact
from agents.platforms.port import Address, CallFailed, Notice, Transcript, Unsupported
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
        own = own_ids(address.connection, api.options) or await self._token_owner(api, conversation)
        found = transcript_of(conversation, address.connection, api.options, own, max_turns=max_turns)
        customer = found.customer
        if customer is None or customer.id is None or customer.email:
            return found
        try:
            contact = await api.get(contact_path(customer.id), timeout_seconds=CONTACT_TIMEOUT_SECONDS)
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
        """Assign it away from Fin: to the team that takes over, else to the teammate we write as.

        Not to a team where the session is to be closed later: what a team holds is never closed.
        """
        api = Api(http, address.connection)
        admin_id = await api.admin_id()
        await self._assign(api, address, admin_id, _team(api))

    async def close(self, http: Http, address: Address) -> None:
        """Close it, or with `handover: assign` leave it open with the team."""
        api = Api(http, address.connection)
        admin_id = await api.admin_id()
        if (team_id := _team(api)) is not None:
            await self._assign(api, address, admin_id, team_id)
            return
        body = {"message_type": "close", "type": "admin", "admin_id": admin_id}
        await api.post(conversation_path(address.conversation_id, "/parts"), body, repeatable=True)

    async def _assign(self, api: Api, address: Address, admin_id: str, team_id: str | None) -> None:
        body = {
            "message_type": "assignment",
            "type": "team" if team_id else "admin",
            "admin_id": admin_id,
            "assignee_id": team_id or admin_id,
        }
        await api.post(conversation_path(address.conversation_id, "/parts"), body, repeatable=True)

    async def _token_owner(self, api: Api, conversation: dict[str, Any]) -> set[str]:
        """Who we are, where no setting says so and it matters: the teammate it is assigned to may be us."""
        if not conversation.get("admin_assignee_id"):
            return set()
        try:
            return {await api.admin_id()}
        except (OutboundError, CallFailed, Unsupported):
            return set()

    async def _conversation(self, api: Api, address: Address) -> dict[str, Any]:
        return await api.get(conversation_path(address.conversation_id, "?display_as=plaintext"))


def _team(api: Api) -> str | None:
    return api.options.team_id if api.options.handover == "assign" else None
