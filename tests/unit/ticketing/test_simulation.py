"""Ticketing under deterministic simulation: death at every await, zombies, lost answers, lag, jumping clocks.

`HANDOFF_SCHEDULES=100000` runs more of them; a failure names the seed, and
`python -m tests.support.ticketing_simulate --replay SEED` shows its history.
"""

import os

import pytest

from tests.support.ticketing_checker import violations
from tests.support.ticketing_schedule import SCENARIOS, Fault, Plan, Ran, run
from tests.support.ticketing_simulate import check, failures

SCHEDULES = int(os.environ.get("HANDOFF_SCHEDULES", "1000"))
FIRST_SEED = int(os.environ.get("HANDOFF_FIRST_SEED", "0"))
BROKEN_SCHEDULES = 150
LONGEST = 220
"""Steps of a scenario after which only waiting is left: a capped tenant waits for an hour."""

BROKEN = ("no_ledger", "intent_not_awaited", "offset_first", "no_look_up", "no_lease", "line_forgotten")


def test_no_schedule_loses_or_doubles_anything() -> None:
    found = failures(range(FIRST_SEED, FIRST_SEED + SCHEDULES))
    told = "\n".join(f"seed {seed}: {'; '.join(wrong)}" for seed, wrong in found[:10])
    print(f"{SCHEDULES} schedules from seed {FIRST_SEED}")  # noqa: T201 # shown when it fails
    assert not found, f"{len(found)} of {SCHEDULES} schedules from seed {FIRST_SEED} broke a promise:\n{told}"


@pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "keyless"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_death_at_every_await_keeps_every_promise(scenario: str, *, keyed: bool) -> None:
    for first, (kind, amount) in enumerate((("crash", 0.0), ("zombie", 600.0))):
        for step in _steps(scenario, first, keyed=keyed):
            plan = Plan(5, (Fault(step, kind, amount),), keyed, scenario=scenario, trouble=0.0)
            assert check(plan) == [], f"{kind} at step {step}"


@pytest.mark.parametrize("keyed", [True, False], ids=["keyed", "keyless"])
def test_death_at_every_await_amid_lost_answers_keeps_every_promise(*, keyed: bool) -> None:
    for step in range(0, 240, 2):
        plan = Plan(step, (Fault(step, "crash", 5.0),), keyed, scenario="appends", trouble=0.8)
        assert check(plan) == [], f"crash at step {step}"


@pytest.mark.parametrize("step", BROKEN)
def test_a_build_with_a_broken_step_is_caught(step: str) -> None:
    caught = next((seed for seed in range(BROKEN_SCHEDULES) if check(Plan(seed, broken=frozenset({step})))), None)
    assert caught is not None, f"{BROKEN_SCHEDULES} schedules found nothing wrong without `{step}`"


def test_a_zombie_in_the_one_open_window_leaves_a_second_ticket_that_the_reconciler_closes() -> None:
    doubled = []
    for step in range(_length("plain", keyed=False)):
        ran = run(Plan(5, (Fault(step, "zombie", 600.0),), keyed=False, scenario="plain", trouble=0.0))
        assert violations(ran) == []
        if len(ran.sim.database.tickets) > 1:
            doubled.append([ticket.closed for ticket in ran.sim.database.tickets.values()])
    assert doubled, "no step stands between the check and the send"
    assert all(sorted(closed) == [False, True] for closed in doubled)


def test_a_key_closes_that_window() -> None:
    for step in range(_length("plain", keyed=True)):
        ran = run(Plan(5, (Fault(step, "zombie", 600.0),), keyed=True, scenario="plain", trouble=0.0))
        assert len(ran.sim.database.tickets) == 1


def test_a_seed_is_one_history() -> None:
    assert _told(run(Plan(4711))) == _told(run(Plan(4711)))


def test_the_schedules_are_worth_running() -> None:
    rans = [run(Plan(seed)) for seed in range(200)]
    assert {ran.scenario for ran in rans} == set(SCENARIOS)
    assert sum("in_doubt" in line for ran in rans for line in ran.sim.history) > 20
    assert sum(line.startswith("-- zombie") for ran in rans for line in ran.sim.history) > 10
    assert sum("late" in line for ran in rans for line in ran.sim.history) > 20


def _steps(scenario: str, first: int, *, keyed: bool) -> range:
    """Every step; of the long scenarios every other one, crashes on even and zombies on odd ones."""
    length = min(_length(scenario, keyed=keyed), LONGEST)
    return range(length) if length <= 150 else range(first, length, 2)


def _length(scenario: str, *, keyed: bool) -> int:
    return run(Plan(5, (), keyed, scenario=scenario, trouble=0.0)).steps


def _told(ran: Ran) -> list[str]:
    return ran.sim.history
