"""Many commands at one helpdesk account at once: whose calls are made first."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from agents.helpdesks.port import HelpdeskUnavailable
from agents.helpdesks.zendesk.adapter import Zendesk
from agents.observability import catalogue
from agents.observability.metrics import Metrics
from agents.outbound import HttpRequest, HttpResponse
from agents.settings import Settings, TenantBook
from agents.ticketing.desks import Desks
from agents.ticketing.line import Leaving
from agents.ticketing.live_desk import LiveDesk
from streams.clock import ManualClock
from streams.contracts.escalation_ledger import PreparedRequest
from streams.contracts.people import Customer
from streams.kafka.lease import Lease
from tests.support.http import FakeHttp, answer
from tests.support.settled import settled
from tests.support.ticketing_values import NOW

HELPDESK = {
    "name": "zendesk",
    "base_url": "https://acme.zendesk.com",
    "tokens": {"email": SecretStr("bot@example.com"), "api_token": SecretStr("t")},
}


class Standing(ManualClock):
    """A clock that stands still until it `goes`."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.goes = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self.goes.wait()
        await super().sleep(seconds)


class Account:
    """A helpdesk that answers when `open` is set, behind the real bulkhead."""

    def __init__(
        self, *, slots: int, per_second: float = 1e9, status: int = 200, clock: ManualClock | None = None
    ) -> None:
        self.open, self.status = asyncio.Event(), status
        self.clock, self.metrics, self.http = clock or ManualClock(NOW), Metrics(), FakeHttp(self._answer)
        settings = Settings.model_validate(
            {
                "tenants": {"acme": {"mode": "live", "helpdesk": HELPDESK, "platforms": {}}},
                "ticketing": {"concurrency_per_account": slots, "calls_per_second": per_second},
            }
        )
        self.desks = Desks(
            {"zendesk": Zendesk(self.clock)},
            TenantBook(settings.tenants),
            settings.ticketing,
            self.http,
            self.clock,
            Lease(45),
            self.metrics,
        )

    async def _answer(self, _request: HttpRequest) -> HttpResponse:
        await self.open.wait()
        return answer(self.status, {"users": [], "ticket": {"id": 7}})

    def desk(self, age_seconds: float, leaving: Leaving | None = None) -> LiveDesk:
        found = self.desks.desk("acme", NOW - timedelta(seconds=age_seconds), leaving)
        assert found is not None
        return found

    def said(self) -> list[str]:
        """`look_up 3`, `write 3`: what was sent, with the age of whose it was."""
        return [_named(request) for request in self.http.requests]


def _named(request: HttpRequest) -> str:
    if request.method == "GET":
        return "look_up " + request.url.rpartition("age")[2].split("%40")[0]
    return f"write {(request.body or b'').decode()}"


async def ticket(desk: LiveDesk, age: int) -> None:
    """A command's calls: look-ups, then the write."""
    await desk.find_requester(Customer(email=f"age{age}@example.com"))
    await desk.admit()
    told = await desk.send(PreparedRequest(method="POST", path="/api/v2/tickets", body=str(age)))
    assert told.verdict == "done"


async def backlog(account: Account, ages: Sequence[int]) -> list[asyncio.Task[None]]:
    """One command in each of the slots' way, then `ages`, which all wait in line."""
    tasks = []
    for age in ages:
        tasks.append(asyncio.ensure_future(ticket(account.desk(age), age)))
        await settled()
    return tasks


async def test_who_waits_longest_has_their_ticket_before_others_are_looked_up() -> None:
    account = Account(slots=1)
    tasks = await backlog(account, [1, 20, 40, 30, 10])
    account.open.set()
    await asyncio.gather(*tasks)
    said = account.said()
    assert [one for one in said if one.startswith("write")] == [f"write {age}" for age in (40, 30, 20, 10, 1)]
    assert said.index("write 40") < said.index("look_up 20")
    assert said.index("write 30") < said.index("look_up 10")


async def test_the_calls_per_second_are_given_out_in_the_same_order() -> None:
    clock = Standing(NOW)
    account = Account(slots=16, per_second=1.0, clock=clock)
    account.open.set()
    tasks = await backlog(account, [1, 20, 40, 30, 10])
    assert account.said() == ["look_up 1"]
    clock.goes.set()
    await asyncio.gather(*tasks)
    order = [said.split()[1] for said in account.said() if said.startswith("look_up")]
    assert order == ["1", "40", "30", "20", "10"]


async def test_no_call_is_made_that_waited_while_the_breaker_opened() -> None:
    account = Account(slots=5, status=500)
    tasks = await backlog(account, range(12))
    account.open.set()
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(account.http.requests) == 5
    reasons = sorted(error.reason for error in told if isinstance(error, HelpdeskUnavailable))
    assert reasons == ["breaker_open"] * 7 + ["http_500"] * 5


async def test_who_waits_in_line_when_the_partition_is_given_away_waits_no_longer() -> None:
    account, leaving = Account(slots=1), Leaving()
    tasks = await backlog(account, [1])
    waiting = asyncio.ensure_future(account.desk(9, leaving).get_ticket("7"))
    await settled()
    leaving.set()
    with pytest.raises(HelpdeskUnavailable, match="busy"):
        await asyncio.wait_for(waiting, 5)
    account.open.set()
    await asyncio.gather(*tasks)


async def test_no_more_are_admitted_than_can_be_sent() -> None:
    account = Account(slots=2)
    desks = [account.desk(age) for age in (40, 30, 20)]
    waiting = [asyncio.ensure_future(desk.admit()) for desk in desks]
    await settled()
    assert [task.done() for task in waiting] == [True, True, False]
    desks[0].leave()
    desks[0].leave()
    await settled()
    assert waiting[2].done()
    account.open.set()
    for desk in desks[1:]:
        assert (await desk.send(PreparedRequest(method="POST", path="/api/v2/tickets", body="{}"))).verdict == "done"
    again = [account.desk(age) for age in (3, 2, 1)]
    await asyncio.gather(*(desk.admit() for desk in again[:2]))
    third = asyncio.ensure_future(again[2].admit())
    await settled()
    assert not third.done()
    third.cancel()


async def test_who_is_not_admitted_for_an_open_breaker_keeps_no_slot() -> None:
    account = Account(slots=1, status=500)
    account.open.set()
    for _ in range(5):
        with pytest.raises(HelpdeskUnavailable, match="http_500"):
            await account.desk(1).get_ticket("7")
    for _ in range(3):
        with pytest.raises(HelpdeskUnavailable, match="breaker_open"):
            await asyncio.wait_for(account.desk(1).admit(), 5)


async def test_what_is_waited_in_line_is_measured() -> None:
    account = Account(slots=1)
    account.open.set()
    await asyncio.gather(*await backlog(account, [1]))
    name = f"{catalogue.HELPDESK_LINE_SECONDS.name}_count"
    for reason, count in (("busy", 2), ("rate_limited", 2)):
        labels = {"helpdesk": "zendesk", "reason": reason}
        assert account.metrics.registry.get_sample_value(name, labels) == count
