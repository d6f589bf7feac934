"""One thing that happens in a simulated chat, told in words all platforms share."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agents.demo.simulators.calls import Webhook
from agents.demo.simulators.chats import Author, Chat, Session
from agents.demo.simulators.formats import markup_of
from agents.demo.simulators.settings import AccountSettings
from agents.demo.simulators.store import Json

Outcome = Literal["escalated", "unresolved", "resolved", "assumed_resolved", "abandoned"]


class Say(BaseModel):
    """A message. `html` is its markup where the platform has any; `extra` goes into the platform's own record."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    author: Author
    text: str
    html: str | None = None
    name: str | None = None
    confidence: float | None = None
    intent: str | None = None
    extra: Json = {}

    @property
    def markup(self) -> str:
        """As HTML."""
        return self.html if self.html is not None else markup_of(self.text)


class Step(BaseModel):
    """What happens. Parts are applied in the order: customer, facts, verdict, say, asks_for_person, control, end.

    `facts` goes into the conversation's record (`channel`, `subject`, `custom_attributes`, …). `deliver` says
    whether the platform tells its subscriber about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    customer: Json | None = None
    facts: Json = {}
    say: Say | None = None
    verdict: Outcome | None = None
    reason: str | None = None
    asks_for_person: bool = False
    control: Literal["human", "ai"] | None = None
    metadata: Json = {}
    end: Literal["ai", "human", "customer"] | None = None
    deliver: bool = True


@dataclass(frozen=True)
class Scene:
    """Where it happens."""

    chat: Chat
    session: Session
    settings: AccountSettings
    base_url: str
    """Of the simulators, without trailing slash."""
    at: float

    def knowing(self, session: Session) -> "Scene":
        """The same place, the conversation as it is now, kept."""
        return Scene(self.chat, self.chat.save(session, self.at), self.settings, self.base_url, self.at)

    def number(self) -> int:
        """For the next id."""
        return self.chat.next_number()

    def add(self, message_id: str, say: Say, doc: Json, *, name: str | None = None, shown: bool = True) -> int:
        """Keep a message; its `seq`."""
        return self.chat.add_message(
            self.session.id,
            message_id,
            author=say.author,
            author_name=name or say.name,
            text=say.text,
            at=self.at,
            shown=shown,
            doc=doc | say.extra,
        )


Play = Callable[[Scene, Step], tuple[Webhook, ...]]
"""Carry a step out on one platform, and say what it would deliver."""


def as_json(body: Any) -> bytes:
    """The bytes of a webhook."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def speaker_name(say: Say, session: Session) -> str:
    """Whose name stands beside a message."""
    usual = {"customer": session.customer.get("name") or "Visitor", "ai": "Acme Assistant", "human": "Priya N"}
    return say.name or usual.get(say.author, "System")
