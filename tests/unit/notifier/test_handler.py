from typing import Any

import pytest

from agents.notifier.handler import PATIENCE_SECONDS
from agents.observability.metrics import Metrics
from agents.settings import LimitSettings
from streams.contracts.notification_events import AnyNotification
from streams.contracts.people import Customer
from streams.errors import InvalidRecord
from streams.kafka.record import Record
from tests.support.notices import accepted, attached, delayed, failed, opened, tenant
from tests.support.notifier_world import Run, records


async def lived(*notifications: AnyNotification, faults: dict[str, list[str]] | None = None, **options: Any) -> Run:
    chat = options.pop("chat_options", {}) | {"faults": faults or {}}
    return await Run(list(notifications), chat_options=chat, metrics=Metrics(), **options).live()


async def test_the_customer_hears_of_the_person_then_the_number_and_the_session_ends() -> None:
    run = await lived(accepted(), opened())
    assert run.chat.calls == ["reply", "quiet", "reply", "transcript", "close"]
    assert run.outcomes() == [(step, "done", None) for step in ("reply", "pause", "reply", "close")]
    assert [notice.ticket_id for notice in run.chat.seen] == [None, "4711"]


async def test_delay_and_failure_are_said_once_and_leave_the_session_alone() -> None:
    run = await lived(accepted(), delayed(), delayed(), failed(), failed())
    assert run.chat.calls == ["reply", "quiet", "reply", "reply"]
    assert not run.chat.closed


async def test_an_attached_escalation_names_the_ticket_the_customer_knows() -> None:
    run = await lived(attached())
    assert "4711" in run.chat.seen[0].text
    assert run.chat.closed


async def test_the_time_from_the_decision_is_measured_for_both_notices() -> None:
    run = await lived(accepted(), opened())
    for step in ("told", "notice"):
        assert run.metric("handoff_end_to_end_seconds_count", step=step) == 1.0
    assert run.metric("handoff_notices_total", platform="fake", step="reply", result="done") == 2.0


async def test_what_a_human_queue_holds_is_left_open_by_the_news_itself_or_by_the_last_look() -> None:
    told = await lived(opened(human_holds=True))
    assert told.chat.calls == ["reply"]
    assert told.outcomes()[-1] == ("close", "skipped", "human_holds")
    looked = await lived(opened(), chat_options={"human_takes_over_at": 0})
    assert looked.chat.calls == ["reply", "transcript"]
    assert looked.outcomes()[-1] == ("close", "skipped", "human_holds")


async def test_a_session_that_is_closed_already_is_left_as_it_is() -> None:
    run = await lived(opened(), chat_options={"closed": True})
    assert run.outcomes()[-1] == ("close", "found", "closed_already")


async def test_a_platform_without_a_transcript_is_closed_by_what_the_news_says() -> None:
    run = await lived(opened(), chat_options={"has_transcript": False})
    assert run.outcomes()[-1] == ("close", "done", None)


async def test_a_session_whose_holder_cannot_be_read_is_not_closed() -> None:
    run = await lived(opened(), faults={"transcript": ["refused"]})
    assert "close" not in run.chat.calls
    assert run.outcomes()[-1] == ("close", "refused", "http_404")


@pytest.mark.parametrize(
    ("changes", "why"), [({"mode": "observe"}, "observe"), ({"test": True}, "test"), ({}, "observe")]
)
async def test_an_observed_or_test_conversation_is_recorded_and_touched_by_nothing(
    changes: dict[str, Any], why: str
) -> None:
    settings = tenant() if changes else tenant(mode="observe")
    run = await lived(accepted(**changes), opened(**changes), settings=settings, has_mail=True)
    assert run.chat.calls == []
    assert run.mailbox.received == []
    assert run.outcomes() == [(step, "skipped", why) for step in ("reply", "pause", "reply", "close")]


async def test_past_the_cap_the_customer_hears_no_more_but_the_ai_is_quieted_and_the_session_closed() -> None:
    limited = tenant(limits=LimitSettings(notices_per_conversation=2))
    again = (accepted(episode="e-2"), opened(episode="e-2"))
    run = await lived(accepted(), opened(), *again, settings=limited, chat_options={"has_transcript": False})
    assert len(run.chat.seen) == 2
    assert run.chat.calls.count("quiet") == run.chat.calls.count("close") == 2
    assert run.metric("handoff_loop_brakes_total", hop="notifier", brake="notice_cap") == 2.0


async def test_where_the_chat_cannot_be_answered_a_mail_goes_out() -> None:
    for fault in ("unsupported", "refused"):
        run = await lived(opened(), faults={"reply": [fault]}, has_mail=True)
        assert run.mailbox.received == [opened().notification_id]
        assert [step for step, _, _ in run.outcomes()] == ["reply", "email", "close"]


async def test_where_no_channel_works_that_is_recorded_counted_and_the_session_closed() -> None:
    run = await lived(opened(customer=Customer(id="u")), faults={"reply": ["refused"]}, has_mail=True)
    assert run.outcomes() == [
        ("reply", "refused", "http_404"),
        ("email", "skipped", "no_address"),
        ("close", "done", None),
    ]
    assert run.metric("handoff_notices_total", platform="fake", step="notice", result="no_channel") == 1.0


