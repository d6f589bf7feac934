"""Texts compared cheaply and the same way on every machine and in every replay. Pure."""

import re
import unicodedata
import zlib
from collections.abc import Collection
from hashlib import blake2b

_WORD = re.compile(r"\w+")


def fingerprint(text: str) -> int:
    """64 bits that are equal for texts that differ only in case, width, accents' encoding, punctuation or blanks."""
    words = " ".join(_words(text)) or unicodedata.normalize("NFKC", text).strip()
    return int.from_bytes(blake2b(words.encode("utf-8", "replace"), digest_size=8).digest())


def tokens(text: str, limit: int = 24) -> tuple[int, ...]:
    """The first `limit` different words of `text` as 32-bit hashes, ascending: small enough to keep per turn."""
    hashes: dict[int, None] = {}
    for word in _words(text):
        hashes[zlib.crc32(word.encode("utf-8", "replace"))] = None
        if len(hashes) == limit:
            break
    return tuple(sorted(hashes))


def overlap(a: Collection[int], b: Collection[int]) -> float:
    """How much two token sets share, from 0 to 1 (Jaccard); two empty ones share nothing."""
    first, second = set(a), set(b)
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
