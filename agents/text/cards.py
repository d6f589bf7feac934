"""Where payment card numbers stand in text: 13 to 19 digits, an issuer's prefix and length, Luhn. Pure.

A candidate begins where a group of digits begins and ends where one ends. Up to three blanks, dashes, dots
and the like may stand between groups; a line end or a comma only between groups as they are embossed on
cards, so that a list of order numbers is not read as one number. Leaking a card costs more than masking an
order number, so in doubt a number is a card. One spread over two messages is not seen.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

from agents.text.issuers import lengths_issued

KEPT_DIGITS = 4
"""The last four stay: PCI DSS 4.0 §3.4.1 lets them be shown, and agents find a payment by them."""

_LOOSE = r"\n\r,:;|*#~=+&"
_RUN = re.compile(rf"[0-9](?:[ \t._/\-{_LOOSE}]{{0,3}}[0-9]){{12,}}")
_GROUP = re.compile(r"[0-9]+")
_LOOSELY_JOINED = re.compile(f"[{_LOOSE}]")
_EMBOSSED = frozenset(
    {
        *((4, 4, 4, 4), (4, 4, 4, 4, 3), (8, 8), (6, 13), (6, 10)),
        *((4, 6, 5), (4, 6, 4), (4, 4, 4, 1), (4, 4, 5), (4, 3, 3, 3)),
    }
)
_PHONE_DIGITS = 14
"""E.164 allows 15 digits; no country's numbers have more than 14 with their plus sign."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_CODE_AFTER = re.compile(
    r"[^0-9\n]{0,12}(?:0[1-9]|1[0-2]) ?[/\-. ] ?(?:20)?[0-9]{2}[^0-9\n]{1,12}([0-9]{3,4})(?![0-9])"
)


class Card(NamedTuple):
    """One number: where it stands, which positions to mask, and the security code typed behind its expiry."""

    start: int
    end: int
    masked: tuple[int, ...]
    code: tuple[int, ...]


def find_cards(folded: str) -> Iterator[Card]:
    """Every stretch of `folded` (see `agents.text.folding`) that may be a card number, by where it starts.

    They may overlap, where numbers stand side by side: each of them could be the real one. Masking them can
    make another of the digits that stay; so look again until nothing is found.
    """
    for run in _RUN.finditer(folded):
        yield from _Run(folded, run.start(), run.end()).cards()


class _Run:
    """One stretch of digits and separators, with sums that make each Luhn check one subtraction."""

    def __init__(self, folded: str, start: int, end: int) -> None:
        groups = [found.span() for found in _GROUP.finditer(folded, start, end)]
        self._folded = folded
        self._places = [place for low, high in groups for place in range(low, high)]
        self._digits = "".join(folded[low:high] for low, high in groups)
        self._ends = list(accumulate(high - low for low, high in groups))
        values = [int(digit) for digit in self._digits]
        # _sums[p]: running sums in which every digit at an index of parity p is doubled.
        self._sums = [
            list(accumulate((_DOUBLED[v] if i % 2 == p else v for i, v in enumerate(values)), initial=0))
            for p in (0, 1)
        ]

    def cards(self) -> Iterator[Card]:
        for start in (0, *self._ends[:-1]):
            end = self._card_end(start)
            if end is None:
                continue
            low, high = self._places[start], self._places[end - 1] + 1
            masked = tuple(self._places[start : end - KEPT_DIGITS])
            code = _CODE_AFTER.match(self._folded, high)
            yield Card(low, high, masked, tuple(range(*code.span(1))) if code else ())

    def _card_end(self, start: int) -> int | None:
        lengths = lengths_issued(self._digits[start : start + 6])
        if not lengths:
            return None
        first = bisect_left(self._ends, start + 13)
        # The longest: what a shorter one would leave standing is digits of this one.
        for end in reversed(self._ends[first : first + 7]):
            if end - start in lengths and self._luhn(start, end) and self._is_one_number(start, end):
                return end
        return None

    def _luhn(self, start: int, end: int) -> bool:
        sums = self._sums[end % 2]
        return (sums[end] - sums[start]) % 10 == 0

    def _is_one_number(self, start: int, end: int) -> bool:
        low, high = self._places[start], self._places[end - 1] + 1
        if end - start <= _PHONE_DIGITS and low and self._folded[low - 1] == "+":
            return False
        shown = self._folded[low:high]
        return not _LOOSELY_JOINED.search(shown) or tuple(map(len, _GROUP.findall(shown))) in _EMBOSSED
