"""Raw bytes read as text, with the way back from every character to its bytes. Pure."""

import re
from dataclasses import dataclass

_ESCAPE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\[nrtbf\"\\/]")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": " ", "f": " ", '"': '"', "\\": "\\", "/": "/"}
_KEY = re.compile(r"\"[A-Za-z0-9_\-]{0,40}(?:[iI][dD]|_at|_ms|[tT]imestamp|offset)\"\s{0,4}:\s{0,4}\"?\Z")
_AFTER_VALUE = re.compile(r"\"?\s{0,4}(?:[,}\]]|\Z)")
_KEY_CHARS = 64
_STAR = ord("*")


@dataclass(frozen=True)
class View:
    """`text` is what the bytes say, JSON escapes read; character `i` stands at `starts[i]` to `starts[i + 1]`.

    NUL bytes are no characters: so the ASCII in UTF-16 is seen too.
    """

    raw: bytes
    text: str
    starts: range | list[int]

    @classmethod
    def of(cls, raw: bytes) -> "View":
        """Bytes that are no UTF-8 become lone surrogates, one each: never a digit, never lost."""
        text = raw.decode("utf-8", "surrogateescape")
        if text.isascii() and "\\" not in text and "\0" not in text:
            return cls(raw, text, range(len(raw) + 1))
        parts: list[str] = []
        starts: list[int] = []
        place = done = 0
        for escape in _ESCAPE.finditer(text):
            place = _walk(text[done : escape.start()], place, parts, starts)
            parts.append(_unescaped(escape[0]))
            starts.append(place)
            place += len(escape[0])
            done = escape.end()
        starts.append(_walk(text[done:], place, parts, starts))
        return cls(raw, "".join(parts), starts)

    def starred(self, places: set[int]) -> bytes:
        """The bytes with those of the characters at `places` as stars."""
        masked = bytearray(self.raw)
        for place in places:
            start, end = self.starts[place], self.starts[place + 1]
            masked[start:end] = bytes(_STAR if byte else 0 for byte in masked[start:end])
        return bytes(masked)

    def is_identifier(self, start: int, end: int) -> bool:
        """Whether characters `start` to `end` are bare digits and the whole value of an id or a time in JSON."""
        return (
            self.text[start:end].isdecimal()
            and _KEY.search(self.text[max(0, start - _KEY_CHARS) : start]) is not None
            and _AFTER_VALUE.match(self.text, end) is not None
        )


def _walk(text: str, place: int, parts: list[str], starts: list[int]) -> int:
    """Add the characters of `text`, which begins at byte `place`; returns the byte behind it."""
    parts.append(text.replace("\0", ""))
    for character in text:
        if character != "\0":
            starts.append(place)
        place += _width(ord(character))
    return place


def _width(code: int) -> int:
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # the latter: one byte that was no UTF-8
        return 1
    if code < 0x800:
        return 2
    return 3 if code < 0x10000 else 4


def _unescaped(escape: str) -> str:
    if escape[1] != "u":
        return _SHORT[escape[1]]
    units = [int(unit, 16) for unit in escape.split("\\u")[1:]]
    if len(units) == 2:
        return chr(0x10000 + ((units[0] - 0xD800) << 10) + (units[1] - 0xDC00))
    return chr(units[0])
