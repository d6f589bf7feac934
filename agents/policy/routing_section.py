"""The `topics:`, `phrases:` and `routing:` of a policy file."""

import re
from collections.abc import Callable
from typing import TypeVar, get_args

from agents.policy.model import HOUR_MS, MINUTE_MS, PhraseList, Route, Topic
from agents.policy.nodes import Entry
from agents.policy.patterns import fault
from agents.policy.rules_section import DAY_MS, read_values
from streams.contracts.escalation_commands import Priority, ResponsePromise

PRIORITIES: tuple[Priority, ...] = get_args(Priority)
MAX_TAG_CHARS = 60

_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,59}")
_TAG = re.compile(r"[a-z0-9][a-z0-9_.:/-]*")
_TOPIC = {"name", "intents", "attributes", "tags", "words"}
_ROUTE = {"name", "when", "group", "priority", "tags", "response"}
_WHEN = {"reason", "intent", "topic", "locale", "channel", "tag", "attributes"}
T = TypeVar("T", Topic, Route)


def read_phrases(entry: Entry) -> dict[str, PhraseList]:
    """The phrase lists by name."""
    lists = {}
    for name, item in entry.fields().items():
        if not _NAME.fullmatch(name):
            item.complain("must be named with a-z, 0-9 and _, beginning with a letter")
        lists[name] = PhraseList(name, read_words(item), item.line)
    return lists


def read_words(entry: Entry) -> dict[str, tuple[str, ...]]:
    """Language -> phrases."""
    if not entry.is_mapping:
        entry.complain('must be by language, e.g. `en: [...]`, or `"*": [...]` for all')
        return {}
    return {language: _read_phrase_texts(item) for language, item in entry.fields().items()}


def _read_phrase_texts(entry: Entry) -> tuple[str, ...]:
    texts = entry.texts()
    for item in entry.items() if entry.is_list else [entry]:
        wrong = fault(item.text()) if item.is_text else None
        if wrong:
            item.complain(wrong)
    if len(set(texts)) < len(texts):
        entry.complain("holds a phrase twice")
    return texts


def read_topics(entry: Entry) -> tuple[Topic, ...]:
    """The topics in the file's order."""
    return _named(entry, _read_topic)


def read_routes(entry: Entry) -> tuple[Route, ...]:
    """The routes in the file's order."""
    return _named(entry, _read_route)


def _named(entry: Entry, read: Callable[[Entry], T]) -> tuple[T, ...]:
    found: dict[str, T] = {}
    for item in entry.items():
        if not item.is_mapping:
            item.complain("must be a mapping with a `name`")
            continue
        value = read(item)
        if value.name in found:
            item.complain(f"is named `{value.name}` like the one at line {found[value.name].line}")
        elif value.name:
            found[value.name] = value
    return tuple(found.values())


def _name(fields: dict[str, Entry]) -> str:
    if "name" not in fields:
        return ""
    name = fields["name"].text()
    if name and not _NAME.fullmatch(name):
        fields["name"].complain("must be of a-z, 0-9, `_`, `.` and `-`, beginning with a letter")
    return name


def _read_topic(item: Entry) -> Topic:
    fields = item.fields(known=_TOPIC, required=("name",))
    if not set(fields) - {"name"}:
        item.complain("can never match: it needs intents, attributes, tags or words")
    return Topic(
        name=_name(fields),
        intents=fields["intents"].texts() if "intents" in fields else (),
        attributes=read_values(fields["attributes"]) if "attributes" in fields else {},
        tags=fields["tags"].texts() if "tags" in fields else (),
        words=read_words(fields["words"]) if "words" in fields else {},
        line=item.line,
    )


def _read_route(item: Entry) -> Route:
    fields = item.fields(known=_ROUTE, required=("name",))
    when = fields["when"].fields(known=_WHEN) if "when" in fields else {}
    if "when" in fields and fields["when"].is_mapping and not when:
        fields["when"].complain("is empty; leave it out for the route that takes the rest")
    conditions = {name: when[name].texts() for name in _WHEN - {"attributes"} if name in when}
    return Route(
        name=_name(fields),
        reasons=conditions.get("reason", ()),
        intents=conditions.get("intent", ()),
        topics=conditions.get("topic", ()),
        locales=conditions.get("locale", ()),
        channels=conditions.get("channel", ()),
        tags_any=conditions.get("tag", ()),
        attributes=read_values(when["attributes"]) if "attributes" in when else {},
        group=fields["group"].text() or None if "group" in fields else None,
        priority=fields["priority"].choice(PRIORITIES, "normal") if "priority" in fields else "normal",
        tags=_read_tags(fields["tags"]) if "tags" in fields else (),
        response=_read_response(fields["response"]) if "response" in fields else None,
        line=item.line,
    )


def _read_tags(entry: Entry) -> tuple[str, ...]:
    tags = entry.texts()
    for tag in tags:
        if len(tag) > MAX_TAG_CHARS or not _TAG.fullmatch(tag):
            entry.complain(f"holds '{tag[:MAX_TAG_CHARS]}': a tag is lower case, without spaces")
    return tags


def _read_response(entry: Entry) -> ResponsePromise | None:
    fields = entry.fields(known={"within", "within_minutes", "calendar"})
    calendar = fields["calendar"].text() or None if "calendar" in fields else None
    if ("within" in fields) == ("within_minutes" in fields):
        entry.complain("needs either `within` (e.g. 4h) or `within_minutes`")
        return None
    if "within" in fields:
        minutes = fields["within"].duration_ms(MINUTE_MS, 30 * DAY_MS, HOUR_MS) // MINUTE_MS
    else:
        minutes = fields["within_minutes"].integer(1, 30 * 24 * 60, 60)
    return ResponsePromise(within_minutes=minutes, calendar=calendar)
