"""When an episode opens, when it ends, and what belongs to which."""

import pytest

from tests.support.talking import Talk, event

MINUTE = 60
HOUR = 3600


def test_a_customers_message_opens_an_episode_named_by_its_event() -> None:
    talk = Talk()
    talk.customer("my screen is dark", 0, event_id="first")
    assert talk.state is not None
    assert talk.state.head.open is not None
    assert talk.state.head.open.id == "first"


def test_a_greeting_opens_nothing_but_stands_in_the_ticket() -> None:
    talk = Talk()
    talk.ai("Hi, how can I help?", 0)
    assert talk.state is not None
    assert talk.state.head.open is None
    talk.customer("get me a human", 5)
    assert [turn.text for turn in talk.opened[0].turns] == ["Hi, how can I help?", "get me a human"]


def test_an_answer_opens_an_episode_where_the_customers_questions_are_never_told() -> None:
    talk = Talk(common={"platform": "zendesk-ai-agents-advanced"})
    talk.ai("Hi, how can I help?", 0)
    assert talk.verdicts == ["noted"]
    talk.ai("I believe your contract allows this.", 5, confidence=0.2)
    assert talk.verdicts[-1] == "not_escalated"
    talk.ai("Perhaps it does not.", 10, confidence=0.3)
    assert [command.reason for command in talk.opened] == ["low_confidence"]


def test_elsewhere_an_answer_alone_opens_nothing() -> None:
    talk = Talk()
    for second in (0, 5, 10):
        talk.ai("I believe your contract allows this.", second, confidence=0.2)
    assert talk.opened == []


def test_a_greeting_nobody_answers_is_forgotten_after_the_idle_time() -> None:
    talk = Talk()
    talk.ai("Hi, how can I help?", 0)
    talk.pass_time(4 * HOUR)
    assert talk.state is None
    assert talk.verdicts == ["noted", "forgotten"]
    assert talk.outcomes == []


def test_a_verdict_opens_an_episode_only_where_no_marker_lives() -> None:
    talk = Talk()
    assert talk.verdict("escalated", 0).verdict == "escalated"
    later = Talk()
    later.customer("hello", 0)
    later.ai("Hi", 1)
    later.ended("ai", 60)
    assert later.verdict("escalated", 60 + 11 * MINUTE).verdict == "after_end"
    assert later.opened == []


def test_an_unknown_verdict_decides_nothing_and_leaves_nothing_for_long() -> None:
    talk = Talk()
    assert talk.verdict("pondering", 0).verdict == "unknown_outcome"
    talk.pass_time(4 * HOUR)
    assert talk.state is None
    assert talk.outcomes == []


@pytest.mark.parametrize("kind", ["rated", "ended", "control_changed", "identified", "ai_outcome"])
def test_no_event_alone_opens_an_episode_but_a_message_a_request_or_a_known_verdict(kind: str) -> None:
    talk = Talk()
    talk.tell(kind, 0, rating=1, by="ai", holder="ai", outcome="?")
    assert talk.state is None or talk.state.head.open is None
    assert talk.opened == []


def test_an_episode_that_is_not_escalated_ends_with_its_session() -> None:
    talk = Talk()
    talk.customer("how do I reset it?", 0)
    talk.ai("Hold the button.", 5)
    talk.ended("ai", 60)
    assert [(o.outcome, o.ended_by, o.customer_turns, o.ai_turns) for o in talk.outcomes] == [
        ("assumed_resolved", "ai", 1, 1)
    ]
    assert talk.state is not None
    assert talk.state.head.open is None
    assert talk.state.head.closed is not None


@pytest.mark.parametrize(
    ("turns", "by", "outcome"),
    [
        (["customer"], "customer", "abandoned"),
        (["customer", "ai"], "system", "assumed_resolved"),
        (["customer", "human"], "human", "escalated"),
        (["customer", "ai", "thanks"], "ai", "assumed_resolved"),
    ],
)
def test_the_outcome_tells_what_happened(turns: list[str], by: str, outcome: str) -> None:
    talk = Talk()
    for at, turn in enumerate(turns):
        if turn == "thanks":
            talk.customer("thanks, that helped", at)
        else:
            talk.tell("message", at, author=turn, text="about the thing")
    talk.ended(by, 30)
    assert [o.outcome for o in talk.outcomes] == [outcome]


