"""What an empty look-up allows: keys are never used past their time, and nothing is created on one look alone."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from agents.ticketing.doubt import DoubtRules, LookAgain, SendAgain, SendAnew, after_empty
from tests.support.ticketing_values import NOW, intent, later

KEYED = DoubtRules(settle_seconds=600, apart_seconds=300, call_seconds=13, key_seconds=7200)
KEYLESS = DoubtRules(settle_seconds=60, apart_seconds=60, call_seconds=13)
LAST_USE = 7200 - 600 - 13


def test_the_same_key_is_used_again_once_no_attempt_can_be_under_way() -> None:
    assert after_empty(intent(), later(17), KEYED) == LookAgain(later(18))
    assert after_empty(intent(), later(18), KEYED) == SendAgain()
    assert after_empty(intent(), later(LAST_USE), KEYED) == SendAgain()


def test_a_key_is_never_sent_again_past_an_hour_and_fifty_minutes() -> None:
    stale = intent(deadline_at=later(LAST_USE))
    assert after_empty(stale, later(LAST_USE + 1), KEYED) == LookAgain(later(LAST_USE + 600))


def test_past_it_two_empty_look_ups_ten_and_five_minutes_apart_allow_a_new_one() -> None:
    gone = intent(deadline_at=later(7000))
    first = after_empty(gone, later(7600), KEYED)
    assert first == LookAgain(later(7900), remember=True)
    seen = gone.model_copy(update={"empty_look_up_at": later(7600)})
    assert after_empty(seen, later(7899), KEYED) == LookAgain(later(7900))
    assert after_empty(seen, later(7900), KEYED) == SendAnew()


def test_a_look_up_before_the_last_attempt_was_long_over_does_not_count() -> None:
    early = intent(deadline_at=later(7000), empty_look_up_at=later(7100))
    assert after_empty(early, later(7950), KEYED) == LookAgain(later(8250), remember=True)


def test_a_key_that_belongs_to_another_body_is_not_used_again() -> None:
    assert after_empty(intent(), later(30), KEYED, key_spent=True) == LookAgain(later(618))


def test_without_keys_nothing_is_sent_before_two_empty_look_ups() -> None:
    plain = intent(key=None)
    assert after_empty(plain, later(20), KEYLESS) == LookAgain(later(78))
    assert after_empty(plain, later(78), KEYLESS) == LookAgain(later(138), remember=True)
    seen = plain.model_copy(update={"empty_look_up_at": later(78)})
    assert after_empty(seen, later(138), KEYLESS) == SendAnew()


def test_a_request_without_a_key_follows_the_rule_without_keys_at_a_helpdesk_that_has_them() -> None:
    assert after_empty(intent(key=None), later(20), KEYED) == LookAgain(later(618))


@given(now=st.floats(0, 20_000), seen=st.one_of(st.none(), st.floats(0, 20_000)), spent=st.booleans())
def test_a_new_attempt_always_had_two_looks_far_enough_apart(now: float, seen: float | None, *, spent: bool) -> None:
    entry = intent(empty_look_up_at=None if seen is None else later(seen))
    step = after_empty(entry, later(now), KEYED, key_spent=spent)
    if isinstance(step, SendAnew):
        assert seen is not None
        assert seen >= 18 + 600
        assert now - seen >= 300
    if isinstance(step, SendAgain):
        assert not spent
        assert 18 <= now <= LAST_USE
    if isinstance(step, LookAgain):
        assert step.at > later(now)


def test_waiting_as_told_comes_to_an_end() -> None:
    entry, now = intent(key=None), NOW
    for _ in range(4):
        step = after_empty(entry, now, KEYLESS)
        if isinstance(step, SendAnew):
            break
        assert isinstance(step, LookAgain)
        if step.remember:
            entry = entry.model_copy(update={"empty_look_up_at": now})
        now = step.at
    else:
        raise AssertionError("still in doubt")
    assert now - NOW <= timedelta(minutes=3)
    assert isinstance(now, datetime)
