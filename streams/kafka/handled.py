"""Which records of a partition have been handled out of order, kept in the committed offset and its metadata.

Everything below `base` is handled; of what lies above, single offsets are. A broker keeps at most 4,096 bytes of
metadata beside a committed offset (`offset.metadata.max.bytes`), so the offsets above are kept as compressed runs.
"""

import base64
import binascii
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from streams.errors import HandoffError

MAX_METADATA_CHARS = 4_096
_MARK = "runs1:"


class TooManyGaps(HandoffError):
    """The handled offsets lie too scattered to be remembered beside the committed offset."""


class UnknownMarks(HandoffError):
    """The metadata beside the committed offset is not ours, or of a later build."""


@dataclass
class Handled:
    """The handled offsets of one partition."""

    base: int = 0
    above: set[int] = field(default_factory=set)

    def __contains__(self, offset: int) -> bool:
        return offset < self.base or offset in self.above

    def add(self, offset: int) -> None:
        """`offset` is handled; `base` moves over what is now without a gap."""
        if offset >= self.base:
            self.above.add(offset)
            self._advance()

    def begin_at(self, low: int) -> None:
        """The broker has deleted everything below `low`."""
        self.base = max(self.base, low)
        self.above = {offset for offset in self.above if offset >= self.base}
        self._advance()

    def _advance(self) -> None:
        while self.base in self.above:
            self.above.remove(self.base)
            self.base += 1

    def metadata(self) -> str:
        """What is committed beside `base`; raises `TooManyGaps` where it would not fit."""
        if not self.above:
            return ""
        text = _MARK + base64.b85encode(zlib.compress(_written(self.base, sorted(self.above)).encode(), 9)).decode()
        if len(text) > MAX_METADATA_CHARS:
            raise TooManyGaps(f"{len(self.above)} records are handled with gaps between them")
        return text

    @classmethod
    def read(cls, base: int, metadata: str | None) -> "Handled":
        """What `metadata` says beside the committed offset `base`; raises `UnknownMarks`."""
        if not metadata:
            return cls(base)
        if not metadata.startswith(_MARK):
            raise UnknownMarks("the committed offset carries metadata that is not ours")
        try:
            raw = zlib.decompress(base64.b85decode(metadata[len(_MARK) :])).decode()
            runs = [tuple(map(int, run.split("+"))) for run in raw.split()]
            return cls(base, set(_offsets(base, runs)))
        except (ValueError, binascii.Error, zlib.error):
            raise UnknownMarks("the metadata beside the committed offset cannot be read") from None


def _written(base: int, offsets: Iterable[int]) -> str:
    """Runs as `gap+length`, each counted from the end of the one before: regular gaps compress to nothing."""
    runs: list[list[int]] = []
    end = base
    for offset in offsets:
        if runs and offset == end:
            runs[-1][1] += 1
        else:
            runs.append([offset - end, 1])
        end = offset + 1
    return " ".join(f"{gap}+{length}" for gap, length in runs)


def _offsets(base: int, runs: Iterable[tuple[int, ...]]) -> Iterator[int]:
    end = base
    for gap, length in runs:
        yield from range(end + gap, end + gap + length)
        end += gap + length
