"""The helpdesks by name, and options checked before anybody depends on them."""

from agents.helpdesks.registry import NAMES, helpdesks, wrong_options
from streams.clock import SystemClock


def test_every_helpdesk_goes_by_its_own_name() -> None:
    made = helpdesks(SystemClock())
    assert tuple(made) == NAMES
    assert all(desk.name == name for name, desk in made.items())


def test_a_window_for_keys_is_known_where_there_are_keys() -> None:
    made = helpdesks(SystemClock())
    assert made["zendesk"].idempotency_window_seconds == 7200.0
    assert made["freshdesk"].idempotency_window_seconds is None


def test_wrong_options_are_told_without_their_values() -> None:
    assert wrong_options("zendesk", {"brand_id": 5, "fields": {"intent": 7}}) == []
    assert wrong_options("freshdesk", {"fields": {"escalation_id": "cf_handoff"}}) == []
    told = wrong_options("zendesk", {"brand_id": "s3cret", "typo": 1})
    assert [line.split(":")[0] for line in told] == ["options.brand_id", "options.typo"]
    assert "s3cret" not in "".join(told)
    assert wrong_options("freshdesk", {"fields": {"escalation_id": "no prefix"}})
    assert wrong_options("rt", {}) == ["`rt` is no helpdesk: one of zendesk, freshdesk"]
