"""Times, ids and text in the vendors' forms. Of our own making: what checks the product shares no code with it."""

import html
import re
from datetime import UTC, datetime
from html.parser import HTMLParser

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_BREAKS = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "blockquote", "table", "ul", "ol"}
_HELPDESK_TAGS = {
    *("p", "br", "div", "span", "strong", "b", "em", "i", "u", "ul", "ol", "li", "blockquote", "pre", "code", "hr"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "a", "table", "thead", "tbody", "tr", "th", "td", "img"),
}


def iso_seconds(at: float) -> str:
    """`2026-07-11T10:00:00Z`."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_milliseconds(at: float) -> str:
    """`2026-07-11T10:00:00.123Z`."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def hex_id(number: int, prefix: str) -> str:
    """24 hexadecimal digits, as Sunshine Conversations and Intercom contacts have them."""
    return f"{prefix}{number:0{24 - len(prefix)}x}"


def text_of(markup: str) -> str:
    """The plain text of some HTML, line breaks kept."""
    reader = _TextReader()
    reader.feed(markup)
    reader.close()
    lines = ("".join(reader.parts)).splitlines()
    kept = [" ".join(line.split()) for line in lines]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def markup_of(text: str) -> str:
    """Plain text as paragraphs of HTML."""
    blocks = [block for block in re.split(r"\n{2,}", text.strip()) if block]
    return "".join(f"<p>{'<br>'.join(html.escape(line) for line in block.splitlines())}</p>" for block in blocks)


def markup_of_markdown(text: str) -> str:
    """Markdown as HTML, line breaks kept; HTML in it is text, links become links."""
    return str(_MARKDOWN.render(text)).strip()


def helpdesk_markup(markup: str) -> str:
    """What a helpdesk keeps of an HTML comment: known tags, no comments, no scripts, no styles, safe links."""
    return nh3.clean(
        markup,
        tags=_HELPDESK_TAGS,
        attributes={"a": {"href"}, "img": {"src", "alt"}},
        url_schemes={"http", "https", "mailto"},
        strip_comments=True,
    )


class _TextReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's
        if tag in {"script", "style"}:
            self._hidden += 1
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._hidden = max(0, self._hidden - 1)
        elif tag in {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "pre", "table", "blockquote"}:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
