"""Sections as the HTML a helpdesk is sent, and as plain text. Pure.

Only p, br, strong, em and blockquote are written; every value is escaped and checked by `agents.text.html`,
whatever was done to it before.
"""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from agents.helpdesks.transcript import Entry
from agents.text.html import checked, paragraphs, quote


@dataclass(frozen=True)
class Section:
    """A heading and its text.

    `quote`: words of somebody else, shown as such. `link`: an address of our own, left bare, so that the helpdesk
    makes it a link; `paragraphs` writes those of others as code.
    """

    heading: str
    text: str
    form: Literal["text", "quote", "link"] = "text"

    @cached_property
    def html(self) -> str:
        """The text under its heading; made once, to be measured and then sent."""
        return strong(self.heading) + _FORMS[self.form](self.text)


def sections_html(sections: Iterable[Section]) -> str:
    """The sections, each under its heading."""
    return "".join(section.html for section in sections)


def entry_html(entry: Entry) -> str:
    """One turn of the transcript."""
    return strong(entry.head) + paragraphs(entry.text)


def strong(text: str) -> str:
    """A heading line."""
    return checked(f"<p><strong>{html.escape(text, quote=False)}</strong></p>")


def emphasis(text: str) -> str:
    """A line of small print."""
    return checked(f"<p><em>{html.escape(text, quote=False)}</em></p>")


def size_bytes(entry: Entry) -> int:
    """What an entry takes of a comment."""
    return len(entry_html(entry).encode())


def plain(sections: Iterable[Section], transcript: Sequence[Entry] = ()) -> str:
    """The same as plain text: for files, terminals and tests."""
    parts = [f"{section.heading}\n{_indented(section)}" for section in sections]
    return "\n\n".join([*parts, *(f"{entry.head}\n{entry.text}" for entry in transcript)]) + "\n"


def _bare(text: str) -> str:
    return checked(f"<p>{html.escape(text, quote=False)}</p>")


_FORMS: Mapping[str, Callable[[str], str]] = {"text": paragraphs, "quote": quote, "link": _bare}


def _indented(section: Section) -> str:
    before = "> " if section.form == "quote" else ""
    return "\n".join(f"{before}{line}".rstrip() for line in section.text.split("\n"))
