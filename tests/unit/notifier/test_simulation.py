"""Every way to die, on the notifier's real code: what the customer reads, and what is never closed.

Each schedule kills the process at one or two of its awaits towards the outside, with and without faults of
the platform. The log, the chat, the mailbox and the clock outlive it.
"""

import asyncio
from contextlib import suppress
from itertools import product
from typing import Any

import pytest

from agents.notifier.steps import MAX_ATTEMPTS
from streams.contracts.notification_events import AnyNotification
from streams.kafka.lease import Lease, Slept
from tests.support.notices import accepted, delayed, failed, opened
from tests.support.notifier_world import SESSION_SECONDS, Fate, Run, records

NEWS: list[AnyNotification] = [accepted(), opened()]
FAULTS = ("ok", "not_sent", "busy", "down", "lost", "vanished")


def names(notifications: list[AnyNotification]) -> set[str]:
    return {notification.notification_id for notification in notifications}


async def points(**options: Any) -> int:
    """How many points a life without deaths passes."""
    run = await Run(**options).live()
    return run.fate.passed


async def every_single_death(**options: Any) -> list[Run]:
    total = await points(**options)
    return [await Run(**options, fate=Fate(frozenset({death}))).live() for death in range(1, total + 1)]


def check(run: Run) -> None:
    """What holds for every schedule on a platform that can be looked at.

    That a person is coming is left out only where it had to wait until the number was known.
    """
    assert run.seen()[opened().notification_id] == 1
    assert run.seen()[accepted().notification_id] in ({0, 1} if run.superseded else {1})
    assert run.chat.paused
    assert run.chat.closed
    assert run.chat.broken_promises == []
    assert run.buried == []


async def one_death_anywhere(faults: dict[str, tuple[str, ...]]) -> int:
    """Check every schedule with one death and those faults; returns how many there were."""

    def options() -> dict[str, Any]:
        return {"faults": {name: list(kinds) for name, kinds in faults.items()}}

    total = await points(notifications=NEWS, chat_options=options())
    for death in range(1, total + 1):
        run = await Run(NEWS, fate=Fate(frozenset({death})), chat_options=options()).live()
        check(run)
        assert run.lives == 2
    return total


async def test_one_death_anywhere_and_any_two_faults_of_the_reply_each_notice_is_read_once() -> None:
    schedules = sum([await one_death_anywhere({"reply": pair}) for pair in product(FAULTS, FAULTS)])
    assert schedules > 500


@pytest.mark.parametrize("operation", ["quiet", "transcript", "close", "find_own"])
async def test_one_death_anywhere_and_a_fault_of_another_call_each_notice_is_read_once(operation: str) -> None:
    for fault in FAULTS:
        lost = ("lost",) if operation == "find_own" else ()  # so that there is something to look for
        assert await one_death_anywhere({operation: (fault, fault), "reply": lost}) > 20


async def test_two_deaths_anywhere_each_notice_is_read_once() -> None:
    total = await points(notifications=NEWS)
    for first in range(1, total + 1):
        for second in range(first + 1, first + total + 1, 3):
            check(await Run(NEWS, fate=Fate(frozenset({first, second}))).live())


@pytest.mark.parametrize("fault", ["ok", "not_sent", "busy", "lost", "vanished"])
async def test_where_nobody_can_look_a_notice_is_read_at_most_once_and_never_lost_without_a_death(fault: str) -> None:
    def options() -> dict[str, Any]:
        return {"can_find_own_messages": False, "faults": {"reply": [fault, fault]}}

    undisturbed = await Run(NEWS, chat_options=options()).live()
    expected = 0 if fault == "vanished" else 1
    assert all(undisturbed.seen()[name] == expected for name in names(NEWS))
    for death in range(1, undisturbed.fate.passed + 1):
        run = await Run(NEWS, fate=Fate(frozenset({death})), chat_options=options()).live()
        assert all(count <= 1 for count in run.seen().values())
        assert len(run.seen()) >= len(NEWS) - 1 - 2 * (fault == "vanished"), "a death costs one notice at most"
        assert run.chat.closed
        assert run.chat.paused


