"""HTML and markdown as the plain text a person reads, and which of the three a text is. Pure."""

import re
from collections import Counter
from typing import Literal

import nh3
from markdown_it import MarkdownIt

from agents.text import tags
from agents.text.flow import Flow, Links

Format = Literal["plain", "markdown", "html"]

MAX_RAW_CHARS = 400_000
"""What is read of an HTML body: e-mails carry ten times their text in styles."""
MAX_MARKDOWN_CHARS = 100_000
_FLOW_CHARS = 300_000

_DATA_URI = re.compile(r"(?i)data:[a-z0-9/+.\-]{1,64}(?:;[a-z0-9=\-]{1,32})*;base64,[A-Za-z0-9+/=\s%]{64,}+")
_KEPT_TAGS = {*tags.BLOCKS, *tags.CELLS, "a", "br", "hr", "img", "span", "font", "b", "q"}
_ATTRIBUTES = {"*": {"style", "hidden"}, "a": {"href"}, "img": {"alt", "src"}, "ol": {"start"}}
_COMMENT = re.compile(r"<!--")
_ACTIVE = re.compile(r"(?i)<(?:script|style|iframe|object|embed|svg|math|form|noscript|template)\b")
_ACTIVE_HTML = tags.DROPPED_WITH_CONTENT - {"embed"}


def html_to_plain(raw: str, *, links: Links = "drop", typed_lines: bool = False) -> tuple[str, dict[str, int]]:
    """What a browser would show of `raw`, as text, and what it lost: `active_content`, `comment`, `image`,
    `link` (addresses behind a label), `hidden` (what no browser shows).

    `links="show"` writes `label (address)` where they differ. `typed_lines`: the text was detected to be HTML
    and has no line breaks of HTML's own, so that those it has are meant.
    """
    prepared = tags.only_tags(_DATA_URI.sub("", raw)[:MAX_RAW_CHARS])
    counts = Counter(active_content=len(_ACTIVE.findall(prepared)), comment=len(_COMMENT.findall(prepared)))
    safe = nh3.clean(
        prepared,
        tags=_KEPT_TAGS,
        clean_content_tags=set(_ACTIVE_HTML),
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    flow = Flow(links=links, typed_lines=typed_lines)
    text = flow.read(_cut(safe))
    counts.update(flow.lost)
    return text, dict(+counts)


def markdown_to_plain(raw: str, *, links: Links = "drop") -> tuple[str, dict[str, int]]:
    """What a markdown renderer would show of `raw`, as text. HTML in it is read as HTML, code is kept as typed."""
    rendered = _renderer().render(_DATA_URI.sub("", raw)[:MAX_MARKDOWN_CHARS])
    return html_to_plain(rendered, links=links)


def detect(raw: str) -> Format:
    """What `raw` is written in; in doubt it is plain."""
    if "<" in raw and tags.looks_like_html(raw):
        return "html"
    return "markdown" if _looks_like_markdown(raw[:MAX_MARKDOWN_CHARS]) else "plain"


def _renderer() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])


_STRONG = re.compile(
    r"(?<![\w*\\])\*\*(?=[^\s*])[^*\n]{1,300}(?<=[^\s*])\*\*(?![\w*])"
    r"|!?\[[^\[\]\n]{0,200}\]\((?:https?://|mailto:|/|#|data:)[^\s()]{0,2000}[^()\n]{0,200}\)"
    r"|^ {0,3}(?:```|~~~)[ \t]*[\w+\-]{0,20}[ \t]*$"
    r"|^ {0,3}\|?(?:[ \t]{0,8}:?-{3,}:?[ \t]{0,8}\|){1,20}",
    re.MULTILINE,
)
_HEADING = re.compile(r"^#{1,6} {1,3}\S", re.MULTILINE)
_LIST_ITEM = re.compile(r"^ {0,8}(?:[*+\-]|[0-9]{1,3}[.)]) {1,4}\S", re.MULTILINE)


def _looks_like_markdown(raw: str) -> bool:
    if _STRONG.search(raw):
        return True
    headings = len(_HEADING.findall(raw))
    return headings >= 2 or bool(headings and len(_LIST_ITEM.findall(raw)) >= 2)


def _cut(safe: str) -> str:
    """Well-formed HTML without what is too long to read, cut where a tag begins."""
    if len(safe) <= _FLOW_CHARS:
        return safe
    end = safe.rfind("<", 0, _FLOW_CHARS)
    return safe[: end if end > _FLOW_CHARS // 2 else _FLOW_CHARS]
