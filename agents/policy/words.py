"""Text as phrases are compared: lower case, without accents, split into words once."""

import codecs
import re
import unicodedata

_WORD = re.compile(r"\w+(?:'t\b)?")
"""`n't` stays with its verb, so that "don't" and "dont" become one word; other elisions part ("j'aimerais")."""

_APOSTROPHES = {ord(char): "'" for char in "\u2018\u2019\u201b\u02bc\u00b4`"}
_ALPHABETS = ((0x0000, 0x0600), (0x1E00, 0x2000), (0xFF00, 0xFFF0))
"""Where taking off combining marks takes off accents. Elsewhere (Devanagari, Thai) they are vowels."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MAX_REMEMBERED = 20_000
"""Characters kept in the table: more than any one script in use has."""

_NOT_ASCII = re.compile("[^\x00-\x7f]")
_BLANKS = bytes(code if chr(code).isalnum() or code == ord("_") else ord(" ") for code in range(256))
"""Latin-1 with a blank for all that no word is made of."""

_NEGATION = re.compile(r"'t\b(?<=\w't)")
_COMMON = "\u2018\u2019\u201c\u201d\u201e\u2013\u2014\u20acąćęłńśźżčďěňřšťůžőűğışœ"
"""Beside Latin-1, what stands in most messages of the languages of Europe: with ASCII at most 256 characters."""


def _fold_char(code: int) -> str:
    char = chr(code)
    if not any(low <= code < high for low, high in _ALPHABETS):
        return char.lower()
    parts = unicodedata.normalize("NFKD", char)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn").casefold()


class _Folding(dict[int, str]):
    """A translation table that fills itself, and begins anew when it is full."""

    def __missing__(self, code: int) -> str:
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
            self.update(_APOSTROPHES)
        folded = self[code] = _fold_char(code)
        return folded


_FOLDING = _Folding(_APOSTROPHES)


class _Replacements(dict[str, str | None]):
    """Character -> what it becomes, where replacing it alone is right: ASCII, or itself. None: it is not."""

    def __missing__(self, char: str) -> str | None:
        if len(self) >= _MAX_REMEMBERED:
            self.clear()
        folded = _FOLDING[ord(char)]
        alone = folded.isascii() or folded == char == char.lower()
        replacement = self[char] = folded if alone else None
        return replacement


_REPLACEMENTS = _Replacements()


class _Page:
    """Text of few different characters as bytes, one each: folding it and splitting it are then look-ups in C."""

    def __init__(self) -> None:
        own = [chr(code) for code in range(0x80)]
        own += [c for c in (*map(chr, range(0xA0, 0x100)), *_COMMON) if len(_FOLDING[ord(c)]) == 1]
        own += sorted({_FOLDING[ord(c)] for c in own} - set(own))
        self._characters = frozenset(own)
        self._codes = codecs.charmap_build("".join(own).ljust(256, _NONE))
        self._folded = "".join(_FOLDING[ord(c)] for c in own)
        self._words = "".join(c if c.isalnum() or c == "_" else " " for c in own)

    def may_hold(self, text: str) -> bool:
        """Whether trying is worth it: a text in another script, or one that ends in an emoji, is known at once."""
        return text[0] in self._characters and text[-1] in self._characters

    def fold(self, text: str) -> str:
        """Every character folded. `UnicodeEncodeError`: one is not on the page."""
        return codecs.charmap_decode(codecs.charmap_encode(text, "strict", self._codes)[0], "strict", self._folded)[0]

    def words(self, folded: str) -> list[str]:
        """What stands between characters no word is made of. `UnicodeEncodeError`: one is not on the page."""
        raw = codecs.charmap_encode(folded, "strict", self._codes)[0]
        return codecs.charmap_decode(raw, "strict", self._words)[0].split()


_NONE = "\ufffe"
"""How Python's character maps write that a byte stands for nothing."""
_PAGE = _Page()
_WIDE = tuple((char, _FOLDING[ord(char)]) for char in "ß\u2026")
"""What is common and folds to more than one character."""


def fold(text: str) -> str:
    """`text` in lower case and without accents. Mostly one character for one: see `span`."""
    if text.isascii():
        return text.lower()
    for wide, folded in _WIDE:
        if wide in text:
            text = text.replace(wide, folded)
    if _PAGE.may_hold(text):
        try:
            return _PAGE.fold(text)
        except UnicodeEncodeError:
            pass
    return _fold_any(text)


def _fold_any(text: str) -> str:
    folded = text.replace("`", "'")
    for char in set(_NOT_ASCII.findall(text)):  # a few in a Latin script: faster than a table for every character
        replacement = _REPLACEMENTS[char]
        if replacement is None:
            return text.translate(_FOLDING)
        if replacement != char:
            folded = folded.replace(char, replacement)
    return folded.lower()


def words_of(folded: str) -> list[str]:
    """The words of folded text, in order."""
    if "'t" in folded:
        if "'t't" in folded:
            return _words_of_any(folded)
        folded = _NEGATION.sub("t", folded)
    if folded.isascii():
        return folded.encode().translate(_BLANKS).decode().split()
    if _PAGE.may_hold(folded):
        try:
            return _PAGE.words(folded)
        except UnicodeEncodeError:
            pass
    return _words_of_any(folded)


def _words_of_any(folded: str) -> list[str]:
    words = _WORD.findall(folded)
    if "'" in folded:
        return [word.replace("'", "") for word in words]
    return words


def span(text: str, folded: str, first: int, count: int, words: list[str] | None = None) -> str:
    """The words `first` … `first + count - 1` as they stand in `text`, with what is between them.

    `words`: those of `folded`. A word that stands there only once needs no counting up to it.
    """
    start = end = 0
    if words is not None and "'t" not in folded and folded.count(words[first]) == 1:
        start, first = folded.find(words[first]), 0
    for index, match in enumerate(_WORD.finditer(folded, start)):
        if index == first:
            start = match.start()
        if index == first + count - 1:
            end = match.end()
            break
    return (text if len(text) == len(folded) else folded)[start:end]


def is_unspaced(text: str) -> bool:
    """Whether `text` is in a script that does not part its words by spaces: it is then searched as a whole."""
    return _UNSPACED.search(text) is not None
