"""Which ids may stand in a record key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from streams.contracts.base import PlatformId

ID: TypeAdapter[str] = TypeAdapter(PlatformId)


@given(st.text(st.one_of(st.characters(), st.sampled_from("|\n\x00\x1f\x20a")), min_size=1, max_size=40))
def test_an_id_holds_anything_but_a_control_character_and_the_bar_that_parts_keys(value: str) -> None:
    if any(ord(char) < 0x20 or char == "|" for char in value):
        with pytest.raises(ValidationError, match=r"holds a control character or '\|'"):
            ID.validate_python(value)
    else:
        assert ID.validate_python(value) == value