async def test_a_mail_is_repeated_under_its_message_id_and_never_beside_a_reply() -> None:
    for chat, mail in product(("unsupported", "refused", "ok"), ("ok", "not_sent", "lost", "vanished")):

        def run(deaths: frozenset[int] = frozenset(), chat: str = chat, mail: str = mail) -> Run:
            made = Run(NEWS, Fate(deaths), has_mail=True, chat_options={"faults": {"reply": [chat, chat]}})
            made.mailbox.faults = [mail]
            return made

        undisturbed = await run().live()
        for death in range(1, undisturbed.fate.passed + 1):
            found = await run(frozenset({death})).live()
            told = found.seen() + found.mailed()
            assert set(told) == names(NEWS)
            assert all(count == 1 for count in found.seen().values())
            assert all(count <= MAX_ATTEMPTS for count in found.mailed().values())
            assert not found.seen().keys() & found.mailed().keys()


async def test_a_person_may_take_over_at_any_moment_and_is_never_cut_off() -> None:
    total = await points(notifications=NEWS)
    closed = 0
    for takes_over in range(total + 1):
        for death in range(0, total + 1, 2):
            options = {"human_takes_over_at": takes_over}
            run = await Run(NEWS, Fate(frozenset({death})), chat_options=options).live()
            assert run.chat.broken_promises == []
            assert run.seen() == dict.fromkeys(names(NEWS), 1)
            closed += run.chat.closed
    assert closed > 0, "with the person late enough the session is closed"


async def test_a_process_that_was_stopped_wakes_up_behind_its_successor_and_says_nothing_more() -> None:
    total = await points(notifications=NEWS)
    woken_to_nothing = 0
    for stop in range(1, total + 1):
        run = Run(NEWS, Fate(stops_at=stop))
        lease = Lease(SESSION_SECONDS)
        lease.beat(run.clock.monotonic())
        zombie = asyncio.create_task(hand_over(run, lease))
        await run.fate.stopped.wait()
        in_the_call = run.chat.calls[-1:] == ["reply"] and len(run.chat.seen) < run.chat.calls.count("reply")
        run.clock.advance(SESSION_SECONDS + 15.0)
        await hand_over(run, Lease(SESSION_SECONDS))
        run.fate.woken.set()
        with suppress(Slept):
            await zombie
            woken_to_nothing += 1
        if not in_the_call:  # between the last check and the first byte nobody can be called back
            check(run)
    assert woken_to_nothing < total / 4


async def hand_over(run: Run, lease: Lease) -> None:
    """One process is handed every record."""
    handler, _ = run.handler(lease)
    await handler.recover(0)
    for record in records(run.notifications):
        await handler.handle(record)


async def test_a_long_outage_with_a_death_anywhere_keeps_order_and_tells_the_number_once() -> None:
    down = {"reply": ["down"] * 40, "quiet": ["down"] * 10}

    def run(deaths: frozenset[int] = frozenset()) -> Run:
        faults = {name: list(kinds) for name, kinds in down.items()}
        return Run([accepted(), delayed(), opened()], Fate(deaths), chat_options={"faults": faults})

    total = (await run().live()).fate.passed
    for death in range(1, total + 1, 3):
        found = await run(frozenset({death})).live()
        told = [notice.notification_id for notice in found.chat.seen]
        assert told[-1] == opened().notification_id
        assert len(told) == len(set(told))
        assert found.chat.paused
        assert found.chat.closed


async def test_what_is_given_up_is_buried_and_told_by_a_redrive_once() -> None:
    run = Run([opened()], give_up_after_seconds=60.0, chat_options={"faults": {"reply": ["down"] * 60}})
    await run.live()
    assert [(offset, error.reason) for offset, error in run.buried] == [(0, "channel_away")]
    assert run.seen() == {}
    run.chat.faults.clear()
    await run.live()
    assert run.seen() == {opened().notification_id: 1}
    assert run.chat.closed


async def test_a_death_while_giving_up_loses_nothing() -> None:
    def run(deaths: frozenset[int] = frozenset()) -> Run:
        faults = {"reply": ["down"] * 400}
        return Run([failed()], Fate(deaths), give_up_after_seconds=20.0, chat_options={"faults": faults})

    total = (await run().live()).fate.passed
    for death in range(1, total + 1):
        assert (await run(frozenset({death})).live()).buried


async def test_a_ledger_that_loses_its_intents_is_caught_by_these_checks() -> None:
    found = await every_single_death(notifications=NEWS, loses=lambda key: key.endswith("|reply|intent"))
    assert any(count > 1 for run in found for count in run.seen().values())


async def test_a_ledger_that_loses_its_outcomes_costs_look_ups_and_no_second_notice() -> None:
    found = await every_single_death(notifications=NEWS, loses=lambda key: key.endswith("|reply|outcome"))
    assert all(run.seen() == dict.fromkeys(names(NEWS), 1) for run in found)
    assert any(run.chat.calls.count("find_own") > 1 for run in found)
