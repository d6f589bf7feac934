"""Plain text written so that a markdown renderer shows it as typed. Pure."""

import re

from agents.text.invisible import reveal

_INLINE = re.compile(r"[\\`*_\[\]<>&~|!]")
_URL = re.compile(r"(?i)(?<=[a-z]):(?=//)|(?<=\bwww)\.")
_LINE_START = re.compile(r"(?m)^([ \t]*)(?:([#+\-=])|([0-9]{1,9})([.)]))")
_INDENT = re.compile(r"(?m)^[ \t]+")


def escape(text: str) -> str:
    """`text` without a link, an image, a heading or any other construct for a markdown renderer.

    Line ends stay line ends; blanks at a line's start go, since four of them would make it code.
    """
    visible, _ = reveal(text)
    visible = _INDENT.sub("", visible)
    visible = _INLINE.sub(lambda found: "\\" + found[0], visible)
    visible = _URL.sub(lambda found: "\\" + found[0], visible)
    return _LINE_START.sub(_guarded, visible)


def _guarded(found: re.Match[str]) -> str:
    return f"\\{found[2]}" if found[2] else f"{found[3]}\\{found[4]}"
