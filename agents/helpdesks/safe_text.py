"""Text from outside, made harmless for a ticket: it is plain text still, escaping for HTML comes later.

Zendesk replaces `{{…}}` in comments by ticket data and strips what it does not know, in `body` and `html_body`
alike (https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#bodies): what a customer
typed must not be read as such a placeholder, hence the space between the braces.
"""

import re
import unicodedata

from agents.text.invisible import reveal

_LINK = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,20}://|\bwww\.|\bmailto:)\S+|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}/\S*", re.IGNORECASE
)
_HARMLESS = re.compile(r"[ -$&-z|~]*")
"""One line of ASCII without anything of a placeholder: nearly every text there is."""

_MANY_BREAKS = re.compile(r"\n{3,}")
_OPENED = re.compile(r"\{(?=[{%])")
_CLOSED = re.compile(r"([}%])(?=\})")
_ENDS = frozenset(" \n\t,;:.!?)")

_ANGLES = str.maketrans("<>", "‹›")

CUT = "…"
MAX_INDENT = 8


def block(text: str, max_chars: int) -> str:
    """`text` with its line breaks, without anything invisible, at most `max_chars` long.

    What is invisible goes first: between two braces it would hide a placeholder until it is gone.
    """
    if len(text) <= max_chars and _HARMLESS.fullmatch(text):
        return text.strip()
    visible, _ = reveal(text[: max_chars * 4 + 64])
    lines = "\n".join(_line(line) for line in visible.split("\n"))
    calm = _MANY_BREAKS.sub("\n\n", lines).strip()
    return shorten(_without_placeholders(calm), max_chars)


def one_line(text: str, max_chars: int) -> str:
    """`text` on one line: for subjects, names and values."""
    return shorten(" ".join(block(text, max_chars * 2).split()), max_chars)


def title(text: str, max_chars: int) -> str:
    """`text` for a field that is no HTML and that a helpdesk, or a mail of its, may show without escaping it."""
    return one_line(text, max_chars).translate(_ANGLES)


def shorten(text: str, max_chars: int) -> str:
    """`text`, or its beginning up to the last word that fits, with an ellipsis."""
    if len(text) <= max_chars:
        return text
    room = max(max_chars - len(CUT), 0)
    last = max((at for at, char in enumerate(text[: room + 1]) if char in _ENDS), default=0)
    return text[: last if last > room * 2 // 3 else room].rstrip(" \n\t,;:") + CUT


def without_links(text: str) -> str:
    """`text` with web addresses replaced: what a helpdesk may mail on must not carry anybody's link."""
    return _LINK.sub("[link removed]", text)


def slug(text: str, max_chars: int) -> str:
    """`text` as a tag: lower case, digits, `_` and `-`; empty where nothing of it can stand in one."""
    plain = unicodedata.normalize("NFKD", text[:256].lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9_-]+", "_", plain).strip("_-")[:max_chars].rstrip("_-")


def _line(line: str) -> str:
    """Without blanks at its end, indented by `MAX_INDENT` at most: each blank of an indent is six bytes of HTML."""
    straight = line.expandtabs(4).rstrip()
    indent = len(straight) - len(straight.lstrip(" "))
    return straight[max(indent - MAX_INDENT, 0) :]


def _without_placeholders(text: str) -> str:
    return _CLOSED.sub(r"\1 ", _OPENED.sub("{ ", text))
