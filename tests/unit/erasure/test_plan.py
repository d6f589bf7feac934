"""What erasing a conversation comes to: nothing personal stays that can go, and no promise is broken for it."""

from datetime import timedelta

import pytest

from agents.erasure.holdings import conversation_of
from agents.erasure.plan import SEGMENT_MS, Erasing, Ticket, erasing, rest, tickets
from agents.escalation.state import ENCODER, Episode, Head
from agents.ticketing.ledger import intent_key, outcome_key
from streams.codec import decode
from streams.contracts.conversation_events import EVENT, Erased
from streams.contracts.escalation_ledger import LEDGER, Intent, PreparedRequest
from streams.contracts.notification_ledger import STEP, Deferred, StepIntent, StepOutcome
from streams.topology import (
    CONVERSATION_EVENTS,
    CONVERSATION_OUTCOMES,
    DAY_MS,
    ESCALATION_COMMANDS,
    ESCALATION_LEDGER,
    ESCALATION_PARKED,
    ESCALATION_STATE,
    NOTIFICATION_EVENTS,
    NOTIFICATION_LEDGER,
)
from tests.support.erasing import AT, KEY, Topics
from tests.support.ticketing_values import intent, outcome

NOW = AT + timedelta(days=1)
SECRET_WORDS = PreparedRequest(method="POST", path="/tickets", body='{"comment": "Ann has lost her dress"}')
STEPS = {"tenant": "acme", "conversation_id": "c1", "escalation_id": "e", "notification_id": "n", "recorded_at": AT}


def head(*, under_way: bool) -> bytes:
    made = Head("acme", "c1", "direct", 5, "e0", 0)
    if under_way:
        made.open = Episode("e0", 0, 0, 0)
    return ENCODER.encode(made)


def plan(topics: Topics, *, force: bool = False) -> Erasing:
    return erasing(topics.holdings, NOW, force=force)


def test_the_worker_is_told_to_forget_where_it_remembers_anything() -> None:
    topics = Topics()
    topics.put(ESCALATION_STATE.name, KEY + b"|c|0-4", b"words")
    topics.put(ESCALATION_STATE.name, KEY + b"|h", head(under_way=False))
    [write] = plan(topics).writes
    assert (write.topic, write.partition, write.key) == (CONVERSATION_EVENTS.name, 3, "acme|c1")
    assert write.value is not None
    assert isinstance(decode(EVENT, write.value), Erased)
    for part in (b"|c|0-4", b"|h"):
        topics.put(ESCALATION_STATE.name, KEY + part, None)
    assert plan(topics).writes == ()


def test_an_orphaned_chunk_is_forgotten_too() -> None:
    topics = Topics()
    topics.put(ESCALATION_STATE.name, KEY + b"|c|0-4", b"words")
    assert plan(topics).forgets


def test_a_conversation_under_way_waits_unless_forced() -> None:
    topics = Topics()
    topics.put(ESCALATION_STATE.name, KEY + b"|h", head(under_way=True))
    assert not plan(topics).writes
    assert "under way" in plan(topics).waits[0]
    assert plan(topics, force=True).forgets


@pytest.mark.parametrize("topic", [CONVERSATION_EVENTS, ESCALATION_COMMANDS, ESCALATION_PARKED, NOTIFICATION_EVENTS])
def test_what_nobody_has_handled_yet_is_waited_for_even_when_forced(topic: object) -> None:
    name = topic.name  # type: ignore[attr-defined] # a Topic; parametrize does not say so
    topics = Topics(handled=1)
    topics.put(name, KEY)
    assert plan(topics).waits == ()
    topics.put(name, KEY)
    assert name in plan(topics, force=True).waits[0]


def test_our_own_erasure_is_nothing_to_wait_for() -> None:
    topics = Topics()
    topics.put(ESCALATION_STATE.name, KEY + b"|h", head(under_way=False))
    [write] = plan(topics).writes
    told = Topics(handled=0)
    told.put(CONVERSATION_EVENTS.name, KEY, write.value)
    assert plan(told).waits == ()


def test_outcomes_stay_and_the_intent_of_what_is_done_goes() -> None:
    topics = Topics()
    begun, done = intent(request=SECRET_WORDS), outcome("77")
    topics.put(ESCALATION_LEDGER.name, intent_key(begun), begun)
    topics.put(ESCALATION_LEDGER.name, outcome_key(done), done)
    [write] = plan(topics).writes
    assert (write.topic, write.key, write.value) == (ESCALATION_LEDGER.name, intent_key(begun), None)


