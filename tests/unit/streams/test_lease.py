import pytest

from streams.kafka.lease import Lease, Slept


def test_a_process_that_beats_may_act() -> None:
    lease = Lease(45.0)
    lease.check(0.0)
    for second in range(100):
        lease.beat(float(second))
        lease.check(second + 44.9)


def test_one_that_did_not_run_for_longer_than_the_session_may_never_act_again() -> None:
    lease = Lease(45.0)
    lease.beat(0.0)
    with pytest.raises(Slept):
        lease.check(45.1)
    with pytest.raises(Slept):
        lease.beat(45.2)
    with pytest.raises(Slept):
        lease.check(1.0)


def test_a_late_beat_does_not_hide_the_gap() -> None:
    lease = Lease(45.0)
    lease.beat(0.0)
    with pytest.raises(Slept):
        lease.beat(60.0)
