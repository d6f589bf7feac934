"""Texts compared cheaply, and the same way on every machine and in every replay. Pure."""

import re
import unicodedata
import zlib
from collections.abc import Collection, Iterator
from hashlib import blake2b

_WORD = re.compile(r"\w+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def fingerprint(text: str) -> int:
    """64 bits, equal for texts that differ only in case, width, encoding of accents, punctuation or blanks.

    A text of nothing but punctuation or emoji is compared as it is.
    """
    words = " ".join(_words(text)) or "".join(unicodedata.normalize("NFKC", text).split())
    return int.from_bytes(blake2b(words.encode("utf-8", "replace"), digest_size=8).digest())


def tokens(text: str, limit: int = 24) -> tuple[int, ...]:
    """The words of `text` as 32-bit hashes, ascending, each once; of more than `limit` the smallest.

    The smallest hashes of a text are a fair sample of its words, wherever they stand, and small enough to be
    kept for every turn. Scripts written without blanks (Chinese, Japanese, Thai) give pairs of characters.
    """
    hashes = {zlib.crc32(part.encode("utf-8", "replace")) for word in _words(text) for part in _parts(word)}
    return tuple(sorted(hashes)[:limit])


def overlap(a: Collection[int], b: Collection[int]) -> float:
    """What share of the words of two token sets is common to both, 0 to 1 (Jaccard); of two empty ones, 0."""
    first, second = set(a), set(b)
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _parts(word: str) -> Iterator[str]:
    if len(word) < 3 or not _UNSPACED.search(word):
        yield word
        return
    yield from (word[place : place + 2] for place in range(len(word) - 1))