def test_the_platforms_verdict_is_the_outcome_unless_the_customer_went_on() -> None:
    talk = Talk()
    talk.customer("how do I reset it?", 0)
    talk.ai("Hold the button.", 5)
    talk.verdict("resolved", 6)
    talk.ended("ai", 7)
    assert talk.outcomes[0].outcome == "resolved"
    other = Talk()
    other.customer("how do I reset it?", 0)
    other.verdict("resolved", 6)
    other.customer("it still fails", 7)
    other.ended("customer", 8)
    assert other.outcomes[0].outcome == "abandoned"


def test_idle_time_ends_an_episode_as_abandoned() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.ai("Hi, what is it about?", 5)
    decisions = talk.pass_time(4 * HOUR + 4)
    assert decisions == []
    talk.pass_time(4 * HOUR + 5)
    assert [(o.outcome, o.ended_by) for o in talk.outcomes] == [("abandoned", "idle")]


def test_a_message_after_the_idle_time_opens_a_new_episode_without_waiting_for_the_tick() -> None:
    talk = Talk()
    talk.customer("hello", 0, event_id="one")
    talk.customer("hello again", 5 * HOUR, event_id="two")
    assert [o.episode for o in talk.outcomes] == ["one"]
    assert talk.state is not None
    assert talk.state.head.open is not None
    assert talk.state.head.open.id == "two"


def test_the_end_of_the_ais_session_does_not_end_an_escalated_episode() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    for by in ("ai", "system", "customer"):
        assert talk.ended(by, 10).verdict == "still_escalated"
    talk.customer("my order is 77", 20)
    assert talk.verdicts[-1] == "appended"
    assert len(talk.opened) == 1


def test_a_human_who_ends_it_ends_an_escalated_episode() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    talk.ended("human", 60)
    assert [(o.outcome, o.reason) for o in talk.outcomes] == [("escalated", "human_requested")]
    talk.customer("get me a human again", 120)
    assert len(talk.opened) == 2
    assert talk.opened[0].escalation_id != talk.opened[1].escalation_id


def test_control_back_to_the_ai_ends_an_escalated_episode() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    talk.control("human", 10)
    assert talk.control("ai", 60).verdict == "ended"
    assert talk.outcomes[0].ended_by == "control"


def test_an_ai_that_announces_itself_at_the_start_ends_nothing() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    assert talk.control("ai", 1).verdict == "ai_holds"
    assert talk.outcomes == []


def test_an_escalated_episode_ends_24_hours_after_the_customers_last_word() -> None:
    talk = Talk()
    talk.customer("get me a human", 0)
    talk.customer("are you there?", HOUR)
    talk.pass_time(25 * HOUR - 1)
    assert talk.outcomes == []
    talk.pass_time(25 * HOUR)
    assert [(o.outcome, o.ended_by) for o in talk.outcomes] == [("escalated", "idle")]


def test_the_closed_marker_goes_after_48_hours_and_all_with_it() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.ai("Hi", 1)
    talk.ended("ai", 60)
    talk.pass_time(60 + 48 * HOUR - 1)
    assert talk.state is not None
    talk.pass_time(60 + 48 * HOUR)
    assert talk.state is None


def test_hashes_stay_for_30_days_where_bodies_repeat_the_session() -> None:
    talk = Talk(common={"repeats": True})
    talk.customer("hello", 0, event_id="one")
    talk.ai("Hi", 1)
    talk.ended("ai", 60)
    talk.pass_time(20 * 24 * HOUR)
    assert talk.state is not None
    assert talk.state.turns == ()
    assert talk.state.head.closed is None
    assert talk.customer("hello", 0, event_id="one").verdict == "duplicate"
    talk.pass_time(31 * 24 * HOUR)
    assert talk.state is None


def test_what_occurred_before_the_end_belongs_to_the_ended_episode_and_may_escalate_it() -> None:
    talk = Talk()
    talk.customer("hello", 0, event_id="one")
    talk.ended("ai", 60)
    talk.customer("get me a human", 30)
    assert [c.episode for c in talk.opened] == ["one"]


def test_a_verdict_within_ten_minutes_of_the_end_escalates_the_ended_episode_once() -> None:
    talk = Talk()
    talk.customer("it is broken", 0, event_id="one")
    talk.ai("Try again", 1)
    talk.ended("ai", 60)
    assert talk.verdict("escalated", 60 + 10 * MINUTE).verdict == "escalated"
    assert talk.verdict("escalated", 60 + 10 * MINUTE).verdict == "already_escalated"
    assert [c.episode for c in talk.opened] == ["one"]


