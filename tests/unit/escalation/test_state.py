"""State in the parts in which it is stored: what is new, what is trimmed, what comes back."""

import msgspec
import pytest

from agents.escalation import seen
from agents.escalation.state import (
    ENCODER,
    HEAD_DECODER,
    MAX_TURN_BYTES,
    SEEN_BYTES,
    TURNS_DECODER,
    ConversationState,
    Head,
    restore,
    seen_since,
    turns_since,
)
from tests.support.talking import Talk

DAY = 86_400


def stored(talk: Talk) -> ConversationState:
    """The talk's state."""
    assert talk.state is not None
    return talk.state


def test_what_is_new_since_an_offset_is_at_the_end() -> None:
    talk = Talk()
    for at in range(5):
        talk.customer(f"thing number {at}", at * 3600)
    state = stored(talk)
    assert [turn.offset for turn in turns_since(state, 3)] == [4, 5]
    assert len(seen_since(state, 3)) == 2 * SEEN_BYTES
    assert turns_since(state, 5) == ()
    assert seen_since(state, 5) == b""
    assert turns_since(state, -1) == state.turns
    assert seen_since(state, -1) == state.seen


def test_every_part_survives_its_encoding() -> None:
    talk = Talk(
        common={"locale": "de", "customer": {"id": "u"}, "attributes": {"a": 1, "b": None, "c": 1.5, "d": True}}
    )
    talk.customer("I was charged twice", 0, attachments=[{"url": "https://x"}])
    talk.ai("Hm", 1, confidence=0.3)
    talk.customer("get me a human", 2)
    state = stored(talk)
    assert HEAD_DECODER.decode(ENCODER.encode(state.head)) == state.head
    assert TURNS_DECODER.decode(ENCODER.encode(state.turns)) == state.turns


def test_a_head_of_a_newer_build_with_more_fields_is_read() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    raw = msgspec.msgpack.decode(ENCODER.encode(stored(talk).head))
    assert HEAD_DECODER.decode(ENCODER.encode([*raw, "new", 5])) == stored(talk).head


def test_a_head_of_an_older_build_with_fewer_fields_is_read() -> None:
    raw = ["acme", "c1", "intercom", 7, "e1", 1_000]
    assert HEAD_DECODER.decode(ENCODER.encode(raw)) == Head("acme", "c1", "intercom", 7, "e1", 1_000)


def test_restoring_ignores_what_is_past_the_head_doubled_or_trimmed() -> None:
    talk = Talk()
    for at in range(4):
        talk.customer(f"thing number {at}", at * 3600)
    state = stored(talk)
    head = msgspec.structs.replace(state.head, applied_offset=3, turns_from=2, seen_from=2)
    chunks = [state.turns[2:], state.turns[:3], state.turns[1:]]
    restored = restore(head, chunks, [state.seen[SEEN_BYTES:], state.seen])
    assert [turn.offset for turn in restored.turns] == [2, 3]
    assert restored.seen == state.seen[SEEN_BYTES : 3 * SEEN_BYTES]


def test_turns_past_the_cap_are_trimmed_at_the_front_and_the_head_says_from_where() -> None:
    talk = Talk()
    for at in range(20):
        talk.ai("ä" * 10_000, at)
    state = stored(talk)
    assert state.head.turns_from == state.turns[0].offset > 1
    assert state.head.turns_trimmed == 20 - len(state.turns)
    assert state.head.turn_bytes <= MAX_TURN_BYTES
    assert len(state.turns) == MAX_TURN_BYTES // 20_064


def test_many_tiny_turns_are_bounded_too() -> None:
    talk = Talk()
    for at in range(4_200):
        talk.ai("x", at / 100)
    assert len(stored(talk).turns) < 4_100


@pytest.mark.parametrize(("days", "remembered"), [(1.9, True), (2.1, False)])
def test_hashes_are_kept_for_48_hours_of_the_conversations_time(days: float, remembered: bool) -> None:
    talk = Talk()
    talk.customer("get me a human", 0, event_id="first")
    talk.customer("more", DAY)
    talk.customer("and more", days * DAY)
    assert (talk.customer("get me a human", 0, event_id="first").verdict == "duplicate") is remembered
    assert stored(talk).head.seen_from == (1 if remembered else 2)


def test_a_record_at_or_below_the_applied_offset_is_not_folded_again() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.offset -= 1
    before = talk.state
    decision = talk.customer("get me a human", 1)
    assert decision.verdict == "applied_before"
    assert decision.state is before


def test_a_duplicate_and_a_stale_tick_leave_the_very_same_state() -> None:
    talk = Talk()
    talk.customer("hello", 0, event_id="a")
    before = talk.state
    assert talk.customer("hello", 0, event_id="a").state is before
    stale = talk.tell("tick", 60, episode="a", due_at="2026-07-01T10:00:01Z")
    assert (stale.verdict, stale.state is before) == ("stale_tick", True)


def test_a_tick_for_another_episode_is_stale() -> None:
    talk = Talk()
    talk.customer("where is it?", 0, event_id="a")
    assert talk.tell("tick", 900, episode="b", due_at="2026-07-01T10:15:00Z").verdict == "stale_tick"
    assert talk.tell("tick", 900, episode="a", due_at="2026-07-01T10:15:00Z").verdict == "recorded"
    assert Talk().tell("tick", 900, episode="a", due_at="2026-07-01T10:15:00Z").state is None


def test_a_hash_is_found_only_where_an_entry_has_it() -> None:
    wanted = seen.digest("one")
    entry = seen.added(b"", int.from_bytes(wanted, "little", signed=True), seen.digest("two"), 5)
    assert wanted in entry
    assert not seen.contains(entry, wanted)
    assert seen.contains(seen.added(entry, 7, wanted, 5), wanted)


def test_an_ordinary_head_is_small() -> None:
    talk = Talk(common={"customer": {"id": "u1", "email": "maya@example.com"}, "channel": "web", "locale": "en"})
    for at in range(6):
        talk.customer(
            f"question number {at} about my order and its delivery date", at * 300, event_id=f"evt_customer_{at}"
        )
        talk.ai(f"answer number {at} with an explanation of some length", at * 300 + 5, event_id=f"evt_ai_{at}")
    assert len(ENCODER.encode(stored(talk).head)) < 2_500
