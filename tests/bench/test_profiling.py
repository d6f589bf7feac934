"""Shares of a profile: C functions count where they are called, rest counts nowhere."""

import cProfile
import pstats
import threading
import time

import pytest

from tests.bench.marks import seconds_by_thread
from tests.bench.more import where_time_goes
from tests.bench.profiling import shares, told


def _sorts() -> None:
    for _ in range(200):
        sorted(range(5_000), key=str)


def _rests() -> None:
    time.sleep(0.2)


def _counts() -> None:
    sum(1 for _ in range(1_000))


def _all() -> None:
    _sorts()
    _rests()
    _counts()


def test_a_function_has_the_time_of_the_c_functions_it_calls_and_rest_is_nobodys() -> None:
    profile = cProfile.Profile()
    profile.runcall(_all)
    found = dict(shares(pstats.Stats(profile), 10))
    assert max(found, key=lambda where: found[where]) == "tests/bench/test_profiling.py _sorts"
    assert found["tests/bench/test_profiling.py _sorts"] > 0.5
    assert found["tests/bench/test_profiling.py _rests"] < 0.2
    assert sum(found.values()) == pytest.approx(1)


def test_no_more_than_asked_for_are_told_the_dearest_first() -> None:
    profile = cProfile.Profile()
    profile.runcall(_all)
    found = shares(pstats.Stats(profile), 2)
    assert len(found) == 2
    assert found[0].share >= found[1].share


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/home/me/.venv/lib/python3.11/site-packages/aiohttp/web.py", "aiohttp/web.py f"),
        ("/usr/lib/python3.11/json/encoder.py", "json/encoder.py f"),
        ("/home/me/handoff/agents/gateway/body.py", "agents/gateway/body.py f"),
        ("~", "f"),
    ],
)
def test_a_path_is_told_from_its_package_on(path: str, where: str) -> None:
    assert told((path, 7, "f")) == where


def test_threads_are_told_by_name() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name="rests")
    thread.start()
    try:
        found = seconds_by_thread()
    finally:
        over.set()
        thread.join()
    assert {"MainThread", "rests"} <= found.keys()
    assert found["MainThread"] > found["rests"]


def test_the_page_shows_threads_phases_and_functions_and_what_the_phases_leave() -> None:
    result = {
        "threads": {"handoff": {"MainThread": 3.5, "idle": 0.0}, "bare": {"MainThread": 2.0}},
        "engine": [["a.py f", 0.25]],
        "phases": {"find": 1.0, "verify": 4.0},
        "whole": 20.0,
        "bare": 8.0,
        "webhook": [["b.py g", 0.125]],
        "alone": {"gateway": [[0, 20.4], [10, 90.0]], "bare": [[0, 8.0], [10, 16.6]]},
    }
    threads, functions, phases, webhook, alone = where_time_goes.tables(result)
    assert threads.cells == (("Handoff", "MainThread", "3.50"), ("bare loop", "MainThread", "2.00"))
    assert functions.cells == (("`a.py f`", "25.0%"),)
    assert [cells[1] for cells in phases.cells] == ["1.0", "4.0", "15.0", "20.0", "8.0"]
    assert webhook.cells == (("`b.py g`", "12.5%"),)
    assert alone.cells == (("0 ms", "20", "8"), ("10 ms", "90", "17"))


def test_the_quick_bench_shows_none() -> None:
    assert where_time_goes.tables({}) == []
    assert where_time_goes.rows({}) == []
