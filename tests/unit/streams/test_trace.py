"""One trace through all hops: what becomes of the header a sender gave, and of one it did not."""

import pytest

from streams.trace import child_of, children_of, new_traceparent, parent_of


def test_the_children_of_one_request_share_its_trace_and_are_told_apart() -> None:
    parent = parent_of(given := new_traceparent())
    children = [parent_of(child) for child in children_of(given, 50)]
    assert parent is not None
    assert {child.trace_id for child in children if child} == {parent.trace_id}
    assert len({child.span_id for child in children if child} | {parent.span_id}) == 51


@pytest.mark.parametrize("given", [None, "", "00-zz", f"00-{'0' * 32}-{'1' * 16}-01"])
def test_without_a_usable_header_the_children_share_a_new_trace(given: str | None) -> None:
    first, second = (parent_of(child) for child in children_of(given, 2))
    assert first is not None
    assert second is not None
    assert first.trace_id == second.trace_id
    assert first.span_id != second.span_id
    assert children_of(given, 0) == []


def test_no_two_traces_and_no_two_spans_are_alike() -> None:
    traces = {new_traceparent() for _ in range(2_000)}
    assert len({trace[3:35] for trace in traces}) == len({trace[36:52] for trace in traces}) == 2_000
    assert len({child_of(next(iter(traces))) for _ in range(2_000)}) == 2_000
