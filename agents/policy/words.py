"""Text as phrases are compared: lower case, without accents, split into words once."""

import re
import unicodedata

_WORD = re.compile(r"\w+(?:'t\b)?")
"""`n't` stays with its verb, so that "don't" and "dont" become one word; other elisions part ("j'aimerais")."""

_APOSTROPHES = {ord(char): "'" for char in "\u2018\u2019\u201b\u02bc\u00b4`"}
_ALPHABETS = ((0x0000, 0x0600), (0x1E00, 0x2000), (0xFF00, 0xFFF0))
"""Where taking off combining marks takes off accents. Elsewhere (Devanagari, Thai) they are vowels."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CACHED_BELOW = 0x3000


def _fold_char(code: int) -> str:
    char = chr(code)
    if not any(low <= code < high for low, high in _ALPHABETS):
        return char.lower()
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").casefold()


class _Folding(dict[int, str]):
    """A translation table that fills itself. Rare scripts are not kept, which bounds it."""

    def __missing__(self, code: int) -> str:
        folded = _fold_char(code)
        if code < _CACHED_BELOW:
            self[code] = folded
        return folded


_FOLDING = _Folding(_APOSTROPHES)


def fold(text: str) -> str:
    """`text` in lower case and without accents. Mostly one character for one: see `span`."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


def words_of(folded: str) -> list[str]:
    """The words of folded text, in order."""
    words = _WORD.findall(folded)
    if "'" in folded:
        return [word.replace("'", "") for word in words]
    return words


def span(text: str, folded: str, first: int, count: int) -> str:
    """The words `first` … `first + count - 1` as they stand in `text`, with what is between them."""
    start = end = 0
    for index, match in enumerate(_WORD.finditer(folded)):
        if index == first:
            start = match.start()
        if index == first + count - 1:
            end = match.end()
            break
    return (text if len(text) == len(folded) else folded)[start:end]


def is_unspaced(text: str) -> bool:
    """Whether `text` is in a script that does not part its words by spaces: it is then searched as a whole."""
    return _UNSPACED.search(text) is not None
