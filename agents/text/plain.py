"""HTML and markdown as the plain text a person reads, and which of the three a text is. Pure."""

import re
from collections import Counter
from typing import Literal

import nh3
from markdown_it import MarkdownIt

from agents.text import tags
from agents.text.flow import Flow, Links
from agents.text.invisible import whole

Format = Literal["plain", "markdown", "html"]

MAX_HTML_CHARS = 400_000
"""What is read of an HTML body: e-mails carry ten times their text in styles."""
MAX_MARKDOWN_CHARS = 48_000
"""What is read of a markdown text: the slowest of it takes its parser a second."""
_MAX_SAFE_CHARS = 300_000

_DATA_URI = re.compile(r"(?i)data:[a-z0-9/+.\-]{1,64}(?:;[a-z0-9=\-]{1,32}){0,8};base64,[A-Za-z0-9+/=%]{64,}+")
_KEPT_TAGS = {*tags.BLOCKS, *tags.CELLS, "a", "br", "hr", "img", "span", "sup"}
_ATTRIBUTES = {"*": {"style", "hidden"}, "a": {"href"}, "img": {"alt"}, "ol": {"start"}}
_ACTIVE = re.compile(r"(?i)<(?:wbr )?(?:script|iframe|object|embed|applet|svg|math|frame)\b")
_OWN_BREAKS = re.compile(r"(?i)<(?:br|hr|p|div|li|tr|td|h[1-6]|pre|blockquote|html|body)\b")


def html_to_plain(
    raw: str, *, links: Links = "drop", typed_lines: bool = False, spaced: bool = False
) -> tuple[str, dict[str, int]]:
    """What a browser shows of `raw`, as text, and what is lost of it.

    `links="show"` writes `label (address)` where they differ. `typed_lines`: line ends are meant, as far as no
    tag of the text makes lines. `spaced`: an empty line between paragraphs. The counts: `active_content`,
    `comment`, `image`, `link` (an address behind a label), `hidden` (what no browser shows), `truncated`.
    """
    slim = _DATA_URI.sub("", whole(raw))
    escaped, complete = tags.only_tags(slim[:MAX_HTML_CHARS])
    # Cut once more: escaping makes it longer, and the parser's time grows with the square of the entities.
    prepared = escaped[:MAX_HTML_CHARS]
    counts = Counter(active_content=len(_ACTIVE.findall(prepared)), comment=prepared.count("<!--"))
    safe = nh3.clean(
        prepared,
        tags=_KEPT_TAGS,
        clean_content_tags=set(tags.DROPPED_WITH_CONTENT),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    )
    read = safe if len(safe) <= _MAX_SAFE_CHARS else safe[: safe.rfind("<", 0, _MAX_SAFE_CHARS)]
    counts["truncated"] = not complete or max(len(slim), len(escaped)) > MAX_HTML_CHARS or len(read) < len(safe)
    flow = Flow(links=links, typed_lines=typed_lines and not _OWN_BREAKS.search(prepared), spaced=spaced)
    text = flow.read(read)
    counts.update(flow.lost)
    return text, dict(+counts)


def markdown_to_plain(raw: str, *, links: Links = "drop") -> tuple[str, dict[str, int]]:
    """What a markdown renderer shows of `raw`, as text. HTML in it is read as HTML, code is kept as typed."""
    slim = _DATA_URI.sub("", whole(raw))
    rendered = _renderer().render(slim[:MAX_MARKDOWN_CHARS])
    text, lost = html_to_plain(rendered, links=links, spaced=True)
    return text, lost | ({"truncated": 1} if len(slim) > MAX_MARKDOWN_CHARS else {})


def detect(raw: str) -> Format:
    """What `raw` is written in; in doubt it is plain."""
    prose = _CODE.sub(" ", raw) if "`" in raw else raw
    if "<" in prose and tags.looks_like_html(prose):
        # A model's markdown often breaks lines in cells with <br>; its renderer reads both.
        return "markdown" if not _OWN_BLOCKS.search(prose) and _looks_like_markdown(raw) else "html"
    return "markdown" if _looks_like_markdown(raw) else "plain"


def _renderer() -> MarkdownIt:
    # A new one per text: the parser is not documented as free of state. Line ends are meant in a chat.
    return MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])


_CODE = re.compile(r"```[\s\S]*?```|`[^`\n]{1,500}`")
_OWN_BLOCKS = re.compile(r"(?i)<(?:p|div|li|tr|td|h[1-6]|body|html)\b")
_STRONG = re.compile(
    r"(?<![\w*\\])\*\*(?=[^\s*])[^*\n]{1,300}(?<=[^\s*])\*\*(?![\w*])"
    r"|!?\[[^\[\]\n]{0,200}\]\((?:https?://|mailto:|/|#|data:)[^()\n]{0,2000}\)"
    r"|^ {0,3}(?:```|~~~)[ \t]*[\w+\-]{0,20}[ \t]*$"
    r"|^ {0,3}\|?(?:[ \t]{0,8}:?-{3,}:?[ \t]{0,8}\|){1,20}",
    re.MULTILINE,
)
_HEADING = re.compile(r"^#{1,6} {1,3}\S", re.MULTILINE)
_LIST_ITEM = re.compile(r"^ {0,8}(?:[*+\-]|[0-9]{1,3}[.)]) {1,4}\S", re.MULTILINE)


def _looks_like_markdown(raw: str) -> bool:
    read = raw[:MAX_MARKDOWN_CHARS]
    if _may_be_strong(read) and _STRONG.search(read):
        return True
    if "#" not in read:
        return False
    headings = len(_HEADING.findall(read))
    return headings >= 2 or bool(headings and len(_LIST_ITEM.findall(read)) >= 2)


def _may_be_strong(read: str) -> bool:
    """Whether there is what `_STRONG` cannot do without."""
    if "**" in read or "](" in read or "```" in read or "~~~" in read:
        return True
    return "---" in read and "|" in read
