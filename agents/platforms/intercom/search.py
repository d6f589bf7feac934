"""Looking for conversations whose notifications never came.

Intercom sends a notification twice at most, and perhaps none when Fin's session closes itself. A poller asks
for what changed since a little before its last look, fetches each conversation and tells it with
`normalise.from_snapshot`: its events carry the ids the notifications had.
(https://developers.intercom.com/docs/references/2.16/rest-api/api.intercom.io/conversations/searchconversations)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.intercom.api import Api, conversation_path

PER_PAGE = 150
"""The most the API returns at once."""


@dataclass(frozen=True)
class Changed:
    """A conversation that changed; the search returns no parts."""

    conversation_id: str
    updated_at: datetime | None


@dataclass(frozen=True)
class Page:
    """One page of a search. `cursor`: where the next begins; none on the last."""

    changed: tuple[Changed, ...]
    cursor: str | None


def search_body(since: datetime, until: datetime, *, cursor: str | None = None) -> dict[str, Any]:
    """The search for conversations Fin took part in, changed after `since` and before `until`, oldest first.

    Both bounds are exclusive and in whole seconds: let windows overlap.
    """
    pagination: dict[str, Any] = {"per_page": PER_PAGE}
    if cursor is not None:
        pagination["starting_after"] = cursor
    conditions = [
        {"field": "updated_at", "operator": ">", "value": int(since.timestamp())},
        {"field": "updated_at", "operator": "<", "value": int(until.timestamp())},
        {"field": "ai_agent_participated", "operator": "=", "value": True},
    ]
    return {
        "query": {"operator": "AND", "value": conditions},
        "sort": {"field": "updated_at", "order": "ascending"},
        "pagination": pagination,
    }


def page_of(body: Mapping[str, Any]) -> Page:
    """A page as the API returns it."""
    found = [
        Changed(conversation_id, reading.any_time(item, "updated_at"))
        for item in reading.objects(body, "conversations")
        if (conversation_id := reading.identifier(item, "id"))
    ]
    return Page(tuple(found), reading.text(body, "pages", "next", "starting_after"))


async def changed(api: Api, since: datetime, until: datetime, *, cursor: str | None = None) -> Page:
    """One page of what changed."""
    return page_of(await api.search("/conversations/search", search_body(since, until, cursor=cursor)))


async def conversation(api: Api, conversation_id: str) -> dict[str, Any]:
    """The whole conversation, as `normalise.from_snapshot` takes it."""
    return await api.get(conversation_path(conversation_id, "?display_as=plaintext"))
