"""A policy ready to decide with: compiled once per tenant, read for every event."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from agents.policy.model import (
    HumanRequest,
    LowConfidence,
    Own,
    Params,
    PlatformVerdict,
    Policy,
    Repetition,
    Route,
    Rule,
    Silence,
    TooManyTurns,
    Topic,
    TriggerPhrase,
    Unresolved,
)
from agents.policy.patterns import pattern_of
from agents.policy.phrases import Phrase, Scanner, phrase
from agents.policy.words import fold, is_unspaced

LIST = "list:"
TOPIC = "topic:"

Occasion = Literal["customer", "ai", "request", "verdict", "learnt", "rated", "end", "silence"]
"""What can make a rule speak: a message of the customer or of the AI, or the event of that name."""

_OCCASIONS: dict[type[Params], tuple[Occasion, ...]] = {
    HumanRequest: ("customer", "request", "ai"),
    PlatformVerdict: ("verdict",),
    Unresolved: ("verdict", "end"),
    LowConfidence: ("ai",),
    TooManyTurns: ("customer",),
    Repetition: ("customer", "ai"),
    TriggerPhrase: ("customer",),
    Silence: ("silence",),
}


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule, and its place in the policy's order."""

    rank: int
    reason: str
    transfers: bool
    params: Params
    channels: frozenset[str]
    by_language: Mapping[str, Params]

    def params_for(self, language: str | None) -> Params:
        """What holds in that language."""
        return self.by_language.get(language, self.params) if language and self.by_language else self.params

    def holds_on(self, channel: str | None) -> bool:
        """Whether it holds on that channel; one that is not known counts for every rule."""
        return not self.channels or channel is None or channel in self.channels


@dataclass(frozen=True, slots=True)
class CompiledPolicy:
    """One tenant's policy. `rules` keep the file's order."""

    tenant: str
    languages: frozenset[str]
    idle_ms: int
    rules: tuple[CompiledRule, ...]
    topics: tuple[Topic, ...]
    routes: tuple[Route, ...]
    scanner: Scanner

    on: Mapping[Occasion, tuple[CompiledRule, ...]]
    """The rules each occasion can make speak, in order."""
    low_confidence: CompiledRule | None
    silence: CompiledRule | None
    plans: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """For whoever decides by it to remember what follows from it alone; within a bound of theirs."""


def compile_policy(policy: Policy, tenant: str = "default") -> CompiledPolicy:
    """What `policy` says for `tenant`."""
    own = policy.of(tenant)
    phrases: list[Phrase] = []
    substrings: list[tuple[str, str]] = []
    patterns: list[tuple[re.Pattern[str], str]] = []
    for language, text, owner in _wordings(own):
        pattern = pattern_of(text)
        if pattern is not None:
            patterns.append((re.compile(pattern), owner))
        elif is_unspaced(text):
            substrings.append((fold(text).strip(), owner))
        else:
            phrases.append(phrase(text, language, owner))
    rules = tuple(_compile_rule(rank, rule) for rank, rule in enumerate(own.rules))
    return CompiledPolicy(
        tenant=tenant,
        languages=frozenset(own.locales),
        idle_ms=own.idle_ms,
        rules=rules,
        topics=own.topics,
        routes=own.routes,
        scanner=Scanner(phrases, substrings, patterns),
        on={name: tuple(r for r in rules if name in _occasions(r.params)) for name in get_args(Occasion)},
        low_confidence=next((r for r in rules if isinstance(r.params, LowConfidence)), None),
        silence=next((r for r in rules if isinstance(r.params, Silence)), None),
    )


def _occasions(params: Params) -> tuple[Occasion, ...]:
    if not isinstance(params, Own):
        return _OCCASIONS[type(params)]
    if params.phrases:
        return ("customer",)
    if params.rating_at_most is not None:
        return ("rated",)
    return ("customer", "request", "verdict", "learnt")


def _wordings(policy: Policy) -> Iterator[tuple[str, str, str]]:
    for item in policy.phrases.values():
        yield from _by_language(item.phrases, LIST + item.name)
    for topic in policy.topics:
        yield from _by_language(topic.words, TOPIC + topic.name)


def _by_language(texts: Mapping[str, Iterable[str]], owner: str) -> Iterator[tuple[str, str, str]]:
    for language, wordings in texts.items():
        for text in wordings:
            yield language, text, owner


def _compile_rule(rank: int, rule: Rule) -> CompiledRule:
    return CompiledRule(
        rank=rank,
        reason=rule.reason,
        transfers=rule.action == "transfer",
        params=rule.params,
        channels=frozenset(rule.channels),
        by_language=dict(rule.by_locale),
    )
