from datetime import timedelta
from typing import Any

import pytest

from agents.notifier.channels import Channel, channels_for
from agents.notifier.history import History
from agents.notifier.plan import Letter, Plan, Words, asks_for_address, make_plan
from agents.platforms.port import Notice
from agents.settings import EmailSettings, HelpdeskSettings, LimitSettings, TenantSettings
from streams.contracts.notification_events import AnyNotification
from streams.contracts.notification_ledger import Step, StepIntent, StepOutcome, StepResult
from streams.contracts.people import Customer
from tests.support.notices import NOON, accepted, attached, delayed, failed, opened, tenant


def outcome(
    notification: AnyNotification, step: Step = "reply", result: StepResult = "done", **changes: Any
) -> StepOutcome:
    return StepOutcome(
        tenant=notification.tenant,
        conversation_id=notification.conversation_id,
        escalation_id=notification.escalation_id,
        notification_id=notification.notification_id,
        step=step,
        recorded_at=changes.pop("recorded_at", NOON),
        result=result,
        **changes,
    )


def history(*outcomes: StepOutcome) -> History:
    made = History()
    for entry in outcomes:
        made.put(entry)
    return made


def plan(
    notification: AnyNotification, past: History | None = None, settings: TenantSettings | None = None, **options: Any
) -> Plan:
    words = Words(Notice("x", notification.notification_id, notification.escalation_id), Letter("s", "x", "en"))
    return make_plan(
        notification,
        history=past or History(),
        tenant=settings or tenant(),
        words=words,
        channels=(Channel("reply"),),
        **options,
    )


def test_accepted_tells_and_quiets_the_ai() -> None:
    assert (plan(accepted()).silent, plan(accepted()).acts) == (None, ("pause",))


@pytest.mark.parametrize("make", [opened, attached])
def test_the_number_is_told_and_the_session_closed(make: Any) -> None:
    assert (plan(make()).silent, plan(make()).acts) == (None, ("close",))
    assert plan(make(human_holds=True)).human_holds


@pytest.mark.parametrize("make", [delayed, failed])
def test_delay_and_failure_are_told_and_nothing_else_is_done(make: Any) -> None:
    assert (plan(make()).silent, plan(make()).acts) == (None, ())


@pytest.mark.parametrize("make", [accepted, delayed, failed])
def test_once_the_number_was_told_earlier_news_of_that_escalation_are_old(make: Any) -> None:
    past = history(outcome(opened()))
    assert plan(make(), past).silent == "superseded"
    assert plan(make(episode="e-2"), past).silent is None
    assert plan(make(), history(outcome(opened(), result="refused"))).silent is None
    assert plan(opened(), history(outcome(accepted()))).silent is None


def test_news_that_wait_with_the_number_behind_them_are_old() -> None:
    assert plan(accepted(), superseded=True).silent == "superseded"
    assert plan(accepted(), superseded=True).acts == ("pause",)
    assert plan(opened(), superseded=True).silent is None


def test_a_conversation_is_told_so_many_notices_a_day_and_no_more() -> None:
    limited = tenant(limits=LimitSettings(notices_per_conversation=2))
    told = [outcome(accepted(episode="e-0")), outcome(opened(episode="e-0"), "email", "unknown")]
    assert plan(accepted(), history(*told), limited).silent == "notice_cap"
    assert plan(accepted(), history(*told), limited).acts == ("pause",), "the AI is quieted all the same"
    assert plan(accepted(), history(told[0]), limited).silent is None
    assert plan(accepted(), history(told[0], outcome(opened(episode="e-0"), "close")), limited).silent is None
    assert plan(accepted(), history(told[0], outcome(opened(episode="e-0"), result="refused")), limited).silent is None
    yesterday = NOON - timedelta(hours=24)
    old = [entry.model_copy(update={"recorded_at": yesterday}) for entry in told]
    assert plan(accepted(), history(*old), limited).silent is None


