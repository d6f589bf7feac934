"""A session body as a whole: ids, times, judgement, identity, mail, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.platforms.port import BadBody, Normalized
from streams.contracts.conversation_events import AiOutcome, Ended, HumanRequested, Message
from tests.support.deliveries import kinds, normalized

USER = {"role": "user", "content": "hello"}
BOT = {"role": "assistant", "content": "hi"}


def told(event_type: str = "session.turn", *messages: Any, settings: Any = None, **fields: Any) -> Normalized:
    body = {
        "event_id": "evt_1",
        "event_type": event_type,
        "occurred_at": "2026-07-11T10:00:00Z",
        "session": {"id": "s-1"},
        "messages": list(messages),
        **fields,
    }
    return normalized("custom-llm", body, **(settings or {}))


def ids(result: Normalized) -> list[str]:
    return [event.event_id for event in result.events]


def test_the_next_longer_body_repeats_no_id_of_the_turns_before() -> None:
    first = told("session.turn", USER, BOT, event_id="evt_1")
    second = told("session.turn", USER, BOT, USER, event_id="evt_2", occurred_at="2026-07-11T10:05:00Z")
    assert ids(second)[:2] == ids(first)
    assert len(set(ids(second))) == 3, "the customer said hello twice"
    assert all(event.repeats for event in second.events)


@given(st.lists(st.sampled_from([("user", "a"), ("user", "b"), ("assistant", "a")]), min_size=1, max_size=12))
def test_every_prefix_of_a_session_has_the_ids_of_the_whole(turns: list[tuple[str, str]]) -> None:
    messages = [{"role": role, "content": text} for role, text in turns]
    whole = ids(told("session.turn", *messages))
    assert len(set(whole)) == len(turns)
    for length in range(1, len(turns)):
        assert ids(told("session.turn", *messages[:length])) == whole[:length]


def test_two_sessions_and_two_tenants_share_no_ids() -> None:
    assert set(ids(told("session.turn", USER))).isdisjoint(ids(told("session.turn", USER, session={"id": "s-2"})))


def test_a_message_id_stands_unless_the_body_uses_it_twice() -> None:
    messages = [{**USER, "id": "m1"}, {**BOT, "id": "m1"}, {**BOT, "id": 3}]
    found = ids(told("session.turn", *messages))
    assert (found[0], found[2]) == ("m1", "3")
    assert found[1] not in {"m1", "3"}


def test_bodies_that_carry_new_turns_alone_keep_equal_turns_apart() -> None:
    settings = {"options": {"bodies": "delta"}}
    first = told("session.turn", USER, event_id="evt_1", settings=settings)
    again = told("session.turn", USER, event_id="evt_1", settings=settings)
    second = told("session.turn", USER, event_id="evt_2", settings=settings)
    assert ids(first) == ids(again) != ids(second)
    assert not first.events[0].repeats


def test_turns_without_times_lead_up_to_the_event_one_millisecond_apart() -> None:
    result = told("session.turn", USER, BOT, USER)
    assert [event.occurred_at.isoformat() for event in result.events] == [
        "2026-07-11T09:59:59.997000+00:00",
        "2026-07-11T09:59:59.998000+00:00",
        "2026-07-11T09:59:59.999000+00:00",
    ]
    assert all(event.untimed for event in result.events)


def test_turns_without_times_keep_their_place_among_those_that_have_one() -> None:
    timed = {**BOT, "created_at": "2026-07-11T09:00:00Z"}
    result = told("session.turn", USER, timed, USER, {**BOT, "timestamp": 1783764001})
    assert [event.occurred_at.isoformat() for event in result.events] == [
        "2026-07-11T08:59:59.999000+00:00",
        "2026-07-11T09:00:00+00:00",
        "2026-07-11T09:00:00.001000+00:00",
        "2026-07-11T10:00:01+00:00",
    ]
    assert [event.untimed for event in result.events] == [True, False, True, False]


def test_the_verdict_never_comes_before_the_last_turn() -> None:
    late = {**USER, "created_at": "2026-07-11T11:00:00Z"}
    result = told("session.ended", late, assessment={"resolution": "unresolved", "human_requested": True})
    assert kinds(result) == ["message/customer", "human_requested", "ai_outcome/unresolved", "ended/system"]
    assert result.events[-1].occurred_at == result.events[0].occurred_at


def test_confidence_and_intent_belong_to_the_last_turn_of_the_ai() -> None:
    result = told("session.turn", BOT, USER, BOT, USER, assessment={"confidence": 0.3, "intent": "billing"})
    messages = [event for event in result.events if isinstance(event, Message)]
    assert [message.confidence for message in messages] == [None, None, 0.3, None]
    assert [message.intent for message in messages] == [None, None, "billing", None]


@pytest.mark.parametrize("confidence", [1.2, -0.1, "high", None, True, [], float("nan"), 42])
def test_a_confidence_that_is_none_says_nothing(confidence: Any) -> None:
    (message,) = told("session.turn", BOT, assessment={"confidence": confidence}).events
    assert isinstance(message, Message)
    assert message.confidence is None


@pytest.mark.parametrize(
    ("resolution", "expected"),
    [
        ("resolved_confirmed", ["ai_outcome/resolved"]),
        ("resolved_assumed", ["ai_outcome/assumed_resolved"]),
        ("unresolved", ["ai_outcome/unresolved"]),
        ("escalated", ["ai_outcome/escalated"]),
        ("abandoned", ["ai_outcome/abandoned"]),
        ("Half-Resolved", ["ai_outcome/half_resolved"]),
        ("pending", []),
        (None, []),
        (7, []),
    ],
)
def test_a_resolution_becomes_a_verdict_and_an_unknown_one_survives(resolution: Any, expected: list[str]) -> None:
    result = told("session.turn", USER, assessment={"resolution": resolution})
    assert kinds(result) == ["message/customer", *expected]


def test_the_four_event_types_and_one_that_is_new() -> None:
    assert kinds(told("session.turn", USER)) == ["message/customer"]
    assert kinds(told("session.human_requested", USER)) == ["message/customer", "human_requested"]
    assert kinds(told("session.resolved", USER)) == ["message/customer", "ai_outcome/resolved"]
    assert kinds(told("session.ended", USER)) == ["message/customer", "ended/system"]
    new = told("session.paused", USER)
    assert (kinds(new), new.ignored) == (["message/customer"], ("unknown_event_type",))


def test_the_applications_own_judgement_outweighs_the_event_type() -> None:
    result = told("session.resolved", USER, assessment={"resolution": "resolved_assumed"})
    assert kinds(result) == ["message/customer", "ai_outcome/assumed_resolved"]


def test_ids_and_reasons_of_what_follows_from_the_turns() -> None:
    judged = {"resolution": "escalated", "human_requested": True, "handoff_reason": "user_request", "intent": "refund"}
    request, verdict, ended = told("session.ended", assessment=judged, ended_by="user", end_reason="done").events
    assert isinstance(request, HumanRequested)
    assert (request.event_id, request.how, request.intent) == ("evt_1:human_requested", "user_request", "refund")
    assert isinstance(verdict, AiOutcome)
    assert (verdict.event_id, verdict.reason) == ("evt_1:ai_outcome", "user_request")
    assert isinstance(ended, Ended)
    assert (ended.event_id, ended.by, ended.reason) == ("evt_1:ended", "customer", "done")


def test_a_body_without_an_id_goes_by_its_bytes_for_a_minute() -> None:
    body = {"event_type": "session.ended", "session": {"id": "s-1"}}
    first, again = normalized("custom-llm", body), normalized("custom-llm", body)
    other = normalized("custom-llm", {**body, "note": 1})
    assert ids(first) == ids(again) != ids(other)


@pytest.mark.parametrize(
    ("customer", "expected"),
    [
        (None, {"anonymous": True}),
        ("Maya", {"anonymous": True}),
        ({"id": 7}, {"id": "7", "anonymous": True}),
        ({"email": "m@example.com"}, {"email": "m@example.com", "anonymous": False}),
        ({"email": "not an address", "name": 7}, {"anonymous": True}),
        ({"external_id": "auth0|7"}, {"external_id": "auth0|7", "anonymous": False}),
        ({"external_id": "v-1", "anonymous": True}, {"external_id": "v-1", "anonymous": True}),
        ({"email": "m@example.com", "anonymous": True}, {"email": "m@example.com", "anonymous": False}),
        ({"anonymous": False}, {"anonymous": False}),
    ],
)
def test_who_the_customer_is(customer: Any, expected: dict[str, Any]) -> None:
    (event,) = told("session.turn", USER, customer=customer).events
    assert event.customer is not None
    assert event.customer.model_dump(exclude_none=True) == expected


def test_structured_data_is_flattened_capped_and_masked() -> None:
    data = {
        "order": {"id": "A-17", "items": [{"sku": "x"}, {"sku": "y"}], "paid": True, "note": None},
        "card": "4242 4242 4242 4242",
        "deep": {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}},
        "long": "y" * 5000,
    }
    (event,) = told("session.turn", USER, structured_data=data).events
    assert event.attributes["order.id"] == "A-17"
    assert event.attributes["order.items.1.sku"] == "y"
    assert event.attributes["order.paid"] is True
    assert "4242 4242 4242" not in str(event.attributes["card"])
    assert "order.note" not in event.attributes
    assert not any(key.startswith("deep") for key in event.attributes)
    assert len(str(event.attributes["long"])) <= 1024
    many = told("session.turn", USER, structured_data={f"k{n}": n for n in range(500)}).events[0]
    assert len(many.attributes) <= 70


def test_priority_sentiment_and_summary_are_attributes_beside_the_companys_own() -> None:
    judged = {"priority": "urgent", "sentiment": -0.5, "summary": "double charge"}
    (event,) = told("session.turn", USER, assessment=judged, structured_data={"priority": "P1"}).events
    assert event.attributes == {"priority": "P1", "sentiment": -0.5, "summary": "double charge"}


def test_a_card_number_is_masked_in_every_text_the_application_writes() -> None:
    card = "4242 4242 4242 4242"
    judged = {"handoff_reason": card, "intent": card, "summary": card, "human_requested": True}
    message = {**USER, "content": card, "name": card, "intent": card}
    session = {"id": "s-1", "subject": card, "channel": "email"}
    result = told(
        "session.ended", message, BOT, assessment=judged, session=session, tags=[card], end_reason=card,
        customer={"name": card}, structured_data={"x": card, "y": [4242424242424242]},
    )  # fmt: skip
    for event in result.events:
        assert "4242 4242" not in event.model_dump_json()
        assert "42424242" not in event.model_dump_json()


def test_the_session_says_where_and_how_it_is_answered() -> None:
    session = {
        "id": 12,
        "channel": "WhatsApp",
        "locale": "de-AT",
        "reply_url": "https://bot.example/r",
        "close_url": "ftp://bot.example/c",
        "url": "https://bot.example/s/12",
    }
    (event,) = told("session.turn", USER, session=session, test=True, tags=["vip", 7, "vip"]).events
    assert (event.conversation_id, event.channel, event.locale, event.test) == ("12", "whatsapp", "de-AT", True)
    assert event.route is not None
    assert (event.route.reply_url, event.route.close_url) == ("https://bot.example/r", None)
    assert event.route.conversation_url == "https://bot.example/s/12"
    assert event.tags == ("vip",)


def test_files_beside_the_messages_go_to_the_customers_newest_turn() -> None:
    files = [{"url": "https://cdn.example/a.pdf", "name": "a.pdf", "content_type": "application/pdf", "size": 7}]
    result = told("session.turn", USER, BOT, attachments=files)
    assert [len(event.attachments) for event in result.events] == [1, 0]
    assert result.events[0].attachments[0].size_bytes == 7
    alone = told("session.human_requested", attachments=files)
    assert len(alone.events[0].attachments) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"auto-submitted": ["auto-generated"]},
        [{"name": "Auto-Submitted", "value": "auto-notified"}],
    ],
)
@pytest.mark.parametrize("channel", ["email", None])
def test_a_mail_proven_automatic_says_nothing_even_if_it_asks_for_a_person(headers: Any, channel: Any) -> None:
    session = {"id": "s-1", "channel": channel, "headers": headers}
    judged = {"human_requested": True, "resolution": "escalated"}
    result = told("session.human_requested", USER, session=session, assessment=judged)
    assert result.events == ()
    assert result.ignored[0].startswith("automatic_")


def test_a_mail_that_a_person_wrote_is_heard() -> None:
    session = {"id": "s-1", "channel": "email", "headers": {"Auto-Submitted": "no", "Subject": "Refund"}}
    result = told("session.turn", USER, session=session)
    assert kinds(result) == ["message/customer"]
    assert result.events[0].route is not None
    assert result.events[0].route.email_subject == "Refund"


def test_a_mail_that_reads_like_an_autoresponders_marks_its_turn_and_what_follows_from_it() -> None:
    away = {"role": "user", "content": "Automatic reply: I am out of the office. For a human contact reception."}
    session = {"id": "s-1", "channel": "email"}
    judged = {"human_requested": True, "resolution": "unresolved"}
    first, _, last, request, verdict = told("session.turn", USER, BOT, away, session=session, assessment=judged).events
    assert isinstance(first, Message)
    assert isinstance(last, Message)
    assert isinstance(request, HumanRequested)
    assert isinstance(verdict, AiOutcome)
    assert (first.automatic, last.automatic, request.automatic, verdict.automatic) == (False, True, True, True)
    assert last.automatic_reason
    (typed,) = told("session.turn", away, session={"id": "s-1", "channel": "web"}).events
    assert isinstance(typed, Message)
    assert not typed.automatic


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ([], "wrong_type", "body"),
        ([{"event_type": "session.turn"}], "wrong_type", "body"),
        ("x", "wrong_type", "body"),
        ({}, "missing_field", "event_type"),
        ({"event_type": 7}, "wrong_type", "event_type"),
        ({"event_type": " "}, "wrong_type", "event_type"),
        ({"event_type": "session.turn", "messages": [USER]}, "missing_field", "session.id"),
        ({"event_type": "session.turn", "messages": [USER], "session": "s"}, "missing_field", "session.id"),
        ({"event_type": "session.turn", "messages": [USER], "session": {"id": "a|b"}}, "unusable_id", "session.id"),
        ({"event_type": "session.turn", "messages": [USER], "session": {"id": []}}, "wrong_type", "session.id"),
        ({"event_type": "session.turn", "session": {"id": "s"}}, "missing_field", "messages"),
        ({"event_type": "session.turn", "session": {"id": "s"}, "messages": []}, "missing_field", "messages"),
        ({"event_type": "session.human_requested", "session": {"id": "s"}}, "missing_field", "messages"),
        ({"event_type": "session.turn", "session": {"id": "s"}, "messages": None}, "missing_field", "messages"),
        ({"event_type": "session.ended", "session": {"id": "s"}, "event_id": {}}, "wrong_type", "event_id"),
        ({"kind": "tick", "event_type": "session.turn"}, "tick_refused", "ticks are written by escalation alone"),
        ({"event_type": "tick"}, "tick_refused", "ticks are written by escalation alone"),
    ],
)
def test_what_is_no_session_body_is_refused_by_the_field_at_fault(body: Any, reason: str, detail: str) -> None:
    with pytest.raises(BadBody) as refused:
        normalized("custom-llm", body)
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def test_an_event_of_the_topic_is_refused_with_the_way_to_go() -> None:
    event = {"kind": "message", "tenant": "acme", "conversation_id": "1", "author": "customer", "text": "hi"}
    with pytest.raises(BadBody) as refused:
        normalized("custom-llm", event)
    assert refused.value.reason == "topic_event"


def test_a_session_may_end_or_ask_for_a_person_before_a_word_was_said() -> None:
    assert kinds(told("session.human_requested")) == ["human_requested"]
    body = {"event_type": "session.ended", "session": {"id": "s"}}
    assert kinds(normalized("custom-llm", body)) == ["ended/system"]


def test_of_a_very_long_session_the_newest_turns_count() -> None:
    result = told("session.turn", *({"role": "user", "content": f"turn {n}"} for n in range(600)))
    assert len(result.events) == 500
    last = result.events[-1]
    assert isinstance(last, Message)
    assert last.text == "turn 599"
    assert result.ignored == ("older_turns",)
