"""Leaving out turns too different in length changes nothing about which turns are alike."""

from hypothesis import given
from hypothesis import strategies as st

from agents.escalation.state import Mark
from agents.escalation.window import Marks, most_similar, similar

TOKENS = st.frozensets(st.integers(0, 30), max_size=24).map(lambda tokens: tuple(sorted(tokens)))
MARKS = st.lists(st.tuples(st.integers(0, 1), TOKENS), min_size=1, max_size=10).map(
    lambda rows: tuple(Mark(n, n, author, f"e{n}", tokens=tokens) for n, (author, tokens) in enumerate(rows))
)


@given(MARKS, st.one_of(st.floats(0, 1), st.sampled_from((0.1, 0.3, 0.5, 0.6, 0.7, 2 / 3, 0.9))))
def test_similar_turns_are_those_of_the_definition(marks: Marks, similarity: float) -> None:
    mark = marks[-1]
    expected = []
    for other in marks:
        shared = len(set(mark.tokens) & set(other.tokens))
        union = len(mark.tokens) + len(other.tokens) - shared
        if mark.tokens and other.tokens and other.author == mark.author and shared >= similarity * union:
            expected.append(other)
    assert similar(marks, mark, similarity) == tuple(expected)


@given(MARKS, st.one_of(st.floats(0, 1), st.sampled_from((0.1, 0.3, 0.5, 0.6, 0.7, 2 / 3, 0.9))))
def test_the_most_similar_are_the_first_of_the_largest_sets(marks: Marks, similarity: float) -> None:
    alike = similar(marks, marks[-1], similarity)
    expected = alike if len(alike) < 2 else max((similar(marks, mark, similarity) for mark in alike), key=len)
    assert most_similar(marks, marks[-1], similarity) == expected
