"""What holds of the cleaning whatever is sent."""

import re
import unicodedata
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agents.text import html, markdown
from agents.text.clean import clean
from agents.text.invisible import reveal
from agents.text.mask import mask, mask_bytes
from agents.text.plain import Format
from tests.support.hostile_text import hostile_text, thorough

formats = st.sampled_from([None, "plain", "markdown", "html"])


@thorough
@given(hostile_text, formats, st.sampled_from([0, 1, 5, 30, 200, 32_000]), st.booleans())
@example("password: " + "x" * 100, "plain", 30, False)
@example("4" * 30, "plain", 17, False)
def test_cleaning_is_capped_encodable_visible_and_stable(
    raw: str, declared: Format | None, max_chars: int, contacts: bool
) -> None:
    first = clean(raw, declared=declared, max_chars=max_chars, mask_email=contacts, mask_phone=contacts)
    assert len(first.text) <= max_chars
    first.text.encode("utf-8")
    assert unicodedata.is_normalized("NFC", first.text)
    assert not [c for c in first.text if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cs"}]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\u2060]", first.text)
    assert all(count > 0 for count in first.redactions.values())
    again = clean(first.text, declared="plain", max_chars=max_chars, mask_email=contacts, mask_phone=contacts)
    assert again.text == first.text
    assert again.redactions == {}


@thorough
@given(hostile_text)
def test_what_is_revealed_has_nothing_more_to_reveal(raw: str) -> None:
    visible, _ = reveal(raw)
    assert reveal(visible) == (visible, {})


@thorough
@given(hostile_text)
def test_masking_what_is_masked_changes_nothing(raw: str) -> None:
    masked, _ = mask(raw, email=True, phone=True)
    assert mask(masked, email=True, phone=True) == (masked, {})


@thorough
@given(st.one_of(st.binary(max_size=300), hostile_text.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_masked_bytes_keep_their_length_and_change_to_stars_alone(raw: bytes) -> None:
    masked, counts = mask_bytes(raw)
    assert len(masked) == len(raw)
    assert all(new in {old, ord("*")} for old, new in zip(raw, masked, strict=True))
    assert counts or masked == raw
    assert mask_bytes(masked) == (masked, {})


class _Seen(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.odd: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.odd += [name for name, _ in attrs]
        self.text += ["\n"] * (tag == "br")

    def handle_endtag(self, tag: str) -> None:
        self.text += ["\n\n"] * (tag == "p")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    def handle_decl(self, decl: str) -> None:
        self.odd.append(decl)

    def handle_pi(self, data: str) -> None:
        self.odd.append(data)


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@thorough
@given(hostile_text)
def test_paragraphs_hold_nothing_but_the_allowed_tags_and_every_visible_word(text: str) -> None:
    for write in (html.paragraphs, html.quote):
        seen = _Seen(write(text))
        assert seen.tags <= {"p", "br", "code", "blockquote"}
        assert not seen.odd
        assert _squeezed("".join(seen.text)) == _squeezed(reveal(text)[0])


@thorough
@given(hostile_text)
def test_checked_markup_holds_nothing_but_the_allowed_tags(markup: str) -> None:
    seen = _Seen(html.checked(markup))
    assert seen.tags <= html.ALLOWED_TAGS
    assert not seen.odd


@thorough
@given(hostile_text)
def test_a_markdown_renderer_shows_escaped_text_as_it_was_typed(text: str) -> None:
    renderer = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable(["table", "strikethrough"])
    seen = _Seen(renderer.render(markdown.escape(text)))
    assert seen.tags <= {"p", "br"}
    assert _squeezed("".join(seen.text)) == _squeezed(reveal(text)[0])
