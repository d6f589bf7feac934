"""What holds of any valid sequence of events."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.escalation.cold import cooled, warmed
from agents.escalation.decide import decide
from agents.escalation.decision import Decision, Rules
from agents.escalation.replay import replay, tick_for
from agents.escalation.state import (
    ENCODER,
    HEAD_DECODER,
    MAX_TURN_BYTES,
    MAX_WINDOW_TURNS,
    SEEN_BYTES,
    TURNS_DECODER,
    ConversationState,
    restore,
)
from streams.contracts.conversation_events import AnyEvent
from streams.contracts.escalation_commands import COMMAND, AppendToTicket, OpenTicket
from tests.support.talking import EXAMPLE, SIMPLE, event, rules

TRANSFERRED = SIMPLE.replace("action: record", "action: transfer")
LIVE = rules(TRANSFERRED, "live")
OBSERVED = rules(TRANSFERRED, "observe")
SHIPPED = rules(EXAMPLE)

TEXTS = st.sampled_from(
    [
        "hello", "where is my parcel?", "where is my parcel now?", "get me a human", "yes please",
        "thanks, that helped", "I was charged twice", "my lawyer", "it crashes",
        "¿puedo hablar con alguien?", "", "ok", "no", "Rückruf bitte",
        "a person will take over", "e0 " * 50,
    ]
)  # fmt: skip
AI_TEXTS = st.sampled_from(["Please restart it.", "Would you like to talk to a human agent?", "Here you are.", ""])
TIMES = st.one_of(st.integers(0, 600), st.integers(0, 40_000), st.integers(0, 400_000))
CONFIDENCE = st.sampled_from([None, 0.2, 0.49, 0.5, 0.9])


def told(kind: str, **fields: Any) -> st.SearchStrategy[tuple[str, float, dict[str, Any]]]:
    """A kind of event, a time, and its fields."""
    return st.tuples(st.just(kind), TIMES, st.fixed_dictionaries(fields))


FLAG = st.sampled_from([False, False, False, True])
EVENTS = st.one_of(
    told("message", author=st.just("customer"), text=TEXTS, automatic=FLAG, untimed=FLAG, repeats=FLAG),
    told("message", author=st.just("customer"), text=TEXTS),
    told("message", author=st.just("ai"), text=AI_TEXTS, confidence=CONFIDENCE),
    told("message", author=st.sampled_from(["human", "system"]), text=TEXTS),
    told("human_requested", automatic=FLAG),
    told("ai_outcome", outcome=st.sampled_from(["escalated", "unresolved", "resolved", "assumed_resolved", "?"])),
    told(
        "identified", attributes=st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=9))
    ),
    told("control_changed", holder=st.sampled_from(["human", "ai", "robot"])),
    told("rated", rating=st.integers(1, 5)),
    told("ended", by=st.sampled_from(["customer", "ai", "human", "system", "cat"])),
)
STORIES = st.lists(EVENTS, min_size=1, max_size=30)
Story = list[tuple[str, float, dict[str, Any]]]


def events_of(story: Story) -> list[AnyEvent]:
    """The story as events with ids of their own."""
    return [event(f"e{number}", kind, at, **fields) for number, (kind, at, fields) in enumerate(story)]


def check(state: ConversationState | None, decision: Decision, offset: int) -> None:
    """What holds after every event."""
    for command in decision.commands:
        assert COMMAND.validate_json(command.model_dump_json()) == command
        if isinstance(command, OpenTicket):
            assert any(e.fired and e.signal == command.reason for e in command.evidence)
            assert command.turns == tuple(sorted(command.turns, key=lambda t: t.occurred_at))
    after = decision.state
    if after is None or after is state:
        return
    head = after.head
    assert head.applied_offset == offset
    assert head.due_ms is not None
    assert [t.offset for t in after.turns] == sorted({t.offset for t in after.turns})
    assert head.turn_bytes <= MAX_TURN_BYTES
    assert len(after.seen) % SEEN_BYTES == 0
    for episode in (head.open, head.closed):
        if episode is not None:
            assert len(episode.marks) <= MAX_WINDOW_TURNS
    assert head.open is None or head.open.ended_ms is None
    assert head.closed is None or head.closed.ended_ms is not None


def run(events: list[AnyEvent], by: Rules, *, with_ticks: bool = True) -> list[Decision]:
    """Every decision on the way, ticks included, each one checked."""
    state: ConversationState | None = None
    decisions: list[Decision] = []
    for what in events:
        tick = tick_for(state) if state is not None and with_ticks else None
        while tick is not None and tick.due_at < what.occurred_at:
            decision = decide(state, tick, len(decisions), by)
            assert decision.verdict != "stale_tick"
            check(state, decision, len(decisions))
            decisions.append(decision)
            state, previous = decision.state, tick
            tick = tick_for(state) if state is not None else None
            assert tick is None or tick.due_at > previous.due_at
        decision = decide(state, what, len(decisions), by)
        check(state, decision, len(decisions))
        decisions.append(decision)
        state = decision.state
    return decisions


def opened(decisions: list[Decision]) -> Counter[tuple[str, str]]:
    """How often each escalation was opened, by mode."""
    return Counter((c.escalation_id, c.mode) for d in decisions for c in d.commands if isinstance(c, OpenTicket))


def appended(decisions: list[Decision]) -> Counter[str]:
    """How often each append was commanded."""
    return Counter(c.action_id for d in decisions for c in d.commands if isinstance(c, AppendToTicket))


@settings(max_examples=400)
@given(STORIES, st.sampled_from([LIVE, OBSERVED, SHIPPED]))
def test_any_story_is_decided_and_an_episode_escalates_once_at_most(story: Story, by: Rules) -> None:
    decisions = run(events_of(story), by)
    assert all(times == 1 for times in opened(decisions).values())
    assert all(times == 1 for times in appended(decisions).values())
    outcomes = Counter((o.episode, o.revision) for d in decisions for o in d.outcomes)
    assert all(times == 1 for times in outcomes.values())


@settings(max_examples=200)
@given(STORIES, st.lists(st.sampled_from([LIVE, OBSERVED]), min_size=30, max_size=30))
def test_however_the_mode_changes_each_mode_escalates_an_episode_once_at_most(story: Story, modes: list[Rules]) -> None:
    state, decisions = None, []
    for offset, what in enumerate(events_of(story)):
        decision = decide(state, what, offset, modes[offset])
        check(state, decision, offset)
        decisions.append(decision)
        state = decision.state
    assert all(times == 1 for times in opened(decisions).values())


@settings(max_examples=200)
@given(STORIES)
def test_a_replay_is_deterministic(story: Story) -> None:
    events = events_of(story)
    first = [(e, d.verdict, d.commands, d.outcomes) for e, d in replay(events, lambda _: LIVE)]
    assert [(e, d.verdict, d.commands, d.outcomes) for e, d in replay(events, lambda _: LIVE)] == first


@settings(max_examples=200)
@given(STORIES, st.integers(1, 30), st.integers(0, 30))
def test_a_state_stored_in_chunks_and_loaded_again_goes_on_as_before(story: Story, split: int, chunk: int) -> None:
    events = events_of(story)
    state: ConversationState | None = None
    for offset, what in enumerate(events[:split]):
        state = decide(state, what, offset, LIVE).state
    loaded = state
    if state is not None:
        head = HEAD_DECODER.decode(ENCODER.encode(state.head))
        turns = [TURNS_DECODER.decode(ENCODER.encode(part)) for part in (state.turns[chunk:], state.turns[:chunk])]
        loaded = restore(head, turns, [state.seen[chunk * SEEN_BYTES :], state.seen[: chunk * SEEN_BYTES]])
        assert loaded == state
        assert warmed(cooled(state, [(0, 1)])) == (state, [(0, 1)])
    for offset, what in enumerate(events[split:], start=split):
        kept, revived = decide(state, what, offset, LIVE), decide(loaded, what, offset, LIVE)
        assert kept == revived
        state, loaded = kept.state, revived.state


@settings(max_examples=200)
@given(st.lists(EVENTS, min_size=1, max_size=15), st.data())
def test_events_that_come_twice_change_nothing(story: Story, data: st.DataObject) -> None:
    story = [(kind, at % 90_000, fields) for kind, at, fields in story]
    events = events_of(story)
    doubled = list(events)
    for index in data.draw(st.lists(st.integers(0, len(events) - 1), max_size=10)):
        first = doubled.index(events[index])
        doubled.insert(data.draw(st.integers(first + 1, len(doubled))), events[index])
    once, twice = run(events, LIVE, with_ticks=False), run(doubled, LIVE, with_ticks=False)
    assert opened(twice) == opened(once)
    assert appended(twice) == appended(once)
    assert Counter((o.episode, o.outcome) for d in twice for o in d.outcomes) == Counter(
        (o.episode, o.outcome) for d in once for o in d.outcomes
    )


TURNS = st.one_of(
    told("message", author=st.just("customer"), text=TEXTS),
    told("message", author=st.just("ai"), text=AI_TEXTS, confidence=CONFIDENCE),
    told("ai_outcome", outcome=st.sampled_from(["resolved", "escalated", "unresolved"])),
    told("human_requested"),
)


@settings(max_examples=300)
@given(st.lists(TURNS, max_size=7), st.randoms(use_true_random=False))
def test_turns_that_change_places_lose_no_escalation(story: Story, random: Any) -> None:
    """A late turn may fire what in order would not have; it never retracts what would have."""
    story = [("message", 0, {"author": "customer", "text": "good morning"})] + [
        (kind, 1 + number * 7 + at % 5, fields) for number, (kind, at, fields) in enumerate(story)
    ]
    in_order = events_of(story)
    mixed = in_order[1:]
    random.shuffle(mixed)
    by = replace(LIVE, mode="live")
    assert set(opened(run(in_order, by))) <= set(opened(run([in_order[0], *mixed], by)))
