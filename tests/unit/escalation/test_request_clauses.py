"""Passing over clauses without any word of a request changes nothing about which requests are found."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agents.escalation import requests
from agents.escalation.wording import ALL
from agents.policy import words

_LINES = [
    line.strip()
    for name in ("asks.txt", "does_not_ask.txt")
    for line in (Path(__file__).parent / "phrases" / name).read_text(encoding="utf-8").splitlines()
    if line.strip()
]
MESSAGES = st.lists(
    st.sampled_from([*_LINES, "agent", "humano", "Mensch", "thanks", "it is late", "no"]), min_size=1, max_size=4
).flatmap(lambda parts: st.sampled_from((". ", ", ", " ", "\n", "? ", "! ")).map(lambda between: between.join(parts)))


def every_clause_read(text: str) -> requests.Request | None:
    """With every wording of every language tried on every clause."""
    folded = words.fold(text)
    split = words.words_of(folded)
    clauses = requests._clauses(folded)
    for wording in ALL:
        typos = requests._TYPOS[wording.language]
        for index, typed in enumerate(clauses):
            clause = typed._replace(words=[typos.get(word, word) for word in typed.words])
            asked = requests._asked_in(clause, wording)
            if asked is not None:
                return requests.Request(words.span(text, folded, clause.first + asked[0], asked[1]), "words")
            edge = index in {0, len(clauses) - 1}
            if requests._is_bare(clause, wording, at_edge=edge, total=len(split)):
                return requests.Request(words.span(text, folded, clause.first, len(clause.words)), "bare")
    return None


@given(MESSAGES)
def test_a_request_is_the_one_found_by_reading_every_clause(text: str) -> None:
    folded = words.fold(text)
    assert requests.find(text, folded, words.words_of(folded)) == every_clause_read(text)
