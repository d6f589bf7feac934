"""What the page shows, as plain data: the contract between whoever knows the state and `app.js`.

`conversation_views` builds most of it from the simulators' `/_state`; what happened between chat and ticket
(`timeline`) comes from the topics and is the caller's to add.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

Stage = Literal["event", "decision", "ticket", "notification", "session"]
Key = tuple[str, str, str]
"""Platform, account, conversation id."""


class Signal(TypedDict):
    """One piece of a decision's evidence."""

    name: str
    value: NotRequired[str]
    threshold: NotRequired[str]
    quote: NotRequired[str]
    """What was said, word for word."""
    fired: bool


class Entry(TypedDict):
    """One thing that happened, at a unix time, in words for a person."""

    stage: Stage
    at: float
    title: str
    detail: NotRequired[str]
    evidence: NotRequired[list[Signal]]
    tone: NotRequired[Literal["good", "warn", "bad", "plain"]]


class Message(TypedDict):
    """What the customer sees in the chat."""

    id: str
    author: Literal["customer", "ai", "human", "system"]
    author_name: str | None
    text: str
    at: float


class Comment(TypedDict):
    """One entry of a ticket. `html_body` is shown through an allow-list of tags."""

    id: int
    author: str
    by_customer: bool
    public: bool
    html_body: str
    created_at: float


class Ticket(TypedDict):
    """A ticket as the agent reads it."""

    helpdesk: str
    id: int
    subject: str | None
    status: str
    priority: str | None
    group: str | None
    tags: list[str]
    requester: dict[str, Any] | None
    created_at: float
    comments: list[Comment]


class Conversation(TypedDict):
    """One line of the list, with everything behind it.

    `state` is a short word for the list (`AI answers`, `with a person`); `tone` colours it. `key` names it for
    `DemoApi.say` and in the page's address.
    """

    key: str
    platform: str
    title: str
    customer: dict[str, Any]
    state: str
    tone: Literal["good", "warn", "bad", "plain"]
    holder: Literal["ai", "human", "nobody"]
    ai: Literal["active", "paused", "ended"]
    can_write: bool
    messages: list[Message]
    tickets: list[Ticket]
    timeline: list[Entry]


class State(TypedDict):
    """All the page shows. `note` is one line beneath the title, such as what is going on right now."""

    title: str
    note: str
    conversations: list[Conversation]


def conversation_views(
    state: Mapping[str, Any],
    *,
    tickets_of: Mapping[Key, Sequence[tuple[str, int]]],
    timelines: Mapping[Key, Sequence[Entry]],
    titles: Mapping[Key, str],
) -> list[Conversation]:
    """The simulators' conversations as the page shows them, newest activity first.

    `tickets_of` says which (helpdesk, ticket id) belong to a conversation; a messaging ticket finds its own.
    """
    tickets = {(ticket["helpdesk"], ticket["account"], ticket["id"]): ticket for ticket in state["tickets"]}
    views = []
    for session in sorted(state["conversations"], key=lambda found: found["updated_at"], reverse=True):
        key: Key = (session["platform"], session["account"], session["id"])
        named = [(helpdesk, key[1], number) for helpdesk, number in tickets_of.get(key, ())]
        own = [found for found in tickets if tickets[found]["conversation_id"] == key[2] and found[1] == key[1]]
        chosen = [tickets[found] for found in dict.fromkeys([*named, *own]) if found in tickets]
        views.append(_view(session, key, chosen, list(timelines.get(key, ())), titles.get(key)))
    return views


def _view(
    session: Mapping[str, Any], key: Key, tickets: list[Any], timeline: list[Entry], title: str | None
) -> Conversation:
    state, tone = _state(session, tickets)
    return {
        "key": "/".join(key),
        "platform": key[0],
        "title": title or _first_words(session),
        "customer": session["customer"],
        "state": state,
        "tone": tone,
        "holder": session["holder"],
        "ai": session["ai"],
        "can_write": True,
        "messages": session["messages"],
        "tickets": tickets,
        "timeline": sorted(timeline, key=lambda entry: entry["at"]),
    }


def _state(session: Mapping[str, Any], tickets: list[Any]) -> tuple[str, Literal["good", "warn", "bad", "plain"]]:
    if tickets:
        return "with a person", "good"
    if session["holder"] == "human" or session["ai"] == "paused":
        return "a person is coming", "warn"
    if session["status"] == "closed" or session["ai"] == "ended":
        return "ended by the AI", "plain"
    return "AI answers", "plain"


def _first_words(session: Mapping[str, Any]) -> str:
    said = [message["text"] for message in session["messages"] if message["author"] == "customer"]
    return str(said[0] if said else session["id"])[:80]