async def test_a_platform_team_without_an_adapter_is_answered_by_mail() -> None:
    run = await lived(opened(platform="direct"), has_mail=True)
    assert run.mailbox.received == [opened().notification_id]
    assert run.outcomes() == [
        ("reply", "skipped", "no_adapter"),
        ("email", "done", None),
        ("close", "skipped", "no_adapter"),
    ]


async def test_a_chat_that_stays_away_is_left_for_a_mail_within_the_patience() -> None:
    run = await lived(accepted(), faults={"reply": ["down"] * 50}, has_mail=True)
    assert run.mailbox.received == [accepted().notification_id]
    assert run.chat.paused
    assert ("reply", "refused", "away_http_503") in run.outcomes()
    assert run.clock.monotonic() <= PATIENCE_SECONDS


async def test_a_reply_that_may_have_arrived_is_looked_for_and_not_followed_by_a_mail() -> None:
    faults = {"reply": ["lost"], "find_own": ["down"] * 10}
    run = await lived(opened(), faults=faults, has_mail=True)
    assert run.mailbox.received == []
    assert run.seen() == {opened().notification_id: 1}
    assert run.outcomes()[0] == ("reply", "found", None)


async def test_the_ai_is_quieted_though_the_reply_does_not_get_through() -> None:
    run = Run([accepted()], chat_options={"faults": {"reply": ["down"] * 3}})
    handler, _ = run.handler()
    await handler.recover(0)
    await handler.handle(records(run.notifications)[0])
    assert run.chat.calls[:2] == ["reply", "quiet"]
    assert run.chat.paused


async def test_a_session_is_not_closed_before_the_customer_knows_the_number() -> None:
    run = await lived(opened(), faults={"reply": ["down", "not_sent"]})
    assert run.chat.calls == ["reply", "reply", "reply", "transcript", "close"]


async def test_a_platform_that_asks_for_time_gets_it() -> None:
    run = await lived(accepted(), faults={"reply": ["busy"]})
    assert run.seen() == {accepted().notification_id: 1}
    assert run.clock.monotonic() >= 1.0
    assert run.chat.calls.count("reply") == 2


async def test_an_attempt_of_a_former_life_is_outlasted_before_we_look() -> None:
    run = await lived(opened(), faults={"reply": ["lost"]})
    assert run.chat.calls == ["reply", "find_own", "transcript", "close"]
    assert run.clock.monotonic() >= 2.0 + 8.0
    assert run.outcomes()[0] == ("reply", "found", None)


async def test_a_process_that_slept_between_intent_and_call_does_not_send_on_the_old_intent() -> None:
    run = Run([opened()])
    slept = False
    send = run.log.send

    async def slow(topic: str, key: str, value: bytes | None, **options: Any) -> None:
        nonlocal slept
        await send(topic, key, value, **options)
        if key.endswith("|reply|intent") and value is not None and not slept:
            slept = True
            run.clock.advance(60.0)

    run.log.send = slow  # type: ignore[method-assign] # a broker that answers late
    await run.live()
    assert run.chat.calls.count("reply") == 1
    written = [record.value for record in run.log.ledger if record.key.endswith(b"|reply|intent")]
    assert [value is not None for value in written] == [True, False, True], "withdrawn, and meant anew"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        (b"acme|c-1", b"{", "not_json"),
        (b"acme|c-1", None, "tombstone"),
        (b"acme|c-1", b'{"kind": "opened"}', "not_the_contract"),
        (b"acme|c-1", b'{"kind": "reopened"}', "unknown_kind"),
        (b"acme|other", None, "wrong_key"),
    ],
)
async def test_what_is_not_ours_is_a_dead_letter(key: bytes, value: bytes | None, reason: str) -> None:
    run = Run([opened()], metrics=Metrics())
    handler, _ = run.handler()
    await handler.recover(0)
    body = records([opened()])[0].value if reason == "wrong_key" else value
    with pytest.raises(InvalidRecord) as refused:
        await handler.handle(Record("notification.events", 0, 0, key, body))
    assert refused.value.reason == reason
    assert run.metric("handoff_records_total", topic="notification.events", outcome="dead") == 1.0


async def test_a_tenant_nobody_configured_is_a_dead_letter() -> None:
    run = Run([opened()])
    run.tenants = type(run.tenants)({})
    handler, _ = run.handler()
    await handler.recover(0)
    with pytest.raises(InvalidRecord, match="unknown_tenant"):
        await handler.handle(records(run.notifications)[0])


async def test_a_tenant_that_came_misconfigured_by_a_reload_is_a_dead_letter_and_stops_nobody() -> None:
    run = Run([opened()])
    run.tenants = type(run.tenants)({"acme": tenant(templates="/nowhere.yaml")})
    handler, _ = run.handler()
    await handler.recover(0)
    with pytest.raises(InvalidRecord, match="tenant_misconfigured"):
        await handler.handle(records(run.notifications)[0])
