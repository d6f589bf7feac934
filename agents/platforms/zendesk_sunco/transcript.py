"""The messages of a conversation as turns. Pages come from the newest backwards, 100 messages each.

`GET /v2/apps/{app}/conversations/{id}/messages`, `meta.hasMore`, `meta.beforeCursor`, `page[before]`
(https://developer.zendesk.com/api-reference/conversations/#tag/Messages/operation/ListMessages).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from agents.outbound import Http
from agents.platforms import reading
from agents.platforms.answers import send_for_json
from agents.platforms.cleaning import Cleaning
from agents.platforms.port import Address, Transcript
from agents.platforms.zendesk_sunco.api import conversation_path, get
from agents.platforms.zendesk_sunco.authors import activity_type, author_of, by_customer, is_ours
from agents.platforms.zendesk_sunco.content import content_of
from agents.platforms.zendesk_sunco.element import WIDGETS, channel_of
from agents.platforms.zendesk_sunco.options import SuncoOptions, options_of
from agents.platforms.zendesk_sunco.people import customer_of
from agents.text.automatic import suspected
from streams.contracts.people import Customer, Turn

PAGE_SIZE = 100
MAX_PAGES = 50

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_CLOSING = frozenset({"conversation:endedbyuser", "ticket:closed", "ticket:transfer:email"})


@dataclass(frozen=True)
class Messages:
    """Raw messages, oldest first. `complete`: nothing older exists."""

    items: tuple[Mapping[str, Any], ...]
    complete: bool


async def read_messages(http: Http, address: Address, *, at_least: int) -> Messages:
    """The newest messages, at least so many where there are as many, in whole pages."""
    path = conversation_path(address, "messages")
    pages: list[list[Mapping[str, Any]]] = []
    cursors: set[str] = set()
    query: dict[str, str] = {}
    for _ in range(MAX_PAGES):
        page = await send_for_json(http, get(address.connection, path, query))
        pages.append(reading.objects(page, "messages"))
        cursor = reading.text(page, "meta", "beforeCursor")
        more = reading.flag(page, "meta", "hasMore") is True
        if not more or cursor is None or cursor in cursors:
            return Messages(_oldest_first(pages), complete=not more)
        if sum(map(len, pages)) >= at_least:
            break
        cursors.add(cursor)
        query = {"page[before]": cursor}
    return Messages(_oldest_first(pages), complete=False)


def transcript_of(messages: Messages, address: Address, *, max_turns: int, human_holds: bool) -> Transcript:
    """What people read: activities and deleted messages left out, our own notices marked as the system's."""
    options, cleaning = options_of(address.connection), Cleaning.of(address.connection)
    told = [item for item in messages.items if _is_turn(item)]
    turns: list[Turn] = []
    for item in told[-max_turns:] if max_turns > 0 else []:
        turns.append(_turn(item, options, cleaning, turns[-1].occurred_at if turns else _NO_TIME))
    newest = messages.items[-1] if messages.items else {}
    return Transcript(
        turns=tuple(turns),
        truncated=not messages.complete or len(told) > len(turns),
        customer=_customer(messages.items, cleaning),
        human_holds=human_holds,
        closed=(activity_type(newest) or "").casefold() in _CLOSING,
    )


def people_wrote_last(messages: Messages, options: SuncoOptions) -> bool:
    """Whether the business's newest words are a person's: a hint, where the switchboard does not answer."""
    written = (item for item in reversed(messages.items) if _is_turn(item) and not by_customer(item))
    newest = next((item for item in written if not is_ours(item)), None)
    return newest is not None and author_of(newest, {}, options) == "human"


def _turn(message: Mapping[str, Any], options: SuncoOptions, cleaning: Cleaning, before: datetime) -> Turn:
    customer = by_customer(message)
    content = content_of(message, by_customer=customer)
    received = reading.any_time(message, "received")
    text = cleaning.body(content.raw, content.declared).text
    channel = channel_of(reading.object_(message, "source"))
    author = "system" if not customer and is_ours(message) else author_of(message, {}, options)
    return Turn(
        event_id=reading.reference(message, "id") or "message",
        occurred_at=received or before,
        untimed=received is None,
        author=author,
        author_name=cleaning.line(reading.name(message, "author", "displayName")),
        text=text,
        automatic=customer and channel not in WIDGETS and suspected(None, text) is not None,
        confidence=reading.ratio(message, "metadata", "confidence") if author == "ai" else None,
        attachments=content.attachments,
    )


def _is_turn(message: Mapping[str, Any]) -> bool:
    return reading.flag(message, "deleted") is not True and activity_type(message) is None


def _customer(messages: Iterable[Mapping[str, Any]], cleaning: Cleaning) -> Customer | None:
    known: Customer | None = None
    for message in messages:
        if by_customer(message):
            user = dict(reading.object_(message, "author", "user"))
            user.setdefault("id", reading.at(message, "author", "userId"))
            found = customer_of(user, cleaning, display_name=reading.name(message, "author", "displayName"))
            known = known.merged(found) if known else found
    return known


def _oldest_first(pages: list[list[Mapping[str, Any]]]) -> tuple[Mapping[str, Any], ...]:
    """By time: later pages are older, each begins with its oldest message; one without a time keeps its place."""
    timed: list[tuple[datetime, Mapping[str, Any]]] = []
    latest = _NO_TIME
    for item in (item for page in reversed(pages) for item in page):
        latest = reading.any_time(item, "received") or latest
        timed.append((latest, item))
    return tuple(item for _, item in sorted(timed, key=lambda entry: entry[0]))
