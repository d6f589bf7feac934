"""Cutting a notice to the size of Sunshine's messages."""

from hypothesis import given
from hypothesis import strategies as st

from agents.platforms.zendesk_sunco.splitting import split

_FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300), st.integers(min_value=2, max_value=60))
def test_every_part_fits_and_nothing_but_space_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(0 < _units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_text_that_fits_stays_whole() -> None:
    assert split("One line.\n\nAnother.") == ["One line.\n\nAnother."]
    assert split("   ") == []


def test_the_cut_prefers_paragraphs_to_lines_to_words() -> None:
    assert split("aaaa bbbb\n\ncccc dddd", 12) == ["aaaa bbbb", "cccc dddd"]
    assert split("aaaa bbbb\ncccc dddd", 12) == ["aaaa bbbb", "cccc dddd"]
    assert split("aaaa bbbb cccc", 10) == ["aaaa bbbb", "cccc"]


def test_what_is_drawn_from_several_characters_is_not_torn() -> None:
    parts = split("x" * 7 + _FAMILY + "y", 12)
    assert _FAMILY in "".join(parts)
    assert any(part.startswith(_FAMILY) for part in parts)
    assert split("aaa" + "e\u0301" * 3, 4) == ["aaa", "e\u0301e\u0301", "e\u0301"]
