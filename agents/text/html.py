"""Plain text as the one small form of HTML we write: no links, no images, nothing that runs. Pure."""

import html
import re

import nh3

from agents.text.invisible import reveal, whole

ALLOWED_TAGS = frozenset({"p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "pre", "code"})
_CLEANER = nh3.Cleaner(tags=set(ALLOWED_TAGS), attributes={}, link_rel=None)

_PARAGRAPH_BREAK = re.compile(r"\n(?:[ \t]*\n)+")
_ADDRESS = re.compile(r"(?i)(?:(?<![a-z0-9+.\-])[a-z][a-z0-9+.\-]{1,20}://|\bwww\.)[^\s<>\"]*[^\s<>\".,;:!?')\]]")
_INDENT = re.compile(r"^[ \t]+")
_MAX_INDENT = 40


def paragraphs(text: str, *, own_words: bool = False) -> str:
    """`text` with its empty lines as paragraphs and its line ends as `<br>`; empty where nothing is visible.

    Web addresses stand in `<code>`: helpdesks make links of bare ones, whoever wrote them (Zendesk: "URLs become
    live links when an agent or an end user replies"), and a customer could aim them at the agent. They can still
    be read and copied. `own_words`: the text is a template of ours, whose addresses are meant to be links.
    """
    visible, _ = reveal(text)
    blocks = [block.strip("\n") for block in _PARAGRAPH_BREAK.split(visible)]
    return checked("".join(f"<p>{_lines(block, own_words=own_words)}</p>" for block in blocks if block.strip()))


def quote(text: str) -> str:
    """`text` as somebody else's words; empty where nothing is visible."""
    inner = paragraphs(text)
    return f"<blockquote>{inner}</blockquote>" if inner else ""


def checked(markup: str) -> str:
    """`markup` with nothing but `ALLOWED_TAGS`, none with an attribute: the last step of whoever writes HTML."""
    return _CLEANER.clean(whole(markup))


def _lines(block: str, *, own_words: bool) -> str:
    return "<br>".join(_line(line, own_words=own_words) for line in block.split("\n"))


def _line(line: str, *, own_words: bool) -> str:
    """One line, escaped, its indentation kept (HTML would drop it)."""
    indent = _INDENT.match(line)
    width = min(len(indent[0].expandtabs(4)), _MAX_INDENT) if indent else 0
    parts, done = ["&nbsp;" * width], len(indent[0]) if indent else 0
    for found in () if own_words else _ADDRESS.finditer(line, done):
        parts += [_escaped(line[done : found.start()]), f"<code>{_escaped(found[0])}</code>"]
        done = found.end()
    return "".join([*parts, _escaped(line[done:])])


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