def test_an_intent_in_doubt_keeps_its_place_and_loses_its_words() -> None:
    topics = Topics()
    begun = intent(request=SECRET_WORDS, requester_id="r9")
    topics.put(ESCALATION_LEDGER.name, intent_key(begun), begun)
    [write] = plan(topics).writes
    assert write.key == intent_key(begun)
    assert write.value is not None
    bare = decode(LEDGER, write.value)
    assert isinstance(bare, Intent)
    assert bare.erased
    assert b"Ann" not in write.value
    assert b"r9" not in write.value
    topics.put(ESCALATION_LEDGER.name, write.key, write.value)
    assert plan(topics).writes == ()


def test_a_notice_in_doubt_is_settled_as_never_to_be_sent_again() -> None:
    topics = Topics()
    begun = StepIntent(**STEPS, step="reply", text="Hello Ann")
    topics.put(NOTIFICATION_LEDGER.name, "acme|c1|n|reply|intent", begun)
    settled, gone = plan(topics).writes
    assert (gone.key, gone.value) == ("acme|c1|n|reply|intent", None)
    assert settled.key == "acme|c1|n|reply|outcome"
    assert settled.value is not None
    assert isinstance(known := decode(STEP, settled.value), StepOutcome)
    assert (known.result, known.cause) == ("unknown", "erased")
    topics.put(NOTIFICATION_LEDGER.name, settled.key, settled.value)
    assert [write.value for write in plan(topics).writes] == [None]
    topics.put(NOTIFICATION_LEDGER.name, gone.key, None)
    assert plan(topics).writes == ()


def test_a_notice_that_waits_for_its_channel_is_waited_for() -> None:
    fields = {name: text for name, text in STEPS.items() if name != "recorded_at"}
    waiting = Deferred(**fields, first_tried_at=AT, offset=1, reason="away", value="{}")
    topics = Topics()
    topics.put(NOTIFICATION_LEDGER.name, "acme|c1|n|deferred", waiting)
    assert plan(topics, force=True).waits == ("a notice waits for its channel",)
    topics.put(NOTIFICATION_LEDGER.name, "acme|c1|n|deferred", None)
    assert plan(topics).waits == ()


def test_what_a_later_build_wrote_is_not_passed_over() -> None:
    for topic, key in ((ESCALATION_LEDGER, "acme|c1|e|a|intent"), (NOTIFICATION_LEDGER, "acme|c1|n|reply|intent")):
        topics = Topics()
        topics.put(topic.name, key, b'{"kind": "of tomorrow"}')
        assert "later build" in plan(topics, force=True).waits[0]
    topics = Topics()
    topics.put(ESCALATION_STATE.name, KEY + b"|h", b"\xc1")
    assert "later build" in plan(topics).waits[0]


def test_every_ticket_is_named_once_and_those_in_doubt_last() -> None:
    topics = Topics()
    done = outcome("77", ticket_url="https://desk.example/77")
    note = outcome("77", "note")
    unsure = intent("open", escalation_id="other", action_id="o")
    for key, entry in ((outcome_key(done), done), (outcome_key(note), note), (intent_key(unsure), unsure)):
        topics.put(ESCALATION_LEDGER.name, key, entry)
    assert tickets([topics.holdings]) == [
        Ticket("zendesk", "77", "https://desk.example/77", ""),
        Ticket("zendesk", "", "", "other"),
    ]


def test_retention_and_the_age_of_a_segment_say_when_the_rest_is_gone() -> None:
    topics = Topics()
    topics.put(CONVERSATION_EVENTS.name, KEY, at=AT - timedelta(days=3))
    topics.put(CONVERSATION_EVENTS.name, KEY, at=AT)
    topics.put(CONVERSATION_OUTCOMES.name, KEY)
    topics.put(ESCALATION_STATE.name, KEY + b"|h", head(under_way=False))
    events, outcomes = rest([topics.holdings])
    assert (events.topic, events.records) == (CONVERSATION_EVENTS.name, 2)
    assert events.gone_by == AT + timedelta(milliseconds=14 * DAY_MS + SEGMENT_MS)
    assert outcomes.gone_by == AT + timedelta(days=407)


def test_the_conversation_of_a_key_is_what_all_topics_begin_with() -> None:
    for key in (b"acme|c1", b"acme|c1|h", b"acme|c1|c|0-4", b"acme|c1|e|a|outcome|7"):
        assert conversation_of(key) == KEY
    assert conversation_of(b"nonsense") == b"nonsense"
