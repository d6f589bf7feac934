"""Asking Intercom for what it has not told.

A notification is sent twice at most, none may be sent when Fin's session closes itself, and Fin flags an
escalation a beat after the customer's message
(https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/searchconversations).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.outbound import Http
from agents.platforms.intercom import search
from agents.platforms.intercom.api import Api
from agents.platforms.intercom.normalise import from_snapshot
from agents.platforms.intercom.options import IntercomOptions
from agents.platforms.polling import Allowance, Changed, PollOptions
from agents.platforms.port import Connection, Normalized

_LATEST_SECONDS = 253_402_300_799


class IntercomPolling:
    """The token `access_token` authorises it, with the permission to read conversations."""

    name = "intercom"

    def options(self, connection: Connection) -> PollOptions | None:
        """Polled wherever there is a token, unless it is switched off: without one nothing can be asked."""
        token = connection.tokens.get("access_token")
        if token is None or not token.get_secret_value().strip():
            return None
        options = connection.options_as(IntercomOptions).poll
        return None if options.enabled is False else options

    async def changed_since(
        self, http: Http, connection: Connection, since: datetime, until: datetime
    ) -> AsyncIterator[Changed]:
        """Fin's conversations.

        The next page is asked for by the time of the last conversation rather than by the cursor: a conversation
        that changes meanwhile leaves its page, and what came after it would move up and be passed over.
        """
        api, cursor, met = Api(http, connection), None, set[search.Changed]()
        while True:
            page = await search.changed(api, since, until, cursor=cursor)
            for found in page.changed:
                if found not in met:
                    met.add(found)
                    yield Changed(found.conversation_id, found.updated_at)
            if page.cursor is None or not page.changed or page.cursor == cursor:
                return
            newest = page.changed[-1].updated_at
            before = None if newest is None else newest - timedelta(seconds=1)
            if before is not None and before > since:
                since, cursor = before, None
            else:
                cursor = page.cursor

    async def read(self, http: Http, connection: Connection, conversation_id: str, now: datetime) -> Normalized:
        """The API returns plain text when asked to, whatever the workspace's notifications are written in."""
        conversation = await search.conversation(Api(http, connection), conversation_id)
        plain = replace(connection, options={**connection.options, "body_format": "plain"})
        return from_snapshot(conversation, plain, now)

    def allowance(self, headers: Mapping[str, str]) -> Allowance | None:
        """`X-RateLimit-*` (https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting)."""
        remaining = _whole(headers.get("x-ratelimit-remaining"))
        if remaining is None:
            return None
        resets = _whole(headers.get("x-ratelimit-reset"))
        resets_at = None if resets is None or resets > _LATEST_SECONDS else datetime.fromtimestamp(resets, UTC)
        return Allowance(remaining, _whole(headers.get("x-ratelimit-limit")), resets_at)


def _whole(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
