import asyncio
from typing import Any

from agents.notifier.gates import FAILING_CONVERSATIONS, Gates
from agents.notifier.handler import PATIENCE_SECONDS
from agents.observability.metrics import Metrics
from agents.outbound import Http
from agents.platforms.port import Address, CallFailed, Notice
from streams.clock import ManualClock
from streams.contracts.notification_events import AnyNotification
from tests.support.notices import NOON, accepted, delayed, opened, tenant
from tests.support.notifier_world import Chat, Run, records


def news(count: int) -> list[AnyNotification]:
    """One notification for each of `count` conversations."""
    return [opened(conversation_id=f"c-{number}") for number in range(count)]


async def handled(run: Run) -> tuple[Any, Any]:
    """The handler and its deferral after every record was handed over once."""
    handler, deferral = run.handler()
    await handler.recover(0)
    for record in records(run.notifications):
        await handler.handle(record)
    return handler, deferral


async def test_a_platform_that_is_away_stops_being_asked_and_what_comes_waits_at_once() -> None:
    run = Run(news(20), chat_options={"faults": {"reply": ["down"] * 1000}})
    _, deferral = await handled(run)
    assert deferral.waiting == 20
    assert len(run.chat.calls) <= FAILING_CONVERSATIONS * 6
    assert run.clock.monotonic() <= FAILING_CONVERSATIONS * PATIENCE_SECONDS


async def test_a_round_probes_with_a_few_and_when_it_is_back_tells_everybody() -> None:
    run = Run(news(20), chat_options={"faults": {"reply": ["down"] * 1000}})
    _, deferral = await handled(run)
    run.chat.calls.clear()
    await deferral.round()
    assert run.chat.calls == ["reply"] * 3
    run.chat.faults.clear()
    await deferral.round()
    assert deferral.waiting == 0
    assert set(run.seen().values()) == {1}
    assert len(run.seen()) == 20
    successor, taken_over = run.handler()
    await successor.recover(0)
    assert taken_over.waiting == 0, "the ledger knows that nothing waits any more"


async def test_a_platform_that_asks_for_time_is_not_probed_before() -> None:
    run = Run([opened()], chat_options={"faults": {"reply": ["down"] * 7}})
    handler, deferral = await handled(run)
    run.chat.faults["reply"] = ["busy"]
    await deferral.round()
    run.chat.calls.clear()
    await deferral.round()
    assert run.chat.calls == []
    run.clock.advance(1.0)
    await deferral.round()
    assert run.seen() == {opened().notification_id: 1}
    await handler.release(0)


async def test_one_conversation_that_always_fails_holds_back_no_other() -> None:
    class Picky(Chat):
        async def reply(self, http: Http, address: Address, notice: Notice) -> None:
            if address.conversation_id == "c-0":
                raise CallFailed("http_500", retryable=True)
            await super().reply(http, address, notice)

    run = Run(news(6))
    run.chat = Picky(run.fate)
    _, deferral = await handled(run)
    await deferral.round()
    await deferral.round()
    assert deferral.waiting == 1
    assert len(run.seen()) == 5


async def test_later_news_wait_behind_earlier_ones_and_the_number_makes_them_old() -> None:
    run = Run([accepted(), delayed(), opened()], chat_options={"faults": {"reply": ["down"] * 8}}, metrics=Metrics())
    _, deferral = await handled(run)
    assert deferral.waiting == 3
    assert run.chat.paused, "the AI is quiet all the same"
    assert run.metric("handoff_deferred_notices_records") == 3.0
    while deferral.waiting:
        await deferral.round()
    assert list(run.seen()) == [opened().notification_id]
    assert [cause for _, _, cause in run.outcomes()].count("superseded") == 2


