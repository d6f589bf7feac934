"""Observing touches nobody and blocks nothing live; a share of the conversations can be live."""

from agents.escalation.decide import decide
from agents.escalation.state import ENCODER
from streams.contracts.conversation_events import Message
from tests.support.talking import START, Talk, rules

OBSERVE = rules(mode="observe")
LIVE = rules(mode="live")


def test_an_observed_escalation_is_stamped_and_happens_once() -> None:
    talk = Talk(OBSERVE)
    talk.customer("get me a human", 0)
    assert talk.customer("I said human", 1).verdict == "already_escalated"
    assert [command.mode for command in talk.opened] == ["observe"]


def test_nothing_is_appended_to_what_was_only_observed() -> None:
    talk = Talk(OBSERVE)
    talk.customer("get me a human", 0)
    talk.customer("my order is 77", 1)
    assert talk.appended == []


def test_an_observed_episode_lives_on_as_if_nothing_had_happened() -> None:
    talk = Talk(OBSERVE)
    talk.customer("get me a human", 0)
    talk.ai("Let me try", 1)
    talk.verdict("resolved", 2)
    talk.ended("ai", 3)
    (outcome,) = talk.outcomes
    assert (outcome.outcome, outcome.mode, outcome.reason) == ("resolved", "observe", "human_requested")
    assert outcome.escalation_id == talk.opened[0].escalation_id


def test_an_observed_episode_may_escalate_live_once_under_the_same_id() -> None:
    talk = Talk(OBSERVE)
    talk.customer("get me a human", 0)
    talk.rules = LIVE
    talk.customer("hello? a human please", 1)
    talk.customer("get me a human", 2)
    assert [command.mode for command in talk.opened] == ["observe", "live"]
    assert len({command.escalation_id for command in talk.opened}) == 1
    assert talk.verdicts[-1] == "appended"


def test_a_live_episode_blocks_observed_escalations_and_its_appends_are_stamped_with_the_mode() -> None:
    talk = Talk(LIVE)
    talk.customer("get me a human", 0)
    talk.rules = OBSERVE
    talk.customer("get me a human", 1)
    assert [command.mode for command in talk.opened] == ["live"]
    assert [command.mode for command in talk.appended] == ["observe"]


def test_a_share_of_the_conversations_is_live_and_always_the_same_ones() -> None:
    shared = rules(mode="live", share=0.3)
    modes = {}
    for number in range(400):
        talk = Talk(shared, common={"conversation_id": f"c{number}"})
        talk.customer("get me a human", 0)
        modes[number] = talk.opened[0].mode
    live = sum(mode == "live" for mode in modes.values())
    assert 80 < live < 160
    more = rules(mode="live", share=0.6)
    for number, mode in modes.items():
        if mode == "live":
            talk = Talk(more, common={"conversation_id": f"c{number}"})
            talk.customer("get me a human", 0)
            assert talk.opened[0].mode == "live"


def test_no_share_makes_an_observing_tenant_live() -> None:
    talk = Talk(rules(mode="observe", share=1.0))
    talk.customer("get me a human", 0)
    assert talk.opened[0].mode == "observe"
    nothing = Talk(rules(mode="live", share=0.0))
    nothing.customer("get me a human", 0)
    assert nothing.opened[0].mode == "observe"


def test_the_state_passed_in_is_not_changed() -> None:
    talk = Talk(LIVE)
    talk.customer("hello", 0)
    state = talk.state
    assert state is not None
    before = (ENCODER.encode(state.head), state.turns, state.seen)
    again = Message(
        event_id="x", tenant="acme", conversation_id="c1", occurred_at=START, author="customer", text="get me a human"
    )
    first = decide(state, again, 99, LIVE)
    assert (ENCODER.encode(state.head), state.turns, state.seen) == before
    assert decide(state, again, 99, LIVE) == first
