"""Bodies that went wrong: any JSON, and good bodies with something in them replaced by any JSON."""

from typing import Any

from hypothesis import strategies as st

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(10**40), max_value=10**40),
    st.floats(allow_nan=True, allow_infinity=True),
    st.text(max_size=30),
    st.sampled_from(
        [
            "a|b",
            "\ud800",
            "\x00",
            "<p>",
            "x" * 600,
            "2026-13-45T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "http://[",
            "https://acme.zendesk.com/a b",
            "4111 1111 1111 1111",
        ]
    ),
)

any_json: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
"""JSON of any shape, and what Python's own parser lets through besides."""


@st.composite
def damaged(draw: st.DrawFn, body: Any, *, most: int = 3) -> Any:
    """`body` with up to `most` of its values replaced."""
    for _ in range(draw(st.integers(min_value=1, max_value=most))):
        body = _with(body, draw(st.sampled_from(_paths(body))), draw(any_json))
    return body


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [here]
    if isinstance(value, dict):
        found += [path for key, item in value.items() for path in _paths(item, (*here, key))]
    elif isinstance(value, list):
        found += [path for index, item in enumerate(value) for path in _paths(item, (*here, index))]
    return found


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy
