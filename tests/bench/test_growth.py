"""Growth is told by its steepest step, and policies grow by rules that compile."""

import pytest

from agents.commands.policies import PolicyText, compiled, read_policy
from tests.bench.more.growth import larger_policy, steepest


def _points(*pairs: tuple[int, float]) -> list[dict[str, float]]:
    return [{"size": size, "micros": micros} for size, micros in pairs]


def test_flat_is_nought_linear_is_one_square_is_two() -> None:
    assert steepest(_points((1, 5), (10, 5), (100, 5))) == pytest.approx(0)
    assert steepest(_points((1, 5), (10, 50))) == pytest.approx(1)
    assert steepest(_points((1, 5), (10, 500))) == pytest.approx(2)


def test_a_steep_step_late_is_not_hidden_by_a_flat_start() -> None:
    assert steepest(_points((1, 5), (100, 5), (200, 20))) == pytest.approx(2)


def test_a_policy_with_more_rules_compiles_to_that_many_more() -> None:
    example = read_policy(None).text
    before, after = (compiled(PolicyText("some", text), "acme") for text in (example, larger_policy(example, 10)))
    assert len(after.rules) == len(before.rules) + 10