def test_an_episode_that_escalates_after_the_ai_closed_it_is_open_again_for_the_customer() -> None:
    talk = Talk()
    talk.customer("it is broken", 0, event_id="one")
    talk.ai("Try again", 1)
    talk.ended("ai", 60)
    talk.verdict("escalated", 62)
    assert talk.customer("hello?", 70).verdict == "appended"
    talk.ended("human", 600)
    assert [(o.episode, o.outcome, o.revision) for o in talk.outcomes] == [
        ("one", "assumed_resolved", 0),
        ("one", "escalated", 1),
    ]


def test_a_verdict_goes_to_the_newer_episode_once_one_is_open() -> None:
    talk = Talk()
    talk.customer("first question", 0, event_id="one")
    talk.ai("An answer", 1)
    talk.ended("ai", 60)
    talk.customer("second question", 120, event_id="two")
    talk.verdict("escalated", 180)
    assert [c.episode for c in talk.opened] == ["two"]


def test_a_late_verdict_changes_the_outcome_by_a_second_record() -> None:
    talk = Talk()
    talk.customer("how do I reset it?", 0)
    talk.ai("Hold the button.", 5)
    talk.ended("ai", 60)
    talk.verdict("resolved", 90)
    assert [(o.outcome, o.revision) for o in talk.outcomes] == [("assumed_resolved", 0), ("resolved", 1)]


def test_a_rating_after_the_end_is_told_with_the_outcome() -> None:
    talk = Talk()
    talk.customer("how do I reset it?", 0)
    talk.ai("Hold the button.", 5)
    talk.ended("ai", 60)
    assert talk.tell("rated", 300, rating=2).verdict == "rated"
    assert [(o.rating, o.revision) for o in talk.outcomes] == [(None, 0), (2, 1)]


def test_an_end_that_the_customer_overtook_ends_nothing() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.customer("thanks!", 60)
    assert talk.ended("ai", 50).verdict == "overtaken"
    assert talk.ended("ai", 59).verdict == "ended"


def test_a_turn_that_overtook_the_opening_message_counts_in_its_episode() -> None:
    talk = Talk()
    talk.ai("I am not sure.", 2, confidence=0.2)
    talk.customer("how do I reset it?", 1)
    talk.ai("I am not sure either.", 3, confidence=0.2)
    assert talk.verdicts[-1] == "escalated"
    assert talk.opened[0].reason == "low_confidence"


def test_nobody_escalates_while_a_human_holds_the_conversation() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.control("human", 10)
    assert talk.customer("get me a human", 20).verdict == "human_holds"
    assert talk.opened == []


def test_a_humans_message_is_holding_the_conversation() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.human("Hi, Priya here", 10)
    assert talk.customer("I want a human", 20).verdict == "human_holds"


def test_a_verdict_before_or_at_the_hand_over_escalates_even_if_it_comes_later() -> None:
    for order in ([0, 1], [1, 0]):
        talk = Talk()
        talk.customer("hello", 0)
        events = [event("v", "ai_outcome", 10, outcome="escalated"), event("c", "control_changed", 10, holder="human")]
        for index in order:
            talk.fold(events[index])
        assert len(talk.opened) == 1


def test_a_human_keeps_the_conversation_when_only_the_ais_session_ends() -> None:
    talk = Talk()
    talk.customer("hello", 0)
    talk.control("human", 10)
    talk.ended("ai", 20)
    assert talk.outcomes[0].outcome == "escalated"
    talk.customer("get me a human", 30)
    assert talk.opened == []
    talk.ended("human", 40)
    talk.customer("get me a human", 50)
    assert len(talk.opened) == 1


@pytest.mark.parametrize("outcome", ["resolved", "assumed_resolved", "unresolved", "escalated"])
def test_one_verdict_told_under_two_ids_counts_once(outcome: str) -> None:
    """A notification hangs it on the closing, a later look at the whole conversation on the AI's words."""
    talk = Talk()
    talk.customer("my screen is dark", 0)
    talk.ai("Try restarting it.", 5)
    talk.verdict(outcome, 60, event_id=f"p9:ai_outcome:{outcome}")
    talk.ended("ai", 60)
    talk.verdict(outcome, 5, event_id=f"p2:ai_outcome:{outcome}")
    talk.pass_time(48 * HOUR)
    assert len(talk.outcomes) == 1
    assert len(talk.opened) == (1 if outcome in {"unresolved", "escalated"} else 0)
