"""The calls of the Fin Agent API, few as they are.

Fin speaks only when the company's channel asks it to, so there is nothing to silence: the channel is told,
with a signed call, and delivers our text. Fin keeps no transcript that can be read back by this id.
"""

import json
from collections.abc import Mapping

from agents.outbound import Http, HttpRequest
from agents.platforms.answers import send
from agents.platforms.callback import chosen_url, post_signed, reply_payload, signing_secret
from agents.platforms.fin_agent_api.options import API_HOSTS, FinOptions
from agents.platforms.port import Address, Notice, Transcript, Unsupported
from streams.clock import Clock
from streams.ids import derive


class FinOutbound:
    """The calls. The clock gives the signature its time; repeats are dropped by the receiver."""

    name = "fin-agent-api"
    can_find_own_messages = True
    options_model = FinOptions

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:  # noqa: ARG002 port
        raise Unsupported("no_transcript")

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        await self._tell(http, address, reply_payload(address.conversation_id, notice), notice.notification_id)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:  # noqa: ARG002 port
        return False

    async def quiet(self, http: Http, address: Address) -> None:
        """Ask the channel to stop passing the customer's words to Fin."""
        payload = {"event": "ai.pause", "session_id": address.conversation_id}
        told = ("ai.pause", address.escalation_id)  # a later escalation pauses anew
        call_id = derive("callback", address.connection.tenant, address.conversation_id, *told)
        await self._tell(http, address, payload, call_id)

    async def close(self, http: Http, address: Address) -> None:
        """`POST /fin/escalate`: Fin answers with `escalated` and `complete`. No other call ends its session.

        By default Intercom opens a Helpdesk conversation for it, hence only where the tenant asks for it
        (https://developers.intercom.com/docs/references/preview/rest-api/api.intercom.io/fin-agent).
        """
        options = address.connection.options_as(FinOptions)
        if options.close_with != "escalate":
            raise Unsupported("no_close_call")
        token = address.connection.tokens.get("access_token")
        if token is None:
            raise Unsupported("no_access_token")
        base = options.base_url or API_HOSTS[options.region]
        headers = {
            "authorization": f"Bearer {token.get_secret_value().strip()}",
            "accept": "application/json",
            "content-type": "application/json",
            "intercom-version": "Preview",
        }
        body = json.dumps({"conversation_id": address.conversation_id}).encode()
        request = HttpRequest("POST", base.rstrip("/") + "/fin/escalate", headers=headers, body=body)
        await send(http, request, repeatable=False)

    async def _tell(self, http: Http, address: Address, payload: Mapping[str, object], message_id: str) -> None:
        options = address.connection.options_as(FinOptions)
        url = chosen_url(address.route.reply_url, options.reply_url, options.allowed_hosts, address.conversation_id)
        secret = signing_secret(address.connection)
        now = self._clock.now()
        await post_signed(http, url, payload, secret=secret, message_id=message_id, at=now)
