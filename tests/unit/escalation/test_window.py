"""The window against the plainest way to count."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.state import AI, AUTOMATIC, CUSTOMER, MAX_WINDOW_TURNS, UNTIMED, Mark
from agents.escalation.window import customer_turns_within, inserted, low_streak, neighbours, similar

_FLAGS = st.sampled_from([0, 0, 0, UNTIMED, AUTOMATIC])
_CONFIDENCE = st.sampled_from([None, 0.1, 0.4, 0.5, 0.9])
_TURNS = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from([CUSTOMER, AI]), _FLAGS, _CONFIDENCE), min_size=1, max_size=40
)


def marks_of(turns: list[tuple[int, int, int, float | None]]) -> list[Mark]:
    """Marks in the order of their arrival."""
    return [
        Mark(ms, offset, author, f"e{offset}", flags, confidence if author == AI else None)
        for offset, (ms, author, flags, confidence) in enumerate(turns)
    ]


def window_of(marks: list[Mark]) -> tuple[Mark, ...]:
    """The window after all of them."""
    window: tuple[Mark, ...] = ()
    for mark in marks:
        window = inserted(window, mark)
    return window


@given(_TURNS)
def test_the_window_is_in_order_of_time_then_offset(turns: list[tuple[int, int, int, float | None]]) -> None:
    marks = marks_of(turns)
    assert list(window_of(marks)) == sorted(marks, key=lambda m: (m.ms, m.offset))


@given(st.lists(st.integers(0, 1000), min_size=MAX_WINDOW_TURNS + 1, max_size=100))
def test_the_window_keeps_the_newest(times: list[int]) -> None:
    marks = marks_of([(ms, CUSTOMER, 0, None) for ms in times])
    window = window_of(marks)
    assert len(window) == MAX_WINDOW_TURNS
    assert all((a.ms, a.offset) < (b.ms, b.offset) for a, b in pairwise(window))
    assert max(m.ms for m in marks) == window[-1].ms


@given(_TURNS, st.integers(1, 30))
def test_the_fullest_stretch_is_found(turns: list[tuple[int, int, int, float | None]], within: int) -> None:
    marks = marks_of(turns)
    mark = Mark(30, len(marks), CUSTOMER, "the one that came")
    marks.append(mark)
    window = window_of(marks)
    counted = [m for m in marks if m.author == CUSTOMER and not m.flags & (UNTIMED | AUTOMATIC)]
    best = 0
    for start in range(mark.ms - within, mark.ms + 1):
        best = max(best, sum(start <= m.ms <= start + within for m in counted))
    found = customer_turns_within(window, mark, within)
    assert len(found) == best
    assert mark in found
    assert not found or found[-1].ms - found[0].ms <= within


@given(_TURNS)
def test_a_row_of_uncertain_answers_has_no_certain_one_in_it(turns: list[tuple[int, int, int, float | None]]) -> None:
    marks = marks_of(turns)
    window, mark = window_of(marks), marks[-1]
    streak = low_streak(window, mark, 0.5)
    told = [m for m in window if m.author == AI and m.confidence is not None]
    assert all(m.confidence is not None and m.confidence < 0.5 for m in streak)
    if streak:
        first, last = told.index(streak[0]), told.index(streak[-1])
        assert told[first : last + 1] == list(streak)
        assert mark in streak
        assert first == 0 or (told[first - 1].confidence or 0) >= 0.5
        assert last == len(told) - 1 or (told[last + 1].confidence or 0) >= 0.5
    else:
        assert mark.author != AI or mark.confidence is None or mark.confidence >= 0.5


@given(st.lists(st.frozensets(st.integers(0, 6), min_size=1), min_size=1, max_size=20))
def test_similar_turns_share_enough_words(sets: list[frozenset[int]]) -> None:
    window: tuple[Mark, ...] = ()
    for offset, tokens in enumerate(sets):
        mark = Mark(offset, offset, CUSTOMER, f"e{offset}", tokens=tuple(sorted(tokens)))
        window = inserted(window, mark)
    expected = [m for m in window if m.tokens and len(sets[-1] & set(m.tokens)) / len(sets[-1] | set(m.tokens)) >= 0.6]
    assert list(similar(window, mark, 0.6)) == expected
    assert sum(bool(m.tokens) for m in window) == min(len(sets), 8)


@given(_TURNS)
def test_neighbours_stand_next_to_the_turn(turns: list[tuple[int, int, int, float | None]]) -> None:
    marks = marks_of(turns)
    window = window_of(marks)
    place = window.index(marks[-1])
    before, after = neighbours(window, marks[-1])
    assert before == (window[place - 1] if place else None)
    assert after == (window[place + 1] if place + 1 < len(window) else None)
