"""The parts of an Intercom conversation: who wrote each, what it shows, what it changes.

Shapes: intercom/Intercom-OpenAPI, `conversation_part` and `conversation_source`, versions 2.7 to 2.16; part
types are no closed set there, so a part is judged by what it carries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.platforms import reading
from agents.platforms.cleaning import inline_images
from streams.contracts.people import Attachment, Author

CUSTOMER_TYPES = frozenset({"user", "lead", "contact", "visitor"})
_AUTOMATED = frozenset({"automated", "campaigns_initiated", "operator_initiated"})
_INTERNAL = ("note", "conversation_summary")
_QUICK_REPLY = ("quick_reply_uuid", "quick_reply_option_uuid")  # schema, and the 2.14 changelog


@dataclass(frozen=True)
class Speaker:
    """`author` of a part."""

    type: str
    id: str | None
    name: str | None
    email: str | None
    is_ai: bool

    @property
    def is_customer(self) -> bool:
        return self.type in CUSTOMER_TYPES

    def author(self, delivered_as: str | None = None) -> Author:
        """In our words. Series, campaigns and bots may speak in a teammate's name; so did Operator before 2.0."""
        if self.is_customer:
            return "customer"
        if self.is_ai or self.type == "bot":
            return "ai"
        if self.type not in {"admin", "team"} or delivered_as in _AUTOMATED:
            return "system"
        return "ai" if (self.email or "").startswith("operator+") else "human"


@dataclass(frozen=True)
class Part:
    """One part, or the source (`kind` is `source` then)."""

    id: str
    kind: str
    at: datetime
    speaker: Speaker
    body: str | None
    attachments: tuple[Attachment, ...]
    redacted: bool
    assigned_to: tuple[str, str] | None
    quick_reply: str | None
    app_code: str | None
    email: Mapping[str, Any]
    delivered_as: str | None = None
    buttons: tuple[str, ...] = ()

    @property
    def author(self) -> Author:
        return self.speaker.author(self.delivered_as)

    @property
    def internal(self) -> bool:
        """For teammates alone."""
        return self.kind.startswith(_INTERNAL)

    @property
    def visible(self) -> bool:
        """The other side can read it. `open`, `close` and `assignment` parts may carry a message too."""
        return not self.internal and not self.redacted and bool(self.body or self.attachments)

    @property
    def closes(self) -> bool:
        return self.kind.startswith("close")


def parts_of(conversation: Mapping[str, Any], fallback: datetime) -> list[Part]:
    """The parts, oldest first. `fallback`: the time of a part that tells none."""
    listed = reading.objects(conversation, "conversation_parts", "conversation_parts")
    return read(listed or reading.objects(conversation, "conversation_parts"), fallback)


def read(items: list[Mapping[str, Any]], fallback: datetime) -> list[Part]:
    """The parts in a list of them, oldest first; one without an id is left out."""
    found = [part for item in items if (part := _part(item, fallback))]
    return sorted(found, key=lambda part: part.at)


def source_of(conversation: Mapping[str, Any], conversation_id: str, fallback: datetime) -> Part | None:
    """The message a conversation began with; before API version 2.0 it was called `conversation_message`."""
    source = reading.object_(conversation, "source") or reading.object_(conversation, "conversation_message")
    if not source:
        return None
    subject = reading.text(source, "subject")
    return Part(
        id=reading.reference(source, "id") or f"{conversation_id}:source",
        kind="source",
        at=reading.any_time(source, "created_at") or reading.any_time(conversation, "created_at") or fallback,
        speaker=speaker_of(source),
        body=reading.text(source, "body") or subject,
        attachments=_attachments(source),
        redacted=reading.flag(source, "redacted") is True,
        assigned_to=None,
        quick_reply=None,
        app_code=None,
        email=reading.object_(source, "email_message_metadata"),
        delivered_as=reading.name(source, "delivered_as"),
    )


def speaker_of(item: Mapping[str, Any]) -> Speaker:
    """The `author` of a part or source."""
    author = reading.object_(item, "author")
    is_ai = reading.flag(author, "from_ai_agent") is True or reading.flag(author, "is_ai_answer") is True
    return Speaker(
        type=reading.name(author, "type") or "",
        id=reading.reference(author, "id"),
        name=reading.name(author, "name"),
        email=reading.email(author, "email"),
        is_ai=is_ai,
    )


def _part(item: Mapping[str, Any], fallback: datetime) -> Part | None:
    part_id = reading.reference(item, "id")
    if part_id is None:
        return None
    times = (reading.any_time(item, key) for key in ("created_at", "notified_at", "updated_at"))
    clicked = (reading.reference(item, "metadata", key) for key in _QUICK_REPLY)
    return Part(
        id=part_id,
        kind=reading.name(item, "part_type") or "comment",
        at=next((time for time in times if time), fallback),
        speaker=speaker_of(item),
        body=reading.text(item, "body"),
        attachments=_attachments(item),
        redacted=reading.flag(item, "redacted") is True,
        assigned_to=_assignee(item),
        quick_reply=next((uuid for uuid in clicked if uuid), None),
        app_code=reading.reference(item, "app_package_code"),
        email=reading.object_(item, "email_message_metadata"),
        buttons=_buttons(item),
    )


def _buttons(item: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels a `quick_reply` part offers; it has no body."""
    offered = reading.objects(item, "metadata", "quick_reply_options")
    return tuple(label for option in offered if (label := reading.name(option, "text")))


def _assignee(item: Mapping[str, Any]) -> tuple[str, str] | None:
    """Type and id of whom the part assigns to; `nobody_admin` and 0 are nobody."""
    kind = reading.name(item, "assigned_to", "type")
    assignee = reading.reference(item, "assigned_to", "id") or reading.reference(item, "assigned_to")
    if assignee in {None, "0"} or kind in {"nobody_admin", *CUSTOMER_TYPES}:
        return None
    return kind or "admin", str(assignee)


def _attachments(item: Mapping[str, Any]) -> tuple[Attachment, ...]:
    found: dict[str, Attachment] = {}
    for given in reading.objects(item, "attachments"):
        if address := reading.url(given, "url"):
            size = reading.integer(given, "filesize")
            found[address] = Attachment(
                url=address,
                name=reading.name(given, "name"),
                media_type=reading.name(given, "content_type"),
                size_bytes=size if size is not None and size >= 0 else None,
            )
    for image in inline_images(reading.text(item, "body") or ""):
        found.setdefault(image.url, image)
    return tuple(found.values())
