"""What a Sunshine message says: its text as it came, and the files it carries.

Content types: https://developer.zendesk.com/api-reference/conversations/#tag/Messages (`content.type`). A type
that is not known is read by its fallbacks, and named in brackets when there is none: a turn is never lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from agents.platforms import reading
from agents.platforms.cleaning import Format
from streams.contracts.people import Attachment

MAX_ITEMS = 20


@dataclass(frozen=True)
class Content:
    """The words, in the format they are declared to be in (None: to be detected), and the files."""

    raw: str
    declared: Format | None = None
    attachments: tuple[Attachment, ...] = ()


def content_of(message: Mapping[str, Any], *, by_customer: bool) -> Content:
    """Customers write plain text, and a literal `<b>` of theirs stays one; what the business sends may be marked up."""
    content = reading.object_(message, "content")
    kind = reading.name(content, "type") or "message"
    plain: Format | None = "plain" if by_customer else None
    if kind in {"image", "file"}:
        files = _files(content)
        caption = reading.text(content, "text")
        return Content(caption or ("" if files else f"[{kind}]"), plain, files)
    if (text := reading.text(content, "text")) is not None and kind != "location":
        return Content(text, plain)
    if (html := reading.text(content, "htmlText")) is not None:
        return Content(html, "html")
    if (markdown := reading.text(content, "markdownText")) is not None:
        return Content(markdown, "markdown")
    return Content(_described(kind, content) or f"[{kind}]", "plain")


def is_form_response(message: Mapping[str, Any]) -> bool:
    """Whether the customer filled in a form."""
    return reading.name(message, "content", "type") == "formResponse"


def _described(kind: str, content: Mapping[str, Any]) -> str:
    if kind in {"carousel", "list"}:
        return "\n".join(_item(item) for item in reading.objects(content, "items")[:MAX_ITEMS])
    if kind == "location":
        return _location(content)
    if kind in {"form", "formResponse"}:
        fallback = reading.text(content, "textFallback")
        labels = [reading.name(field, "label") or "" for field in reading.objects(content, "fields")[:MAX_ITEMS]]
        return fallback or ", ".join(filter(None, labels))
    fallback = reading.text(content, "textFallback") or reading.text(content, "altText")
    return fallback or "\n".join(_labels(content))


def _item(item: Mapping[str, Any]) -> str:
    words = [reading.text(item, "title"), reading.text(item, "description"), *_labels(item)]
    return " - ".join(filter(None, words))


def _labels(of: Mapping[str, Any]) -> list[str]:
    return [label for action in reading.objects(of, "actions")[:MAX_ITEMS] if (label := reading.name(action, "text"))]


def _location(content: Mapping[str, Any]) -> str:
    latitude = reading.number(content, "coordinates", "lat")
    longitude = reading.number(content, "coordinates", "long")
    where = [reading.name(content, "location", "name"), reading.name(content, "location", "address")]
    if latitude is not None and longitude is not None:
        where.append(f"{latitude:.5f}, {longitude:.5f}")
    said = ", ".join(filter(None, where))
    return f"Location: {said}" if said else reading.text(content, "text") or ""


def _files(content: Mapping[str, Any]) -> tuple[Attachment, ...]:
    address = reading.url(content, "mediaUrl")
    if address is None:
        return ()
    size = reading.integer(content, "mediaSize")
    path = _path(address)
    return (
        Attachment(
            url=address,
            name=reading.name(content, "altText") or reading.name(unquote(path.rpartition("/")[2])),
            media_type=reading.name(content, "mediaType"),
            size_bytes=size if size is not None and 0 <= size < 2**53 else None,
            private="/attachments/" in path,
        ),
    )


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return ""
