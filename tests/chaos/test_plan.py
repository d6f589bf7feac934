"""Schedules are a function of the seed, and every fault has its turn."""

from pathlib import Path

from tests.chaos import plan
from tests.chaos.broken import BUILDS
from tests.chaos.faults import catalogue

FAULTS = catalogue(Path("nowhere"))


def test_the_same_seed_plans_the_same() -> None:
    assert plan.schedules(7, FAULTS, 0, 50) == plan.schedules(7, FAULTS, 0, 50)
    assert plan.schedules(7, FAULTS, 0, 50) != plan.schedules(8, FAULTS, 0, 50)


def test_a_run_that_goes_on_plays_what_it_would_have_played() -> None:
    assert plan.schedules(7, FAULTS, 0, 50)[20:] == plan.schedules(7, FAULTS, 20, 30)


def test_every_fault_has_its_turn_before_one_comes_again() -> None:
    names = [schedule.fault for schedule in plan.schedules(7, FAULTS, 0, len(FAULTS))]
    assert sorted(names) == sorted(fault.name for fault in FAULTS)


def test_a_schedule_makes_the_same_choices_every_time() -> None:
    one, other = (plan.schedules(7, FAULTS, 3, 1)[0] for _ in range(2))
    assert [one.random().random() for _ in range(3)] == [other.random().random() for _ in range(3)]


def test_a_short_run_touches_every_family() -> None:
    families = {fault.name.partition(".")[0] for fault in FAULTS}
    assert {schedule.fault.partition(".")[0] for schedule in plan.sample(7, FAULTS, len(families))} == families


def test_broken_builds_are_met_by_faults_that_exist() -> None:
    assert {name for build in BUILDS.values() for name in build.faults} <= {fault.name for fault in FAULTS}


def test_names_are_unique() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
