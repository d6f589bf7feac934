"""Plain text written so that a markdown renderer shows it as typed. Pure."""

import re

from agents.text.invisible import reveal

_INLINE = re.compile(r"[\\`*_\[\]<>~|]|&(?=#?[A-Za-z0-9]{1,32};)")
_ADDRESS = re.compile(r"(?i)(?<=[a-z0-9+.\-]):(?=//)|(?<=\bwww)\.")
_LINE_START = re.compile(r"(?m)^(?:([#+\-=:])|([0-9]{1,9})([.)]))")
_INDENT = re.compile(r"(?m)^[ \t]+")
_TRAILING_BLANKS = re.compile(r"(?m)(?<![ \t])[ \t]++$")


def escape(text: str) -> str:
    """`text` without a link, an image, a heading or any other construct for a markdown renderer.

    CommonMark lets a backslash stand before any punctuation; web addresses are broken up the same way, since
    GitHub's dialect makes links of bare ones. Indentation becomes no-break spaces: four blanks would be code.
    """
    visible, _ = reveal(text)
    visible = _TRAILING_BLANKS.sub("", visible)
    visible = _INLINE.sub(lambda found: f"\\{found[0]}", visible)
    visible = _ADDRESS.sub(lambda found: f"\\{found[0]}", visible)
    visible = _LINE_START.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", visible)
    return _INDENT.sub(lambda found: "\u00a0" * len(found[0].expandtabs(4)), visible)
