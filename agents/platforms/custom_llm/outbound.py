"""Answering a company's own LLM application: signed calls to the addresses its bodies name.

`reply_url` receives `handoff.accepted`, `ticket.created` and `ai.pause`; `close_url` receives `session.close`.
An application answers 2xx, drops a `webhook-id` it has seen, and passes over events it does not know.
"""

from datetime import datetime
from typing import Any

from pydantic import SecretStr

from agents.outbound import Http
from agents.platforms.callback import chosen_url, post_signed, reply_payload, signing_secret
from agents.platforms.custom_llm.options import CustomLlmOptions
from agents.platforms.port import Address, Notice, Transcript, Unsupported
from streams.clock import Clock
from streams.ids import derive


class CustomLlmOutbound:
    """The calls. The clock gives the signature its time.

    The application drops repeats, so sending again is always safe: `find_own` never claims that a message
    is there, and is there to be asked.
    """

    name = "custom-llm"
    can_find_own_messages = True
    options_model = CustomLlmOptions

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:  # noqa: ARG002 port
        raise Unsupported("no_transcript")

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        payload = reply_payload(address.conversation_id, notice)
        await self._post(http, address, self._reply_url(address), payload, notice.notification_id)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:  # noqa: ARG002 port
        return False

    async def quiet(self, http: Http, address: Address) -> None:
        payload = {"event": "ai.pause", "session_id": address.conversation_id}
        await self._post(http, address, self._reply_url(address), payload, _call_id(address, "ai.pause"))

    async def close(self, http: Http, address: Address) -> None:
        options = _options(address)
        try:
            url = chosen_url(address.route.close_url, options.close_url, options.allowed_hosts, address.conversation_id)
        except Unsupported as refused:
            raise Unsupported(refused.reason.replace("reply", "close")) from None
        payload = {"event": "session.close", "session_id": address.conversation_id}
        await self._post(http, address, url, payload, _call_id(address, "session.close"))

    def _reply_url(self, address: Address) -> str:
        options = _options(address)
        return chosen_url(address.route.reply_url, options.reply_url, options.allowed_hosts, address.conversation_id)

    async def _post(self, http: Http, address: Address, url: str, payload: dict[str, Any], message_id: str) -> None:
        secret: SecretStr = signing_secret(address.connection)
        now: datetime = self._clock.now()
        await post_signed(http, url, payload, secret=secret, message_id=message_id, at=now)


def _options(address: Address) -> CustomLlmOptions:
    return address.connection.options_as(CustomLlmOptions)


def _call_id(address: Address, event: str) -> str:
    """One per escalation and kind of call: pausing twice is the same as once, but the next escalation pauses anew."""
    return derive("callback", address.connection.tenant, address.conversation_id, event, address.escalation_id)
