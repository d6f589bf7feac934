"""Asking a platform for what it has not told: Intercom, answered from memory, and records kept in memory."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from agents.gateway.asking import Asking, Means
from agents.gateway.poller import Poller
from agents.gateway.rereading import MAX_ATTEMPTS, Reads
from agents.observability.log import Log
from agents.observability.metrics import Metrics
from agents.outbound import Ambiguous, HttpRequest, HttpResponse
from agents.platforms import registry
from agents.platforms.intercom.polling import IntercomPolling
from agents.platforms.port import Connection, Normalized
from agents.settings import TenantBook, TenantSettings
from streams.clock import ManualClock
from streams.kafka.producer import DeliveryFailed
from tests.support.deliveries import connection, normalized
from tests.support.gateway import START, MemoryWriter, Written, logged
from tests.support.http import FakeHttp, answer, called, sent_json
from tests.support.intercom import CONVERSATION_ID, CUSTOMER, FIN, conversation, notification, part

ADDRESS = f"/conversations/{CONVERSATION_ID}"
SEARCH = "POST /conversations/search"
READ = f"GET {ADDRESS}"
ASKS = part("p1", CUSTOMER, "Can I talk to a real person please?", at=10)
ESCALATES = part("p2", FIN, "I am passing you to our team.", at=12)


@dataclass
class Intercom:
    """What the workspace answers; `changed` are (id, updated_at) pairs."""

    shown: Any = field(default_factory=lambda: conversation(ASKS))
    changed: list[tuple[str, int]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    instead: dict[str, HttpResponse | Exception] = field(default_factory=dict)

    def handle(self, request: HttpRequest) -> HttpResponse | Exception:
        name = called(request)
        if name in self.instead:
            return self.instead[name]
        if name == SEARCH:
            after, before = (condition["value"] for condition in sent_json(request)["query"]["value"][:2])
            found = [{"id": one, "updated_at": at} for one, at in self.changed if after < at < before]
            return answer(200, {"conversations": found}, headers=self.headers)
        shown = self.shown | {"id": name.rpartition("/")[2]}
        return answer(200, shown, headers=self.headers)


@dataclass
class World:
    intercom: Intercom
    http: FakeHttp
    writer: MemoryWriter
    clock: ManualClock
    metrics: Metrics
    asking: Asking
    connection: Connection | None

    def asked(self, name: str) -> int:
        return sum(called(request) == name for request in self.http.requests)

    def told(self) -> list[str]:
        return [record.event["event_id"] for record in self.writer.written]

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, {"platform": "intercom", "tenant": "acme"} | labels) or 0.0

    async def after(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.asking.step()


def world(
    writer: MemoryWriter | None = None, pollable: Any = None, produce_timeout_seconds: float = 4.0, **poll: Any
) -> World:
    intercom, clock, metrics = Intercom(), ManualClock(START), Metrics()
    http, kept = FakeHttp(intercom.handle), writer or MemoryWriter()
    means = Means(http, kept, clock, metrics, Log("gateway"), produce_timeout_seconds)
    made: World
    used = pollable or IntercomPolling()
    to = connection("intercom", tokens={"access_token": "t"}, own_ids=["8120055"], options={"poll": poll})
    options = IntercomPolling().options(to)
    assert options is not None
    asking = Asking(used, options, means, tenant="acme", platform="intercom", connection=lambda: made.connection)
    made = World(intercom, http, kept, clock, metrics, asking, to)
    return made


async def test_what_no_webhook_told_is_told_under_the_ids_its_webhooks_have() -> None:
    one = world()
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    await one.asking.step()
    assert one.told() == ["910500", "p1"]
    webhook = normalized("intercom", notification("conversation.user.replied", conversation(ASKS)))
    assert {event.event_id for event in webhook.events} <= set(one.told())
    record = one.writer.written[0]
    assert record.key == f"acme|{CONVERSATION_ID}"
    assert record.headers["ce_source"] == "handoff/gateway/intercom"
    traces = {record.headers["traceparent"][3:35] for record in one.writer.written}
    assert len(traces) == 1
    assert one.counted("handoff_polled_events_total") == 2
    assert one.counted("handoff_polls_total", result="done") == 1
    assert one.counted("handoff_polled_until_timestamp_seconds") == START.timestamp()


async def test_searches_overlap_and_tell_nothing_twice() -> None:
    one = world()
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    for _ in range(5):
        await one.after(60)
    assert one.told() == ["910500", "p1"]
    assert one.asked(SEARCH) == 5
    assert one.asked(READ) == 2  # when it is found, and once more when it has settled
    bounds = [[c["value"] for c in sent_json(r)["query"]["value"][:2]] for r in one.http.requests if r.body]
    assert [bounds[n + 1][0] - bounds[n][1] for n in range(4)] == [-300] * 4


async def test_a_conversation_is_read_again_a_beat_after_its_customer_wrote() -> None:
    one = world()
    await one.asking.step()
    webhook = normalized("intercom", notification("conversation.user.replied", conversation(ASKS)))
    one.asking.heard(webhook.events)
    one.intercom.shown = conversation(ASKS, ESCALATES, state="escalated")
    await one.after(7.9)
    assert one.asked(READ) == 0
    await one.after(0.2)
    assert one.asked(READ) == 1
    assert one.told() == ["910500", "p2", "p2:ai_outcome:escalated"]
    await one.after(20)
    assert one.asked(READ) == 1


async def test_reading_again_can_be_switched_off() -> None:
    one = world(reread_after_seconds=0)
    await one.asking.step()
    one.asking.heard(normalized("intercom", notification("conversation.user.replied", conversation(ASKS))).events)
    await one.after(30)
    assert one.asked(READ) == 0


async def test_what_the_ai_said_is_no_reason_to_read_again() -> None:
    one = world()
    await one.asking.step()
    told = normalized("intercom", notification("conversation.operator.replied", conversation(ESCALATES)))
    one.asking.heard(told.events)
    await one.after(30)
    assert one.asked(READ) == 0


async def test_our_own_words_are_no_news() -> None:
    one = world()
    ours = part("p3", {"type": "admin", "id": "8120055", "name": "Escalation Assistant"}, "A person will help.", at=20)
    one.intercom.shown = conversation(ASKS, ours)
    one.intercom.changed = [(CONVERSATION_ID, 1783764020)]
    await one.asking.step()
    assert one.told() == ["910500", "p1"]


async def test_a_search_that_fails_is_made_again_over_the_same_stretch_and_more() -> None:
    one = world()
    one.intercom.instead[SEARCH] = answer(503, headers={"retry-after": "30"})
    await one.asking.step()
    await one.after(29)
    assert one.asked(SEARCH) == 1
    one.intercom.instead.clear()
    await one.after(1)
    assert one.asked(SEARCH) == 2
    first, second = (sent_json(request)["query"]["value"] for request in one.http.requests)
    assert (first[0], second[1]["value"] - first[1]["value"]) == (second[0], 30)
    assert one.counted("handoff_polls_total", result="retry") == 1


async def test_a_token_that_is_refused_is_said_and_tried_ever_more_slowly() -> None:
    one = world()
    one.intercom.instead[SEARCH] = answer(401)
    with logged() as lines:
        for _ in range(120):
            await one.after(5)
    assert one.asked(SEARCH) <= 8
    assert one.counted("handoff_polls_total", result="refused") == one.asked(SEARCH)
    assert '"reason": "http_401"' in lines.getvalue()


async def test_above_the_limit_nothing_is_asked_until_it_is_whole_again() -> None:
    one = world()
    reset = int(START.timestamp()) + 9
    one.intercom.headers = {
        "x-ratelimit-limit": "100",
        "x-ratelimit-remaining": "5",
        "x-ratelimit-reset": str(reset),
    }
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    await one.asking.step()
    assert one.asked(READ) == 1
    assert one.clock.now().timestamp() >= reset


@pytest.mark.parametrize("failure", [answer(503), Ambiguous("timeout"), answer(200, b"<html>")])
async def test_a_read_that_fails_is_made_again(failure: HttpResponse | Exception) -> None:
    one = world()
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    one.intercom.instead[READ] = failure
    await one.asking.step()
    assert one.told() == []
    one.intercom.instead.clear()
    await one.after(5)
    assert one.told() == ["910500", "p1"]
    assert one.counted("handoff_polled_reads_total", result="retry") == 1


async def test_failures_long_past_do_not_count_against_a_conversation() -> None:
    one = world()
    for _ in range(2 * MAX_ATTEMPTS):
        one.intercom.changed = [(CONVERSATION_ID, int(one.clock.now().timestamp()))]
        one.intercom.instead[READ] = answer(503)
        await one.after(60)
        one.intercom.instead.clear()
        await one.after(5)
    assert one.counted("handoff_polled_reads_total", result="gave_up") == 0
    assert one.counted("handoff_polled_reads_total", result="retry") == 2 * MAX_ATTEMPTS


async def test_what_there_is_no_room_for_is_found_by_the_next_search() -> None:
    one = world()
    one.asking._reads = Reads(most=1)
    at = int(START.timestamp())
    one.intercom.changed = [("c1", at - 3000), ("c2", at - 2000), ("c3", at - 1000)]
    for _ in range(3):
        await one.after(60)
    assert {record.event["conversation_id"] for record in one.writer.written} == {"c1", "c2", "c3"}
    first, second, third = (sent_json(r)["query"]["value"][0]["value"] for r in one.http.requests if r.body)
    assert (second, third) == (at - 2000 - 300, at - 1000 - 300)
    assert first < second


async def test_a_conversation_that_is_gone_is_not_asked_for_again() -> None:
    one = world()
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    one.intercom.instead[READ] = answer(404)
    await one.asking.step()
    await one.after(30)
    assert one.asked(READ) == 1
    assert one.counted("handoff_polled_reads_total", result="refused") == 1


class Away(MemoryWriter):
    """Brokers that are away until `back`."""

    back = False

    async def acknowledge(self, record: Written) -> None:
        if not self.back:
            raise DeliveryFailed("_MSG_TIMED_OUT")


async def test_what_the_brokers_did_not_take_is_told_later() -> None:
    writer = Away()
    one = world(writer)
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    await one.asking.step()
    assert one.told() == []
    writer.back = True
    await one.after(5)
    assert one.told() == ["910500", "p1"]


class Hanging(MemoryWriter):
    """Brokers that never answer."""

    async def acknowledge(self, record: Written) -> None:
        await asyncio.Event().wait()


async def test_brokers_that_do_not_answer_hold_nothing_up_for_ever() -> None:
    one = world(Hanging(), produce_timeout_seconds=0.01)
    one.intercom.changed = [(CONVERSATION_ID, 1783764010)]
    await asyncio.wait_for(one.asking.step(), 2.0)
    assert one.counted("handoff_polled_reads_total", result="retry") == 1


class Stumbles(IntercomPolling):
    """A fault of ours, met in one conversation."""

    async def read(self, http: Any, connection: Connection, conversation_id: str, now: Any) -> Normalized:
        if conversation_id == "bad":
            raise KeyError("the customer's card is 4111 1111 1111 1111")
        return await super().read(http, connection, conversation_id, now)


async def test_a_fault_met_in_one_conversation_keeps_no_other_from_being_told() -> None:
    one = world(pollable=Stumbles())
    one.intercom.changed = [("bad", 1783764001), (CONVERSATION_ID, 1783764010)]
    with logged() as lines:
        await one.asking.step()
    assert one.told() == ["910500", "p1"]
    assert one.counted("handoff_polled_reads_total", result="failed") == 1
    assert "KeyError" in lines.getvalue()
    assert "4111" not in lines.getvalue()


async def test_a_tenant_whose_kill_switch_is_on_is_not_called_for() -> None:
    one = world()
    one.connection = None
    await one.asking.step()
    assert one.http.requests == []


def book(*, kill_switch: bool = False, **platform: Any) -> TenantBook:
    """The tenant `acme` with an Intercom workspace."""
    settings = {
        "kill_switch": kill_switch,
        "platforms": {"intercom": {"secrets": ["s"], **platform}, "custom-llm": {"secrets": ["s"]}},
    }
    return TenantBook({"acme": TenantSettings.model_validate(settings)})


async def polled(tenants: TenantBook, until: Callable[[FakeHttp], bool]) -> FakeHttp:
    """A poller over `tenants`, stopped when `until` holds or a little later."""
    http = FakeHttp(Intercom().handle)
    means = Means(http, MemoryWriter(), ManualClock(START), Metrics(), Log("gateway"), 4.0)
    poller = Poller(tenants, means, registry.pollable)
    poller.start()
    for _ in range(50):
        if until(http):
            break
        await asyncio.sleep(0.002)
    await poller.stop()
    return http


async def test_a_connection_with_a_token_is_polled() -> None:
    http = await polled(book(tokens={"access_token": "t"}), lambda http: len(http.requests) > 0)
    assert {called(request) for request in http.requests} == {SEARCH}


@pytest.mark.parametrize(
    "platform",
    [
        {},
        {"tokens": {"access_token": " "}},
        {"tokens": {"access_token": "t"}, "kill_switch": True},
        {"tokens": {"access_token": "t"}, "options": {"poll": {"enabled": False}}},
        {"tokens": {"access_token": "t"}, "options": {"poll": {"every_secnds": 5}}},
    ],
)
async def test_a_connection_without_a_token_switched_off_or_wrong_is_not_polled(platform: dict[str, Any]) -> None:
    http = await polled(book(**platform), lambda _http: False)
    assert http.requests == []


def test_only_intercom_can_be_polled_so_far() -> None:
    assert [name for name in registry.NAMES if registry.pollable(name) is not None] == ["intercom"]
