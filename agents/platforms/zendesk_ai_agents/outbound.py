"""Answering a customer of Zendesk AI agents Advanced, and ending the bot's session.

To the widget: `POST {base}/agent/converse/send-message-to-widget`; a `message` is shown only after
`escalationSuccess`, and the expected wait goes with `escalationQueueUpdate`, in minutes, as text. To the bot:
`POST {base}/converse/chat` with `endSession`, which also deletes its session. Both take the bot's API key as the
bare `Authorization` header and answer 200 before anything is done
(https://developer.zendesk.com/api-reference/ai-agents/widget-escalation/widget-escalation,
https://developer.zendesk.com/documentation/ai-agents/chat/event-type).
"""

import json
from collections.abc import Mapping

from agents.outbound import Http, HttpRequest
from agents.platforms.answers import send
from agents.platforms.port import Address, Notice, Transcript, Unsupported
from agents.platforms.zendesk_ai_agents.inbound import NAME
from agents.platforms.zendesk_ai_agents.options import AiAgentsOptions, options_of

WIDGET_PATH = "/agent/converse/send-message-to-widget"
CHAT_PATH = "/converse/chat"
CALL_TIMEOUT_SECONDS = 8.0


class AiAgentsOutbound:
    """Stateless. There is no transcript to read: what was said is known from the events alone."""

    name = NAME
    can_find_own_messages = False

    async def transcript(self, http: Http, address: Address, *, max_turns: int) -> Transcript:  # noqa: ARG002 the port's
        raise Unsupported("no_transcript")

    async def reply(self, http: Http, address: Address, notice: Notice) -> None:
        """The wait, where it is known, the escalated state, then the words. Told at most once: no look-up exists.

        `Unsupported` where the chat is the company's own: its application shows the messages.
        """
        options = options_of(address.connection)
        if not options.widget:
            raise Unsupported("own_chat_shows_messages")
        if notice.waiting_minutes is not None:
            wait = {"eventType": "escalationQueueUpdate", "waitingTime": str(notice.waiting_minutes)}
            await self._post(http, address, WIDGET_PATH, wait, repeatable=True)
        connected = {"eventType": "escalationSuccess", "agent": options.agent_name}
        await self._post(http, address, WIDGET_PATH, connected, repeatable=True)
        await self._post(http, address, WIDGET_PATH, {"eventType": "message", "text": notice.text}, repeatable=False)

    async def find_own(self, http: Http, address: Address, notice: Notice) -> bool:  # noqa: ARG002 the port's
        raise Unsupported("no_transcript")

    async def quiet(self, http: Http, address: Address) -> None:
        """End the session in a chat of the company's own.

        In the widget the bot is silent once it has escalated, and ending its session would end the chat with
        it, so that only `quiet_ends_session` does so.
        """
        options = options_of(address.connection)
        if options.widget and not options.quiet_ends_session:
            raise Unsupported("bot_is_silent_once_it_escalates")
        await self._end_session(http, address)

    async def close(self, http: Http, address: Address) -> None:
        await self._end_session(http, address)

    async def _end_session(self, http: Http, address: Address) -> None:
        await self._post(http, address, CHAT_PATH, {"eventType": "endSession"}, repeatable=True)

    async def _post(
        self, http: Http, address: Address, path: str, event: Mapping[str, str], *, repeatable: bool
    ) -> None:
        body = {"platformConversationId": address.conversation_id, **event}
        request = HttpRequest(
            "POST",
            _base_url(options_of(address.connection)) + path,
            headers={"authorization": _api_key(address), "content-type": "application/json"},
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
            timeout_seconds=CALL_TIMEOUT_SECONDS,
        )
        await send(http, request, repeatable=repeatable)


def _base_url(options: AiAgentsOptions) -> str:
    if options.base_url:
        return options.base_url.rstrip("/")
    if options.subdomain:
        return f"https://{options.subdomain}.zendesk.com/ai-agents/api"
    raise Unsupported("no_base_url")


def _api_key(address: Address) -> str:
    token = address.connection.tokens.get("api_key")
    value = token.get_secret_value().strip() if token else ""
    if not value:
        raise Unsupported("no_credentials")
    return value
