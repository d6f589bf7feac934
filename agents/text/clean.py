"""Text from outside made safe to store, to match and to show: the one call a normaliser makes. Pure."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from agents.text.flow import Links
from agents.text.invisible import reveal
from agents.text.mask import mask
from agents.text.plain import Format, detect, html_to_plain, markdown_to_plain

_TRAILING_BLANKS = re.compile(r"(?<![ \t])[ \t]++(?=\n)")
_EMPTY_LINES = re.compile(r"\n{3,}")
_READ_AHEAD_CHARS = 4_096
"""Read past the cap, so that a number standing across it is seen whole before the text is cut."""
_WORD_CHARS = 64
_CUT = "…"
_MAX_ROUNDS = 8


@dataclass(frozen=True)
class Cleaned:
    """`text`: plain, visible, masked, NFC, lines ended by LF. `redactions`: what was taken out, by kind."""

    text: str = field(repr=False)
    original_format: Format
    redactions: dict[str, int]


def clean(
    raw: str,
    *,
    declared: Format | None = None,
    mask_email: bool = False,
    mask_phone: bool = False,
    max_chars: int = 32_000,
    links: Links = "drop",
) -> Cleaned:
    """`raw` as plain text of at most `max_chars` code points.

    `declared` none: the format is detected, and in doubt the text stays as it was typed. Kinds in
    `redactions`: those of `agents.text.mask`, `agents.text.invisible`, `agents.text.plain`, and `truncated`
    where the text was too long (it then ends in an ellipsis). Cleaning the result as plain text again
    changes nothing.
    """
    original = declared or detect(raw)
    if original == "plain" and len(raw) <= max_chars and raw.isascii() and raw.isprintable():  # most lines and names
        seen = raw.strip()
        if not mask(seen, email=mask_email, phone=mask_phone)[1]:
            return Cleaned(seen, original, {})
    text, lost = _as_plain(raw, original, links, typed=declared is None)
    counts = Counter(lost)
    read = text[: 2 * max_chars + _READ_AHEAD_CHARS]
    visible, removed = reveal(read)
    counts.update(removed)
    counts["truncated"] |= len(read) < len(text)
    settled = _settled(visible) + (_CUT if counts["truncated"] else "")
    masked, found = mask(settled, email=mask_email, phone=mask_phone)
    counts.update(found)
    capped = _capped(masked, max_chars, email=mask_email, phone=mask_phone)
    counts["truncated"] |= len(masked) > max_chars
    return Cleaned(capped, original, dict(+counts))


def cap(text: str, max_chars: int) -> str:
    """The start of `text`, cut where a word ends, else between two characters as a reader counts them."""
    if len(text) <= max_chars:
        return text
    end = max_chars - len(_CUT)
    if end <= 0:
        return ""
    blank = max(text.rfind(blank, max(0, end - _WORD_CHARS), end + 1) for blank in " \n")
    if blank > 0:
        return text[:blank].rstrip() + _CUT
    while end and _continues(text[end - 1], text[end]):
        end -= 1
    return text[:end] + _CUT if end else ""


def _continues(before: str, after: str) -> bool:
    return (
        before == "\u200d"
        or (before.isdigit() and after.isdigit())
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or unicodedata.category(after) in {"Mn", "Me", "Mc", "Cf"}
    )


def _capped(text: str, max_chars: int, *, email: bool, phone: bool) -> str:
    """Cut, and masked again as long as the cut has made something look like a number or a secret."""
    capped = cap(text, max_chars)
    for _ in range(_MAX_ROUNDS):
        if capped == text:
            break
        text, _counts = mask(capped, email=email, phone=phone)
        capped = cap(text, max_chars)
    return capped


def _as_plain(raw: str, original: Format, links: Links, *, typed: bool) -> tuple[str, dict[str, int]]:
    if original == "html":
        return html_to_plain(raw, links=links, typed_lines=typed or "<" not in raw)
    if original == "markdown":
        return markdown_to_plain(raw, links=links)
    return raw, {}


def _settled(text: str) -> str:
    return _EMPTY_LINES.sub("\n\n", _TRAILING_BLANKS.sub("", text)).strip()
