"""The turns of a session: who said what, when, in the order of the body."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from agents.platforms import reading
from agents.platforms.custom_llm.content import content_of, without_thoughts
from agents.platforms.custom_llm.roles import NAMED, author_of
from agents.platforms.port import BadBody
from streams.contracts.people import Attachment, Author

MAX_TURNS = 500
"""Of one body, the newest; older ones came in earlier bodies."""

_STEP = timedelta(milliseconds=1)
_AT_LEAST = frozenset({"id", "role", "content"})
"""Of most turns this is all; what else a message may say need not be looked for then."""

_TIMES = ("created_at", "timestamp", "occurred_at", "sent_at", "time")
_FORMATS = {"text": "plain", "plain": "plain", "markdown": "markdown", "html": "html"}

Format = Literal["plain", "markdown", "html"]


class RawTurn(NamedTuple):
    """One turn as the application wrote it. `occurrence` counts equal turns of the body, from 1."""

    author: Author
    text: str
    attachments: tuple[Attachment, ...]
    message_id: str | None
    at: datetime | None
    declared: Format | None
    occurrence: int = 1
    name: str | None = None
    confidence: float | None = None
    intent: str | None = None
    automatic: bool = False


class Turns(NamedTuple):
    """What a message list holds. `ignored` are slugs; `tools` the names of the tools that were called."""

    turns: tuple[RawTurn, ...]
    ignored: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()


def read_turns(messages: Sequence[Any], declared: Format | None) -> Turns:
    """The turns in `messages`; what is no turn is counted, what is no message at all is refused."""
    turns: list[RawTurn] = []
    ignored: list[str] = []
    tools: dict[str, None] = {}
    seen: dict[tuple[str, str], int] = {}
    for index, message in enumerate(messages):
        if isinstance(message, str | int | float | list):
            raise BadBody("wrong_type", f"messages.{index}")
        if not isinstance(message, dict):
            ignored.append("unreadable_message")
            continue
        found, called, reason = _turn(message, declared)
        if called:
            tools.update(dict.fromkeys(called))
        if found is None:
            ignored.append(reason)
            continue
        key = (found.author, found.text)
        occurrence = seen[key] = seen.get(key, 0) + 1
        turns.append(found if occurrence == 1 else found._replace(occurrence=occurrence))
    if len(turns) > MAX_TURNS:
        ignored.append("older_turns")
    return Turns(tuple(turns[-MAX_TURNS:]), tuple(ignored), tuple(tools))


def _turn(message: Mapping[str, Any], declared: Format | None) -> tuple[RawTurn | None, tuple[str, ...], str]:
    says_more = not message.keys() <= _AT_LEAST
    if says_more and _is_hidden(message):
        return None, _item_tool(message), "hidden_message"
    if says_more and (reading.text(message, "notification_id") or reading.text(message, "metadata", "notification_id")):
        return None, (), "own_echo"
    author = author_of(message)
    content = content_of(message)
    tools = content.tools if author == "ai" else ()
    if author is None:
        return None, tools, "hidden_message" if _has_speaker(message) else "unknown_item"
    text = without_thoughts(content.text) if author == "ai" else content.text
    if not text.strip() and content.unfetchable and not content.attachments:
        text = "[file]"
    if not text.strip() and not content.attachments:
        return None, tools, "no_text"
    if not says_more:
        own_id = reading.reference(message, "id")
        return RawTurn(author, text, content.attachments, own_id, None, _declared(None, declared, author)), tools, ""
    named = message.get("format") or message.get("content_format") or message.get("body_format")
    own = _FORMATS.get(str(named)) if named else None
    turn = RawTurn(
        author=author,
        text=text,
        attachments=content.attachments,
        message_id=reading.reference(message, "id") or reading.reference(message, "message_id"),
        at=_time(message),
        declared=_declared(own, declared, author),
        name=reading.name(message, "name") or reading.name(message, "author", "name"),
        confidence=reading.ratio(message, "confidence"),
        intent=reading.name(message, "intent"),
        automatic=reading.flag(message, "automatic") or False,
    )
    return turn, tools, ""


def _declared(own: str | None, declared: Format | None, author: Author) -> Format | None:
    """A body's markdown is the application's; what a customer typed into a box is looked at for strong signs of it."""
    if own is not None:
        return own  # type: ignore[return-value]  # a value of `_FORMATS`
    return None if declared == "markdown" and author == "customer" else declared


def _is_hidden(message: Mapping[str, Any]) -> bool:
    """Reasoning, calls and their results, and what the application itself marks as internal.

    `channel: analysis` and a tool as `recipient` are those of the harmony format of OpenAI's open models.
    """
    kind = str(message.get("type") or "message")
    speaks = kind in {"message", "text"} or kind.lower() in NAMED
    if not speaks and (kind.endswith(("_call", "_output", "_result", "_use")) or "think" in kind or "reason" in kind):
        return True
    if message.get("internal") is True or message.get("private") is True or message.get("hidden") is True:
        return True
    recipient = message.get("recipient")
    to_tool = isinstance(recipient, str) and recipient.startswith(("functions.", "browser", "python", "container"))
    return to_tool or message.get("visibility") == "internal" or message.get("channel") == "analysis"


def _item_tool(message: Mapping[str, Any]) -> tuple[str, ...]:
    called = reading.name(message, "name") if str(message.get("type")).endswith("_call") else None
    return (called,) if called else ()


def _has_speaker(message: Mapping[str, Any]) -> bool:
    return any(isinstance(message.get(key), str | dict) for key in ("role", "author", "sender", "from", "speaker"))


def _time(message: Mapping[str, Any]) -> datetime | None:
    for key in _TIMES:
        if (given := message.get(key)) is not None and (found := reading.any_time(given)):
            return found
    return None


def with_times(turns: Sequence[RawTurn], end: datetime) -> list[tuple[RawTurn, datetime]]:
    """Each turn with its time, in order; those without one of their own keep their place, 1 ms apart.

    They follow the turn before them; those before the first timed turn lead up to it, and a body without any
    time leads up to `end`.
    """
    first = next((index for index, turn in enumerate(turns) if turn.at), len(turns))
    anchor = turns[first].at if first < len(turns) else end
    assert anchor is not None
    last = anchor - _STEP * (first + 1)
    placed: list[tuple[RawTurn, datetime]] = []
    for turn in turns:
        last = turn.at or last + _STEP
        placed.append((turn, last))
    return placed
