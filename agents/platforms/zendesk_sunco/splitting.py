"""Cutting a text to the size of a message. Sunshine counts at most 4096 characters, as UTF-16 units."""

import unicodedata

MAX_UNITS = 4096

_BREAKS = ("\n\n", "\n", ". ", " ")
_JOINER = "\u200d"
_KEPT_TOGETHER = range(0xFE00, 0xFE10)
_SKIN_TONES = range(0x1F3FB, 0x1F400)


def split(text: str, limit: int = MAX_UNITS) -> list[str]:
    """`text` in parts of at most `limit` UTF-16 units, cut between paragraphs, lines, sentences or words.

    Where none of these fits, the cut falls between two characters, never inside one that is drawn from several.
    """
    parts: list[str] = []
    rest = text.strip()
    while _units(rest) > limit:
        end = _cut(rest, limit)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [part for part in (*parts, rest) if part]


def _cut(text: str, limit: int) -> int:
    end = _fitting(text, limit)
    for mark in _BREAKS:
        found = text.rfind(mark, 0, end)
        if found >= end // 2:
            return found + len(mark)
    return _between_characters(text, end)


def _between_characters(text: str, end: int) -> int:
    for back in range(min(64, end - 1)):
        if not _clings(text, end - back):
            return end - back
    return end


def _fitting(text: str, limit: int) -> int:
    """How many leading code points fit; at least one."""
    used = 0
    for index, char in enumerate(text):
        used += _units(char)
        if used > limit:
            return max(index, 1)
    return len(text)


def _clings(text: str, index: int) -> bool:
    """Whether the character at `index` is drawn together with the one before it."""
    char, before = text[index], text[index - 1]
    point = ord(char)
    modifies = unicodedata.combining(char) != 0 or point in _KEPT_TOGETHER or point in _SKIN_TONES
    return modifies or _JOINER in (char, before)


def _units(text: str) -> int:
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)
