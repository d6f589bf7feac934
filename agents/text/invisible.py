"""Characters a reader does not see, or that reorder what the reader sees, taken out of text.

Why: hidden characters smuggle instructions to whatever reads a ticket next (the TAG block spells ASCII,
runs of variation selectors spell bytes), bidi controls show `exe.gpj` for what is `jpg.exe`, and NUL or ESC
break the systems behind us. What carries meaning stays: joiners inside emoji and inside scripts that spell
with them, one variation selector after what it can select, the three flags Unicode recommends as tag
sequences (RGI: England, Scotland, Wales).

Sources: UAX #9 (bidi), UAX #31 §2.3 (joiners), UTS #51 (emoji, tag sequences), Unicode 16 `Default_Ignorable`.
"""

import re
import unicodedata
from collections import Counter

from agents.text.emoji import is_pictograph, selects

MAX_MARKS_PER_CHARACTER = 12
"""Combining marks kept after one character: above what any script writes, below what covers other lines."""

_FLAG = "\U0001f3f4"
_FLAG_TAGS = re.compile("(?:gbeng|gbsct|gbwls)".translate({c: c + 0xE0000 for c in range(97, 123)}) + "\U000e007f")

_UNSEEN_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ANSI = re.compile(r"\x1b\[[0-9;?]{0,32}[ -/]{0,4}[@-~]")
_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufff9-\ufffb\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_TAGS = "\U000e0000-\U000e007f"
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_OTHER = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
)
_SUSPECT = re.compile(f"[{_CONTROL}{_BIDI}{_TAGS}{_SELECTORS}{_OTHER}]+")
_KINDS = (
    ("control", re.compile(f"[{_CONTROL}]")),
    ("bidi", re.compile(f"[{_BIDI}]")),
    ("tag_character", re.compile(f"[{_TAGS}]")),
    ("variation_selector", re.compile(f"[{_SELECTORS}]")),
)
_JOINERS = "\u200c\u200d"
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_MARKS = re.compile(r"[^\x00-\u02ff]{8,}")


def reveal(text: str) -> tuple[str, dict[str, int]]:
    """`text` with only what a reader sees, in NFC, line ends as LF, every kind of blank as a space.

    The counts name what was taken out: `control`, `bidi`, `tag_character`, `variation_selector`,
    `invisible`, `stacked_mark`, `broken_character` (half a surrogate pair). Line ends and blanks are not
    counted. The result encodes to UTF-8, and a second call changes nothing.
    """
    if text.isascii() and (text.isprintable() or not _UNSEEN_ASCII.search(text)):
        return text, {}
    counts: Counter[str] = Counter()
    counts["broken_character"] -= text.count("\ufffd")
    text = whole(text)
    counts["broken_character"] += text.count("\ufffd")
    text, ansi = _ANSI.subn("", text)
    counts["control"] += ansi
    text = _LINE_ENDS.sub("\n", text)
    text = _SUSPECT.sub(lambda found: _kept(found, counts), text)
    text = _MARKS.sub(lambda found: _unstacked(found[0], counts), unicodedata.normalize("NFC", text))
    return _SPACES.sub(" ", text), dict(+counts)


def whole(text: str) -> str:
    """`text` with a replacement character for every half of a surrogate pair: JSON may hold one, UTF-8 may not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _kept(found: re.Match[str], counts: Counter[str]) -> str:
    run, text = found[0], found.string
    before = text[found.start() - 1] if found.start() else ""
    after = text[found.end()] if found.end() < len(text) else ""
    kept, length = _meaningful(run, before, after)
    left = run[length:] if kept == run[:length] else run
    for kind, pattern in _KINDS:
        left, number = pattern.subn("", left)
        counts[kind] += number
    counts["invisible"] += len(left)
    return kept


def _meaningful(run: str, before: str, after: str) -> tuple[str, int]:
    """The start of `run` that carries meaning between its neighbours, and how long it is."""
    if before == _FLAG and (flag := _FLAG_TAGS.match(run)):
        return flag[0], flag.end()
    length = 1 if selects(before, run[0]) else 0
    if run[length:] == "\u200d" and is_pictograph(after) and (is_pictograph(before) or length):
        return run, length + 1
    if not length and len(run) == 1 and run in _JOINERS and _joins(before) and _joins(after):
        return run, 1
    return run[:length], length


def _joins(character: str) -> bool:
    """Whether a joiner changes how this letter is written: Arabic, Syriac, N'Ko, Indic, Mongolian."""
    return bool(character) and (
        "\u0600" <= character <= "\u07ff"
        or "\u08a0" <= character <= "\u0dff"
        or "\u1000" <= character <= "\u109f"
        or "\u1780" <= character <= "\u18af"
        or "\ufb50" <= character <= "\ufdff"
    )


def _unstacked(text: str, counts: Counter[str]) -> str:
    kept, stacked = [], 0
    for character in text:
        stacked = stacked + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if stacked <= MAX_MARKS_PER_CHARACTER:
            kept.append(character)
    counts["stacked_mark"] += len(text) - len(kept)
    return "".join(kept)
