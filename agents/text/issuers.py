"""Which numbers card schemes issue: prefix and length. Pure.

Sources: ISO/IEC 7812-1 (structure, Luhn), the schemes' published ranges as of 2025. Schemes without a check
digit (diners' enRoute, some private cards) and those whose prefix starts with 1 (UATP) are left out.
"""

from typing import NamedTuple


class _Range(NamedTuple):
    low: str
    high: str
    lengths: frozenset[int]


def _issued(lengths: tuple[int, ...], *ranges: str) -> tuple[_Range, ...]:
    parts = [entry.partition("-") for entry in ranges]
    return tuple(_Range(low, high or low, frozenset(lengths)) for low, _, high in parts)


_LONG = (16, 17, 18, 19)
_RANGES = (
    *_issued((13, 16, 19), "4"),  # Visa; 13 is historical, and still the test number everyone knows
    *_issued((16,), "51-55", "2221-2720"),  # Mastercard
    *_issued((15,), "34", "37"),  # American Express
    *_issued((14, 15, 16, 17, 18, 19), "36"),  # Diners Club International
    *_issued((14, 16, 17, 18, 19), "300-305", "3095", "38-39"),
    *_issued(_LONG, "6011", "644-649", "65"),  # Discover
    *_issued(_LONG, "3528-3589"),  # JCB
    *_issued(_LONG, "62", "81"),  # UnionPay
    *_issued((13, 14, 15, 16, 17, 18, 19), "5018", "5020", "5038", "5612", "5893"),  # Maestro
    *_issued((13, 14, 15, 16, 17, 18, 19), "6304", "6390", "6759", "6761-6763", "6771", "0604"),
    *_issued(_LONG, "2200-2204"),  # Mir
    *_issued((16,), "508", "60", "82", "353", "356"),  # RuPay
    *_issued((16,), "5066-5067", "509", "636297", "636368", "6500-6516", "6550"),  # Elo
    *_issued((16, 19), "5060-5061", "5078"),  # Verve
    *_issued((16,), "637095", "637568", "637599", "637609", "637612", "606282"),  # Hipercard
    *_issued((16,), "9792"),  # Troy
    *_issued((16, 17, 18, 19), "6304", "6706", "6709"),  # Laser
    *_issued((16, 18, 19), "6334", "6767"),  # Solo
    *_issued((16, 18, 19), "4903", "4905", "4911", "4936", "564182", "633110", "6333"),  # Switch
    *_issued((16,), "5019"),  # Dankort
    *_issued((16,), "636", "637-639"),  # InterPayment, InstaPayment
)
_BY_FIRST = {
    first: tuple(entry for entry in _RANGES if entry.low[0] <= first <= entry.high[0]) for first in "0123456789"
}


def lengths_issued(prefix: str) -> frozenset[int]:
    """The lengths in which a card number starting with these (six or more) ASCII digits is issued."""
    fitting = [entry.lengths for entry in _BY_FIRST[prefix[0]] if entry.low <= prefix[: len(entry.low)] <= entry.high]
    return frozenset().union(*fitting)
