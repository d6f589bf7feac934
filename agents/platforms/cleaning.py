"""Text from outside on its way into an event: plain, masked, capped, whatever field it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal

from agents.platforms.port import Connection
from agents.platforms.reading import MAX_ATTRIBUTE_CHARS, MAX_NAME_CHARS, url
from agents.text.clean import Cleaned, clean
from agents.text.tags import only_tags
from streams.contracts.base import Scalar
from streams.contracts.people import Attachment

Format = Literal["plain", "markdown", "html"]

MAX_INLINE_IMAGES = 20
MAX_HTML_CHARS = 200_000
"""How far images are looked for: a longer body is cut as text anyway."""


@dataclass(frozen=True)
class Cleaning:
    """How one tenant's texts are cleaned."""

    mask_email: bool = False
    mask_phone: bool = False

    @classmethod
    def of(cls, connection: Connection) -> "Cleaning":
        return cls(connection.mask_email, connection.mask_phone)

    def body(self, raw: str, declared: Format | None = None) -> Cleaned:
        """A message as people read it. `declared` none: the format is detected."""
        return clean(raw, declared=declared, mask_email=self.mask_email, mask_phone=self.mask_phone)

    def line(self, raw: str | None, declared: Format | None = "plain") -> str | None:
        """A single line: a name, a subject, a remark. None where nothing is left of it."""
        if not raw:
            return None
        cleaned = clean(raw, declared=declared, mask_email=self.mask_email, mask_phone=self.mask_phone)
        return " ".join(cleaned.text.split())[:MAX_NAME_CHARS] or None

    def attributes(self, flat: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Structured data with its texts cleaned as messages are: a card number may stand in any field.

        A solid number of 13 or 14 digits under a key that ends in `id` stays: helpdesks count that far, and one in
        ten of those that begin like a card would pass its check.
        """
        return {key: value if _is_counted_id(key, value) else self._value(value) for key, value in flat.items()}

    def _value(self, value: Scalar) -> Scalar:
        digits = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**11
        if not isinstance(value, str) and not digits:
            return value
        cleaned = clean(
            str(value),
            declared="plain",
            mask_email=self.mask_email,
            mask_phone=self.mask_phone,
            max_chars=MAX_ATTRIBUTE_CHARS,
        )
        return value if cleaned.text == str(value) else cleaned.text


def _is_counted_id(key: str, value: Scalar) -> bool:
    digits = str(value)
    return key.lower().endswith("id") and digits.isascii() and digits.isdecimal() and len(digits) in (13, 14)


def inline_images(raw: str) -> tuple[Attachment, ...]:
    """The images an HTML body shows, which plain text loses; each address once, the first of them."""
    if "<img" not in raw.lower():
        return ()
    found = _Images()
    found.feed(only_tags(raw[:MAX_HTML_CHARS])[0])  # the parser takes quadratic time on broken markup
    return tuple(found.attachments.values())


class _Images(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.attachments: dict[str, Attachment] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img" or len(self.attachments) >= MAX_INLINE_IMAGES:
            return
        address = url(dict(attrs), "src")
        if address:
            self.attachments.setdefault(address, Attachment(url=address, media_type="image/*"))
