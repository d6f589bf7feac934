"""Which ids may stand in a record key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from streams.contracts.base import PlatformId

ID: TypeAdapter[str] = TypeAdapter(PlatformId)

CHARACTERS = st.one_of(st.characters(codec="utf-8"), st.sampled_from("|\n\x00\x1f\x20a"))
HALVES = st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF)


@given(st.text(CHARACTERS, min_size=1, max_size=40))
def test_an_id_holds_anything_but_a_control_character_and_the_bar_that_parts_keys(value: str) -> None:
    if any(ord(char) < 0x20 or char == "|" for char in value):
        with pytest.raises(ValidationError, match=r"holds a control character or '\|'"):
            ID.validate_python(value)
    else:
        assert ID.validate_python(value) == value


@given(st.text(CHARACTERS, max_size=20), HALVES, st.text(CHARACTERS, max_size=20))
def test_half_a_character_which_no_record_key_can_hold_is_refused(before: str, half: str, after: str) -> None:
    with pytest.raises(ValidationError):
        ID.validate_python(before + half + after)
