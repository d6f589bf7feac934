"""A policy as its file says it, checked and typed: when to escalate, what it is about, where it goes.

Times are milliseconds. Sequences keep the file's order: of rules that fire together the first names the reason,
of routes that match the first is taken, of topics that match equally well the first wins.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from streams.contracts.base import Scalar
from streams.contracts.escalation_commands import Priority, ResponsePromise

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DEFAULT_IDLE_MS = 4 * HOUR_MS

Action = Literal["transfer", "record"]
Values = Mapping[str, tuple[Scalar, ...]]
"""Name of an attribute -> the values that count; empty: any value."""


def _no_values() -> Values:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HumanRequest:
    """`human_requested`: the customer asks for a person."""

    in_text: bool = True
    phrases: tuple[str, ...] = ()
    """Lists of further wordings that ask for a person."""


@dataclass(frozen=True, slots=True)
class PlatformVerdict:
    """`platform_escalated`: the platform's own verdict is `escalated`."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """`unresolved`: the platform says so, or the session ends with the customer unanswered."""

    on_verdict: bool = True
    on_end: bool = True


@dataclass(frozen=True, slots=True)
class LowConfidence:
    """`low_confidence`: so many answers of the AI in a row, each below."""

    confidence_below: float = 0.5
    answers: int = 2


@dataclass(frozen=True, slots=True)
class TooManyTurns:
    """`too_many_turns`: so many messages of the customer within a time."""

    turns: int = 8
    within_ms: int = 30 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Repetition:
    """`repetition`: the customer, or the AI, says much the same so many times."""

    customer_times: int | None = 3
    ai_times: int | None = 3
    similarity: float = 0.8


@dataclass(frozen=True, slots=True)
class TriggerPhrase:
    """`trigger_phrase`: one of the lists' phrases in a message of the customer."""

    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """`silence`: nothing more is heard after an unresolved turn."""

    after_ms: int = 15 * MINUTE_MS


@dataclass(frozen=True, slots=True)
class Own:
    """A reason the file names itself. Every condition given must hold; within one, any value will do."""

    phrases: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: Values = field(default_factory=_no_values)
    rating_at_most: int | None = None
    customer_turns: int | None = None


Params = (
    HumanRequest
    | PlatformVerdict
    | Unresolved
    | LowConfidence
    | TooManyTurns
    | Repetition
    | TriggerPhrase
    | Silence
    | Own
)


@dataclass(frozen=True, slots=True)
class Rule:
    """When to act, and how. `channels` empty: on all."""

    reason: str
    action: Action
    params: Params
    channels: tuple[str, ...] = ()
    by_locale: Mapping[str, Params] = field(default_factory=dict)
    """Language -> what holds there instead of `params`."""
    line: int = 0


@dataclass(frozen=True, slots=True)
class PhraseList:
    """Phrases by language; `*` is every language."""

    name: str
    phrases: Mapping[str, tuple[str, ...]]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """What a conversation can be about, and how that is known."""

    name: str
    intents: tuple[str, ...] = ()
    """Beginnings of the platform's own intents that mean this topic."""
    attributes: Values = field(default_factory=_no_values)
    tags: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """Where a ticket goes. Every condition given must hold; within one, any value will do."""

    name: str
    reasons: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    tags_any: tuple[str, ...] = ()
    attributes: Values = field(default_factory=_no_values)
    group: str | None = None
    priority: Priority = "normal"
    tags: tuple[str, ...] = ()
    response: ResponsePromise | None = None
    line: int = 0

    @property
    def is_default(self) -> bool:
        """Whether it takes everything."""
        return not (
            self.reasons
            or self.intents
            or self.topics
            or self.locales
            or self.channels
            or self.tags_any
            or self.attributes
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One tenant's policy, or the common one of the file."""

    version: int
    locales: tuple[str, ...]
    rules: tuple[Rule, ...]
    routes: tuple[Route, ...]
    topics: tuple[Topic, ...] = ()
    phrases: Mapping[str, PhraseList] = field(default_factory=dict)
    idle_ms: int = DEFAULT_IDLE_MS
    tenants: Mapping[str, "Policy"] = field(default_factory=dict)
    """Tenant -> its whole policy, where the file has something of its own for it."""

    def of(self, tenant: str) -> "Policy":
        """The policy that holds for `tenant`."""
        return self.tenants.get(tenant, self)
