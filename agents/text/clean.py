"""Text from outside made safe to store, to match, to show: the one call a normaliser makes. Pure."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from agents.text.invisible import reveal
from agents.text.mask import mask
from agents.text.plain import Format, detect, html_to_plain, markdown_to_plain

_TRAILING_BLANKS = re.compile(r"[ \t]+(?=\n)")
_BLANK_LINES = re.compile(r"\n{3,}")
_OWN_BREAKS = re.compile(r"(?i)<(?:br|p|div|li|tr|table|blockquote|h[1-6]|ul|ol|pre|body|html)\b")
_READ_AHEAD_CHARS = 4_096
_WORD_CHARS = 64
_CUT_MARK = "…"


@dataclass(frozen=True)
class Cleaned:
    """`text`: plain, visible, masked, NFC, one `LF` a line end. `redactions`: what was taken out, by kind."""

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
) -> Cleaned:
    """`raw` as plain text of at most `max_chars` code points.

    `declared` none: the format is detected, and in doubt the text stays as it was typed. Kinds in
    `redactions`: those of `agents.text.mask`, `agents.text.invisible`, `agents.text.plain`, and `truncated`
    where the text was too long (it then ends in an ellipsis). Cleaning the result as plain text again
    changes nothing.
    """
    original = declared or detect(raw)
    counts: Counter[str] = Counter()
    text, lost = _as_plain(raw, original, typed=declared is None)
    counts.update(lost)
    text, removed = reveal(text[: max_chars + max(max_chars, _READ_AHEAD_CHARS)])
    counts.update(removed)
    text = _settled(text)
    text, masked = mask(text, email=mask_email, phone=mask_phone)
    counts.update(masked)
    capped = cap(text, max_chars)
    if capped != text:
        counts["truncated"] += 1
    return Cleaned(capped, original, dict(+counts))


def cap(text: str, max_chars: int) -> str:
    """The start of `text`, cut where a word ends, else between two characters as a reader counts them."""
    if len(text) <= max_chars:
        return text
    if max_chars <= len(_CUT_MARK):
        return ""
    end = max_chars - len(_CUT_MARK)
    blank = max(text.rfind(" ", end - _WORD_CHARS, end + 1), text.rfind("\n", end - _WORD_CHARS, end + 1))
    if blank > 0:
        return text[:blank].rstrip() + _CUT_MARK
    while end and _continues(text[end - 1], text[end]):
        end -= 1
    return text[:end] + _CUT_MARK


def _continues(before: str, after: str) -> bool:
    return (
        unicodedata.category(after) in {"Mn", "Me", "Mc", "Cf"}
        or before == "\u200d"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or (before.isdigit() and after.isdigit())
    )


def _as_plain(raw: str, original: Format, *, typed: bool) -> tuple[str, dict[str, int]]:
    if original == "html":
        return html_to_plain(_whole(raw), typed_lines=typed and not _OWN_BREAKS.search(raw))
    if original == "markdown":
        return markdown_to_plain(_whole(raw))
    return raw, {}


def _whole(raw: str) -> str:
    return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _settled(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _TRAILING_BLANKS.sub("", text)).strip()
