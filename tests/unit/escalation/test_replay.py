"""Replays make their own ticks and decide what the log decides."""

from datetime import timedelta

from agents.escalation.replay import replay
from streams.contracts.conversation_events import AnyEvent, Tick
from tests.support.talking import SIMPLE, START, Talk, event, rules

SILENT = rules(SIMPLE.replace("action: record", "action: transfer"))


def asked(conversation: str, at: float) -> AnyEvent:
    """A question in that conversation."""
    return event(
        f"{conversation}-{at}", "message", at, conversation_id=conversation, author="customer", text="where is it?"
    )


def test_ticks_stand_before_the_next_event_of_their_conversation() -> None:
    steps = list(replay([asked("a", 0), asked("a", 3600)], lambda _: SILENT))
    assert [(e.kind, d.verdict) for e, d in steps] == [
        ("message", "not_escalated"),
        ("tick", "escalated"),
        ("message", "appended"),
    ]


def test_conversations_one_after_the_other_do_not_disturb_each_other() -> None:
    events = [asked("a", 0), asked("a", 90_000), asked("b", 0), asked("b", 60)]
    verdicts = [
        (e.conversation_id, e.kind, d.verdict) for e, d in replay(events, lambda _: SILENT) if e.conversation_id == "b"
    ]
    assert verdicts[:2] == [("b", "message", "not_escalated"), ("b", "message", "not_escalated")]
    assert verdicts[2] == ("b", "tick", "escalated")


def test_time_stops_at_the_newest_event_or_where_it_is_told_to() -> None:
    assert len(list(replay([asked("a", 0)], lambda _: SILENT))) == 1
    until = START + timedelta(minutes=15)
    assert [e.kind for e, _ in replay([asked("a", 0)], lambda _: SILENT, until=until)] == ["message", "tick"]


def test_ticks_in_the_log_are_made_anew_unless_they_alone_are_to_count() -> None:
    made = [e for e, _ in replay([asked("a", 0)], lambda _: SILENT, until=START + timedelta(minutes=15))]
    assert isinstance(made[1], Tick)
    again = [(e.event_id, d.verdict) for e, d in replay(made, lambda _: SILENT, until=START + timedelta(minutes=15))]
    recorded = [(e.event_id, d.verdict) for e, d in replay(made, lambda _: SILENT, make_ticks=False)]
    assert again == recorded
    assert [
        d.verdict for _, d in replay(made[:1], lambda _: SILENT, until=START + timedelta(days=9), make_ticks=False)
    ] == ["not_escalated"]


def test_tenants_have_their_own_rules() -> None:
    events = [
        event(1, "message", 0, tenant="one", author="customer", text="get me a human"),
        event(1, "message", 0, tenant="two", author="customer", text="get me a human"),
    ]
    by_tenant = {"one": rules(mode="observe"), "two": rules(mode="live")}
    assert [d.commands[0].mode for _, d in replay(events, by_tenant.__getitem__)] == ["observe", "live"]


def test_a_replay_decides_as_the_live_talk_did() -> None:
    talk = Talk(SILENT)
    talk.customer("where is it?", 0)
    talk.pass_time(1000)
    talk.customer("hello?", 1001)
    talk.ended("human", 2000)
    log = [
        event("e0", "message", 0, author="customer", text="where is it?"),
        event("e2", "message", 1001, author="customer", text="hello?"),
        event("e3", "ended", 2000, by="human"),
    ]
    steps = [d for _, d in replay(log, lambda _: SILENT)]
    assert [d.commands for d in steps] == [d.commands for d in talk.decisions]
    assert [d.outcomes for d in steps] == [d.outcomes for d in talk.decisions]
