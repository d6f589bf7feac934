"""Which characters are pictographs, and what a variation selector may stand behind. Pure.

Python's `unicodedata` lacks `Extended_Pictographic` (UTS #51), so its blocks stand here: slightly too wide
is harmless, since only the keeping of a joiner hangs on it.
"""

import re

_PICTOGRAPH = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25aa-\u25ff\u2600-\u27bf"
    "\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
)
_KEYCAP_BASE = "0123456789#*"
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_IDEOGRAPHIC_SELECTOR = re.compile("[\U000e0100-\U000e01ef]")
_EMOJI_SELECTOR = re.compile("[\ufe0e\ufe0f]")
_STANDARD_SELECTOR = re.compile("[\ufe00-\ufe02]")
_STANDARD_BASE = re.compile("[\u1000-\u1097\u2200-\u22ff\u2a00-\u2aff\u3000-\u303f\uff01-\uff1f]")
_MONGOLIAN_SELECTOR = re.compile("[\u180b-\u180d\u180f]")
_MONGOLIAN = re.compile("[\u1820-\u18aa]")

_SELECTION = (
    (_EMOJI_SELECTOR, _PICTOGRAPH),
    (_EMOJI_SELECTOR, re.compile(f"[{_KEYCAP_BASE}]")),
    (_IDEOGRAPHIC_SELECTOR, _IDEOGRAPH),
    (_STANDARD_SELECTOR, _IDEOGRAPH),
    (_STANDARD_SELECTOR, _STANDARD_BASE),
    (_MONGOLIAN_SELECTOR, _MONGOLIAN),
)


def is_pictograph(character: str) -> bool:
    """Whether the one character is an emoji, or one of the symbols that can be shown as one."""
    return bool(_PICTOGRAPH.fullmatch(character))


def selects(base: str, selector: str) -> bool:
    """Whether `selector` is a variation selector with a meaning behind `base`."""
    return any(which.fullmatch(selector) and what.fullmatch(base) for which, what in _SELECTION)
