"""Plain text as the one small form of HTML we write: no links, no images, nothing that runs. Pure."""

import html
import re

import nh3

from agents.text.invisible import reveal

ALLOWED_TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "pre", "code"})

_PARAGRAPH_BREAK = re.compile(r"\n{2,}")


def paragraphs(text: str) -> str:
    """`text` with its blank lines as paragraphs and its line ends as `<br>`; empty where nothing is visible."""
    visible, _ = reveal(text)
    blocks = [block.strip("\n") for block in _PARAGRAPH_BREAK.split(visible)]
    return checked("".join(f"<p>{_lines(block)}</p>" for block in blocks if block.strip()))


def quote(text: str) -> str:
    """`text` as somebody else's words."""
    inner = paragraphs(text)
    return checked(f"<blockquote>{inner}</blockquote>") if inner else ""


def checked(markup: str) -> str:
    """`markup` with nothing but `ALLOWED_TAGS`, none of them with an attribute: the last step of every writer."""
    return nh3.clean(markup, tags=set(ALLOWED_TAGS), attributes={}, strip_comments=True, link_rel=None)


def _lines(block: str) -> str:
    return "<br>".join(html.escape(line, quote=False) for line in block.split("\n"))
