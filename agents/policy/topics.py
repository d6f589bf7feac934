"""What a conversation is about: the platform's own intent, else what attributes, tags or words say."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agents.policy.model import Topic, Values
from agents.policy.words import fold
from streams.contracts.base import Scalar


class Named(NamedTuple):
    """How often the customer's words named a topic, and where they first did."""

    topic: str
    times: int
    event_id: str
    span: str


class Subject(NamedTuple):
    """`intent` is the platform's where it gave one, else the topic's name. `source` says how it is known."""

    intent: str | None = None
    source: str | None = None
    topic: str | None = None
    event_id: str | None = None
    span: str | None = None


def subject(
    topics: Sequence[Topic],
    *,
    intent: str | None,
    attributes: Mapping[str, Scalar],
    tags: Sequence[str],
    named: Sequence[Named],
) -> Subject:
    """The intent and the topic, from the surest source that has one."""
    topic, source, words = _topic(topics, intent, attributes, tags, named)
    event_id, span = (words.event_id, words.span) if words is not None else (None, None)
    if intent is not None:
        return Subject(intent, "platform", topic, event_id, span)
    return Subject(topic, source, topic, event_id, span)


def _topic(
    topics: Sequence[Topic],
    intent: str | None,
    attributes: Mapping[str, Scalar],
    tags: Sequence[str],
    named: Sequence[Named],
) -> tuple[str | None, str | None, Named | None]:
    if intent is not None:
        for topic in topics:
            if is_under_any(intent, topic.intents):
                return topic.name, "platform", None
    for topic in topics:
        if topic.attributes and has_any_value(attributes, topic.attributes):
            return topic.name, "attribute", None
    for topic in topics:
        if has_any_tag(tags, topic.tags):
            return topic.name, "tag", None
    best = max(named, key=lambda hit: hit.times, default=None)
    if best is None:
        return None, None, None
    order = [topic.name for topic in topics]
    equal = [hit for hit in named if hit.times == best.times and hit.topic in order]
    first = min(equal, key=lambda hit: order.index(hit.topic), default=None)
    return (first.topic, "words", first) if first is not None else (None, None, None)


def is_under_any(value: str, beginnings: Sequence[str]) -> bool:
    """Whether `value` is one of `beginnings` or a part of one: `Billing.Refund` is under `billing`."""
    folded = fold(value)
    for beginning in beginnings:
        start = fold(beginning)
        if folded.startswith(start) and (len(folded) == len(start) or not folded[len(start)].isalnum()):
            return True
    return False


def has_any_tag(tags: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether one of `tags` is wanted, whatever its case."""
    if not wanted or not tags:
        return False
    folded = {fold(tag) for tag in wanted}
    return any(fold(tag) in folded for tag in tags)


def has_any_value(attributes: Mapping[str, Scalar], wanted: Values) -> bool:
    """Whether one of the wanted attributes has a wanted value."""
    return any(_has(attributes, name, values) for name, values in wanted.items())


def has_all_values(attributes: Mapping[str, Scalar], wanted: Values) -> bool:
    """Whether each of the wanted attributes has a wanted value."""
    return all(_has(attributes, name, values) for name, values in wanted.items())


def _has(attributes: Mapping[str, Scalar], name: str, values: tuple[Scalar, ...]) -> bool:
    value = attributes.get(name)
    if value is None:
        return False
    return not values or _plain(value) in {_plain(each) for each in values}


def _plain(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return fold(str(value)).strip()
