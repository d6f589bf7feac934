"""Every parser that meets outside bytes keeps to its errors, its time and its silence."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, seed, settings

from tests.fuzz.all_targets import TARGETS
from tests.fuzz.keeping import CORPUS, kept
from tests.fuzz.mutation import CANARY
from tests.fuzz.target import Broke, Target

EXAMPLES = 60
"""Of each target in `make test`; `make fuzz` goes on from there."""


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_in_the_corpus_breaks_nothing_any_more(name: str) -> None:
    inputs = [data for _, data in kept(name)]
    assert inputs, "each target has a corpus: run `make fuzz TARGET=…`"
    for data in inputs:
        TARGETS[name].run(data)


def test_the_corpus_has_no_folder_without_a_target() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_some_new_inputs_break_nothing(name: str) -> None:
    @seed(20260711)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(TARGETS[name].inputs)
    def tries(data: bytes) -> None:
        TARGETS[name].run(data)

    tries()


def _target(play: Callable[[bytes], str]) -> Target:
    return Target("made-up", TARGETS["policy"].inputs, play, (ValueError,))


def test_an_error_that_was_not_declared_is_a_fault() -> None:
    with pytest.raises(KeyError):
        _target(lambda _: str(dict[str, str]()["x"])).run(b"")


def test_a_refusal_that_repeats_the_input_is_a_fault() -> None:
    def play(data: bytes) -> str:
        raise ValueError(data.decode())

    assert _target(play).run(b"harmless") == "ValueError"
    with pytest.raises(Broke, match="repeats"):
        _target(play).run(f"my name is {CANARY}".encode())


def test_an_input_that_takes_too_long_is_a_fault() -> None:
    def play(_: bytes) -> str:
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        return "done"

    with pytest.raises(Broke, match="took"):
        replace(_target(play), max_seconds=0.01).run(b"")
