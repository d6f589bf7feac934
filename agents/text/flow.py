"""Well-formed, harmless HTML laid out as plain text: lines, lists, cells, quotes. Pure.

Only what `nh3` wrote is read here; the parser of the standard library is fast on that, not on what people send.
"""

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Literal

from agents.text import tags

Links = Literal["drop", "show"]

_HIDDEN = re.compile(
    r"(?i)(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}(?:hidden|collapse)|mso-hide\s{0,4}:\s{0,4}all"
    r"|(?:font-size|opacity)\s{0,4}:\s{0,4}0(?![.0-9]{0,8}[1-9])|(?<!-)color\s{0,4}:\s{0,4}transparent"
    r"|(?:left|top|text-indent)\s{0,4}:\s{0,4}-[0-9]{3})"
)
_MAX_QUOTES = 8
_MAX_INDENT = 8

_LISTS = frozenset({"ul", "ol", "menu", "dir"})
_SPACED = _LISTS | {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "blockquote"}

_NOTHING, _BLANK, _CELL, _LINE, _EMPTY_LINE = range(5)


class Flow(HTMLParser):
    """One reading of one text. `lost` counts what the text does not show of it."""

    def __init__(self, *, links: Links = "drop", typed_lines: bool = False, spaced: bool = False) -> None:
        """`typed_lines`: line ends count as they do in `pre`. `spaced`: an empty line between paragraphs."""
        super().__init__(convert_charrefs=True)
        self._around_block = _EMPTY_LINE if spaced else _LINE
        self.lost: Counter[str] = Counter()
        self._links = links
        self._typed_lines = typed_lines
        self._parts: list[str] = []
        self._gap = _NOTHING
        self._cells = 0
        self._marker = ""
        self._lists: list[int | None] = []
        self._quotes = self._last_quotes = 0
        self._pre = 0
        self._row_has_text = False
        self._hidden: list[str] = []
        self._anchor: tuple[str, int] | None = None

    def read(self, safe: str) -> str:
        """The whole text of `safe`."""
        self.feed(safe)
        self.close()
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._hidden or self._is_hidden(tag, given):
            self.lost["hidden"] += not self._hidden
            if tag not in tags.VOID:
                self._hidden.append(tag)
            return
        if tag == "img":
            self._image(given)
        elif tag == "br":
            self._gap = _EMPTY_LINE if self._gap >= _LINE else _LINE
        elif tag in tags.CELLS:
            if self._row_has_text:
                self._cells += 1
                self._gap = _CELL
        elif tag == "a":
            self._anchor = given.get("href", ""), len(self._parts)
        elif tag == "sup":
            self._gap = max(self._gap, _BLANK)  # 10<sup>99</sup> is a price, not 1099
        elif tag in tags.BLOCKS:
            self._open_block(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag == self._hidden[-1]:
                self._hidden.pop()
        elif tag == "a":
            self._close_link()
        elif tag in tags.BLOCKS:
            self._close_block(tag)

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._pre or self._typed_lines:
            self._lines(data)
            return
        words = data.split()
        if not words and self._gap >= _LINE and "\u00a0" in data:
            self._gap = _EMPTY_LINE  # <p>&nbsp;</p>, as mail programs write an empty line
        if data[:1].isspace():
            self._gap = max(self._gap, _BLANK)
        if words:
            self._write(" ".join(words))
            self._gap = _BLANK if data[-1:].isspace() else _NOTHING

    def _lines(self, data: str) -> None:
        for number, line in enumerate(data.replace("\r\n", "\n").split("\n")):
            if number:
                self._gap = _EMPTY_LINE if self._gap >= _LINE else _LINE
            if line:
                self._write(line)

    def _write(self, text: str) -> None:
        if self._gap >= _LINE or not self._parts:
            self._line_start()
        elif self._gap == _CELL:
            self._parts.append(" |" * self._cells + " ")
        elif self._gap == _BLANK:
            self._parts.append(" ")
        self._cells = 0
        self._gap = _NOTHING
        self._row_has_text = True
        self._parts.append(text)

    def _line_start(self) -> None:
        quote = "> " * self._quotes
        if self._parts:
            between = ("> " * min(self._quotes, self._last_quotes)).rstrip() + "\n"
            self._parts.append("\n" + (between if self._gap == _EMPTY_LINE else ""))
        self._last_quotes = self._quotes
        indent = "  " * min(max(0, len(self._lists) - 1), _MAX_INDENT)
        self._parts.append(quote + indent + self._marker)
        self._marker = ""

    def _open_block(self, tag: str, given: dict[str, str]) -> None:
        if self._gap != _CELL:
            self._gap = max(self._gap, self._space_around(tag))
        if tag == "blockquote":
            self._quotes = min(self._quotes + 1, _MAX_QUOTES)
        elif tag == "pre":
            self._pre += 1
        elif tag in _LISTS - {"ol"}:
            self._lists.append(None)
        elif tag == "ol":
            start = given.get("start", "")
            self._lists.append(int(start) if start.isascii() and start.isdecimal() and len(start) < 7 else 1)
        elif tag == "li":
            self._item()
        elif tag == "tr":
            self._row_has_text = False
            self._cells = 0
            self._gap = max(self._gap, _LINE)

    def _item(self) -> None:
        number = self._lists[-1] if self._lists else None
        self._marker = "- " if number is None else f"{number}. "
        if number is not None:
            self._lists[-1] = number + 1
        self._gap = max(self._gap, _LINE)

    def _close_block(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes = max(0, self._quotes - 1)
        elif tag == "pre":
            self._pre = max(0, self._pre - 1)
        elif tag == "li":
            self._marker = ""
        elif tag in _LISTS and self._lists:
            self._lists.pop()
        self._gap = max(self._gap, self._space_around(tag))

    def _space_around(self, tag: str) -> int:
        return self._around_block if tag in _SPACED and not self._lists else _LINE

    def _image(self, given: dict[str, str]) -> None:
        self.lost["image"] += 1
        alt = " ".join(given.get("alt", "").split())[:200]
        if alt and not any(map(str.isalnum, alt)):
            self._write(alt)  # an emoji shown as a picture
            return
        self._gap = max(self._gap, _BLANK)
        if alt:
            self._write(f"[image: {alt}]")
            self._gap = _BLANK

    def _close_link(self) -> None:
        if self._anchor is None:
            return
        address, start = self._anchor
        self._anchor = None
        label = "".join(self._parts[start:]).strip()
        if not address or _bare(label) == _bare(address):
            return
        if self._links == "show":
            self._gap = _BLANK
            self._write(f"({address})" if label else address)
        else:
            self.lost["link"] += 1

    @staticmethod
    def _is_hidden(tag: str, given: dict[str, str]) -> bool:
        return tag not in {"br", "hr"} and ("hidden" in given or bool(_HIDDEN.search(given.get("style", ""))))


def _bare(address: str) -> str:
    return re.sub(r"(?i)^(?:https?://|mailto:)", "", address).rstrip("/").casefold()