async def test_what_may_have_arrived_before_it_became_old_is_not_said_to_have_been_left_out() -> None:
    faults = {"reply": ["lost"], "find_own": ["down"] * 8}
    run = Run([accepted(), opened()], chat_options={"faults": faults}, metrics=Metrics())
    _, deferral = await handled(run)
    while deferral.waiting:
        await deferral.round()
    assert run.seen() == {accepted().notification_id: 1, opened().notification_id: 1}
    assert ("reply", "unknown", "superseded") in run.outcomes()


async def test_an_attempt_that_came_to_nothing_does_not_make_the_one_before_it_certain() -> None:
    options = {"faults": {"reply": ["lost", *["not_sent"] * 3]}, "drops_repeats": True}
    run = Run([accepted(), opened()], chat_options=options, metrics=Metrics())
    _, deferral = await handled(run)
    while deferral.waiting:
        await deferral.round()
    assert run.seen()[accepted().notification_id] == 1
    assert ("reply", "unknown", "superseded") in run.outcomes()
    assert ("reply", "skipped", "superseded") not in run.outcomes()


async def test_news_that_wait_already_are_not_put_twice() -> None:
    run = Run([opened(), opened()], chat_options={"faults": {"reply": ["down"] * 100}}, metrics=Metrics())
    _, deferral = await handled(run)
    assert deferral.waiting == 1
    assert run.metric("handoff_duplicates_absorbed_total", hop="notifier") == 1.0


async def test_a_kill_switch_holds_every_call_and_its_end_tells_what_waited() -> None:
    run = Run([opened()], settings=tenant(kill_switch=True), has_mail=True)
    _, deferral = await handled(run)
    await deferral.round()
    assert run.chat.calls == []
    assert run.mailbox.received == []
    run.tenants.replace({"acme": tenant()})
    await deferral.round()
    assert run.seen() == {opened().notification_id: 1}


async def test_a_revoked_token_ends_among_the_dead_letters_and_a_new_one_lets_a_redrive_tell() -> None:
    class Revoked(Chat):
        revoked = True

        async def reply(self, http: Http, address: Address, notice: Notice) -> None:
            if self.revoked:
                raise CallFailed("http_401", retryable=False)
            await super().reply(http, address, notice)

    run = Run([opened()], give_up_after_seconds=30.0)
    chat = run.chat = Revoked(run.fate)
    await run.live()
    assert [(error.reason, error.detail) for _, error in run.buried] == [
        ("channel_away", "reply:http_401,close:waits_for_telling")
    ]
    chat.revoked = False
    await run.live()
    assert run.seen() == {opened().notification_id: 1}


async def test_a_partition_that_leaves_takes_its_waiting_news_along() -> None:
    class Stuck(Chat):
        async def reply(self, http: Http, address: Address, notice: Notice) -> None:
            if self.calls.count("reply") >= 6:
                self.calls.append("stuck")
                await asyncio.Event().wait()
            await super().reply(http, address, notice)

    run = Run([opened()])
    run.chat = Stuck(run.fate, faults={"reply": ["down"] * 6})
    handler, deferral = await handled(run)
    under_way = asyncio.create_task(deferral.round())
    while "stuck" not in run.chat.calls:
        await asyncio.sleep(0)
    await handler.release(0)
    await under_way
    assert deferral.waiting == 0

    run.chat = Chat(run.fate)
    successor, taken_over = run.handler()
    await successor.recover(0)
    assert taken_over.waiting == 1
    run.clock.advance(60.0)
    await taken_over.round()
    assert run.seen() == {opened().notification_id: 1}


async def test_another_tenants_platform_is_not_held_back_by_one_that_hangs() -> None:
    gates = Gates(ManualClock(NOON), calls_at_once=1)

    async def call(tenant_id: str) -> None:
        async with gates.of(tenant_id, "fake").admission(probing=False):
            pass

    async with gates.of("acme", "fake").admission(probing=False):
        await asyncio.wait_for(call("other"), 1)
        waiting = asyncio.create_task(call("acme"))
        await asyncio.sleep(0)
        assert not waiting.done()
    await waiting
