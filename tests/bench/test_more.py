"""The pure parts of the gateway's and ticketing's sections."""

from tests.bench.more import gateway, ticketing


def test_the_limit_is_what_so_many_slow_calls_at_once_allow() -> None:
    assert ticketing.limit(64, tickets=100, calls=400) == 80.0


def test_a_process_that_waits_falls_behind_its_limit_and_one_that_does_not_reaches_it() -> None:
    def shares(seconds: float) -> list[tuple[float, bool]]:
        run = {"concurrency": 64, "tickets": 800, "calls": 3_200, "seconds": seconds}
        return [(round(figure.value, 2), figure.met) for figure in ticketing.rows({"runs": [run]})]

    assert shares(10.0) == [(1.0, True)]
    assert shares(12.0) == [(0.83, False)]


def test_the_gateway_is_held_against_the_bare_handler() -> None:
    (figure,) = gateway.rows({"handoff": {"rate": 600.0}, "bare": {"rate": 1_000.0}})
    assert (figure.value, figure.met) == (0.6, False)
    assert figure.missed_because
