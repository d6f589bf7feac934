"""Markers say which letters stay, to whoever has the key, and nothing to anybody else."""

from datetime import timedelta

import pytest

from agents.commands.dead_letters import Sorting, Wanted
from agents.erasure.holdings import conversation_of
from agents.erasure.markers import MarkerKey, Markers
from streams.codec import encode
from streams.contracts.erasures import Erasure
from streams.errors import Refused
from tests.support.erasing import AT, KEY, stored
from tests.unit.commands.test_dead_letters import AT as DIED
from tests.unit.commands.test_dead_letters import letter

SECRET = "sixteen characters and more"
MADE = MarkerKey.of(SECRET)
BEFORE, AFTER = AT - timedelta(hours=1), AT + timedelta(hours=1)


def marker(key: MarkerKey = MADE, conversation: bytes = KEY) -> tuple[bytes, bytes]:
    entry = Erasure(tenant="acme", erased_at=AT, key_id=key.id)
    return key.hash_of(conversation).encode(), encode(entry)


def known(*records: tuple[bytes, bytes | None], secret: str | None = SECRET) -> Markers:
    return Markers.of([stored(n, key, value) for n, (key, value) in enumerate(records)], secret)


def test_what_died_before_the_erasure_stays_and_what_died_later_does_not() -> None:
    markers = known(marker())
    assert markers.forbid(KEY, BEFORE)
    assert markers.forbid(KEY, None)
    assert not markers.forbid(KEY, AFTER)
    assert not markers.forbid(b"acme|c2", BEFORE)
    assert not markers.forbid(b"birch|c1", BEFORE)


def test_without_markers_no_key_is_needed_and_with_them_the_same_one_is() -> None:
    assert not known(secret=None).forbid(KEY, BEFORE)
    with pytest.raises(Refused, match="not configured"):
        known(marker(), secret=None)
    with pytest.raises(Refused, match="not the one"):
        known(marker(), secret="another key of 16 characters")
    with pytest.raises(Refused, match="cannot be read"):
        known((b"x", b"{}"))
    with pytest.raises(Refused, match="shorter"):
        MarkerKey.of("short")


def test_a_marker_that_was_taken_back_counts_no_more() -> None:
    name, value = marker()
    assert not known((name, value), (name, None)).forbid(KEY, BEFORE)


def test_a_marker_tells_nothing_without_the_key() -> None:
    name, value = marker()
    assert KEY not in value
    assert KEY not in name
    assert name != MarkerKey.of("another key of 16 characters").hash_of(KEY).encode()
    assert SECRET not in repr(MADE)


def test_nothing_overrules_an_erasure_and_what_came_later_does_not_wait_behind_it() -> None:
    erased_at = DIED + timedelta(minutes=5)
    entry = Erasure(tenant="acme", erased_at=erased_at, key_id=MADE.id)
    markers = known((MADE.hash_of(b"acme|c-1").encode(), encode(entry)))
    sorting = Sorting(
        Wanted(),
        force=True,
        out_of_order=True,
        erased=lambda each: markers.forbid(conversation_of(each.key), each.first_failed_at),
    )
    assert sorting.why_not(letter(0)) == "erased"
    assert sorting.why_not(letter(1, at=DIED + timedelta(hours=1))) is None
    again = letter(2, at=DIED + timedelta(hours=1), headers=(("dlq-first-failed-at", DIED.isoformat().encode()),))
    assert sorting.why_not(again) == "erased"  # it has died before, redriven or not
    assert sorting.why_not(letter(3, key=b"acme|c-2")) is None
