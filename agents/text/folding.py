"""Characters as the plain ASCII character they look like, one for one, so that positions stay. Pure.

Only for looking: what is shown is never folded. Digits of any script, full-width, mathematical, circled and
raised forms become the ASCII ones; every kind of blank a space, every dash a hyphen.
"""

import unicodedata

_DASHES = "\u02d7\u2043\u207b\u208b\u2212\u2796\u30fc\u2500\u2501"
_BLANKS = "\ufe0f\u20e3\u0000"
"""With every format character (zero-width, bidi, tags): the emoji selector, the keycap frame, NUL."""

_DOTS = "\u00b7\u2022\u2024\u2027\u2219\u22c5\u30fb\uff65\u06d4\u3002"


_MAX_LEARNT = 20_000
"""More characters than any one script in use has."""


class _Fold(dict[int, str]):
    """A table for `str.translate` that learns a character when it first meets it, and forgets when full."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MAX_LEARNT:
            self.clear()
        folded = self[code] = _folded(chr(code))
        return folded


_TABLE = _Fold()


def fold(text: str) -> str:
    """`text` with its ASCII look-alikes folded; as long as `text` is."""
    return text if text.isascii() and "\0" not in text else text.translate(_TABLE)


def _folded(character: str) -> str:
    if character in _BLANKS or unicodedata.category(character) in {"Zs", "Cf"}:
        return " "
    if character in _DASHES or unicodedata.category(character) == "Pd":
        return "-"
    if character in _DOTS:
        return "."
    if (digit := unicodedata.digit(character, None)) is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() and plain.isprintable() else character
