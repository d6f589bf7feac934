from hypothesis import given
from hypothesis import strategies as st

from streams import ids

parts = st.lists(st.text(max_size=12), min_size=1, max_size=4)


@given(parts, parts)
def test_different_parts_never_give_one_id(left: list[str], right: list[str]) -> None:
    assert (ids.derive(*left) == ids.derive(*right)) == (left == right)


def test_ids_never_change_between_releases() -> None:
    escalation = ids.escalation_id("acme", "215470000000101", "45763810001")
    assert escalation == "13fad3f9-11cb-51e5-83e1-8de519781cba"
    assert ids.action_id(escalation, "open") == "d0bdab0e-4077-598f-8dd7-d26fdb36b7f3"
    assert ids.notification_id(escalation, "opened") == "0526585b-e6dc-5b8e-a711-a523a9e003c1"


def test_a_body_without_an_id_counts_once_within_a_minute() -> None:
    first = ids.body_event_id("acme", b"{}", 1_000_020.0)
    assert ids.body_event_id("acme", b"{}", 1_000_050.0) == first
    assert ids.body_event_id("acme", b"{}", 1_000_081.0) != first
    assert ids.body_event_id("other", b"{}", 1_000_020.0) != first
