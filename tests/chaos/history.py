"""What a run left behind, as the checker sees it: topics, offsets, helpdesks, chats, webhooks. Data alone.

Nothing here comes from the product's own memory: records are read off the topics by a consumer of the harness, the
vendors' side out of the simulators' database. What was due is recomputed from the events (see `due`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Rec:
    """One record. `value` None: a tombstone."""

    topic: str
    partition: int
    offset: int
    key: str
    value: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def at(self) -> str:
        """Its coordinates, for a deviation."""
        return f"{self.topic}/{self.partition}@{self.offset}"


@dataclass(frozen=True)
class Due:
    """A command that the events of a conversation call for."""

    key: str
    kind: str
    action_id: str
    escalation_id: str
    reason: str
    event_ids: tuple[str, ...]
    at: str
    """Coordinates of the event that decided."""


@dataclass(frozen=True)
class Ticket:
    """A ticket at a helpdesk. `marks`: every uuid it can be found by. `comments`: the uuids in each, in order."""

    helpdesk: str
    account: str
    id: str
    marks: frozenset[str]
    comments: tuple[frozenset[str], ...]


@dataclass(frozen=True)
class Chat:
    """A conversation as its customer sees it: what we wrote into it, in order, and by mail.

    `mails`: one text per Message-ID; a mail server may have been given the same one twice, which mail programs show
    once.
    """

    key: str
    platform: str
    ours: tuple[str, ...]
    mails: tuple[str, ...] = ()


@dataclass(frozen=True)
class Webhook:
    """A delivery that was answered 2xx, with the events that stand in its body."""

    id: int
    key: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True)
class Lag:
    """How far a group is behind on a partition."""

    group: str
    topic: str
    partition: int
    committed: int
    end: int


@dataclass(frozen=True)
class History:
    """Everything."""

    records: Mapping[str, Sequence[Rec]] = field(default_factory=dict)
    """By topic; each partition in the order of its offsets."""
    due: Sequence[Due] = ()
    tickets: Sequence[Ticket] = ()
    chats: Sequence[Chat] = ()
    webhooks: Sequence[Webhook] = ()
    lags: Sequence[Lag] = ()
    escalating: Sequence[str] = ()
    """Keys of conversations of which a ticket must come, as the load knows."""

    def of(self, topic: str) -> Sequence[Rec]:
        """The records of a topic."""
        return self.records.get(topic, ())


@dataclass(frozen=True)
class Deviation:
    """Something that is not as promised. `kind` is counted; `where` leads to it."""

    kind: str
    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what} ({self.where})"