@pytest.mark.parametrize(
    ("notification", "settings", "why"),
    [
        (opened(mode="observe"), tenant(), "observe"),
        (opened(), tenant(mode="observe"), "observe"),
        (opened(test=True), tenant(), "test"),
    ],
)
def test_observed_and_test_conversations_touch_nobody(
    notification: AnyNotification, settings: TenantSettings, why: str
) -> None:
    made = plan(notification, None, settings)
    assert (made.silent, made.idle) == (why, why)


def test_an_address_is_asked_for_where_none_is_known_and_once_per_conversation() -> None:
    anonymous = Customer(id="u", anonymous=True)
    assert asks_for_address(opened(ask_for_address=True, customer=anonymous), History())
    assert not asks_for_address(opened(ask_for_address=False, customer=anonymous), History())
    assert not asks_for_address(opened(ask_for_address=True), History())
    assert not asks_for_address(opened(ask_for_address=True, customer=anonymous, channel="email"), History())
    assert not asks_for_address(accepted(customer=anonymous), History())
    asked = history(outcome(opened(episode="e-0"), asked_for_address=True))
    assert not asks_for_address(opened(ask_for_address=True, customer=anonymous), asked)
    refused = history(outcome(opened(episode="e-0"), result="refused", asked_for_address=True))
    assert asks_for_address(opened(ask_for_address=True, customer=anonymous), refused)


def channels(
    notification: AnyNotification | None = None, settings: TenantSettings | None = None, **has: bool
) -> list[str | None]:
    has = {"has_adapter": True, "has_smtp": True} | has
    found = channels_for(notification or opened(), settings or tenant(), **has)
    assert [channel.step for channel in found] == ["reply", "email"]
    return [channel.missing for channel in found]


def test_the_platform_comes_first_and_mail_second_for_mail_conversations_too() -> None:
    assert channels() == [None, None]
    assert channels(opened(channel="email")) == [None, None]


def test_a_way_that_is_not_there_says_why() -> None:
    assert channels(has_adapter=False) == ["no_adapter", None]
    assert channels(settings=tenant(platforms={})) == ["not_configured", None]
    assert channels(has_smtp=False) == [None, "no_smtp"]
    assert channels(settings=tenant(email=None)) == [None, "no_sender"]
    assert channels(opened(customer=Customer(id="u"))) == [None, "no_address"]


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("noreply@example.org", "address_of_robot"),
        ("help+7@acme.com", "address_of_ours"),
        ("x@acme.zendesk.com", "address_of_ours"),
        ("x@desk.acme.org", "address_of_ours"),
        ("a@b.org\r\nBcc: c@d.org", "address_malformed"),
    ],
)
def test_no_mail_goes_to_ourselves_to_robots_or_to_what_is_no_address(address: str, why: str) -> None:
    settings = tenant(
        email=EmailSettings(from_address="help@acme.com"),
        helpdesk=HelpdeskSettings(name="zendesk", base_url="https://desk.acme.org"),
    )
    assert channels(opened(customer=Customer(email=address)), settings) == [None, why]


def test_a_first_outcome_stands_and_ends_its_intent() -> None:
    fields = {
        "tenant": "acme",
        "conversation_id": "c-1",
        "escalation_id": "e",
        "notification_id": opened().notification_id,
        "step": "reply",
        "recorded_at": NOON,
    }
    past = History()
    intent = StepIntent.model_validate(fields)
    past.put(intent)
    assert past.intent(opened().notification_id, "reply") == intent
    past.put(outcome(opened(), result="done"))
    past.put(outcome(opened(), result="refused"))
    past.put(intent)
    settled = past.settled(opened().notification_id, "reply")
    assert settled is not None
    assert settled.result == "done"
    past.put(outcome(opened(), result="done"))
    assert past.notices_since(NOON - timedelta(days=1)) == 1
    assert past.intent(opened().notification_id, "reply") is None
